/** Salt functions in templates: asked once, waited for, and their failures shown at the call. */
import { expect } from 'chai';
import { createTemplates, type RenderedTemplate } from '../../../engine/source/template.ts';
import { environmentOf, outcome, rendered } from './_render.ts';

describe('templates: Salt functions', () => {
  it('answers by full name, by module and function, and says whether a function exists', async () => {
    const salt = { 'test.echo': ([value]: unknown[]) => value };
    const source = `{{ salt['test.echo'](1) }}{{ salt.test.echo(2) }}{{ 'test.echo' in salt }}{{ 'test.ecko' in salt }}{{ salt['x.y'] is defined }}`;
    expect(await outcome(source, { salt })).to.equal('12TrueFalseFalse');
  });

  it('hands over arguments by place and by name', async () => {
    const salt = {
      'a.b': (args: unknown[], kwargs: Record<string, unknown>) =>
        `${args.join('+')} ${Object.entries(kwargs).join(';')}`,
    };
    expect(await outcome(`{{ salt['a.b'](1, *[2], x=3, **{'y': 4}) }}`, { salt })).to.equal('1+2 x,3;y,4');
  });

  it('names what it may have meant where there is no such function', async () => {
    const salt = { 'pillar.get': () => 1 };
    expect(await outcome(`a\n {{ salt['pillar.gte']('x') }}`, { salt })).to.equal(
      'unknown-salt-function 2:10+12 There is no Salt function "pillar.gte" here. Did you mean "pillar.get"?',
    );
  });

  it('asks once for the same arguments, in all templates of a compile', async () => {
    let count = 0;
    const templates = createTemplates(environmentOf({ salt: { 'random.number': () => ++count } }));
    const text = `{{ salt['random.number']() }}{{ salt['random.number']() }}{{ salt['random.number'](2) }}`;
    const one = await templates.render({ file: 'a', name: 'a', text }, new Map());
    const two = await templates.render({ file: 'b', name: 'b', text }, new Map());
    expect([one.text, two.text]).to.deep.equal(['112', '112']);
  });

  it('asks anew for lists and dicts, which a template may have changed', async () => {
    const salt = { 'pillar.get': ([, fallback]: unknown[]) => fallback };
    const source = `{% set a = salt['pillar.get']('x', {}) %}{% do a.update({'k': 1}) %}{{ a }}{{ salt['pillar.get']('x', {}) }}`;
    expect(await outcome(source, { salt })).to.equal(`{'k': 1}{}`);
  });

  it('waits for promises and gives each reader of a list its own', async () => {
    const asked: unknown[] = [];
    const salt = {
      'dns.a': async ([name]: unknown[]) => {
        asked.push(name);
        return [`address of ${name}`];
      },
    };
    const source = `{% set a = salt['dns.a']('x') %}{% do a.append(1) %}{{ salt['dns.a']('x') }}{{ salt['dns.a']('y') }}`;
    expect(await outcome(source, { salt })).to.equal(`['address of x']['address of y']`);
    expect(asked).to.deep.equal(['x', 'y']);
  });

  it('answers without a promise once nothing has to be waited for', async () => {
    const templates = createTemplates(environmentOf({ salt: { 'dns.a': async () => '10.0.0.1' } }));
    const file = { file: 'a', name: 'a', text: `{{ salt['dns.a']('x') }}` };
    expect((await templates.render(file, new Map())).text).to.equal('10.0.0.1');
    const again = templates.render(file, new Map());
    expect(again).not.to.be.instanceOf(Promise);
    expect((again as RenderedTemplate).text).to.equal('10.0.0.1');
  });

  it('shows a failure at the call, promised or not', async () => {
    const salt = {
      'dns.a': () => Promise.reject(new Error('no such host')),
      'file.read': () => {
        throw new Error('cannot be read');
      },
    };
    expect(await outcome(`\n  {{ salt['dns.a']('x') }}`, { salt })).to.equal(
      'template-error 2:6+13 no such host.',
    );
    expect(await outcome(`{{ salt['file.read']('x') }}`, { salt })).to.equal(
      'template-error 1:4+17 cannot be read.',
    );
  });

  it('is not fooled by a function that fails once it was asked for before', async () => {
    const salt = { 'dns.a': () => Promise.reject('gone') };
    const source = `{% if false %}{{ salt['dns.a']() }}{% endif %}{{ salt['dns.a']() }}`;
    expect(await outcome(source, { salt })).to.equal('template-error 1:50+13 gone.');
  });

  it('renders what surrounds a look-up as if it had never waited', async () => {
    const salt = { 'dns.a': async ([name]: unknown[]) => name };
    const source = `{% set l = [] %}{% for n in ['a', 'b'] %}{% do l.append(salt['dns.a'](n)) %}{% endfor %}{{ l }}`;
    const result = await rendered(source, { salt });
    expect(result.text).to.equal(`['a', 'b']`);
  });
});

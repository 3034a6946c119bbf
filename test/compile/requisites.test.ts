/** Which states a requisite names, and what is said of one that names none. */
import { expect } from 'chai';
import { isEngineArgument, isRequisiteList } from '../../engine/compile/requisite-names.ts';
import { resolveRequisites } from '../../engine/compile/requisites.ts';
import { type Runnable, requisiteKinds } from '../../engine/core/chunk.ts';
import { anyStates, brief, compiled, complaints, labels, statesOf, stateWith } from '../helpers/sls.ts';

function found(
  yaml: string | { [name: string]: string },
  id = 'x',
  states = anyStates,
): Runnable['requisites'] {
  return compiled(yaml, states).find(({ chunk }) => chunk.id === id)!.requisites;
}

function targets(requisite: string, others: string): string[] {
  return labels(found(`x: {m.f: [{require: ${requisite}}]}\n${others}`).require);
}

describe('requisites', () => {
  for (const kind of requisiteKinds) {
    it(`${kind} is resolved`, () => {
      expect(labels(found(`x: {m.f: [{${kind}: [{n: y}]}]}\ny: n.f`)[kind])).to.deep.equal(['n: y']);
    });
  }

  const cases: [requisite: string, others: string, expected: string[]][] = [
    ['[]', '', []],
    ['~', '', []],
    ['[{n: y}]', 'y: n.f', ['n: y']],
    ['[{n: other}]', 'y: {n.f: [{name: other}]}', ['n: other']],
    ['[{n: y}]', 'y: {n.f: [{name: other}]}', ['n: other']],
    ['[{n: y}]', 'y: {n.f: [{names: [a, b]}]}', ['n: a', 'n: b']],
    ['[{n: b}]', 'y: {n.f: [{names: [a, b]}]}', ['n: b']],
    ['[{n: a}]', 'a: {n.f: [{name: z}]}\nb: {n.f: [{name: a}]}', ['n: z', 'n: a']],
    ['[y]', 'y: {n.f: [], o.g: []}', ['n: y', 'o: y']],
    ['[{id: y}]', 'y: {n.f: [], o.g: []}', ['n: y', 'o: y']],
    ['[{n: "y*"}]', 'y1: n.f\ny2: n.f\ny3: o.f', ['n: y1', 'n: y2']],
    ['["y*"]', 'y1: n.f\ny2: o.f', ['n: y1', 'o: y2']],
    ['[{n: "y[12]"}]', 'y1: n.f\ny3: n.f', ['n: y1']],
    ['[{n: "list[[]1]"}]', '"list[1]": n.f', ['n: list[1]']],
    ['[{n: y}, {n: y}]', 'y: n.f', ['n: y', 'n: y']],
    ['[{n: __proto__}]', '__proto__: n.f', ['n: __proto__']],
    ['[{n: ☃}]', '☃: n.f', ['n: ☃']],
  ];
  for (const [requisite, others, expected] of cases) {
    it(`${requisite} among ${JSON.stringify(others)}`, () =>
      expect(targets(requisite, others)).to.deep.equal(expected));
  }

  it('name whole SLS, also by pattern', () => {
    const files = {
      'web.one': 'a: n.f',
      'web.two': 'b: n.f',
      main: 'x: {m.f: [{require: [{sls: "web.*"}]}]}\nz: {m.f: [{require: [{sls: web.one}]}]}',
    };
    expect(labels(found(files).require)).to.deep.equal(['n: a', 'n: b']);
    expect(labels(found(files, 'z').require)).to.deep.equal(['n: a']);
  });

  it('may name a function where Salt does not look', () => {
    expect(labels(found('x: {m.f: [{onfail: [{n.f: y}]}]}\ny: n.f').onfail)).to.deep.equal(['n: y']);
  });

  it('become require where a state cannot react', () => {
    const states = statesOf({ 'm.f': stateWith(), 'n.f': stateWith() });
    const requisites = found(
      'x: {m.f: [{watch: [{n: y}]}, {watch_any: [{n: z}]}, {require: [{n: z}]}]}\ny: n.f\nz: n.f',
      'x',
      states,
    );
    expect(Object.keys(requisites).sort()).to.deep.equal(['require', 'require_any']);
    expect(labels(requisites.require)).to.deep.equal(['n: z', 'n: y']);
  });

  it('tell a state that others look ahead to it', () => {
    const all = compiled('x: {m.f: [{prereq: [{n: y}]}]}\nz: {m.f: [{prereq: [{n: y}]}]}\ny: n.f');
    expect(labels(all.find(({ chunk }) => chunk.id === 'y')!.prerequired)).to.deep.equal(['m: x', 'm: z']);
  });

  const missing = (what: string) => new RegExp(`names "${what}", which is not part of this run`);
  const wrong: [written: string, at: string, message: RegExp, hint?: string][] = [
    ['require: y', 'bad-requisite main.sls:3:16', /"require" of ID "x" is the text "y", expected a list/],
    ['require: {n: y}', 'bad-requisite main.sls:3:16', /is a mapping, expected a list/],
    ['require: 5', 'bad-requisite main.sls:3:16', /is the number 5/],
    ['require: true', 'bad-requisite main.sls:3:16', /is the boolean true/],
    [
      'require: [{n: y}, {n: 5}]',
      'bad-requisite main.sls:3:25',
      /names the number 5, expected text/,
      "Write '5'.",
    ],
    ['require: [5.0]', 'bad-requisite main.sls:3:17', /names the number 5\.0/, "Write '5.0'."],
    ['require: [~]', 'bad-requisite main.sls:3:17', /names empty/],
    ['require: [[n, y]]', 'bad-requisite main.sls:3:17', /names a list/, "Write 'NAME'."],
    ['require: [{n: [y]}]', 'bad-requisite main.sls:3:17', /names a list/],
    ['require: [{}]', 'bad-requisite main.sls:3:17', /names 0 states/],
    ['require: [{n: y, m: x}]', 'bad-requisite main.sls:3:17', /names 2 states/],
    [
      'require: [{n.f: y}]',
      'bad-requisite main.sls:3:17',
      /names "n\.f: y"; a requisite names a module/,
      'Write "n: y".',
    ],
    ['watch: [{n.f: y}]', 'bad-requisite main.sls:3:15', /a requisite names a module/],
    [
      'require: [{n: y}, {n: yy}]',
      'requisite-not-found main.sls:3:25',
      missing('n: yy'),
      'Did you mean "n: y"?',
    ],
    ['onfail: [{m: y}]', 'requisite-not-found main.sls:3:16', missing('m: y'), 'Did you mean "n: y"?'],
    ['require: [yyy]', 'requisite-not-found main.sls:3:17', missing('yyy')],
    ['require: [{n: "q*"}]', 'requisite-not-found main.sls:3:17', missing('n: q\\*')],
    [
      'require: [{sls: mian}]',
      'requisite-not-found main.sls:3:17',
      missing('sls: mian'),
      'Did you mean "main"?',
    ],
    ['require: [{n: constructor}]', 'requisite-not-found main.sls:3:17', missing('n: constructor')],
    ['listen: [{n: "y*"}]', 'requisite-not-found main.sls:3:16', missing('n: y\\*')],
  ];
  for (const [part, at, message, hint] of wrong) {
    it(`refuses ${part}`, () => {
      const said = complaints(() => compiled(`x:\n  m.f:\n    - ${part}\ny:\n  n.f: []\n`));
      expect(said.map(brief)).to.deep.equal([at]);
      expect(said[0]!.message).to.match(message);
      if (hint) expect(said[0]!.hint).to.equal(hint);
      else expect(said[0]!.hint).to.match(/^[A-Z].*[.?]$/);
    });
  }

  it('show the item another file added, there', () => {
    const said = complaints(() =>
      compiled({
        one: 'x:\n  m.f:\n    - require:\n      - n: y\ny: n.f\n',
        two: 'extend:\n  x:\n    m:\n    - require:\n      - n: y\n      - n: nope\n',
        three: 'extend:\n  x:\n    m:\n    - require:\n      - n: never\n',
      }),
    );
    expect(said.map(brief)).to.deep.equal([
      'requisite-not-found two.sls:6:9',
      'requisite-not-found three.sls:5:9',
    ]);
  });

  it('are still told of if they are malformed and others add to them', () => {
    const said = complaints(() =>
      compiled('x:\n  m.f:\n    - require: y\ny: {n.f: [{require_in: [{m: x}]}]}\n'),
    );
    expect(said.map(brief)).to.deep.equal(['bad-requisite main.sls:3:16']);
  });

  it('refuse a listener that cannot react', () => {
    const states = statesOf({ 'm.f': stateWith(), 'n.f': stateWith() });
    const said = complaints(() => compiled('x:\n  m.f:\n    - listen: [{n: y}]\ny: n.f', states));
    expect(said.map(brief)).to.deep.equal(['bad-requisite main.sls:3:7']);
    expect(said[0]!.message).to.include('cannot listen');
  });
});

describe('requisites of thousands', () => {
  const kinds: [kind: string, module: string, name: string][] = [
    ['require', 'm', 'id0'],
    ['require', 'm', 'id1?'],
    ['require', 'm', 'nope'],
    ['require', 'sls', 'm*'],
    ['require', 'sls', 'nope'],
    ['prereq', 'm', 'id0'],
  ];
  for (const [kind, module, name] of kinds) {
    it(`look at each state a few times, not once for each requisite: ${kind} ${module}: ${name}`, () => {
      const count = 1000;
      const all = compiled(Array.from({ length: count }, (_, n) => `id${n}: {m.f: [{a: 1}]}`).join('\n'));
      for (const { chunk } of all) {
        chunk.written.set(kind, {
          ...chunk.written.get('a')!,
          key: kind,
          value: [new Map([[module, name]])],
        });
      }
      let reads = 0;
      const counted = new Proxy(all, {
        get(target, key, receiver) {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
          return Reflect.get(target, key, receiver);
        },
      });
      resolveRequisites(counted, []);
      expect(reads).to.be.within(count, 6 * count);
    });
  }
});

describe('requisite names', () => {
  it('tells what belongs to the engine', () => {
    for (const key of ['require', 'watch_in', 'order', 'use', 'retry', 'listen'])
      expect(isEngineArgument(key), key).to.equal(true);
    for (const key of ['source', 'constructor', '__proto__', 'Require', ''])
      expect(isEngineArgument(key), key).to.equal(false);
    for (const key of ['require', 'listen_in', 'use_in']) expect(isRequisiteList(key), key).to.equal(true);
    for (const key of ['order', 'name', 'toString']) expect(isRequisiteList(key), key).to.equal(false);
  });
});

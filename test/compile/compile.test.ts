/** The passes together: what stops them, what they hand on, and that odd words are words like others. */
import { expect } from 'chai';
import { lowState, runnables } from '../../engine/compile/compile.ts';
import {
  anyStates,
  brief,
  compiled,
  complaints,
  labels,
  slsFiles,
  statesOf,
  stateWith,
} from '../helpers/sls.ts';

const states = statesOf({
  'file.managed': stateWith({ source: { type: 'string' } }),
  'file.absent': stateWith(),
  'pkg.installed': stateWith(),
  'm.clean': stateWith({ __keep__: { type: 'array' } }),
});

describe('unknown states', () => {
  const cases: [written: string, message: string, hint: string][] = [
    ['file.manged', 'There is no state "file.manged" (ID "x").', 'Did you mean "file.managed"?'],
    [
      'file.zzzzzzzzz',
      'There is no state "file.zzzzzzzzz" (ID "x").',
      'The module "file" has: managed, absent.',
    ],
    [
      'nothing.like_it',
      'There is no state "nothing.like_it" (ID "x").',
      'See "converge list-states" for all states.',
    ],
    [
      'constructor.name',
      'There is no state "constructor.name" (ID "x").',
      'See "converge list-states" for all states.',
    ],
  ];
  for (const [written, message, hint] of cases) {
    it(written, () => {
      const said = complaints(() => compiled(`y: pkg.installed\nx:\n  ${written}: []\n`, states));
      expect(said.map((one) => [brief(one), one.message, one.hint])).to.deep.equal([
        ['unknown-state main.sls:3:3', message, hint],
      ]);
    });
  }

  it('may be required without a second complaint', () => {
    const said = complaints(() =>
      compiled('x: file.manged\ny: {file.absent: [{require: [{file: x}]}, {watch: [{file: x}]}]}', states),
    );
    expect(said.map(({ code }) => code)).to.deep.equal(['unknown-state']);
  });
});

describe('passes', () => {
  it('tell everything of one pass', () => {
    const said = complaints(() =>
      compiled(
        'a: file.nope\nb: {file.managed: [{sorce: x}, {onlyif: 5}, {retry: 5}, {require: [{file: none}]}]}\nc: {file.absent: [{require: [{file: c}]}]}',
        states,
      ),
    );
    expect(said.map(({ code }) => code).sort()).to.deep.equal([
      'bad-argument',
      'bad-argument',
      'requisite-cycle',
      'requisite-not-found',
      'unknown-argument',
      'unknown-state',
    ]);
  });

  it('stop where going on would only lead to errors that follow', () => {
    const said = complaints(() => compiled('a: 5\nb: {file.managed: [{sorce: x}]}', states));
    expect(said.map(({ code }) => code)).to.deep.equal(['bad-declaration']);
  });

  it('tell once what several names share', () => {
    const said = complaints(() => compiled('a: {file.managed: [{names: [x, y, z]}, {sorce: x}]}', states));
    expect(said.map(({ code }) => code)).to.deep.equal(['unknown-argument']);
  });

  it('exclude a state after it has handed out its requisites, so that what requires it is told', () => {
    const said = complaints(() =>
      compiled('exclude: [{id: x}]\nx: {file.absent: [{require_in: [{pkg: y}]}]}\ny: pkg.installed', states),
    );
    expect(said.map(({ code }) => code)).to.deep.equal(['requisite-not-found']);
  });

  it('hand what a state requires to one that keeps it', () => {
    const [, clean] = compiled('/d/a: file.managed\n/d: {m.clean: [{require: [{file: /d/a}]}]}', states);
    expect(clean!.args).to.deep.equal({ name: '/d', __keep__: ['/d/a'] });
  });

  it('compile nothing to nothing', () => {
    expect(compiled({}, states)).to.deep.equal([]);
    expect(compiled('{}', states)).to.deep.equal([]);
  });

  it('take words of JavaScript for words', () => {
    const words = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const yaml = words.map((id, n) => `${id}: {m.f: [{require: [{m: ${words[n - 1] ?? 'x'}}]}]}`);
    const all = compiled(`x: m.f\n${yaml.join('\n')}`);
    expect(labels(all)).to.deep.equal(['x', ...words].map((word) => `m: ${word}`));
    expect(all.slice(1).flatMap(({ requisites }) => labels(requisites.require))).to.deep.equal(
      labels(all.slice(0, -1)),
    );
  });

  it('do the same again with the same files', () => {
    const files = slsFiles({
      a: 'x: {m.f: [{require: [{m: y}]}, {a: 1}]}\ny: {m.f: [{require_in: [{m: z}]}, {use: [{m: x}]}]}\nz: {m.f: [{names: [q, r]}]}',
      b: 'extend: {x: {m: [{require: [{m: z}]}, {a: 2}]}}',
    });
    const seen = () =>
      runnables(lowState(files).chunks, anyStates).states.map(({ chunk, args, requisites }) => [
        chunk.name,
        chunk.order,
        args,
        labels(requisites.require),
      ]);
    expect(seen()).to.deep.equal(seen());
  });

  it('compile ten thousand states of every shape', () => {
    // Each shape of a group of five names only what its group declares.
    const groups = Array.from(
      { length: 2000 },
      (_, n) => `
a${n}: m.f
b${n}: {m.f: [{name: name${n}}, {require: [{m: a${n}}]}]}
c${n}: {m.f: [{require_in: [{m: name${n}}]}]}
d${n}: {m.f: [{names: [e${n}, f${n}]}, {watch: [{m: c${n}}]}]}
g${n}: {m.f: [{use: [{m: a0}]}, {onchanges: ["a${n}"]}]}`,
    );
    const all = compiled(groups.join(''));
    expect(all).to.have.length(12_000);
    const kinds = all.flatMap(({ requisites }) =>
      Object.entries(requisites).flatMap(([kind, found]) => found.map(() => kind)),
    );
    expect(kinds.length).to.equal(2000 * 5);
  }).timeout(20_000);
});

/** From declarations to single states: names, and the numbers that order them. */
import { expect } from 'chai';
import { lowState } from '../../engine/compile/compile.ts';
import type { Chunk } from '../../engine/core/chunk.ts';
import { brief, complaints, slsFiles } from '../helpers/sls.ts';

function chunks(yaml: string, automaticOrder = true): readonly Chunk[] {
  return lowState(slsFiles(yaml), { automaticOrder }).chunks;
}

function rows(yaml: string, automaticOrder = true): [string, number][] {
  return chunks(yaml, automaticOrder).map(({ name, order }) => [name, order]);
}

function names(yaml: string): string[] {
  return chunks(yaml).map(({ name }) => name);
}

describe('names', () => {
  const cases: [title: string, yaml: string, expected: string[]][] = [
    ['the ID where there is none', 'x: m.f', ['x']],
    ['name', 'x: {m.f: [{name: y}]}', ['y']],
    ['the last of several', 'x: {m.f: [{name: y}, {name: z}]}', ['z']],
    ['one state for each', 'x: {m.f: [{names: [b, a]}]}', ['b', 'a']],
    ['names before name', 'x: {m.f: [{name: y}, {names: [a]}]}', ['a']],
    ['twice counts once', 'x: {m.f: [{names: [a, b, a]}]}', ['a', 'b']],
    ['twice with arguments counts twice', 'x: {m.f: [{names: [{a: [{k: 1}]}, {a: [{k: 2}]}]}]}', ['a', 'a']],
    ['an empty list is the ID', 'x: {m.f: [{names: []}]}', ['x']],
    ['an empty list is the name', 'x: {m.f: [{name: y}, {names: []}]}', ['y']],
    ['unicode', 'ü☃: {m.f: [{names: [ä, 日本]}]}', ['ä', '日本']],
    ['words of JavaScript', '__proto__: m.f\nconstructor: m.f', ['__proto__', 'constructor']],
  ];
  for (const [title, yaml, expected] of cases) {
    it(title, () => expect(names(yaml)).to.deep.equal(expected));
  }

  it('have arguments of their own, over the common ones', () => {
    const found = chunks(
      'x: {m.f: [{k: common}, {names: [{a: [{k: own}, {l: 1}]}, {b: {k: mapped}}, {c: ~}, d]}]}',
    );
    const seen = found.map(({ name, written }) => [
      name,
      ...[...written].map(([key, { value }]) => [key, value]),
    ]);
    expect(seen).to.deep.equal([
      ['a', ['k', 'own'], ['l', 1]],
      ['b', ['k', 'mapped']],
      ['c', ['k', 'common']],
      ['d', ['k', 'common']],
    ]);
  });

  const wrong: [written: string, at: string, message: string][] = [
    ['name: 5', 'bad-argument main.sls:3:13', 'The name of ID "x" is the number 5, expected text.'],
    ['name: [a]', 'bad-argument main.sls:3:13', 'The name of ID "x" is a list, expected text.'],
    ['names: a', 'bad-declaration main.sls:3:7', '"names" of ID "x" is the text "a", expected a list.'],
    ['names: {a: 1}', 'bad-declaration main.sls:3:7', '"names" of ID "x" is a mapping, expected a list.'],
    ['names: ', 'bad-declaration main.sls:3:7', '"names" of ID "x" is empty, expected a list.'],
    ['names: [a, 5]', 'bad-declaration main.sls:3:18', 'A name of ID "x" is the number 5, expected text.'],
    ['names: [[a]]', 'bad-declaration main.sls:3:15', 'A name of ID "x" is a list, expected text.'],
    ['names: [~]', 'bad-declaration main.sls:3:15', 'A name of ID "x" is empty, expected text.'],
    [
      'names: [{8080: []}]',
      'bad-declaration main.sls:3:15',
      'A name of ID "x" is the number 8080, expected text.',
    ],
    [
      'names: [{a: [], b: []}]',
      'bad-declaration main.sls:3:15',
      'An item of the names of ID "x" holds 2 names.',
    ],
    ['names: [{}]', 'bad-declaration main.sls:3:15', 'An item of the names of ID "x" holds 0 names.'],
    [
      'names: [{a: 5}]',
      'bad-declaration main.sls:3:19',
      'The name "a" of ID "x" has the number 5 below it, expected arguments of its own.',
    ],
    [
      'names: [{a: [k]}]',
      'bad-declaration main.sls:3:20',
      'The name "a" of ID "x" has the text "k" below it, expected arguments of its own.',
    ],
  ];
  for (const [written, at, message] of wrong) {
    it(`refuses ${written}`, () => {
      const said = complaints(() => chunks(`x:\n  m.f:\n    - ${written}\n`));
      expect(said.map((one) => [brief(one), one.message])).to.deep.equal([[at, message]]);
    });
  }
});

describe('order numbers', () => {
  const cases: [title: string, yaml: string, expected: [string, number][]][] = [
    [
      'automatic from 10000',
      'a: m.f\nb: m.f',
      [
        ['a', 10_000],
        ['b', 10_001],
      ],
    ],
    [
      'a number of one’s own takes none of the automatic',
      'a: {m.f: [{order: 7}]}\nb: m.f',
      [
        ['a', 7],
        ['b', 10_000],
      ],
    ],
    [
      'first',
      'a: m.f\nb: {m.f: [{order: first}]}',
      [
        ['b', 0],
        ['a', 10_000],
      ],
    ],
    [
      'last',
      'a: {m.f: [{order: last}]}\nb: m.f',
      [
        ['b', 10_000],
        ['a', 1_010_100],
      ],
    ],
    [
      'another word comes after the automatic ones, before last',
      'a: {m.f: [{order: last}]}\nb: {m.f: [{order: soon}]}\nc: m.f',
      [
        ['c', 10_000],
        ['b', 10_100],
        ['a', 1_010_100],
      ],
    ],
    [
      'a list counts as another word',
      'b: {m.f: [{order: [1]}]}\nc: m.f',
      [
        ['c', 10_000],
        ['b', 10_100],
      ],
    ],
    [
      'negative counts from the end',
      'a: {m.f: [{order: -1}]}\nb: {m.f: [{order: -2}]}\nc: {m.f: [{order: last}]}\nd: m.f',
      [
        ['d', 10_000],
        ['b', 1_010_098],
        ['a', 1_010_099],
        ['c', 1_010_100],
      ],
    ],
    [
      'fractions',
      'a: {m.f: [{order: 1.5}]}\nb: {m.f: [{order: 2}]}\nc: {m.f: [{order: 1.0}]}',
      [
        ['c', 1],
        ['a', 1.5],
        ['b', 2],
      ],
    ],
    [
      'negative fractions',
      'a: m.f\nb: {m.f: [{order: -0.5}]}',
      [
        ['a', 10_000],
        ['b', 1_010_099.5],
      ],
    ],
    [
      'beyond the automatic ones',
      'a: {m.f: [{order: 20000}]}\nb: {m.f: [{order: last}]}',
      [
        ['a', 20_000],
        ['b', 1_020_100],
      ],
    ],
    [
      'names share a number',
      'a: {m.f: [{names: [z, y]}]}\nb: m.f',
      [
        ['z', 10_000.0001],
        ['y', 10_000.0002],
        ['b', 10_001],
      ],
    ],
    [
      'names share the number they ask for',
      'a: {m.f: [{names: [z, y]}, {order: 5}]}',
      [
        ['z', 5.0001],
        ['y', 5.0002],
      ],
    ],
    [
      'names that asked for the last place',
      'a: {m.f: [{names: [z, y]}, {order: last}]}',
      [
        ['z', 1_000_001.0001],
        ['y', 1_000_001.0002],
      ],
    ],
    [
      'ties are sorted by module, name and function',
      'c: {n.f: [{order: 1}]}\nb: {m.f: [{order: 1}]}\na: {m.g: [{order: 1}]}',
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ],
    ],
    [
      '"first" is before 1',
      'a: {m.f: [{order: 1}]}\nb: {m.f: [{order: first}]}',
      [
        ['b', 0],
        ['a', 1],
      ],
    ],
    [
      'two modules of one ID',
      'a: {n.f: [], m: [f]}',
      [
        ['a', 10_000],
        ['a', 10_001],
      ],
    ],
  ];
  for (const [title, yaml, expected] of cases) {
    it(title, () => expect(rows(yaml)).to.deep.equal(expected));
  }

  it('are all alike where automatic order is off, so that text decides', () => {
    expect(rows('b: m.f\na: m.f\nc: {m.f: [{order: 0}]}', false)).to.deep.equal([
      ['c', 0],
      ['a', 1],
      ['b', 1],
    ]);
  });
});

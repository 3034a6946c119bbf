/** What is written on the other side of a requisite, and arguments that others use. */
import { expect } from 'chai';
import { lowState } from '../../engine/compile/compile.ts';
import { merge } from '../../engine/compile/merge.ts';
import { spread } from '../../engine/compile/spread.ts';
import type { Declaration, High } from '../../engine/core/high.ts';
import { brief, complaints, slsFiles } from '../helpers/sls.ts';

/** The arguments of an ID once everything is spread. */
function written(yaml: string, id: string): { [key: string]: unknown } {
  const chunk = lowState(slsFiles(yaml)).chunks.find((one) => one.id === id)!;
  return Object.fromEntries([...chunk.written.values()].map(({ key, value }) => [key, plain(value)]));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}

describe('*_in', () => {
  for (const kind of ['require', 'watch', 'onchanges', 'onfail', 'prereq']) {
    it(`${kind}_in becomes ${kind} on the other side`, () => {
      expect(written(`x: {m.f: [{${kind}_in: [{n: y}]}]}\ny: n.f`, 'y')).to.deep.equal({
        [kind]: [{ m: 'x' }],
      });
    });
  }

  const cases: [title: string, yaml: string, of: string, expected: object][] = [
    [
      'adds to what is there',
      'x: {m.f: [{require_in: [{n: y}]}]}\ny: {n.f: [{require: [{m: z}]}]}\nz: m.f',
      'y',
      { require: [{ m: 'z' }, { m: 'x' }] },
    ],
    [
      'fills what is empty',
      'x: {m.f: [{require_in: [{n: y}]}]}\ny: {n.f: [{require: ~}]}',
      'y',
      { require: [{ m: 'x' }] },
    ],
    [
      'gathers several',
      'x: {m.f: [{require_in: [{n: z}]}]}\ny: {m.f: [{require_in: [{n: z}]}]}\nz: n.f',
      'z',
      { require: [{ m: 'x' }, { m: 'y' }] },
    ],
    [
      'names several',
      'x: {m.f: [{require_in: [{n: y}, {n: z}]}]}\ny: n.f\nz: n.f',
      'z',
      { require: [{ m: 'x' }] },
    ],
    ['may be one mapping', 'x: {m.f: [{require_in: {n: y}}]}\ny: n.f', 'y', { require: [{ m: 'x' }] }],
    ['may name a bare ID', 'x: {m.f: [{require_in: [y]}]}\ny: n.f', 'y', { require: [{ m: 'x' }] }],
    [
      'may name a bare name',
      'x: {m.f: [{require_in: [other]}]}\ny: {n.f: [{name: other}]}',
      'y',
      { name: 'other', require: [{ m: 'x' }] },
    ],
    [
      'may name by name',
      'x: {m.f: [{require_in: [{n: other}]}]}\ny: {n.f: [{name: other}]}',
      'y',
      { name: 'other', require: [{ m: 'x' }] },
    ],
    [
      'may name by any argument',
      'x: {m.f: [{require_in: [{n: /src}]}]}\ny: {n.f: [{source: /src}]}',
      'y',
      { source: '/src', require: [{ m: 'x' }] },
    ],
    [
      'may name a whole SLS',
      'x: {m.f: [{require_in: [{sls: main}]}]}\ny: n.f',
      'y',
      { require: [{ m: 'x' }] },
    ],
    [
      'names words of JavaScript',
      'constructor: {m.f: [{require_in: [{n: __proto__}]}]}\n__proto__: n.f',
      '__proto__',
      { require: [{ m: 'constructor' }] },
    ],
  ];
  for (const [title, yaml, of, expected] of cases) {
    // A whole SLS holds the state itself too, which is told when the requisites are resolved.
    it(title, () => expect(written(yaml, of)).to.deep.equal(expected));
  }

  it('does not take the arguments of the engine for names', () => {
    const said = complaints(() =>
      written('x: {m.f: [{require_in: [{n: base}]}]}\ny: {n.f: [{saltenv: base}]}', 'y'),
    );
    expect(said.map(brief)).to.deep.equal(['requisite-not-found main.sls:1:25']);
  });

  it('reaches every declaration that a value names', () => {
    const yaml =
      'x: {m.f: [{require_in: [{n: same}]}]}\ny: {n.f: [{name: same}]}\nz: {n.f: [{name: same}, {source: same}]}';
    for (const id of ['y', 'z']) expect(written(yaml, id)['require']).to.deep.equal([{ m: 'x' }]);
  });

  const wrong: [written: string, at: string, message: RegExp][] = [
    [
      'require_in: 5',
      'bad-requisite main.sls:3:19',
      /^"require_in" is the number 5, expected a list of states/,
    ],
    ['require_in: y', 'bad-requisite main.sls:3:19', /is the text "y"/],
    ['watch_in: ~', 'bad-requisite main.sls:3:17', /is empty/],
    ['watch_in: [5]', 'bad-requisite main.sls:3:18', /An item of "watch_in" is no "module: ID"/],
    ['watch_in: [{}]', 'bad-requisite main.sls:3:18', /is no "module: ID"/],
    ['watch_in: [{n: y, m: x}]', 'bad-requisite main.sls:3:18', /is no "module: ID"/],
    [
      'prereq_in: [{n: y}, {n.f: y}]',
      'bad-requisite main.sls:3:27',
      /names "n\.f: y"; a requisite names a module/,
    ],
    ['onfail_in: [{n: 5}]', 'bad-requisite main.sls:3:19', /names the number 5 of "n", expected text/],
    ['use: [{n: [y]}]', 'bad-requisite main.sls:3:13', /names a list of "n"/],
    ['use_in: [{n: nope}]', 'requisite-not-found main.sls:3:16', /"n: nope", which is not declared/],
    ['use: [nope]', 'requisite-not-found main.sls:3:13', /names "nope"/],
    ['require_in: [{m: y}]', 'requisite-not-found main.sls:3:20', /"m: y"/],
    ['require_in: [{sls: nope}]', 'requisite-not-found main.sls:3:20', /"sls: nope"/],
  ];
  for (const [part, at, message] of wrong) {
    it(`refuses ${part}`, () => {
      const said = complaints(() => lowState(slsFiles(`x:\n  m.f:\n    - ${part}\ny:\n  n.f: []\n`)));
      expect(said.map(brief)).to.deep.equal([at]);
      expect(said[0]!.message).to.match(message);
      expect(said[0]!.hint).to.match(/^[A-Z].*\.$/);
    });
  }
});

describe('use', () => {
  const cases: [title: string, yaml: string, expected: object][] = [
    [
      'copies written arguments',
      'x: {m.f: [{use: [{n: y}]}]}\ny: {n.f: [{a: 1}, {b: [2]}]}',
      { use: [{ n: 'y' }], a: 1, b: [2] },
    ],
    [
      'leaves what is there',
      'x: {m.f: [{a: 0}, {use: [{n: y}]}]}\ny: {n.f: [{a: 1}]}',
      { a: 0, use: [{ n: 'y' }] },
    ],
    [
      'never copies names, requisites and order',
      'x: {m.f: [{use: [{n: y}]}]}\ny: {n.f: [{name: z}, {require: [{m: q}]}, {watch_in: [{m: q}]}, {order: 1}, {use: [{m: q}]}, {a: 1}]}\nq: m.f',
      { use: [{ n: 'y' }], a: 1 },
    ],
    [
      'never copies several names',
      'x: {m.f: [{use: [{n: y}]}]}\ny: {n.f: [{names: [z]}, {a: 1}]}',
      { use: [{ n: 'y' }], a: 1 },
    ],
    [
      'copies not what the other uses itself',
      'x: {m.f: [{use: [{n: y}]}]}\ny: {n.f: [{a: 1}, {use: [{n: z}]}]}\nz: {n.f: [{b: 2}]}',
      { use: [{ n: 'y' }], a: 1 },
    ],
    [
      'lets the later of two win',
      'x: {m.f: [{use: [{n: y}, {n: z}]}]}\ny: {n.f: [{a: 1}]}\nz: {n.f: [{a: 2}, {b: 2}]}',
      { use: [{ n: 'y' }, { n: 'z' }], a: 2, b: 2 },
    ],
    ['from the other side', 'y: {n.f: [{a: 1}, {use_in: [{m: x}]}]}\nx: {m.f: [{b: 0}]}', { b: 0, a: 1 }],
    [
      'from the other side, what is there stays',
      'y: {n.f: [{a: 1}, {use_in: [{m: x}]}]}\nx: {m.f: [{a: 0}]}',
      { a: 0 },
    ],
    ['of itself changes nothing', 'x: {m.f: [{a: 1}, {use: [{m: x}]}]}', { a: 1, use: [{ m: 'x' }] }],
  ];
  for (const [title, yaml, expected] of cases)
    it(title, () => expect(written(yaml, 'x')).to.deep.equal(expected));
});

/** Counts how often its members are gone through. */
class Counted extends Map<string, Declaration> {
  seen = 0;
  override *values(): MapIterator<Declaration> {
    for (const value of super.values()) {
      this.seen += 1;
      yield value;
    }
    return undefined;
  }
}

describe('spreading over thousands', () => {
  const kinds: [title: string, line: (n: number) => string][] = [
    ['by ID', (n) => `id${n}: {m.f: [{require_in: [{m: id0}]}]}`],
    ['by name', (n) => `id${n}: {m.f: [{name: name${n}}, {require_in: [{m: name${(n + 1) % 2000}}]}]}`],
    ['by bare name', (n) => `id${n}: {m.f: [{name: name${n}}, {require_in: [name${(n + 1) % 2000}]}]}`],
    ['use', (n) => `id${n}: {m.f: [{name: name${n}}, {use: [{m: name0}]}]}`],
  ];
  for (const [title, line] of kinds) {
    it(`goes through the declarations twice at most, not once for each: ${title}`, () => {
      const yaml = Array.from({ length: 2000 }, (_, n) => line(n)).join('\n');
      const high = new Counted(merge(slsFiles(yaml)).high);
      spread(high as High, []);
      expect(high.seen).to.be.within(2000, 4000);
    });
  }
});

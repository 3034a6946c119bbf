/** The order of the run: numbers first, what a state waits for before it, circles told. */
import { expect } from 'chai';
import { runOrder } from '../../engine/compile/order.ts';
import { type Runnable, requisiteKinds } from '../../engine/core/chunk.ts';
import { brief, compiled, complaints } from '../helpers/sls.ts';

function order(yaml: string): string {
  return compiled(yaml)
    .map(({ chunk }) => chunk.name)
    .join(' ');
}

describe('run order', () => {
  const cases: [title: string, yaml: string, expected: string][] = [
    ['is that of the files', 'b: m.f\na: m.f', 'b a'],
    ['follows numbers', 'b: {m.f: [{order: 2}]}\na: {m.f: [{order: 1}]}', 'a b'],
    ['pulls a requirement before its dependent', 'a: {m.f: [{require: [{m: c}]}]}\nb: m.f\nc: m.f', 'c a b'],
    [
      'pulls the requirements of a requirement',
      'a: {m.f: [{require: [{m: c}]}]}\nb: m.f\nc: {m.f: [{require: [{m: d}]}]}\nd: m.f',
      'd c a b',
    ],
    [
      'pulls each once',
      'a: {m.f: [{require: [{m: c}, {m: b}]}]}\nb: {m.f: [{require: [{m: c}]}]}\nc: m.f',
      'c b a',
    ],
    ['leaves a requirement where it stands already', 'a: m.f\nb: {m.f: [{require: [{m: a}]}]}', 'a b'],
    [
      'pulls against numbers',
      'a: {m.f: [{order: first}, {require: [{m: c}]}]}\nc: {m.f: [{order: last}]}',
      'c a',
    ],
    ['has a prereq state before what it names', 'a: m.f\nb: {m.f: [{prereq: [{m: a}]}]}', 'b a'],
    [
      'has what the named state waits for before both',
      'a: {m.f: [{require: [{m: c}]}]}\nb: {m.f: [{prereq: [{m: a}]}]}\nc: m.f',
      'c b a',
    ],
    [
      'has a chain of prereq from its end',
      'a: m.f\nb: {m.f: [{prereq: [{m: a}]}]}\nc: {m.f: [{prereq: [{m: b}]}]}',
      'c b a',
    ],
    ['takes no notice of listen', 'a: {m.f: [{listen: [{m: b}]}]}\nb: m.f', 'a b'],
    [
      'expands names before their dependents',
      'a: {m.f: [{require: [{m: x}]}]}\nx: {m.f: [{names: [z, y]}]}',
      'z y a',
    ],
  ];
  for (const [title, yaml, expected] of cases) it(title, () => expect(order(yaml)).to.equal(expected));

  for (const kind of requisiteKinds) {
    if (kind === 'prereq') continue;
    it(`pulls for ${kind}`, () => expect(order(`a: {m.f: [{${kind}: [{m: b}]}]}\nb: m.f`)).to.equal('b a'));
  }
});

describe('circles', () => {
  const cases: [title: string, yaml: string, at: string[], message: string][] = [
    ['oneself', 'a: {m.f: [{require: [{m: a}]}]}', ['1:5'], 'The state m: a requires itself.'],
    ['oneself by prereq', 'a: {m.f: [{prereq: [{m: a}]}]}', ['1:5'], 'The state m: a requires itself.'],
    ['oneself by a pattern', 'a: {m.f: [{require: ["*"]}]}', ['1:5'], 'The state m: a requires itself.'],
    [
      'two',
      'a: {m.f: [{require: [{m: b}]}]}\nb: {m.f: [{require: [{m: a}]}]}',
      ['1:5', '2:5'],
      'These states wait for each other: m: a → m: b → m: a.',
    ],
    [
      'two, told once whatever the number of requisites',
      'a: {m.f: [{require: [{m: b}]}, {watch: [{m: b}]}]}\nb: {m.f: [{require: [{m: a}, {m: a}]}, {onchanges: [{m: a}]}]}',
      ['1:5', '2:5'],
      'These states wait for each other: m: a → m: b → m: a.',
    ],
    [
      'require and require_in',
      'a: {m.f: [{require: [{m: b}]}, {require_in: [{m: b}]}]}\nb: m.f',
      ['1:5', '2:1'],
      'These states wait for each other: m: a → m: b → m: a.',
    ],
    [
      'three, entered from without',
      'z: {m.f: [{require: [{m: b}]}]}\na: {m.f: [{require: [{m: b}]}]}\nb: {m.f: [{require: [{m: c}]}]}\nc: {m.f: [{watch: [{m: a}]}]}',
      ['3:5', '4:5', '2:5'],
      'These states wait for each other: m: b → m: c → m: a → m: b.',
    ],
    [
      'prereq both ways',
      'a: {m.f: [{prereq: [{m: b}]}]}\nb: {m.f: [{prereq: [{m: a}]}]}',
      ['1:5', '2:5'],
      'These states wait for each other: m: a → m: b → m: a.',
    ],
    [
      'prereq and require',
      'a: {m.f: [{prereq: [{m: b}]}, {require: [{m: b}]}]}\nb: m.f',
      ['1:5', '2:1'],
      'These states wait for each other: m: a → m: b → m: a.',
    ],
  ];
  for (const [title, yaml, at, message] of cases) {
    it(title, () => {
      const said = complaints(() => order(yaml));
      expect(said.map((one) => one.message)).to.deep.equal([message]);
      const places = [said[0]!, ...said[0]!.related!].map((one) =>
        brief({ ...one, code: 'requisite-cycle' } as never),
      );
      expect(places).to.deep.equal(at.map((place) => `requisite-cycle main.sls:${place}`));
    });
  }

  it('are all told', () => {
    const said = complaints(() => order('a: {m.f: [{require: [{m: a}]}]}\nb: {m.f: [{require: [{m: b}]}]}'));
    expect(said).to.have.length(2);
  });
});

describe('the order of thousands', () => {
  /** States that count how often they are asked what they wait for. */
  function counted(waits: (n: number) => number[], count: number): { all: Runnable[]; reads: () => number } {
    let reads = 0;
    const all = Array.from({ length: count }, () => ({ prerequired: [] }) as unknown as Runnable);
    for (const [n, runnable] of all.entries()) {
      const requisites = { require: waits(n).map((target) => all[target]!) };
      Object.defineProperty(runnable, 'requisites', {
        get() {
          reads += 1;
          return requisites;
        },
      });
    }
    return { all, reads: () => reads };
  }

  const shapes: [title: string, waits: (n: number, count: number) => number[]][] = [
    ['a chain from the end', (n, count) => (n + 1 < count ? [n + 1] : [])],
    ['a star', (n) => (n === 0 ? [] : [0])],
    ['a ladder', (n, count) => [n + 1, n + 2].filter((target) => target < count)],
  ];
  for (const [title, waits] of shapes) {
    it(`asks each as often, however many there are, and does not run out of stack: ${title}`, () => {
      const per = [1000, 20_000].map((count) => {
        const { all, reads } = counted((n) => waits(n, count), count);
        const diagnostics: never[] = [];
        expect(new Set(runOrder(all, diagnostics)).size).to.equal(count);
        expect(diagnostics).to.deep.equal([]);
        return reads() / count;
      });
      expect(per[1]).to.equal(per[0]);
    });
  }
});

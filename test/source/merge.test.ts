/** Dicts merge as Salt's strategies say. */
import { expect } from 'chai';
import { fromPlain, type Plain, toPlain } from '../../engine/core/value.ts';
import { type MergeOptions, mergeValues } from '../../engine/source/merge.ts';

const CASES: [name: string, base: Plain, overlay: Plain, result: Plain, options?: MergeOptions][] = [
  [
    'keys join, dicts recurse',
    { a: { x: 1 }, b: 1 },
    { a: { y: 2 }, c: 3 },
    { a: { x: 1, y: 2 }, b: 1, c: 3 },
  ],
  ['lists are replaced', { l: [1, 2] }, { l: [2, 3] }, { l: [2, 3] }],
  ['lists are joined when asked', { l: [1, 2] }, { l: [2, 3] }, { l: [1, 2, 3] }, { mergeLists: true }],
  ['lists of dicts too', { l: [{ a: 1 }] }, { l: [{ a: 1 }, 2] }, { l: [{ a: 1 }, 2] }, { mergeLists: true }],
  ['kinds may change', { a: { x: 1 } }, { a: 5 }, { a: 5 }],
  ['null replaces', { a: { x: 1 } }, { a: null }, { a: null }],
  ['overwrite', { a: { x: 1 }, b: 1 }, { a: { y: 2 } }, { a: { y: 2 }, b: 1 }, { strategy: 'overwrite' }],
  ['list', { a: 1, b: 2 }, { a: 3, c: 4 }, { a: [1, 3], b: 2 }, { strategy: 'list' }],
  ['aggregate', { a: { x: 1 } }, { a: { y: 2 }, b: 1 }, { a: { y: 2 }, b: 1 }, { strategy: 'aggregate' }],
  ['smart', { a: { x: 1 } }, { a: { y: 2 } }, { a: { x: 1, y: 2 } }, { strategy: 'smart' }],
  ['no dicts', [1], [2], [2]],
];

describe('mergeValues', () => {
  for (const [name, base, overlay, result, options] of CASES) {
    it(name, () => {
      const left = fromPlain(base);
      const right = fromPlain(overlay);
      expect(toPlain(mergeValues(left, right, options))).to.deep.equal(result);
      expect([toPlain(left), toPlain(right)], 'the arguments stay as they were').to.deep.equal([
        base,
        overlay,
      ]);
    });
  }
  it('keeps the order of keys, those of the first dict first', () => {
    const merged = mergeValues(fromPlain({ z: 1, a: 1 }), fromPlain({ b: 2, z: 2 })) as Map<unknown, unknown>;
    expect([...merged.keys()]).to.deep.equal(['z', 'a', 'b']);
  });
  it('shares nothing with its arguments', () => {
    const overlay = fromPlain({ a: { l: [1] } }) as Map<unknown, Map<unknown, unknown[]>>;
    const merged = mergeValues(new Map(), overlay);
    overlay.get('a')!.get('l')!.push(2);
    expect(toPlain(merged)).to.deep.equal({ a: { l: [1] } });
  });
});

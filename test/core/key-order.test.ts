import { expect } from 'chai';
import { compareText, sortedEntries } from '../../engine/core/key-order.ts';
import { Float, type Value } from '../../engine/core/value.ts';

function sorted(...keys: Value[]): Value[] | undefined {
  return sortedEntries(new Map(keys.map((key) => [key, null])))?.map(([key]) => key);
}

describe('sortedEntries', () => {
  it('sorts texts by code points, not by UTF-16 units', () => {
    expect(sorted('\u{1f600}', '\ufffd', 'a', 'B')).to.deep.equal(['B', 'a', '\ufffd', '\u{1f600}']);
    expect(compareText('\u{1f600}', '\u{1f601}')).to.be.below(0);
  });

  it('sorts numbers of every kind by their size', () => {
    const three = new Float(3);
    expect(sorted(2n ** 70n, 10, true, three, 2.5, false, 2n ** 70n + 1n)).to.deep.equal([
      false,
      true,
      2.5,
      three,
      10,
      2n ** 70n,
      2n ** 70n + 1n,
    ]);
  });

  it('knows no order of kinds that cannot be compared', () => {
    expect(sorted('1', 1)).to.equal(undefined);
    expect(sorted(null, 1)).to.equal(undefined);
    expect(sorted(null)).to.deep.equal([null]);
  });
});

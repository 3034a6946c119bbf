import { expect } from 'chai';
import { portionOf } from '../../engine/watch/portion.ts';

describe('portions of nodes', () => {
  it('stay the same from version to version', () => {
    expect(portionOf('node1', 'heal')).to.be.closeTo(0.329986990197, 1e-9);
  });

  it('are spread evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index++) tenths[Math.floor(portionOf(`node${index}`) * 10)]! += 1;
    for (const count of tenths) expect(count).to.be.within(850, 1150);
  });

  it('differ where the same letters are other words', () => {
    expect(portionOf('a', 'bc')).to.not.equal(portionOf('ab', 'c'));
  });
});

/** Texts of which only a print is known are found wherever they stand, and nothing else is. */
import { expect } from 'chai';
import { Prints } from '../../engine/core/prints.ts';
import { createChance } from '../helpers/chance.ts';

const key = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 255);

describe('prints', () => {
  it('find all that a plain search finds', () => {
    const chance = createChance(3);
    for (let round = 0; round < 300; round++) {
      const word = (length: number) => Array.from({ length }, () => 'abö'[chance.below(3)]!).join('');
      const words = [
        ...new Set(Array.from({ length: 1 + chance.below(5) }, () => word(1 + chance.below(6)))),
      ];
      const text = word(chance.below(60));
      const prints = new Prints<string>(key);
      for (const one of words) prints.add(prints.print(one), one);
      const found = [...prints.search(text)].map(({ start, end, what }) => {
        expect(text.slice(start, end)).to.equal(what);
        return `${start} ${what}`;
      });
      const wanted = words.flatMap((one) =>
        [...text].flatMap((_, start) => (text.startsWith(one, start) ? [`${start} ${one}`] : [])),
      );
      expect(found.sort(), `${words} in ${text}`).to.deep.equal(wanted.sort());
    }
  });

  it('are others with another key', () => {
    const one = new Prints<string>(key).print('swordfish');
    const other = new Prints<string>(key.map((byte) => byte ^ 2)).print('swordfish');
    expect(one.length).to.equal(9);
    expect(one.hash).to.not.deep.equal(other.hash);
    expect(new Prints<string>(key).print('swordfish')).to.deep.equal(one);
  });
});

/** Shell-style patterns mean what Python's fnmatch means by them. */
import { expect } from 'chai';
import { fnmatch, isPattern } from '../../engine/core/fnmatch.ts';

const CASES: [pattern: string, text: string, matches: boolean][] = [
  ['*', '', true],
  ['web*', 'web1.example', true],
  ['web*', 'Web1', false],
  ['web?', 'web1', true],
  ['web?', 'web', false],
  ['web[12]', 'web2', true],
  ['web[!12]', 'web2', false],
  ['web[!12]', 'web3', true],
  ['web[0-9]', 'web7', true],
  ['list[1]', 'list[1]', false],
  ['list[1]', 'list1', true],
  ['list[[]1]', 'list[1]', true],
  ['a[', 'a[', true],
  ['[]]', ']', true],
  ['[!]]', ']', false],
  ['[b-a]x', 'bx', false],
  ['[^a]', '^', true],
  ['a.b', 'axb', false],
  ['a*b', 'a\nb', true],
  ['a+b', 'a+b', true],
  ['?', '😀', true],
];

describe('fnmatch', () => {
  for (const [pattern, text, matches] of CASES) {
    it(`${pattern} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      expect(fnmatch(pattern).test(text)).to.equal(matches);
    });
  }
  it('tells patterns from plain text', () => {
    expect([isPattern('a*'), isPattern('a[1]'), isPattern('a')]).to.deep.equal([true, true, false]);
  });
});

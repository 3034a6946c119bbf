import { expect } from 'chai';
import { candidatesOf } from '../../../engine/modules/file/_source.ts';

describe('candidatesOf', () => {
  it('reads a text, a list and hashes beside the sources', () => {
    expect(candidatesOf('salt://a')).to.deep.equal([{ url: 'salt://a' }]);
    expect(candidatesOf(['salt://a', { 'https://b': 'sha256=1' }])).to.deep.equal([
      { url: 'salt://a' },
      { url: 'https://b', hash: 'sha256=1' },
    ]);
    expect(candidatesOf(null)).to.deep.equal([]);
    expect(() => candidatesOf([3])).to.throw(/neither text/);
  });
});

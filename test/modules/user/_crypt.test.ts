import { expect } from 'chai';
import { sha512Crypt } from '../../../engine/modules/user/_crypt.ts';

/** From the specification, and made by `openssl passwd -6`. */
const known = [
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'the minimum number is still observed',
    '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
  ],
] as const;

describe('SHA-512 crypt', () => {
  for (const [password, hash] of known) {
    it(`hashes ${JSON.stringify(password)} like others`, () => {
      expect(sha512Crypt(password, hash)).to.equal(hash);
      expect(sha512Crypt(`${password}x`, hash)).to.not.equal(hash);
    });
  }

  it('takes a new salt where there is no hash of its kind', () => {
    const first = sha512Crypt('secret', '$y$j9T$abc$def');
    expect(first).to.match(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
    expect(sha512Crypt('secret')).to.not.equal(first);
    expect(sha512Crypt('secret', first)).to.equal(first);
  });
});

/** The keyed hash is HalfSipHash, and another key or text gives another one. */
import { expect } from 'chai';
import { keyedHash } from '../../engine/core/keyed-hash.ts';

const key = Uint8Array.from({ length: 8 }, (_, index) => index);

describe('keyed hash', () => {
  it('is that of the reference code', () => {
    // vectors.h of the reference code: the bytes 00, 01, 02… for the key 00 to 07; here as two words, not as bytes.
    expect(keyedHash(key, '')).to.equal('591f8d21c83cb8b9');
    expect(keyedHash(key, '\x00\x01')).to.equal('ef394f0657eb507c');
  });

  it('differs with every key and every text, and takes any of them', () => {
    const texts = [
      '',
      'a',
      'b',
      'ab',
      'abc',
      'abcd',
      'abcde',
      'a\0',
      'ä',
      '☃',
      'a'.repeat(255),
      'a'.repeat(256),
    ];
    const all = texts.flatMap((text) => [
      keyedHash(key, text),
      keyedHash(
        key.map((one) => one ^ 1),
        text,
      ),
    ]);
    expect(new Set(all).size).to.equal(all.length);
    for (const one of all) expect(one).to.match(/^[0-9a-f]{16}$/);
  });

  it('uses the part of a longer buffer that it was given', () => {
    const buffer = Buffer.alloc(64, 7);
    Buffer.from(key).copy(buffer, 24);
    expect(keyedHash(buffer.subarray(24, 32), 'x')).to.equal(keyedHash(key, 'x'));
  });
});

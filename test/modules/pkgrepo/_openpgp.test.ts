import { expect } from 'chai';
import {
  armoured,
  dearmoured,
  fingerprintsOf,
  isArmoured,
  NoKey,
} from '../../../engine/modules/pkgrepo/_openpgp.ts';
import { fingerprint, key, otherFingerprint, otherKey } from './_keys.ts';

function found(content: Buffer): string[] | 'none' {
  try {
    return fingerprintsOf(content);
  } catch (error) {
    if (error instanceof NoKey) return 'none';
    throw error;
  }
}

describe('files of OpenPGP keys', () => {
  it('tell the fingerprints of their keys, armoured or not, one or several', () => {
    const both = Buffer.from(`hello\n${key}\nmore\n${otherKey}`);
    expect(fingerprintsOf(both)).to.deep.equal([fingerprint, otherFingerprint]);
    expect(fingerprintsOf(dearmoured(both))).to.deep.equal([fingerprint, otherFingerprint]);
    expect(fingerprintsOf(Buffer.from(key.replaceAll('\n', '\r\n')))).to.deep.equal([fingerprint]);
    expect(fingerprintsOf(Buffer.from(key.replace('\n\n', '\nVersion: 1\nComment: x\n\n')))).to.deep.equal([
      fingerprint,
    ]);
  });

  it('tell them of keys of version 6 (RFC 9580, A.3)', () => {
    const packet = Buffer.from('xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laM=', 'base64');
    expect(fingerprintsOf(packet)).to.deep.equal([
      'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
    ]);
  });

  it('get armour as gpg puts it on', () => {
    expect(armoured(dearmoured(Buffer.from(key))).toString()).to.equal(key);
    expect(isArmoured(Buffer.from(key))).to.equal(true);
    expect(isArmoured(dearmoured(Buffer.from(key)))).to.equal(false);
  });

  it('are refused, and nothing worse, wherever they are damaged', () => {
    const packets = dearmoured(Buffer.from(key));
    for (let at = 0; at < packets.length; at++) {
      const part = found(packets.subarray(0, at));
      if (part !== 'none') expect(part).to.deep.equal([fingerprint]);
      for (const bit of [1, 0x40, 0x80, 0xff]) {
        const damaged = Buffer.from(packets);
        damaged[at]! ^= bit;
        found(damaged);
      }
    }
    for (let at = 0; at < key.length; at++) found(Buffer.from(key.slice(0, at)));
  });

  it('are no keys of an older kind, private ones or something else', () => {
    const old = Buffer.from([0x99, 0, 3, 3, 0, 0]);
    const secret = Buffer.from([0x95, 0, 3, 4, 0, 0]);
    for (const content of [old, secret, Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(100, 0xff)])
      expect(found(content)).to.equal('none');
  });
});

import { expect } from 'chai';
import { isTypeOf, keyLineOf, keyOf, sameKey } from '../../engine/core/ssh-key.ts';
import { ecdsa, ed25519, other } from '../modules/ssh_auth/_case.ts';

describe('keys of ssh', () => {
  it('name their own type', () => {
    expect(keyOf(ed25519)).to.deep.equal({ type: 'ssh-ed25519', blob: ed25519 });
    expect(keyOf(ecdsa)!.type).to.equal('ecdsa-sha2-nistp256');
  });

  it('are whole, or none', () => {
    for (const bad of [
      '',
      ed25519.slice(0, -4),
      ed25519.slice(4),
      `${ed25519}AAAA`,
      `${ed25519}\n`,
      ed25519.replace('A', '-'),
      'AAAAC3NzaC1lZDI1NTE5',
      Buffer.from('\0\0\0\x02a b').toString('base64'),
      'x'.repeat(40),
    ]) {
      expect(keyOf(bad), bad).to.equal(undefined);
    }
  });

  it('lie in lines with options and comments', () => {
    const command = 'restrict,command="echo \\"a b\\"  # x",from="*"';
    for (const [line, options, comment] of [
      [`ssh-ed25519 ${ed25519}`, '', ''],
      [`  ssh-ed25519\t${ed25519}  a comment  `, '', 'a comment'],
      [`${command} ssh-ed25519 ${ed25519} ssh-rsa`, command, 'ssh-rsa'],
      [`restrict   ssh-ed25519 ${ed25519} x`, 'restrict', 'x'],
    ] as const) {
      expect(keyLineOf(line), line).to.deep.equal({ options, type: 'ssh-ed25519', blob: ed25519, comment });
    }
    for (const line of [
      '',
      '# ssh-ed25519 x',
      `#ssh-ed25519 ${ed25519}`,
      ed25519,
      `ssh-rsa ${ed25519}`,
      'a b c',
    ]) {
      expect(keyLineOf(line), line).to.equal(undefined);
    }
  });

  it('are the same whatever is around them', () => {
    expect(sameKey(keyOf(ecdsa)!, keyOf(ecdsa.replace('=', ''))!)).to.equal(true);
    expect(sameKey(keyOf(ed25519)!, keyOf(other)!)).to.equal(false);
  });

  it('have short names', () => {
    expect(
      ['rsa', 'ssh-ed25519', 'ed25519', 'ecdsa'].map((one) => isTypeOf(one, keyOf(ed25519)!)),
    ).to.deep.equal([false, true, true, false]);
    expect(isTypeOf('ecdsa', keyOf(ecdsa)!)).to.equal(true);
    expect(isTypeOf('dsa', { type: 'ssh-dss', blob: '' })).to.equal(true);
  });
});

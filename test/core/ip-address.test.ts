import { expect } from 'chai';
import { canonicalAddress, prefixedAddress } from '../../engine/core/ip-address.ts';

describe('IP addresses', () => {
  for (const [given, canonical] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ]) {
    it(`${given} is ${canonical}`, () => expect(canonicalAddress(given!)).to.equal(canonical));
  }

  for (const wrong of [
    '',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    'web',
    '::g',
    ':::',
    '1:2',
    ':',
    '::1 ',
    '1.2.3.4\n',
  ]) {
    it(`${JSON.stringify(wrong)} is none`, () => expect(canonicalAddress(wrong)).to.equal(undefined));
  }

  it('may have a prefix', () => {
    expect(prefixedAddress('10.0.0.1/24')).to.deep.equal({ address: '10.0.0.1', prefix: 24 });
    expect(prefixedAddress('10.0.0.1')).to.deep.equal({ address: '10.0.0.1', prefix: 32 });
    expect(prefixedAddress('2001:db8::/64')).to.deep.equal({ address: '2001:db8::', prefix: 64 });
    for (const wrong of ['10.0.0.1/33', '10.0.0.1/', '10.0.0.1/x', '::/129', 'default', '10.0.0.1/24/1']) {
      expect(prefixedAddress(wrong), wrong).to.equal(undefined);
    }
  });
});

/** Addresses and networks answer as Python's ipaddress does. */
import { expect } from 'chai';
import {
  addressOf,
  inNetwork,
  isKind,
  networkText,
  parseAddress,
  parseNetwork,
} from '../../engine/source/address.ts';

describe('addresses', () => {
  const spelled: [text: string, normal: string | undefined][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['010.0.0.1', undefined],
    ['10.1', undefined],
    ['256.0.0.1', undefined],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['', undefined],
    ['web', undefined],
  ];
  for (const [text, normal] of spelled) {
    it(`"${text}" → ${normal}`, () => {
      const address = parseAddress(text);
      expect(address?.text).to.equal(normal);
      if (address && !text.includes('%'))
        expect(addressOf(address.value, address.version)).to.deep.equal(address);
    });
  }
  const networks: [text: string, normal: string | undefined, strict?: boolean][] = [
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.1/8', undefined],
    ['10.0.0.1/8', '10.0.0.0/8', false],
    ['10.0.0.1', '10.0.0.1/32'],
    ['10.0.0.0/255.255.0.0', '10.0.0.0/16'],
    ['10.0.0.0/0.0.255.255', '10.0.0.0/16'],
    ['10.0.0.0/255.0.255.0', undefined],
    ['10.0.0.0/33', undefined],
    ['2001:db8::/32', '2001:db8::/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ];
  for (const [text, normal, strict] of networks) {
    it(`network "${text}" → ${normal}`, () => {
      const network = parseNetwork(text, strict);
      expect(network && networkText(network)).to.equal(normal);
    });
  }
  it('knows what lies in a network', () => {
    const network = parseNetwork('10.1.0.0/16')!;
    expect(
      ['10.1.255.255', '10.2.0.0', '::1'].map((text) => inNetwork(parseAddress(text)!, network)),
    ).to.deep.equal([true, false, false]);
  });
  it('knows kinds', () => {
    const kinds = ['private', 'global', 'loopback', 'multicast', 'link-local', 'reserved', 'unspecified'];
    const of = (text: string) => kinds.filter((kind) => isKind(parseAddress(text)!, kind));
    expect(of('127.0.0.1')).to.deep.equal(['private', 'loopback']);
    expect(of('8.8.8.8')).to.deep.equal(['global']);
    expect(of('100.64.0.1')).to.deep.equal([]);
    expect(of('fe80::1')).to.deep.equal(['private', 'link-local']);
    expect(of('0.0.0.0')).to.deep.equal(['private', 'unspecified']);
  });
});

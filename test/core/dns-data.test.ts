import { expect } from 'chai';
import {
  canonicalData,
  packData,
  type RecordType,
  recordTypes,
  shownData,
  textData,
  unpackData,
} from '../../engine/core/dns-data.ts';

const good: { readonly [type in RecordType]: readonly (readonly [string, string, string?])[] } = {
  A: [['192.0.2.1', 'c0000201']],
  AAAA: [
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ],
  CAA: [['128 issue "ca.test; a=\\"b\\""', '8005697373756563612e746573743b20613d226222']],
  CNAME: [['a.test', '0161047465737400']],
  MX: [
    ['10 a.test', '000a0161047465737400'],
    ['0 .', '000000'],
  ],
  NS: [['a.test', '0161047465737400']],
  SRV: [['1 2 443 a.test', '0001000201bb0161047465737400']],
  TXT: [
    ['"ab" "c\\"d"', '02616203632264'],
    ['""', '00'],
    ['"\\000\\255"', '0200ff'],
  ],
};

describe('dns-data', () => {
  for (const type of recordTypes) {
    it(`packs and unpacks ${type}`, () => {
      for (const [data, hex] of good[type]) {
        const packed = packData(type, data);
        expect(packed.toString('hex'), data).to.equal(hex);
        expect(unpackData(type, packed, 0, packed.length)).to.equal(data);
      }
    });
  }

  it('spells data in one way', () => {
    const cases: readonly (readonly [RecordType, string, string])[] = [
      ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
      ['MX', '  010   Mail.Example.TEST. ', '10 mail.example.test'],
      ['SRV', '0 0 0 .', '0 0 0 .'],
      ['CAA', '0 ISSUE ";"', '0 issue ";"'],
      ['CAA', '0 issue ca.test', '0 issue "ca.test"'],
      ['TXT', '"a" "b"', '"ab"'],
      ['TXT', 'a', '"a"'],
    ];
    for (const [type, data, spelled] of cases) expect(canonicalData(type, data), data).to.equal(spelled);
  });

  it('takes nothing else for data', () => {
    const cases: readonly (readonly [RecordType, string])[] = [
      ['A', '192.0.2.256'],
      ['A', '2001:db8::1'],
      ['A', ''],
      ['A', '192.0.2.1 192.0.2.2'],
      ['AAAA', '192.0.2.1'],
      ['AAAA', 'fe80::1%eth0'],
      ['MX', 'a.test'],
      ['MX', '65536 a.test'],
      ['MX', '-1 a.test'],
      ['MX', '1e3 a.test'],
      ['SRV', '1 2 a.test'],
      ['CAA', '256 issue "a"'],
      ['CAA', '0 is-sue "a"'],
      ['CNAME', 'a..b'],
      ['CNAME', 'a"b'],
      ['TXT', '"a'],
      ['TXT', ''],
    ];
    for (const [type, data] of cases) {
      expect(canonicalData(type, data), data).to.equal(undefined);
      expect(() => packData(type, data), data).to.throw(RangeError);
    }
  });

  it('splits texts by bytes, and shows them whole', () => {
    const text = `${'ü'.repeat(200)}"\\`;
    const data = textData([Buffer.from(text)]);
    expect(packData('TXT', data).length).to.equal(402 + 2);
    expect(shownData('TXT', data)).to.equal(text);
    expect(shownData('MX', '10 a.test')).to.equal('10 a.test');
  });

  it('refuses data of a wrong length', () => {
    expect(() => unpackData('A', Buffer.alloc(5), 0, 5)).to.throw(RangeError);
    expect(() => unpackData('A', Buffer.alloc(3), 0, 3)).to.throw(RangeError);
    expect(() => unpackData('TXT', Buffer.from([5, 1]), 0, 2)).to.throw(RangeError);
    expect(() => unpackData('AAAA', Buffer.alloc(20), 0, 15)).to.throw(RangeError);
  });
});

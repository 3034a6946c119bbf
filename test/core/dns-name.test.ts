import { expect } from 'chai';
import { canonicalName, domainName, isWithin, packName, unpackName } from '../../engine/core/dns-name.ts';

describe('dns-name', () => {
  it('spells what a user writes in one way', () => {
    const cases = {
      'WWW.Example.org.': 'www.example.org',
      ' a_b.example.org ': 'a_b.example.org',
      '*.example.org': '*.example.org',
      '0/25.2.0.192.in-addr.arpa': '0/25.2.0.192.in-addr.arpa',
      [`${'a'.repeat(63)}.org`]: `${'a'.repeat(63)}.org`,
    };
    for (const [text, name] of Object.entries(cases)) expect(domainName(text), text).to.equal(name);
  });

  it('takes nothing else for a name', () => {
    const long = Array.from({ length: 64 }, () => 'abc').join('.');
    for (const text of [
      '',
      '.',
      '..',
      'a..b',
      '.a',
      'a b',
      'a"b',
      "a'b",
      'a\nb',
      'a\0b',
      'a\\.b',
      'ü.de',
      '*',
      'a.*.b',
      `${'a'.repeat(64)}.org`,
      `${long}.abcd`,
    ])
      expect(domainName(text), JSON.stringify(text)).to.equal(undefined);
  });

  it('tells what is in a zone', () => {
    expect(isWithin('a.b.test', 'b.test')).to.equal(true);
    expect(isWithin('b.test', 'b.test')).to.equal(true);
    expect(isWithin('ab.test', 'b.test')).to.equal(false);
    expect(isWithin('a.b.test', '.')).to.equal(true);
  });

  it('packs and unpacks any name, with odd bytes as escapes', () => {
    for (const name of ['.', 'a.test', 'a\\.b.test', 'a\\000\\"\\\\.test', '\\195\\188.test']) {
      const packed = packName(name)!;
      expect(unpackName(packed, 0)).to.deep.equal({ value: name, next: packed.length });
      expect(canonicalName(name), name).to.equal(name);
    }
    expect(canonicalName('A\\.B.')).to.equal('a\\.b');
    expect(canonicalName('a\\\\.')).to.equal('a\\\\');
    expect(packName('')).to.equal(undefined);
  });

  it('follows pointers to earlier places, and no others', () => {
    const message = Buffer.concat([packName('b.test')!, Buffer.from([1, 0x61, 0xc0, 0])]);
    expect(unpackName(message, 8)).to.deep.equal({ value: 'a.b.test', next: 12 });
    expect(() => unpackName(Buffer.from([0xc0, 0]), 0)).to.throw(RangeError);
    expect(() => unpackName(Buffer.from([1, 0x61, 0xc0, 0]), 0)).to.throw(RangeError);
    expect(() => unpackName(Buffer.from([5, 0x61]), 0)).to.throw(RangeError);
    expect(() => unpackName(Buffer.from([0x80]), 0)).to.throw(RangeError);
  });
});

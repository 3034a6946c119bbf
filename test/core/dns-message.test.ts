import { expect } from 'chai';
import { packMessage, unpackMessage } from '../../engine/core/dns-message.ts';

/** What BIND 9.18 answered to `dig www.example.test A`. */
const answer = Buffer.from(
  'cbef8400000100020000000003777777076578616d706c6504746573740000010001c00c000100010000012c0004c0000201c00c000100010000012c0004c0000202',
  'hex',
);

describe('dns-message', () => {
  it('packs a question as dig does', () => {
    const packed = packMessage({
      id: 0xcbef,
      opcode: 'QUERY',
      question: { name: 'www.example.test', type: 'A' },
    });
    expect(packed.toString('hex')).to.equal(
      'cbef0000000100000000000003777777076578616d706c6504746573740000010001',
    );
  });

  it('packs changes (RFC 2136)', () => {
    const name = 'a.test';
    const packed = packMessage({
      id: 1,
      opcode: 'UPDATE',
      question: { name: 'test', type: 'SOA' },
      answer: [
        { name, type: 'ANY', class: 'NONE' },
        { name, type: 'CNAME', class: 'NONE' },
      ],
      authority: [
        { name, type: 'A', class: 'NONE', data: '192.0.2.1' },
        { name, type: 'A', class: 'IN', ttl: 60, data: '192.0.2.2' },
      ],
    });
    const a = '0161047465737400';
    expect(packed.toString('hex')).to.equal(
      [
        '000128000001000200020000',
        '04746573740000060001',
        `${a}00ff00fe000000000000`,
        `${a}000500fe000000000000`,
        `${a}000100fe000000000004c0000201`,
        `${a}000100010000003c0004c0000202`,
      ].join(''),
    );
  });

  it('unpacks an answer', () => {
    const message = unpackMessage(answer)!;
    expect(message).to.deep.include({
      id: 0xcbef,
      isResponse: true,
      isAuthoritative: true,
      isTruncated: false,
      rcode: 'NOERROR',
      question: { name: 'www.example.test', type: 'A' },
    });
    expect(message.answer.map(({ name, type, ttl, data }) => ({ name, type, ttl, data }))).to.deep.equal([
      { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.1' },
      { name: 'www.example.test', type: 'A', ttl: 300, data: '192.0.2.2' },
    ]);
  });

  it('says of no piece and no damage of an answer that it is more than that', () => {
    for (let length = 0; length < answer.length; length++)
      expect(unpackMessage(answer.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    for (let at = 0; at < answer.length; at++) {
      for (const value of [0, 0x3f, 0x80, 0xc0, 0xff]) {
        const damaged = Buffer.from(answer);
        damaged[at] = value;
        expect(() => unpackMessage(damaged)).to.not.throw();
      }
    }
  });
});

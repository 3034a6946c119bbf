import { expect } from 'chai';
import type { DnsKey } from '../../engine/core/dns.ts';
import { packMessage, unpackMessage } from '../../engine/core/dns-message.ts';
import { sign, type Verdict, verify } from '../../engine/host/dns-tsig.ts';

/** Recorded of dig and BIND 9.18, which share these keys. */
const secret = 'c2l4dGVlbiBieXRlcyEhIQ==';
const time = 0x6b03ada3;
const sha256: DnsKey = { name: 'vector', algorithm: 'hmac-sha256', secret };
const sha512: DnsKey = { name: 'v512', algorithm: 'hmac-sha512', secret };
const request =
  'cbef0020000100000000000103777777076578616d706c650474657374000001000106766563746f720000fa00ff00000000003d0b686d61632d7368613235360000006b03ada3012c00208ccf423ddf16a4390a7d98ebe9615e635e3b83ec7d2c1b519cdfb349a5e160cfcbef00000000';
const request512 =
  '94e70020000100000000000103747874076578616d706c650474657374000010000104763531320000fa00ff00000000005d0b686d61632d7368613531320000006b03ada3012c0040f9359a96783501fcf2ca12db65959a58f145cf7e2a419e6f209ecb1d9f3f632c76a3c024f3631e5f9b04448fe03ca308864e0c962ce0170c23dca1d8e528d2bc94e700000000';
const answer512 =
  '94e78400000100010000000103747874076578616d706c6504746573740000100001c00c001000010000012c0008036162630364656604763531320000fa00ff00000000005d0b686d61632d7368613531320000006b03ada3012c00401dc3b297cd0fdfa8e68d88272cb45188cc2ddaaada709e4e4e6db8416e6dea588bd03c8a5598b7969eb72adae3987970c12170d2598e0ff6c4f29950c2f7832b94e700000000';
/** To a question signed years ago. */
const badTime =
  '00018009000100000000000103777777076578616d706c650474657374000001000106766563746f720000fa00ff0000000000430b686d61632d7368613235360000005f5e1000012c00208c879f5ee70e443afab1b991ed19985a837486fc3eb50229bdb1ab321207d50900010012000600006b03ada3';
const badTimeMac = '676e8ce06c229dacd1d88932faa3386140a4983670080e4a24edcac00fa5a87e';

/** dig also says that it minds no unauthenticated data (the AD flag). */
function question(name: string, type: 'A' | 'TXT', id: number): Buffer {
  const packed = packMessage({ id, opcode: 'QUERY', question: { name, type } });
  packed.writeUInt16BE(0x0020, 2);
  return packed;
}

function verdict(hex: string | Buffer, key: DnsKey, mac: string, now = time): Verdict {
  const bytes = typeof hex === 'string' ? Buffer.from(hex, 'hex') : hex;
  return verify(bytes, unpackMessage(bytes)!, { key, requestMac: Buffer.from(mac, 'hex'), now });
}

const mac512 = request512.slice(-140, -12);

describe('dns-tsig', () => {
  it('signs as dig does', () => {
    const signed = sign(question('www.example.test', 'A', 0xcbef), sha256, time);
    expect(signed.message.toString('hex')).to.equal(request);
    const other = sign(question('txt.example.test', 'TXT', 0x94e7), sha512, time);
    expect(other.message.toString('hex')).to.equal(request512);
    expect(other.mac.toString('hex')).to.equal(mac512);
  });

  it('finds the answer of BIND good', () => {
    expect(verdict(answer512, sha512, mac512)).to.deep.equal({ is: 'good' });
  });

  it('finds no answer good in which any byte is another', () => {
    const bytes = Buffer.from(answer512, 'hex');
    // The id is compared with that of the question; signed is the one told at the end.
    for (let at = 2; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 1;
      const parsed = unpackMessage(damaged);
      if (parsed === undefined) continue;
      const { is } = verify(damaged, parsed, {
        key: sha512,
        requestMac: Buffer.from(mac512, 'hex'),
        now: time,
      });
      // The case of names is not signed (RFC 4034, 6.2), but no letter differs from another by the lowest bit alone.
      expect(is, `byte ${at}`).to.not.equal('good');
    }
  });

  it('finds an answer to another question wrong, and one by another secret', () => {
    expect(verdict(answer512, sha512, mac512.replace(/^../, '00')).is).to.equal('wrong');
    expect(verdict(answer512, { ...sha512, secret: 'AAAA' }, mac512).is).to.equal('wrong');
    expect(verdict(answer512, { ...sha512, algorithm: 'hmac-sha256' }, mac512).is).to.equal('wrong');
    expect(verdict(answer512, { ...sha512, name: 'other' }, mac512).is).to.equal('wrong');
  });

  it('tells an answer without signature', () => {
    const plain = packMessage({ id: 1, opcode: 'QUERY', question: { name: 'a.test', type: 'A' } });
    expect(verdict(plain, sha256, '00')).to.deep.equal({ is: 'unsigned' });
  });

  it('tells what the server finds wrong with the time, and believes its clock only where it signs', () => {
    expect(verdict(badTime, sha256, badTimeMac)).to.deep.equal({
      is: 'rejected',
      error: 'BADTIME',
      serverTime: time,
    });
    expect(verdict(badTime, sha256, badTimeMac.replace(/^../, '00')).is).to.equal('wrong');
  });

  it('finds an old answer late', () => {
    expect(verdict(answer512, sha512, mac512, time + 299).is).to.equal('good');
    expect(verdict(answer512, sha512, mac512, time + 301)).to.deep.equal({
      is: 'rejected',
      error: 'BADTIME',
      serverTime: time,
    });
  });
});

/** Signs messages of the DNS with a key that both sides know, and checks the signatures of answers (TSIG, RFC 8945). */
import type { DnsKey } from '../core/dns.ts';
import type { InMessage } from '../core/dns-message.ts';
import { packName, unpackName } from '../core/dns-name.ts';

/** Seconds that the clocks of both sides may differ; RFC 8945, 10. */
const fudge = 300;
const typeTsig = 250;
const classAny = 255;
const errors: { readonly [code: number]: string } = {
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  22: 'BADTRUNC',
};

export interface Signed {
  readonly message: Buffer;
  readonly mac: Buffer;
}

/** `now` in seconds since the epoch. The message must not be signed yet. */
export function sign(message: Buffer, key: DnsKey, now: number): Signed {
  const time = timeOf(now);
  const mac = macOf(key, [message, variables(key, time, 0, Buffer.alloc(0))]);
  const data = Buffer.concat([
    packName(key.algorithm)!,
    time,
    shorts(fudge, mac.length),
    mac,
    shorts(message.readUInt16BE(0), 0, 0),
  ]);
  const head = Buffer.concat([packName(key.name)!, shorts(typeTsig, classAny, 0, 0, data.length)]);
  return { message: withRecords(Buffer.concat([message, head, data]), 1), mac };
}

/**
 * `good`, `unsigned`, `wrong` (somebody else's answer), or what the server says of our signature: such an answer is
 * signed only where that can be.
 */
export type Verdict =
  | { readonly is: 'good' | 'unsigned' | 'wrong' }
  | { readonly is: 'rejected'; readonly error: string; readonly serverTime?: number };

/** `requestMac` is that of the question. */
export function verify(
  answer: Buffer,
  parsed: InMessage,
  { key, requestMac, now }: { readonly key: DnsKey; readonly requestMac: Buffer; readonly now: number },
): Verdict {
  const record = parsed.additional.at(-1);
  if (record?.type !== 'TSIG') return { is: 'unsigned' };
  const tsig = tsigOf(answer, record.dataStart, record.end);
  const isOurs = record.name.toLowerCase() === key.name && record.class === classAny && record.ttl === 0;
  if (tsig === undefined || !isOurs) return { is: 'wrong' };
  const error = tsig.error === 0 ? undefined : (errors[tsig.error] ?? String(tsig.error));
  // A server that cannot check our signature cannot sign its complaint (RFC 8945, 5.3.2).
  if (error !== undefined && tsig.mac.length === 0) return { is: 'rejected', error };
  const unsigned = withRecords(Buffer.from(answer.subarray(0, record.start)), -1);
  unsigned.writeUInt16BE(tsig.originalId, 0);
  const parts = [shorts(requestMac.length), requestMac, unsigned];
  const expected = macOf(key, [...parts, variables(key, tsig.time, tsig.error, tsig.other, tsig.fudge)]);
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  if (tsig.algorithm !== key.algorithm || expected.length !== tsig.mac.length) return { is: 'wrong' };
  if (!timingSafeEqual(expected, tsig.mac)) return { is: 'wrong' };
  if (error !== undefined) {
    const serverTime = tsig.other.length === 6 ? tsig.other.readUIntBE(0, 6) : undefined;
    return { is: 'rejected', error, ...(serverTime !== undefined && { serverTime }) };
  }
  const time = tsig.time.readUIntBE(0, 6);
  if (Math.abs(time - now) > tsig.fudge) return { is: 'rejected', error: 'BADTIME', serverTime: time };
  return { is: 'good' };
}

interface Tsig {
  readonly algorithm: string;
  readonly time: Buffer;
  readonly fudge: number;
  readonly mac: Buffer;
  readonly originalId: number;
  readonly error: number;
  readonly other: Buffer;
}

function tsigOf(message: Buffer, start: number, end: number): Tsig | undefined {
  try {
    const { value, next } = unpackName(message, start);
    const macEnd = next + 10 + message.readUInt16BE(next + 8);
    const otherStart = macEnd + 6;
    if (otherStart + message.readUInt16BE(macEnd + 4) !== end) return undefined;
    return {
      algorithm: value.replaceAll('\\', '').toLowerCase(),
      time: message.subarray(next, next + 6),
      fudge: message.readUInt16BE(next + 6),
      mac: message.subarray(next + 10, macEnd),
      originalId: message.readUInt16BE(macEnd),
      error: message.readUInt16BE(macEnd + 2),
      other: message.subarray(otherStart, end),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** RFC 8945, 4.3.3: names in lower case and uncompressed. */
function variables(key: DnsKey, time: Buffer, error: number, other: Buffer, ownFudge = fudge): Buffer {
  return Buffer.concat([
    packName(key.name)!,
    shorts(classAny, 0, 0),
    packName(key.algorithm)!,
    time,
    shorts(ownFudge, error, other.length),
    other,
  ]);
}

function macOf({ algorithm, secret }: DnsKey, parts: readonly Buffer[]): Buffer {
  const { createHmac } = process.getBuiltinModule('node:crypto');
  const hmac = createHmac(algorithm.replace(/^hmac-/, ''), Buffer.from(secret, 'base64'));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

function timeOf(now: number): Buffer {
  const time = Buffer.alloc(6);
  time.writeUIntBE(Math.floor(now), 0, 6);
  return time;
}

function shorts(...values: number[]): Buffer {
  const packed = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) packed.writeUInt16BE(value, index * 2);
  return packed;
}

/** The count of additional records, changed in place. */
function withRecords(message: Buffer, more: number): Buffer {
  message.writeUInt16BE(message.readUInt16BE(10) + more, 10);
  return message;
}

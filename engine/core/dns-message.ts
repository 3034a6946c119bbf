/** Messages of the DNS (RFC 1035, 4; RFC 2136, 2) as bytes and back. */
import { packData, type RecordType, unpackData } from './dns-data.ts';
import { packName, unpackName } from './dns-name.ts';

const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  TSIG: 250,
  ANY: 255,
  CAA: 257,
} as const;
const classNumbers = { IN: 1, NONE: 254, ANY: 255 } as const;
const typeNames = new Map(Object.entries(typeNumbers).map(([name, number]) => [number as number, name]));

type TypeName = keyof typeof typeNumbers;
type ClassName = keyof typeof classNumbers;

/** RFC 1035, 4.1.1, and RFC 2136, 2.2. */
const rcodes = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'],
  ...['YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE'],
];

/** A record to send. Without data: one that speaks of a whole set (RFC 2136, 2.4 and 2.5). */
export interface OutRecord {
  readonly name: string;
  readonly type: TypeName;
  readonly class: ClassName;
  readonly ttl?: number;
  readonly data?: string;
}

export interface OutMessage {
  readonly id: number;
  readonly opcode: 'QUERY' | 'UPDATE';
  /** Asks for more than the server itself knows. */
  readonly recursive?: boolean;
  readonly question: { readonly name: string; readonly type: TypeName };
  /** In an UPDATE: the prerequisites. */
  readonly answer?: readonly OutRecord[];
  /** In an UPDATE: the changes. */
  readonly authority?: readonly OutRecord[];
  /** Bytes of an answer that may come by UDP, told by EDNS (RFC 6891). */
  readonly payload?: number;
}

/** Throws RangeError for names and data that cannot be sent. */
export function packMessage(message: OutMessage): Buffer {
  const { id, opcode, recursive, question, answer = [], authority = [], payload } = message;
  const header = Buffer.alloc(12);
  const counts = [1, answer.length, authority.length, payload === undefined ? 0 : 1];
  const flags = (opcode === 'UPDATE' ? 5 << 11 : 0) | (recursive ? 0x0100 : 0);
  for (const [index, value] of [id, flags, ...counts].entries()) header.writeUInt16BE(value, index * 2);
  return Buffer.concat([
    header,
    head(question.name, typeNumbers[question.type], classNumbers.IN),
    ...[...answer, ...authority].map(packRecord),
    ...(payload === undefined ? [] : [head('.', typeNumbers.OPT, payload), Buffer.alloc(6)]),
  ]);
}

function head(name: string, type: number, classNumber: number): Buffer {
  const packed = packName(name);
  if (packed === undefined) throw new RangeError(`"${name}" is no domain name`);
  const rest = Buffer.alloc(4);
  rest.writeUInt16BE(type, 0);
  rest.writeUInt16BE(classNumber, 2);
  return Buffer.concat([packed, rest]);
}

function packRecord({ name, type, class: className, ttl = 0, data }: OutRecord): Buffer {
  const content = data === undefined ? Buffer.alloc(0) : packData(type as RecordType, data);
  const rest = Buffer.alloc(6);
  rest.writeUInt32BE(ttl, 0);
  rest.writeUInt16BE(content.length, 4);
  return Buffer.concat([head(name, typeNumbers[type], classNumbers[className]), rest, content]);
}

export interface InRecord {
  /** As sent, without final dot; the case of letters is whatever the server has. */
  readonly name: string;
  /** '' for types that are of no interest here. */
  readonly type: string;
  readonly class: number;
  readonly ttl: number;
  /** Of the types that records are made of, and of SOA. */
  readonly data?: string;
  /** Where the record and its data lie in the message. */
  readonly start: number;
  readonly dataStart: number;
  readonly end: number;
}

export interface InMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  /** `NOERROR`, `REFUSED`…; the number where it has no name. */
  readonly rcode: string;
  readonly question?: { readonly name: string; readonly type: string };
  readonly answer: readonly InRecord[];
  readonly authority: readonly InRecord[];
  readonly additional: readonly InRecord[];
}

/** Undefined for what is no message. */
export function unpackMessage(message: Buffer): InMessage | undefined {
  try {
    const flags = message.readUInt16BE(2);
    const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
    let at = 12;
    let question: InMessage['question'];
    for (let left = counts[0]!; left > 0; left--) {
      const { value, next } = unpackName(message, at);
      question = { name: value.toLowerCase(), type: typeNames.get(message.readUInt16BE(next)) ?? '' };
      at = next + 4;
    }
    const sections = counts.slice(1).map((count) =>
      Array.from({ length: count }, () => {
        const record = unpackRecord(message, at);
        at = record.end;
        return record;
      }),
    );
    return {
      id: message.readUInt16BE(0),
      isResponse: (flags & 0x8000) !== 0,
      isAuthoritative: (flags & 0x0400) !== 0,
      isTruncated: (flags & 0x0200) !== 0,
      rcode: rcodes[flags & 15] ?? String(flags & 15),
      question,
      answer: sections[0]!,
      authority: sections[1]!,
      additional: sections[2]!,
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function unpackRecord(message: Buffer, start: number): InRecord {
  const { value: name, next } = unpackName(message, start);
  const dataStart = next + 10;
  const end = dataStart + message.readUInt16BE(next + 8);
  if (end > message.length) throw new RangeError('a record is cut off');
  const type = typeNames.get(message.readUInt16BE(next)) ?? '';
  const known = !['', 'OPT', 'TSIG', 'ANY'].includes(type) && end > dataStart;
  return {
    name,
    type,
    class: message.readUInt16BE(next + 2),
    ttl: message.readUInt32BE(next + 4),
    ...(known && { data: unpackData(type as RecordType, message, dataStart, end) }),
    start,
    dataStart,
    end,
  };
}

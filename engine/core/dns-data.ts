/** What records hold, type by type: as written in a zone file, in one spelling, and as bytes of a message. */
import { canonicalName, packName, unpackName } from './dns-name.ts';
import { canonicalAddress, isIpv6 } from './ip-address.ts';

type Field = 'byte' | 'short' | 'long' | 'ipv4' | 'ipv6' | 'name' | 'tag' | 'rest' | 'texts';

/** RFC 1035, 3.3; RFC 3596 (AAAA), RFC 2782 (SRV), RFC 8659 (CAA). SOA is only ever read. */
const layouts = {
  A: ['ipv4'],
  AAAA: ['ipv6'],
  CAA: ['byte', 'tag', 'rest'],
  CNAME: ['name'],
  MX: ['short', 'name'],
  NS: ['name'],
  SRV: ['short', 'short', 'short', 'name'],
  TXT: ['texts'],
  SOA: ['name', 'name', 'long', 'long', 'long', 'long', 'long'],
} as const satisfies { readonly [type: string]: readonly Field[] };

export type RecordType = Exclude<keyof typeof layouts, 'SOA'>;

export const recordTypes: readonly RecordType[] = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'];

const widths = { byte: 1, short: 2, long: 4 };

/** The data in one spelling, by which two can be compared; undefined where it is not what the type takes. */
export function canonicalData(type: RecordType, data: string): string | undefined {
  const words = wordsOf(data);
  const fields: readonly Field[] = layouts[type];
  if (words === undefined) return undefined;
  if (fields[0] === 'texts') return words.length === 0 ? undefined : textData(words.map(bytesOf));
  if (words.length !== fields.length) return undefined;
  const spelled = words.map((word, index) => spell(fields[index]!, word));
  return spelled.includes(undefined) ? undefined : spelled.join(' ');
}

function spell(field: Field, word: string): string | undefined {
  switch (field) {
    case 'byte':
    case 'short':
    case 'long': {
      const fits = /^\d{1,10}$/.test(word) && Number(word) < 256 ** widths[field];
      return fits ? String(Number(word)) : undefined;
    }
    case 'ipv4':
    case 'ipv6': {
      const address = canonicalAddress(word);
      const good = address !== undefined && isIpv6(address) === (field === 'ipv6') && !address.includes('%');
      return good ? address : undefined;
    }
    case 'name':
      return canonicalName(word);
    case 'tag':
      return /^[a-z0-9]{1,15}$/i.test(word) ? word.toLowerCase() : undefined;
    default:
      return quoted(bytesOf(word));
  }
}

/** Words of a line of a zone file; those in quotes keep them. Undefined where a quote is not closed. */
function wordsOf(data: string): string[] | undefined {
  const words: string[] = [];
  const next = /\s*("(?:[^"\\]|\\.)*"|(?:[^\s"\\]|\\.)+)/sy;
  while (data.slice(next.lastIndex).trim() !== '') {
    const [, word] = next.exec(data) ?? [];
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

function bytesOf(word: string): Buffer {
  const inside = word.startsWith('"') ? word.slice(1, -1) : word;
  const parts = [...inside.matchAll(/\\(\d{3})|\\(.)|[^\\]+/gs)].map(([token, digits, escaped]) =>
    digits === undefined ? Buffer.from(escaped ?? token) : Buffer.of(Math.min(Number(digits), 255)),
  );
  return Buffer.concat(parts);
}

/** As one word in quotes, with escapes for what is not printable. */
export function quoted(bytes: Buffer): string {
  const characters = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    return byte >= 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
}

/** TXT records hold texts of up to 255 bytes each, which those who read them join (RFC 7208, 3.3). */
export function textData(texts: readonly Buffer[]): string {
  const bytes = Buffer.concat(texts);
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255)
    pieces.push(quoted(bytes.subarray(at, at + 255)));
  return pieces.join(' ');
}

/** The text that a TXT record's data stands for. */
export function textOf(data: string): string {
  return Buffer.concat((wordsOf(data) ?? []).map(bytesOf)).toString();
}

/** The data as users write it and reports show it. */
export function shownData(type: RecordType, data: string): string {
  return type === 'TXT' ? textOf(data) : data;
}

/** Throws RangeError for data that is not of the type. */
export function packData(type: RecordType, data: string): Buffer {
  const words = wordsOf(data);
  if (words === undefined || canonicalData(type, data) === undefined)
    throw new RangeError(`"${data}" is no data of ${type}`);
  const fields: readonly Field[] = layouts[type];
  return Buffer.concat(words.map((word, index) => packField(fields[index] ?? 'texts', word)));
}

function packField(field: Field, word: string): Buffer {
  switch (field) {
    case 'byte':
    case 'short':
    case 'long': {
      const packed = Buffer.alloc(widths[field]);
      packed.writeUIntBE(Number(word), 0, widths[field]);
      return packed;
    }
    case 'ipv4':
      return Buffer.from(word.split('.').map(Number));
    case 'ipv6':
      return packIpv6(canonicalAddress(word)!);
    case 'name':
      return packName(word)!;
    case 'tag':
      return Buffer.concat([Buffer.of(word.length), Buffer.from(word)]);
    case 'rest':
      return bytesOf(word);
    case 'texts': {
      const bytes = bytesOf(word);
      if (bytes.length > 255) throw new RangeError('a text is longer than 255 bytes');
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }
  }
}

function packIpv6(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(left), groups(right ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}

/** From `start` to `end` of a message, since names may refer to what stands before. Throws RangeError if malformed. */
export function unpackData(type: keyof typeof layouts, message: Buffer, start: number, end: number): string {
  const words: string[] = [];
  let at = start;
  const fields: readonly Field[] = layouts[type];
  for (const field of fields) {
    switch (field) {
      case 'byte':
      case 'short':
      case 'long':
        words.push(String(message.readUIntBE(at, widths[field])));
        at += widths[field];
        break;
      case 'ipv4':
        words.push([...message.subarray(at, at + 4)].join('.'));
        at += 4;
        break;
      case 'ipv6': {
        const groups =
          message
            .subarray(at, at + 16)
            .toString('hex')
            .match(/.{4}/g) ?? [];
        words.push(canonicalAddress(groups.join(':')) ?? '');
        at += 16;
        break;
      }
      case 'name': {
        const { value, next } = unpackName(message, at);
        words.push(value);
        at = next;
        break;
      }
      case 'tag': {
        const length = message.readUInt8(at);
        words.push(message.toString('latin1', at + 1, at + 1 + length));
        at += 1 + length;
        break;
      }
      case 'rest':
        words.push(quoted(message.subarray(at, end)));
        at = end;
        break;
      case 'texts':
        while (at < end) {
          const length = message.readUInt8(at);
          words.push(quoted(message.subarray(at + 1, at + 1 + length)));
          at += 1 + length;
        }
    }
  }
  if (at !== end) throw new RangeError(`data of ${type} of a wrong length`);
  return words.join(' ');
}

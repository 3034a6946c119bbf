/** Reads a zip archive (PKWARE's APPNOTE.TXT, sections 4.3 to 4.5) by its central directory. */
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, mostBytes, nameOf, Unreadable } from './_entries.ts';

const fileType = 0o170000;
const linkType = 0o120000;
const directoryType = 0o040000;
const plainType = 0o100000;

export function readZip(bytes: Buffer): Entry[] {
  try {
    return entriesOf(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable('is cut off.');
    throw error;
  }
}

function entriesOf(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  let { at, count } = directoryOf(bytes);
  let total = 0;
  for (; count > 0; count--) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Unreadable('is damaged.');
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [number, number, number];
    const fields = at + 46;
    const name = nameAt(bytes.subarray(fields, fields + lengths[0]), bytes.readUInt16LE(at + 8));
    const sizes = sizesOf(bytes, at, bytes.subarray(fields + lengths[0], fields + lengths[0] + lengths[1]));
    total += sizes.size;
    if (total > mostBytes) throw new Unreadable(`holds more than ${mostBytes / 2 ** 30} GiB.`);
    entries.push(entryOf(bytes, at, name, sizes));
    at = fields + lengths[0] + lengths[1] + lengths[2];
  }
  return entries;
}

/** Where the central directory begins, by the record at the end of the file. */
function directoryOf(bytes: Buffer): { at: number; count: number } {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end === -1) throw new Unreadable('is no zip archive, or is cut off.');
  const count = bytes.readUInt16LE(end + 10);
  const at = bytes.readUInt32LE(end + 16);
  if (count !== 0xffff && at !== 0xffffffff) return { at, count };
  const locator = end - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== 0x07064b50) return { at, count };
  const record = safe(bytes.readBigUInt64LE(locator + 8));
  if (bytes.readUInt32LE(record) !== 0x06064b50) throw new Unreadable('is damaged.');
  return {
    at: safe(bytes.readBigUInt64LE(record + 48)),
    count: safe(bytes.readBigUInt64LE(record + 32)),
  };
}

function safe(value: bigint): number {
  if (value > 2n ** 48n) throw new Unreadable('is damaged.');
  return Number(value);
}

interface Sizes {
  size: number;
  packed: number;
  at: number;
}

/** Where 32 bits are not enough the true numbers stand in an extra field, in this order. */
function sizesOf(bytes: Buffer, at: number, extra: Buffer): Sizes {
  const sizes: Sizes = {
    size: bytes.readUInt32LE(at + 24),
    packed: bytes.readUInt32LE(at + 20),
    at: bytes.readUInt32LE(at + 42),
  };
  for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
    if (extra.readUInt16LE(field) !== 1) continue;
    let from = field + 4;
    for (const name of ['size', 'packed', 'at'] as const) {
      if (sizes[name] !== 0xffffffff) continue;
      sizes[name] = safe(extra.readBigUInt64LE(from));
      from += 8;
    }
  }
  return sizes;
}

/** Bit 11 says UTF-8; without it the name is in some code page, of which only ASCII is certain. */
function nameAt(bytes: Buffer, flags: number): string {
  if (flags & 0x800) return nameOf(bytes);
  try {
    return nameOf(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function entryOf(bytes: Buffer, at: number, given: string, sizes: Sizes): Entry {
  const isUnix = bytes.readUInt8(at + 5) === 3;
  const name = isUnix ? given : given.replaceAll('\\', '/');
  const attributes = isUnix ? bytes.readUInt32LE(at + 38) >>> 16 : 0;
  const type = attributes & fileType;
  const mode = attributes & 0o7777;
  const base = { name, mtime: timeOf(bytes.readUInt16LE(at + 14), bytes.readUInt16LE(at + 12)) };
  if (type === directoryType || name.endsWith('/')) {
    return { ...base, kind: 'directory', mode: mode || 0o755 };
  }
  if (type !== 0 && type !== plainType && type !== linkType) return { ...base, kind: 'device', mode };
  if (bytes.readUInt16LE(at + 8) & 1) {
    throw new Unreadable(
      `holds "${name}" encrypted, which is not supported.`,
      'Pack it anew without a password.',
    );
  }
  const content = contentOf(bytes, at, name, sizes);
  if (type === linkType) return { ...base, kind: 'link', mode, target: nameOf(content) };
  return { ...base, kind: 'file', mode: mode || 0o644, content };
}

function contentOf(bytes: Buffer, at: number, name: string, sizes: Sizes): Buffer {
  const method = bytes.readUInt16LE(at + 10);
  if (bytes.readUInt32LE(sizes.at) !== 0x04034b50) throw new Unreadable('is damaged.');
  const start = sizes.at + 30 + bytes.readUInt16LE(sizes.at + 26) + bytes.readUInt16LE(sizes.at + 28);
  if (start + sizes.packed > bytes.length) throw new Unreadable('is cut off.');
  const packed = bytes.subarray(start, start + sizes.packed);
  if (method !== 0 && method !== 8) {
    throw new Unreadable(
      `holds "${name}" compressed by method ${method}, which is not supported.`,
      'Pack it anew with zip (deflate).',
    );
  }
  const content = method === 0 ? packed : inflated(packed, sizes.size, name);
  if (content.length !== sizes.size || crc32(content) !== bytes.readUInt32LE(at + 16)) {
    throw new Unreadable(`holds "${name}" damaged.`);
  }
  return content;
}

/** Never more than was announced, so that a small archive cannot fill the memory. */
function inflated(packed: Buffer, size: number, name: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw new Unreadable(`holds "${name}" damaged.`);
  }
}

/** MS-DOS counts two seconds at a time, from 1980, in some zone: taken as UTC. */
function timeOf(date: number, time: number): number {
  return Date.UTC(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  );
}

/** Reads a tar archive: POSIX ustar and pax (pax(1)), and GNU's long names. */
import { type Entry, nameOf, Unreadable } from './_entries.ts';

const block = 512;

interface Extension {
  path?: string;
  linkpath?: string;
  size?: number;
  mtime?: number;
}

export function readTar(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  let common: Extension = {};
  let next: Extension = {};
  let at = 0;
  while (at + block <= bytes.length) {
    const header = bytes.subarray(at, at + block);
    at += block;
    if (header[0] === 0 && header.every((byte) => byte === 0)) return entries;
    checkSum(header);
    const type = String.fromCharCode(header[156]!);
    const told = { ...common, ...next };
    const isExtension = 'xgLK'.includes(type);
    const size = (isExtension ? undefined : told.size) ?? number(header, 124, 12);
    if (at + size > bytes.length) throw new Unreadable('is cut off.');
    const content = bytes.subarray(at, at + size);
    at += Math.ceil(size / block) * block;
    if (type === 'x') next = { ...next, ...extension(content) };
    else if (type === 'g') common = { ...common, ...extension(content) };
    else if (type === 'L') next = { ...next, path: nameOf(text(content, 0, content.length)) };
    else if (type === 'K') next = { ...next, linkpath: nameOf(text(content, 0, content.length)) };
    else {
      next = {};
      if (type === 'V') continue;
      entries.push(entryOf(header, type, told, content));
    }
  }
  // Empty blocks mark the end, so that what was cut off between two entries is not taken for all of it.
  throw new Unreadable(entries.length === 0 ? 'is no tar archive.' : 'is cut off.');
}

function entryOf(header: Buffer, type: string, told: Extension, content: Buffer): Entry {
  const name = told.path ?? fullName(header);
  const base = {
    name,
    mode: number(header, 100, 8) & 0o7777,
    mtime: told.mtime ?? number(header, 136, 12) * 1000,
  };
  const target = () => told.linkpath ?? nameOf(text(header, 157, 100));
  switch (type) {
    case '0':
    case '7':
    case '\0':
      // Before POSIX a directory was a file whose name ends so.
      if (type === '\0' && name.endsWith('/')) return { ...base, kind: 'directory' };
      return { ...base, kind: 'file', content };
    case '1':
      return { ...base, kind: 'hardlink', target: target() };
    case '2':
      return { ...base, kind: 'link', target: target() };
    case '5':
      return { ...base, kind: 'directory' };
    case '3':
    case '4':
    case '6':
      return { ...base, kind: 'device' };
    default:
      throw new Unreadable(`holds "${name}", an entry of the kind "${type}" that is not supported.`);
  }
}

function fullName(header: Buffer): string {
  const name = nameOf(text(header, 0, 100));
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? nameOf(text(header, 345, 155)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first NUL. */
function text(bytes: Buffer, start: number, length: number): Buffer {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

/** Octal digits, or, where that is too short, a binary number marked by the first bit. */
function number(header: Buffer, start: number, length: number): number {
  const first = header[start]!;
  if (first & 0x80) {
    let value = first & 0x40 ? Number.NaN : first & 0x3f;
    for (let i = start + 1; i < start + length; i++) value = value * 256 + header[i]!;
    if (!Number.isSafeInteger(value)) throw new Unreadable('holds a number that is out of range.');
    return value;
  }
  const digits = text(header, start, length).toString('latin1').trim();
  if (!/^[0-7]*$/.test(digits)) throw new Unreadable('is no tar archive.');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The sum of all bytes, those of the sum itself taken as blanks. */
function checkSum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i]!;
  if (sum !== number(header, 148, 8)) throw new Unreadable('is no tar archive, or is damaged.');
}

/** Records of a pax header: `length key=value\n`, the length counting the whole record. */
function extension(content: Buffer): Extension {
  const told: Extension = {};
  let at = 0;
  while (at < content.length && content[at] !== 0) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, blank));
    if (blank === -1 || !Number.isInteger(length) || length < 5 || at + length > content.length) {
      throw new Unreadable('holds a damaged header.');
    }
    const record = content.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    const key = record.toString('latin1', 0, equals);
    const value = record.subarray(equals + 1);
    if (key.startsWith('GNU.sparse.')) {
      throw new Unreadable('holds sparse files, which are not supported.', 'Pack it without --sparse.');
    }
    if (key === 'path') told.path = nameOf(value);
    else if (key === 'linkpath') told.linkpath = nameOf(value);
    else if (key === 'size' || key === 'mtime') {
      const seconds = Number(value.toString('latin1'));
      if (!Number.isFinite(seconds) || seconds < 0) throw new Unreadable('holds a damaged header.');
      told[key] = key === 'size' ? seconds : Math.round(seconds * 1000);
    }
    at += length;
  }
  return told;
}

/** Writes members as a tar archive (pax(1), ustar and pax headers): what is safe to unpack, and nothing else. */
import type { Member } from './_members.ts';

const block = 512;

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Paths are as in the members; all belongs to one user and group. */
export function tarball(members: readonly Member[], ids: Ids): Buffer {
  const parts: Buffer[] = [];
  for (const member of members) {
    const name = Buffer.from(member.kind === 'directory' ? `${member.path}/` : member.path);
    const target = Buffer.from(member.target ?? '');
    const content = member.content ?? Buffer.alloc(0);
    const size = content.length;
    const records: Buffer[] = [];
    if (name.length > 100) records.push(record('path', name));
    if (target.length > 100) records.push(record('linkpath', target));
    if (size >= 8 ** 11) records.push(record('size', Buffer.from(String(size))));
    if (records.length > 0) {
      const all = Buffer.concat(records);
      parts.push(
        header(Buffer.from('pax'), 'x', all.length, member, Buffer.alloc(0), ids),
        all,
        padding(all.length),
      );
    }
    const type = { file: '0', link: '2', directory: '5' }[member.kind];
    parts.push(header(name, type, size, member, target, ids), content, padding(size));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}

function padding(length: number): Buffer {
  return Buffer.alloc((block - (length % block)) % block);
}

/** The length at its start counts itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function header(
  name: Buffer,
  type: string,
  size: number,
  member: Member,
  target: Buffer,
  { uid, gid }: Ids,
): Buffer {
  const bytes = Buffer.alloc(block);
  name.copy(bytes, 0, 0, 100);
  octal(bytes, 100, 8, member.mode);
  octal(bytes, 108, 8, uid);
  octal(bytes, 116, 8, gid);
  octal(bytes, 124, 12, size >= 8 ** 11 ? 0 : size);
  octal(bytes, 136, 12, Math.max(0, Math.floor(member.mtime / 1000)));
  bytes.fill(0x20, 148, 156);
  bytes.write(type, 156, 'latin1');
  target.copy(bytes, 157, 0, 100);
  bytes.write('ustar\x0000', 257, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** Where the digits are not enough GNU's binary form is used, which every tar reads. */
function octal(bytes: Buffer, at: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, '0');
  if (digits.length < length) {
    bytes.write(`${digits}\0`, at, 'latin1');
    return;
  }
  let rest = value;
  for (let index = at + length - 1; index > at; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[at] = 0x80;
}

/** Archives made by hand, honest and hostile ones, for the tests of archive.extracted. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface Packed {
  readonly name: string;
  /** As in a tar header; a file unless told. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  readonly target?: string;
}

/** A tar archive with exactly these headers, whatever they say. */
export function tar(entries: readonly Packed[]): Buffer {
  const parts = entries.flatMap(({ name, type = '0', content = '', mode = 0o644, target = '' }) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    header.write('0001147\x000001147\0', 108);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('14000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export interface Zipped {
  readonly name: string;
  readonly content?: string | Buffer;
  /** Of Unix, file type included; undefined: made by MS-DOS. */
  readonly mode?: number;
  readonly stored?: true;
  readonly flags?: number;
  /** What the directory says of the size; the truth unless told. */
  readonly claimed?: number;
}

export function zip(entries: readonly Zipped[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content = '', mode, stored, flags = 0x800, claimed } of entries) {
    const body = Buffer.from(content);
    const packed = stored ? body : deflateRawSync(body);
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(title.length, 26);
    files.push(local, title, packed);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt8(mode === undefined ? 0 : 3, 5);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(stored ? 0 : 8, 10);
    central.writeUInt16LE(0x5821, 14);
    central.writeUInt32LE(crc32(body), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(claimed ?? body.length, 24);
    central.writeUInt16LE(title.length, 28);
    central.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 38);
    central.writeUInt32LE(at, 42);
    directory.push(central, title);
    at += local.length + title.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}

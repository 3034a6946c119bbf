/** Turns the bytes of an archive into its entries, whatever it is compressed with. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Reader } from '../../core/host.ts';
import { type Entry, mostBytes, Unreadable } from './_entries.ts';
import { readTar } from './_tar.ts';
import { readZip } from './_zip.ts';

interface Compression {
  readonly magic: readonly number[];
  /** Package of Debian and of Red Hat that brings the program. */
  readonly packages?: string;
  readonly program?: string;
}

const compressions: { readonly [name: string]: Compression } = {
  gzip: { magic: [0x1f, 0x8b] },
  zstd: { magic: [0x28, 0xb5, 0x2f, 0xfd] },
  xz: { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], program: 'xz', packages: 'xz-utils, or xz' },
  bzip2: { magic: [0x42, 0x5a, 0x68], program: 'bzip2', packages: 'bzip2' },
  lzip: { magic: [0x4c, 0x5a, 0x49, 0x50], program: 'lzip', packages: 'lzip' },
};

/** Throws Unreadable. What kind of archive it is shows in its first bytes, whatever its name says. */
export async function unpack(bytes: Buffer, reader: Reader): Promise<Entry[]> {
  if (startsWith(bytes, [0x50, 0x4b, 3, 4]) || startsWith(bytes, [0x50, 0x4b, 5, 6])) return readZip(bytes);
  if (startsWith(bytes, [0x52, 0x61, 0x72, 0x21]))
    throw new Unreadable('is a rar archive, which is not supported.');
  const name = Object.keys(compressions).find((one) => startsWith(bytes, compressions[one]!.magic));
  return readTar(name === undefined ? bytes : await decompressed(name, bytes, reader));
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

async function decompressed(name: string, bytes: Buffer, reader: Reader): Promise<Buffer> {
  const options = { maxOutputLength: mostBytes };
  const { program, packages } = compressions[name]!;
  if (program === undefined) {
    try {
      return name === 'gzip' ? gunzipSync(bytes, options) : allFrames(bytes);
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge();
      throw new Unreadable(`is damaged: ${(error as Error).message}.`);
    }
  }
  const outcome = await reader.probe({
    argv: [program, '-d', '-c'],
    stdin: bytes,
    bytes: mostBytes,
    belowRoot: true,
  });
  if (outcome.status === 127) {
    throw new Unreadable(
      `is compressed by ${name}, and there is no ${program} here.`,
      `Install the package that brings it first: ${packages}.`,
    );
  }
  if (outcome.status !== 0) throw new Unreadable(`is damaged: ${outcome.stderr.trim()}.`);
  if (outcome.bytes === undefined) throw tooLarge();
  return outcome.bytes;
}

/** Parallel compressors write several frames one after the other, and zlib stops behind the first. */
function allFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    const options = { maxOutputLength: Math.max(mostBytes - total, 1), info: true };
    // With `info` zlib also returns the engine, which knows how much it took; its types do not say so.
    const { buffer, engine } = zstdDecompressSync(bytes.subarray(at), options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    parts.push(buffer);
    total += buffer.length;
    at += Math.max(engine.bytesWritten, 1);
  }
  return Buffer.concat(parts);
}

function tooLarge(): Unreadable {
  return new Unreadable(
    `holds more than ${mostBytes / 2 ** 30} GiB.`,
    'Archives are read into memory; unpack one as large by cmd.run.',
  );
}

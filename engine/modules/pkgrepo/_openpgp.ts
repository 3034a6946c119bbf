/** OpenPGP key files: armour put on and taken off, and the fingerprints of the keys inside (RFC 9580). */
import { createRequire } from 'node:module';

/** Thrown for what is no file of public keys; the message completes "It …". */
export class NoKey extends Error {}

const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const end = '-----END PGP PUBLIC KEY BLOCK-----';

export function isArmoured(content: Buffer): boolean {
  return content.subarray(0, 4096).includes('-----BEGIN PGP ');
}

/** The packets of an armoured or a binary file of keys. Throws NoKey. */
export function dearmoured(content: Buffer): Buffer {
  if (!isArmoured(content)) return content;
  const blocks: Buffer[] = [];
  const text = content.toString('latin1').replaceAll('\r', '');
  if (/^-----BEGIN PGP PRIVATE KEY BLOCK-----/m.test(text)) throw new NoKey('holds a private key');
  for (const part of `\n${text}`.split(`\n${begin}`).slice(1)) {
    const stop = part.indexOf(`\n${end}`);
    if (stop < 0) throw new NoKey('ends in the middle of a key');
    blocks.push(bytesOf(part.slice(part.indexOf('\n') + 1, stop)));
  }
  if (blocks.length === 0) throw new NoKey('holds no public key block');
  return Buffer.concat(blocks);
}

/** Armour headers (`Comment: …`) end at the first empty line; without headers that may be missing. */
function bytesOf(block: string): Buffer {
  const lines = block.split('\n');
  const empty = lines.findIndex((line) => line.trim() === '');
  const hasHeaders = empty >= 0 && lines.slice(0, empty).every((line) => line.includes(': '));
  const base64 = lines
    .slice(hasHeaders ? empty + 1 : 0)
    .filter((line) => !line.startsWith('='))
    .join('');
  if (!/^[A-Za-z0-9+/=\s]+$/.test(base64)) throw new NoKey('is not armoured as a key is');
  return Buffer.from(base64, 'base64');
}

/** The same packets with armour around them. */
export function armoured(packets: Buffer): Buffer {
  const lines = packets.toString('base64').match(/.{1,64}/g) ?? [];
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc24(packets));
  return Buffer.from(
    `${begin}\n\n${lines.join('\n')}\n=${sum.subarray(1).toString('base64')}\n${end}\n`,
    'latin1',
  );
}

/** RFC 9580, 6.1. */
function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

const publicKey = 6;
const secretKeys = [5, 7];
/** What may stand in a file of keys: signatures, subkeys, user ids and attributes, trust, markers, padding. */
const others = [2, 10, 12, 13, 14, 17, 21];

/** Fingerprints of the primary keys in a file, upper case hexadecimal digits, in their order. Throws NoKey. */
export function fingerprintsOf(content: Buffer): string[] {
  const packets = dearmoured(content);
  const found: string[] = [];
  for (let at = 0; at < packets.length; ) {
    const { tag, body, next } = packetAt(packets, at);
    if (secretKeys.includes(tag)) throw new NoKey('holds a private key');
    if (tag === publicKey) found.push(fingerprint(body));
    else if (found.length === 0 || !others.includes(tag)) throw new NoKey('is no file of public keys');
    at = next;
  }
  if (found.length === 0) throw new NoKey('holds no public key');
  return found;
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  readonly next: number;
}

/** RFC 9580, 4.2: header of the present or of the legacy format. Keys never come in partial lengths. */
function packetAt(bytes: Buffer, at: number): Packet {
  const header = bytes[at]!;
  if ((header & 0x80) === 0) throw new NoKey('is no file of public keys');
  const legacy = (header & 0x40) === 0;
  const tag = legacy ? (header >> 2) & 0x0f : header & 0x3f;
  const { length, start } = legacy ? legacyLength(bytes, at, header & 3) : presentLength(bytes, at);
  if (start + length > bytes.length) throw new NoKey('ends in the middle of a key');
  return { tag, body: bytes.subarray(start, start + length), next: start + length };
}

function legacyLength(bytes: Buffer, at: number, type: number) {
  if (type === 3) return { length: bytes.length - at - 1, start: at + 1 };
  const size = 1 << type;
  if (at + 1 + size > bytes.length) throw new NoKey('ends in the middle of a key');
  return { length: bytes.readUIntBE(at + 1, size), start: at + 1 + size };
}

function presentLength(bytes: Buffer, at: number) {
  const first = bytes[at + 1] ?? 0;
  if (first < 192) return { length: first, start: at + 2 };
  if (first < 224) return { length: ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192, start: at + 3 };
  if (first < 255 || at + 6 > bytes.length) throw new NoKey('is no file of public keys');
  return { length: bytes.readUInt32BE(at + 2), start: at + 6 };
}

const require = createRequire(import.meta.url);

/** RFC 9580, 5.5.4: a hash over the whole packet, by the version of the key. */
function fingerprint(body: Buffer): string {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const version = body[0];
  if (version === 4) {
    const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
    return createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
  }
  if (version === 5 || version === 6) {
    const head = Buffer.from([version === 6 ? 0x9b : 0x9a, 0, 0, 0, 0]);
    head.writeUInt32BE(body.length, 1);
    return createHash('sha256').update(head).update(body).digest('hex').toUpperCase();
  }
  throw new NoKey(`holds a key of version ${version}, which cannot be trusted`);
}

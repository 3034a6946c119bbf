/** SHA-512 crypt, the hash of passwords that every Linux understands: https://www.akkadia.org/drepper/SHA-crypt.txt. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const standardRounds = 5000;

/** `$6$…` of a password, with the salt and rounds of such a hash, or a new salt where none is given. */
export function sha512Crypt(password: string, like?: string): string {
  // Loaded at first use: hardly any run hashes a password.
  const { createHash, randomBytes } = require('node:crypto') as typeof import('node:crypto');
  const sha = (...parts: Buffer[]) => createHash('sha512').update(Buffer.concat(parts)).digest();
  const [, given, salted] = /^\$6\$(?:rounds=(\d+)\$)?([^$]{1,16})(?:\$|$)/.exec(like ?? '') ?? [];
  const rounds = given === undefined ? standardRounds : Math.min(Math.max(Number(given), 1000), 999_999_999);
  const saltText = salted ?? [...randomBytes(16)].map((byte) => alphabet[byte & 63]).join('');
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);

  const inner = sha(key, salt, key);
  const bits: Buffer[] = [];
  for (let left = key.length; left > 0; left >>= 1) bits.push(left & 1 ? inner : key);
  let digest = sha(key, salt, stretched(inner, key.length), ...bits);
  const keys = stretched(sha(...Array.from(key, () => key)), key.length);
  const salts = stretched(sha(...Array.from({ length: 16 + digest[0]! }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? keys : digest];
    if (round % 3) parts.push(salts);
    if (round % 7) parts.push(keys);
    digest = sha(...parts, odd ? digest : keys);
  }
  const shown = given === undefined ? '' : `rounds=${rounds}$`;
  return `$6$${shown}${saltText}$${encoded(digest)}`;
}

/** As many bytes as asked for, by repetition. */
function stretched(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** Three bytes become four digits; the algorithm takes the bytes in an order of its own. */
function encoded(digest: Buffer): string {
  let text = '';
  const triple = [0, 21, 42];
  for (let turn = 0; turn < 21; turn++) {
    const [high, middle, low] = triple.map((at) => digest[at]!);
    text += digits((high! << 16) | (middle! << 8) | low!, 4);
    for (const [place, at] of triple.entries()) triple[place] = (at + 22) % 63;
  }
  return text + digits(digest[63]!, 2);
}

function digits(value: number, count: number): string {
  let text = '';
  for (let left = value, turn = 0; turn < count; turn++, left >>= 6) text += alphabet[left & 63];
  return text;
}

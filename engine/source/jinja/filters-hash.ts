/** Salt's filters for digests, base64 and values that are random once and the same ever after. */
import { createRequire } from 'node:module';
import { bind, intArg } from './arguments.ts';
import { members } from './containers.ts';
import type { Filter, FilterRuntime } from './contracts.ts';
import { repr, str } from './printing.ts';
import { JinjaError, type Keywords, Undefined } from './values.ts';

const require = createRequire(import.meta.url);

function crypto(): typeof import('node:crypto') {
  return require('node:crypto') as typeof import('node:crypto');
}

export function digest(algorithm: string, content: string | Buffer): string {
  return crypto().createHash(algorithm).update(content).digest('hex');
}

function hash(algorithm: string): Filter {
  return (value) => digest(algorithm, str(value));
}

export function hmacDigest(text: string, secret: string, encoding: 'hex' | 'base64'): string {
  return crypto().createHmac('sha256', secret).update(text, 'utf8').digest(encoding);
}

export function base64Decode(text: string): string {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text) || text.replace(/\s/g, '').length % 4 !== 0) {
    throw new JinjaError('Incorrect padding: the text is no base64');
  }
  return Buffer.from(text, 'base64').toString('utf8');
}

/** RFC 4122 section 4.3, version 5. Salt: the filter `uuid` has a name space of its own. */
export function uuid5(name: string): string {
  const space = Buffer.from('91633ebf1c865e33935a28061f4b480e', 'hex');
  const bytes = crypto().createHash('sha1').update(space).update(name, 'utf8').digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * A whole number below `limit` that the words determine. Unlike Salt: what templates draw by chance (`random`,
 * `gen_mac`, `random_hash`, the module `random`) is the same on every run of a node, so that a converged node stays so.
 */
export function drawn(limit: number, ...words: string[]): number {
  const bits = digest('sha256', words.join('\0')).slice(0, 26);
  return Number(BigInt(`0x${bits}`) % BigInt(Math.max(1, Math.trunc(limit))));
}

function seedOf(runtime: FilterRuntime): string {
  return runtime.seed ?? '';
}

/** Fisher and Yates (Durstenfeld 1964), with drawn numbers. */
export function shuffled(list: readonly unknown[], seed: string): unknown[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index--) {
    const other = drawn(index + 1, seed, String(index));
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}

function hmac(value: unknown, args: unknown[], kwargs: Keywords): boolean {
  const [secret, challenge] = bind('hmac', ['shared_secret!', 'challenge_hmac!'], args, kwargs);
  return hmacDigest(str(value), str(secret), 'base64') === str(challenge);
}

const encode: Filter = (value) => Buffer.from(str(value), 'utf8').toString('base64');
const decode: Filter = (value) => base64Decode(str(value));

function randomHash(name: string): Filter {
  return (value, args, kwargs, runtime) => {
    const [algorithm] = bind(name, ['hash_type'], args, kwargs);
    return digest(str(algorithm ?? 'sha512'), `${seedOf(runtime)}\0${str(value)}`);
  };
}

export const HASH_FILTERS: { readonly [name: string]: Filter } = {
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  uuid: (value) => uuid5(str(value)),
  hmac,
  hmac_compute: (value, args) =>
    hmacDigest(str(value), str(bind('hmac_compute', ['shared_secret!'], args)[0]), 'hex'),
  base64_encode: encode,
  base64_decode: decode,
  b64encode: encode,
  b64decode: decode,
  random_hash: randomHash('random_hash'),
  rand_str: randomHash('rand_str'),
  random: (value, _args, _kwargs, runtime) => {
    const list = members(value);
    if (list.length === 0) return new Undefined('No random item, sequence was empty.');
    return list[drawn(list.length, seedOf(runtime), repr(list))];
  },
  random_shuffle: (value, args, kwargs, runtime) => {
    const [seed] = bind('random_shuffle', ['seed'], args, kwargs);
    return shuffled(members(value), seed === undefined ? seedOf(runtime) : str(seed));
  },
  random_sample: (value, args, kwargs, runtime) => {
    const [size, seed] = bind('random_sample', ['size!', 'seed'], args, kwargs);
    const list = members(value);
    const count = intArg('random_sample', size, 0);
    if (count > list.length || count < 0)
      throw new JinjaError('Sample larger than population or is negative');
    return shuffled(list, seed === undefined ? seedOf(runtime) : str(seed)).slice(0, count);
  },
};

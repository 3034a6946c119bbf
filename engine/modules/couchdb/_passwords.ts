/** Compares passwords with what CouchDB keeps of them: a key that is derived with a salt. */
import { createHash, pbkdf2, pbkdf2Sync } from 'node:crypto';
import { promisify } from 'node:util';

/** Lengths of the keys that CouchDB derives, by the hash it uses, in its spelling. */
const lengths: { readonly [prf: string]: number } = {
  sha: 20,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

interface Kept {
  readonly prf: string;
  readonly key: string;
  readonly salt: string;
  readonly iterations: number;
}

export function isHash(value: string): boolean {
  return /^-(?:pbkdf2(?::\w+)?|hashed)-[0-9a-f]+,/.test(value);
}

/** A user's document. What a dry run foretells holds the password itself. */
export async function fitsDocument(
  password: string,
  doc: { readonly [key: string]: unknown },
): Promise<boolean> {
  if (typeof doc['password'] === 'string') return doc['password'] === password;
  const { password_scheme: scheme, pbkdf2_prf: prf = 'sha', salt, iterations, derived_key: key } = doc;
  if (typeof salt !== 'string') return false;
  if (scheme === 'simple') return doc['password_sha'] === sha1(password + salt);
  if (typeof key !== 'string' || typeof iterations !== 'number') return false;
  return await fits(password, { prf: String(prf), key, salt, iterations });
}

/** A value of the section [admins]. */
export async function fitsAdmin(password: string, stored: string): Promise<boolean> {
  const [, prf = 'sha', key, salt, iterations] =
    /^-pbkdf2(?::(\w+))?-([0-9a-f]+),([^,]*),(\d+)$/.exec(stored) ?? [];
  if (key !== undefined)
    return await fits(password, { prf, key, salt: salt!, iterations: Number(iterations) });
  const [, hash, ending] = /^-hashed-([0-9a-f]+),(.*)$/.exec(stored) ?? [];
  return hash === undefined ? stored === password : hash === sha1(password + ending);
}

/** The same on all nodes that are told the same salt, so that a login to one is good for all. */
export function hashOfAdmin(password: string, salt: string, iterations: number): string {
  const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('hex');
  return `-pbkdf2:sha256-${key},${salt},${iterations}`;
}

async function fits(password: string, { prf, key, salt, iterations }: Kept): Promise<boolean> {
  const length = Object.hasOwn(lengths, prf) ? lengths[prf] : undefined;
  if (length === undefined || iterations < 1 || iterations > 100_000_000) return false;
  const digest = prf === 'sha' ? 'sha1' : prf;
  // The salt is used as it is written.
  const derived = await promisify(pbkdf2)(password, salt, iterations, length, digest);
  return derived.toString('hex') === key.toLowerCase();
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

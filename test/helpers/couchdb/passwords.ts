/** Passwords as CouchDB keeps them: of admins in the configuration, of users in their documents. */
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Body } from './revisions.ts';

/** CouchDB takes 600000; here nobody is kept out. */
const iterations = 10;

export function hashOfAdmin(password: string, salt = randomBytes(16).toString('hex')): string {
  const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('hex');
  return `-pbkdf2:sha256-${key},${salt},${iterations}`;
}

export function isHash(value: string): boolean {
  return /^-(?:pbkdf2|hashed)[:-]/.test(value);
}

/** A password in clear is about to be hashed, and until then fits nobody. */
export function fitsAdmin(password: string, stored: string): boolean {
  const [, prf, key, salt = '', rounds = '0'] =
    /^-pbkdf2(?::(sha256))?-([0-9a-f]+),([^,]*),(\d+)$/.exec(stored) ?? [];
  if (key === undefined) {
    const [, sha1, ending = ''] = /^-hashed-([0-9a-f]+),(.*)$/.exec(stored) ?? [];
    return (
      sha1 ===
      createHash('sha1')
        .update(password + ending)
        .digest('hex')
    );
  }
  return derived(password, salt, Number(rounds), prf ?? 'sha1') === key;
}

export function withHashedPassword({ password, ...body }: Body, iterations: number): Body {
  if (typeof password !== 'string') return body;
  const salt = randomBytes(16).toString('hex');
  const derived_key = derived(password, salt, iterations, 'sha256');
  return { ...body, password_scheme: 'pbkdf2', pbkdf2_prf: 'sha256', salt, iterations, derived_key };
}

export function fitsUser(password: string, doc: Body): boolean {
  const { salt, iterations: rounds, derived_key, pbkdf2_prf = 'sha' } = doc;
  const digest = pbkdf2_prf === 'sha' ? 'sha1' : String(pbkdf2_prf);
  return typeof salt === 'string' && derived(password, salt, Number(rounds), digest) === derived_key;
}

/** Who asks again and again need not be reckoned again. */
const reckoned = new Map<string, string>();

function derived(password: string, salt: string, rounds: number, digest: string): string {
  const question = JSON.stringify([password, salt, rounds, digest]);
  const known = reckoned.get(question);
  if (known !== undefined) return known;
  if (reckoned.size > 1000) reckoned.clear();
  const key = pbkdf2Sync(password, salt, rounds, digest === 'sha1' ? 20 : 32, digest).toString('hex');
  reckoned.set(question, key);
  return key;
}

/** Hashes of passwords as CouchDB 3.5 makes and checks them, so that no password leaves the node that was told it. */
import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
/** CouchDB's own number: it would hash again, at a sign-in, what has another. */
const iterations = 600_000;

export interface PasswordHash {
  readonly password_scheme: 'pbkdf2';
  readonly pbkdf2_prf: 'sha256';
  readonly salt: string;
  readonly iterations: number;
  readonly derived_key: string;
}

export async function hash(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16).toString('hex');
  const key = await derive(password, salt, iterations, 32, 'sha256');
  return {
    password_scheme: 'pbkdf2',
    pbkdf2_prf: 'sha256',
    salt,
    iterations,
    derived_key: key.toString('hex'),
  };
}

/** Takes as long for somebody who does not exist. */
export async function fits(password: string, known: Partial<PasswordHash> | undefined): Promise<boolean> {
  const { salt = 'nobody', derived_key = '', iterations: rounds = iterations } = known ?? {};
  const wanted = Buffer.from(derived_key, 'hex');
  const length = wanted.length || 32;
  const prf = known && known.pbkdf2_prf === undefined ? 'sha1' : (known?.pbkdf2_prf ?? 'sha256');
  const key = await derive(password, salt, rounds, length, prf);
  return wanted.length > 0 && timingSafeEqual(key, wanted);
}

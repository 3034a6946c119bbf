/** What the links in mails carry: encrypted and authenticated, so that nodes need not remember what is pending. */
import { createHmac, createSecretKey, hash, type KeyObject, randomUUID } from 'node:crypto';
import { EncryptJWT, errors, type JWTPayload, jwtDecrypt } from 'jose';
import { Problem } from './problems.ts';

const algorithms = { alg: 'dir', enc: 'A256GCM' } as const;

/** What it is for: the token of one purpose is none of another. Seconds that it is good for. */
const lives = { registration: 24 * 3600, email: 3600, password: 3600 } as const;

export type Purpose = keyof typeof lives;

export interface Opened {
  readonly id: string;
  /** Seconds since 1970. */
  readonly until: number;
  readonly says: { readonly [key: string]: unknown };
}

/** A key of its own for each use of the secret. From bytes Node would make a KeyObject at each use, which takes long. */
export function keyFor(secret: string, use: string): KeyObject {
  return createSecretKey(createHmac('sha256', secret).update(use).digest());
}

export class Tokens {
  readonly #key: KeyObject;

  constructor(secret: string) {
    this.#key = keyFor(secret, 'links');
  }

  seal(purpose: Purpose, says: JWTPayload): Promise<string> {
    return new EncryptJWT(says)
      .setProtectedHeader(algorithms)
      .setAudience(purpose)
      .setJti(randomUUID())
      .setExpirationTime(`${lives[purpose]} s`)
      .encrypt(this.#key);
  }

  /** @throws Problem */
  async open(purpose: Purpose, token: string): Promise<Opened> {
    try {
      const { payload } = await jwtDecrypt(token, this.#key, {
        audience: purpose,
        keyManagementAlgorithms: [algorithms.alg],
        contentEncryptionAlgorithms: [algorithms.enc],
        requiredClaims: ['jti', 'exp'],
      });
      return { id: payload.jti!, until: payload.exp!, says: payload };
    } catch (error) {
      throw new Problem(error instanceof errors.JWTExpired ? 'link-expired' : 'link-invalid');
    }
  }
}

/** For what shall be known again, but not be read. */
export function digest(text: string): string {
  return hash('sha256', text);
}

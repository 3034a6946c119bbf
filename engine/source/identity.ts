/** Decrypts the secrets of the pillar with the identity of this node (https://age-encryption.org/v1). */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { SecretTrouble } from '../core/secret.ts';
import type { Cache } from './cache.ts';
import { readText, requirePrivate, shown } from './tree.ts';

export interface DecrypterOptions {
  /** Path of the file with the identities: `AGE-SECRET-KEY-1…`, one per line, and comments. */
  readonly identity: string;
  /** Keeps what was decrypted before, encrypted by a key that only the identity gives. */
  readonly cache: Cache;
}

/** A function that decrypts armoured blocks of text. The identity is read when the first one comes. */
export function createDecrypter(options: DecrypterOptions): (armour: string) => Promise<string> {
  const decrypt = createOpener(options);
  return async (armour) => (await decrypt(armour)).toString('utf8');
}

/** The same for any content. */
export function createOpener({ identity, cache }: DecrypterOptions): (armour: string) => Promise<Buffer> {
  let keys: Keys | undefined;
  return async (armour) => {
    keys ??= readKeys(identity);
    const name = createHash('sha256').update(keys.cacheKey).update(armour).digest('hex');
    const known = opened(cache.get('secret', name), keys.cacheKey);
    if (known !== undefined) return known;
    const content = await decrypt(armour, keys.identities, identity);
    cache.put('secret', name, sealed(content, keys.cacheKey));
    return content;
  };
}

/** The identities of a file. Throws SecretTrouble or Trouble. */
export function readIdentities(path: string): readonly string[] {
  return readKeys(path).identities;
}

interface Keys {
  readonly identities: readonly string[];
  readonly cacheKey: Buffer;
}

function readKeys(path: string): Keys {
  if (!existsSync(path)) {
    throw new SecretTrouble(
      'no-identity',
      `this node has no identity, the file ${shown(path)}.`,
      'Run: converge pillar keygen',
    );
  }
  requirePrivate(path);
  const identities = readText(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0 || !identities.every((line) => /^AGE-SECRET-KEY-(PQ-)?1/.test(line))) {
    throw new SecretTrouble('no-identity', `the file ${shown(path)} is no list of age identities.`);
  }
  const cacheKey = Buffer.from(hkdfSync('sha256', identities.join('\n'), '', 'converge cache', 32));
  return { identities, cacheKey };
}

async function decrypt(armour: string, identities: readonly string[], path: string): Promise<Buffer> {
  // 20 ms to load, and a run whose secrets did not change finds them in the cache.
  const { armor, Decrypter } = await import('age-encryption');
  let bytes: Uint8Array;
  try {
    bytes = armor.decode(armour.trim());
  } catch {
    throw new SecretTrouble('secret-unreadable', 'the block is damaged.', 'Encrypt the value again.');
  }
  const decrypter = new Decrypter();
  try {
    for (const one of identities) decrypter.addIdentity(one);
  } catch {
    throw new SecretTrouble('no-identity', `the file ${shown(path)} holds a malformed identity.`);
  }
  try {
    return Buffer.from(await decrypter.decrypt(bytes));
  } catch (error) {
    if (/no identity matched/.test((error as Error).message)) {
      throw new SecretTrouble(
        'secret-unreadable',
        'it was not encrypted for this node.',
        'Add the public key of this node to the recipients, and encrypt it again.',
      );
    }
    throw new SecretTrouble(
      'secret-unreadable',
      'the block was changed after it was encrypted.',
      'Restore it, or encrypt the value again.',
    );
  }
}

/** AES-256-GCM (NIST SP 800-38D): nonce, tag, content; as base64. */
function sealed(content: Buffer, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

function opened(kept: string | undefined, key: Buffer): Buffer | undefined {
  if (kept === undefined) return undefined;
  try {
    const bytes = Buffer.from(kept, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Fingerprints of keys of ssh, as OpenSSH prints them and as trees write them. */
import { createRequire } from 'node:module';
import type { SshKey } from '../../core/ssh-key.ts';

const require = createRequire(import.meta.url);

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(key: SshKey): string {
  return `SHA256:${digest('sha256', key).toString('base64').replace(/=+$/, '')}`;
}

/** In OpenSSH's form, which names the algorithm, or in hexadecimal digits with or without colons. */
export function hasFingerprint(key: SshKey, fingerprint: string, algorithm: string): boolean {
  const [, named, rest = ''] = /^(?:(MD5|SHA1|SHA256|SHA384|SHA512):)?(.*)$/is.exec(fingerprint.trim()) ?? [];
  const found = digest((named ?? algorithm).toLowerCase(), key);
  if (rest.replaceAll(':', '').toLowerCase() === found.toString('hex')) return true;
  return rest.replace(/=+$/, '') === found.toString('base64').replace(/=+$/, '');
}

function digest(algorithm: string, { blob }: SshKey): Buffer {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  return createHash(algorithm).update(Buffer.from(blob, 'base64')).digest();
}

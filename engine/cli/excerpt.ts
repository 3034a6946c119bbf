/** The text of a source file as an error may quote it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isArmour } from '../core/secret.ts';
import { encryptedSuffix } from '../source/find-sls.ts';
import { secretsIn } from '../source/secret-text.ts';

/** Undefined where nothing of it may be shown, or nothing can be read. `isSecret` takes an absolute path. */
export function readExcerpt(file: string, isSecret: (path: string) => boolean): string | undefined {
  if (isSecret(resolve(file))) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // The places of errors are those of its plain text.
  if (isArmour(text) || text.startsWith('age-encryption.org/') || file.endsWith(encryptedSuffix))
    return undefined;
  return text.includes('!secret') ? withoutSecrets(text) : text;
}

/** A secret that somebody forgot to encrypt is known to nobody yet; lines and what stands before it keep their places. */
function withoutSecrets(text: string): string {
  let shown = '';
  let at = 0;
  for (const { start, end, encrypted } of secretsIn(text)) {
    if (encrypted) continue;
    const value = start + '!secret'.length;
    shown += text.slice(at, value) + text.slice(value, end).replace(/[^\n]+/g, ' …');
    at = end;
  }
  return shown + text.slice(at);
}

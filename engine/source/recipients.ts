/** For whom secrets are encrypted: the public keys of nodes and of people, in a file beside the pillar. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { at, Trouble } from '../core/diagnostic.ts';
import { readText, shown } from './tree.ts';

export interface Recipient {
  readonly key: string;
  /** What the line says behind the key, or the comment above it. */
  readonly name: string;
}

export const recipientsFile = 'recipients.txt';

/** Those of the first pillar root that has the file: one key per line, a comment behind or above it. */
export function readRecipients(roots: readonly string[]): Recipient[] {
  const file = roots.map((root) => join(root, recipientsFile)).find(existsSync);
  if (file === undefined) return [];
  const found: Recipient[] = [];
  let comment = '';
  for (const [index, line] of readText(file).split('\n').entries()) {
    const text = line.trim();
    if (text === '') comment = '';
    else if (text.startsWith('#')) comment = text.replace(/^#+\s*/, '');
    else {
      const [key = '', ...rest] = text.split(/\s+/);
      if (!/^age1[0-9a-z]{20,}$/.test(key)) {
        throw new Trouble([
          {
            code: 'bad-recipient',
            message: 'This line is no public key of age.',
            origin: at(shown(file), index + 1, 1, line.length),
            hint: 'A public key begins with "age1"; converge pillar recipients prints the one of this node.',
          },
        ]);
      }
      found.push({ key, name: rest.join(' ').replace(/^#\s*/, '') || comment });
    }
  }
  return found;
}

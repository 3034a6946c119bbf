/** Files of the file roots that are encrypted: `salt://key.pem` is what `key.pem.age` holds. */
import { at, type Diagnostic, Trouble } from '../core/diagnostic.ts';
import type { Source } from '../core/host.ts';
import { SecretTrouble } from '../core/secret.ts';
import { encryptedSuffix } from './find-sls.ts';
import type { Tree } from './tree.ts';

export interface OpenerOptions {
  /** The content of an armoured file. Rejects with a SecretTrouble. */
  readonly decrypt: (armour: string) => Promise<Buffer>;
  /** From here on the text of a file is a secret. */
  readonly add: (path: string, value: string) => void;
}

/** Whether a source was encrypted and is not any more. */
export function isOpened({ url, file }: Pick<Source, 'url' | 'file'>): boolean {
  return file?.endsWith(encryptedSuffix) === true && !url.endsWith(encryptedSuffix);
}

/** Makes those of the sources that are encrypted known to the tree. Throws Trouble. */
export async function openSources(
  tree: Tree,
  urls: Iterable<string>,
  { decrypt, add }: OpenerOptions,
): Promise<void> {
  const diagnostics: Diagnostic[] = [];
  for (const url of new Set(urls)) {
    const sealed = tree.sealed(url);
    if (!sealed) continue;
    try {
      const content = await decrypt(sealed.text);
      tree.open(url, { ...sealed, content });
      // What is no text is shown nowhere.
      if (!content.includes(0)) add(url.replace(/^salt:\/\//, ''), content.toString('utf8'));
    } catch (error) {
      if (!(error instanceof SecretTrouble)) throw error;
      diagnostics.push({
        code: error.code,
        message: `The source ${url} cannot be decrypted: ${error.message}`,
        origin: at(sealed.file, 1, 1),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
}

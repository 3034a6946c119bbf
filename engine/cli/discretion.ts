/** Keeps secrets out of what this process prints. */
import { join } from 'node:path';
import { Secrets } from '../core/secret.ts';
import { keptKey } from '../journal/key.ts';
import type { Stream } from './main.ts';

/**
 * The secrets of a run, none yet. Their fingerprints are keyed by this node, so that they say nothing elsewhere and stay
 * the same from run to run; without a place for the key (or permission to read it), just for this run.
 */
export function createSecrets(folder: string | undefined): Secrets {
  let key: Buffer | undefined;
  return new Secrets((value) => {
    // Slow to load, and most runs have no secrets.
    const { createHmac, randomBytes } = process.getBuiltinModule('node:crypto');
    key ??= (folder && keptKey(join(folder, 'key'))) || randomBytes(32);
    return createHmac('sha256', key).update(value).digest('hex').slice(0, 4);
  });
}

/** A stream that shows no secret of those that are known when something is written. */
export function discreetStream(stream: Stream, secrets: () => Secrets | undefined): Stream {
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write: (text) => stream.write(secrets()?.mask(text) ?? text),
  };
}

/** Keeps secrets out of what this process prints. */
import { join } from 'node:path';
import { keyedHash } from '../core/keyed-hash.ts';
import { Secrets } from '../core/secret.ts';
import { type Dict, toPlain } from '../core/value.ts';
import { keptKey } from '../journal/key.ts';
import type { Stream } from './main.ts';

/**
 * The secrets of a run, none yet. Their fingerprints are keyed by this node, so that they say nothing elsewhere and stay
 * the same from run to run; without a place for the key (or permission to read it), just for this run.
 */
export function createSecrets(folder: string | undefined): Secrets {
  let key: Buffer | undefined;
  function keyOf(): Buffer {
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    key ??= (folder && keptKey(join(folder, 'key'))) || randomBytes(32);
    return key;
  }
  function fingerprintOf(value: string): string {
    // Slow to load, and most runs have no secrets.
    const { createHmac } = process.getBuiltinModule('node:crypto');
    return createHmac('sha256', keyOf()).update(value).digest('hex').slice(0, 4);
  }
  return new Secrets(fingerprintOf, keyOf);
}

/** The same for the same pillar on this node, and says nothing of it. Undefined where there is no place for a key. */
export function pillarFingerprint(pillar: Dict, folder: string): string | undefined {
  const key = keptKey(join(folder, 'key'));
  return key && keyedHash(key.subarray(24), JSON.stringify(toPlain(pillar)));
}

/** A stream that shows no secret of those that are known when something is written. */
export function discreetStream(stream: Stream, secrets: () => Secrets | undefined): Stream {
  return throughStream(stream, (text) => {
    const known = secrets();
    stream.write(known ? maskOutput(text, known) : text);
  });
}

/** The same stream, written to in another way. What it is is asked when somebody wants to know. */
export function throughStream(stream: Stream, write: Stream['write']): Stream {
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write,
  };
}

/** What is written is text, a JSON document, or lines of JSON, which stay what they are: a label is a text. */
export function maskOutput(text: string, secrets: Secrets): string {
  const masked = secrets.mask(text);
  if (masked === text || !/^[[{]/.test(text)) return masked;
  try {
    return maskDocument(text, secrets);
  } catch {
    // Not one document; maybe lines of them.
  }
  try {
    return text.replace(/^.+$/gm, (line) => maskDocument(line, secrets));
  } catch {
    return masked;
  }
}

/** Throws SyntaxError where it is none. */
function maskDocument(text: string, secrets: Secrets): string {
  const value: unknown = parseJson(text, (_, member, { source = '' }) => {
    if (typeof member === 'string') return secrets.mask(member);
    if (typeof member === 'number') return secrets.holds(source) ? secrets.mask(source) : rawJson(source);
    return withMaskedKeys(member, secrets);
  });
  return (
    JSON.stringify(value, null, text.includes('\n ') ? 2 : undefined) + (text.endsWith('\n') ? '\n' : '')
  );
}

/** A key that is a plain word is the name of a field in nearly every case, and then everybody knows it. */
function withMaskedKeys(value: unknown, secrets: Secrets): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const told = (key: string) => /^[a-z_]{1,16}$/.test(key) || !secrets.holds(key);
  if (entries.every(([key]) => told(key))) return value;
  return Object.fromEntries(entries.map(([key, one]) => [told(key) ? key : secrets.mask(key), one]));
}

/** The language has it, its type definitions do not yet: a number as it was written, however many digits it has. */
const { parse: parseJson, rawJSON: rawJson } = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
};

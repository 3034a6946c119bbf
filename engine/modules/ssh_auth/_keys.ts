/** The keys that a state of authorized_keys is about, from its name, its list or a source. */
import { fromBytes } from '../../core/byte-text.ts';
import type { NoSource, Reader, Source } from '../../core/host.ts';
import { badLine, lineOf } from '../../core/ssh-file.ts';
import { isTypeOf, type KeyLine, keyLineOf, keyOf } from '../../core/ssh-key.ts';
import type { Refusal } from '../../core/state.ts';

export const placeProperties = {
  user: { type: 'string', minLength: 1, description: 'User who is to log in by the key.' },
  config: {
    type: 'string',
    minLength: 1,
    default: '.ssh/authorized_keys',
    description: 'Path of the file, relative to the home; `%h` stands for the home, `%u` for the user.',
  },
} as const;

export const keyProperties = {
  enc: {
    type: 'string',
    minLength: 1,
    description: 'Type of the key, such as `ssh-ed25519`. Every key names its own, so it need not be given.',
  },
  comment: { type: 'string', description: 'Comment of a key that is given without one.' },
  source: {
    type: 'string',
    minLength: 1,
    description: 'A file of whole lines, instead of the name: salt://…, an absolute path, or https://….',
  },
  options: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    description:
      'Options of a key that is given without any, such as `no-port-forwarding`. Where a key alone is given and no options, those in the file stay.',
  },
  fingerprint_hash_type: {
    type: 'string',
    description: 'Accepted for Salt trees; keys are compared themselves.',
  },
} as const;

export interface KeyArguments {
  readonly enc?: string;
  readonly comment?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

/** A key as wanted; undefined parts are left as they are in the file. */
export interface WantedKey {
  readonly type: string;
  readonly blob: string;
  readonly options?: string;
  readonly comment?: string;
}

export type Wanted = readonly WantedKey[] | Refusal;

/** `key` is a whole line, or the Base64 of a key alone. */
export function wantedKey(key: string, args: KeyArguments): WantedKey | Refusal {
  const bad =
    badLine('A key', key) ??
    badLine('comment', args.comment ?? '') ??
    (args.options ?? []).map((one) => badLine('options', one)).find((one) => one !== undefined);
  if (bad) return bad;
  const options = args.options?.join(',');
  const comment = args.comment || undefined;
  const alone = keyOf(key.trim());
  const line = alone ? undefined : keyLineOf(key);
  const found = alone ?? line;
  if (found === undefined) return malformed(key);
  if (args.enc !== undefined && !isTypeOf(args.enc, found)) {
    return {
      refused: `The key is of type ${found.type}, not ${args.enc}.`,
      hint: 'Leave enc out: the key names its type.',
      certain: true,
    };
  }
  const wanted = {
    type: found.type,
    blob: found.blob,
    // A whole line says that there are no options by naming none.
    options: line ? line.options || (options ?? '') : options,
    comment: line?.comment || comment,
  };
  const again = keyLineOf(textOf(wanted));
  if (again?.options === (wanted.options ?? '')) return wanted;
  return {
    refused: 'The options would break the line of the key: they hold a blank outside of quotes.',
    hint: 'Put values with blanks in double quotes: command="/usr/bin/backup now".',
    certain: true,
  };
}

export function textOf({ options = '', type, blob, comment = '' }: WantedKey): string {
  return [options, type, blob, comment].filter((part) => part !== '').join(' ');
}

function malformed(key: string): Refusal {
  const shown = key.length > 60 ? `${key.slice(0, 59)}…` : key;
  return {
    refused: `"${shown}" is not the public key of ssh, or not all of it.`,
    hint: 'Give the line of a .pub file: type, key, comment.',
    certain: true,
  };
}

/** The keys of `source`, or those given. A promise only where the source lies on the web. */
export function wantedKeys(
  keys: readonly string[],
  args: KeyArguments,
  reader: Reader,
): Wanted | Promise<Wanted> {
  const { source } = args;
  if (!source) return gathered(keys.map((key) => wantedKey(key, args)));
  if (/^https?:/.test(source)) return reader.fetch(source).then((found) => fromSource(found, args));
  return fromSource(reader.source(source), args);
}

function fromSource(source: Source | NoSource, { options }: KeyArguments): Wanted {
  if ('missing' in source) {
    return { refused: `The source cannot be had: ${source.missing}.`, hint: source.hint };
  }
  const keys: (WantedKey | Refusal)[] = [];
  for (const [index, line] of source.content.toString().split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const key = wantedKey(line, { options });
    if ('refused' in key) return { ...key, refused: `Line ${index + 1} of ${source.url}: ${key.refused}` };
    keys.push(key);
  }
  return gathered(keys);
}

/** The first refusal, or the keys, each once: the last word on a key counts. */
function gathered(keys: readonly (WantedKey | Refusal)[]): Wanted {
  const found = new Map<string, WantedKey>();
  for (const key of keys) {
    if ('refused' in key) return key;
    found.set(`${key.type} ${key.blob.replace(/=+$/, '')}`, key);
  }
  return [...found.values()];
}

/** The line of a wanted key, with what it leaves open taken from the one that is there. */
export function lineFor(wanted: WantedKey, there: KeyLine | undefined): string {
  const options = wanted.options === undefined ? (there?.options ?? '') : undefined;
  const comment = wanted.comment === undefined ? (there?.comment ?? '') : undefined;
  return [options ?? lineOf(wanted.options!), wanted.type, wanted.blob, comment ?? lineOf(wanted.comment!)]
    .filter((part) => part !== '')
    .join(' ');
}

export function shown(line: string): string {
  return fromBytes(line.trim());
}

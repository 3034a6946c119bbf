/** The file with the key a repository is signed with: where it comes from, and whether it is the right one. */
import type { NoSource, Reader, Source } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { armoured, dearmoured, fingerprintsOf, isArmoured, NoKey } from './_openpgp.ts';
import { certainly } from './_wanted.ts';

export const keyProperties = {
  key_url: {
    type: 'string',
    minLength: 1,
    description:
      'Where the key comes from: `salt://`, an absolute path, `https://` or, with `fingerprint`, `http://`. Armoured or not.',
  },
  key_text: { type: 'string', minLength: 1, description: 'The key itself, armoured.' },
  fingerprint: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description:
      'Fingerprints of all keys that the key file may hold, 40 (or 64) hexadecimal digits each; blanks do not count. Anything else in the file is refused.',
  },
  keyid: {
    type: 'string',
    description: 'The end of a fingerprint, at least 16 digits; counts as a `fingerprint`.',
  },
  keyserver: {
    type: 'string',
    description: 'Host that the key named by `keyid` is asked from over HTTP(S).',
  },
} as const;

export interface KeyArguments {
  readonly key_url?: string;
  readonly key_text?: string;
  readonly fingerprint?: string | readonly string[];
  readonly keyid?: string;
  readonly keyserver?: string;
}

export interface Key {
  readonly path: string;
  /** What the file holds now. */
  readonly present: Buffer | undefined;
  /** What it should hold. */
  readonly content: Buffer;
  readonly missingFolders: readonly string[];
  readonly warnings: readonly string[];
}

/** Whether the arguments bring a key, rather than name one that is there. */
export function bringsKey(args: KeyArguments): boolean {
  return (args.key_url ?? args.key_text ?? args.keyserver) !== undefined;
}

/**
 * The key a repository wants in a file at `path`: undefined where the arguments bring none. A promise only where it
 * comes from the web.
 * Salt: a key that is there already is not fetched again. With `fingerprint` that is sure to be the right one.
 */
export function readKey(
  args: KeyArguments,
  path: string | undefined,
  reader: Reader,
): Key | Refusal | undefined | Promise<Key | Refusal> {
  const allowed = allowedBy(args);
  if ('refused' in allowed) return allowed;
  if (path === undefined || (!bringsKey(args) && allowed.length === 0)) return undefined;
  // apt takes several files, and fingerprints, where only one file can be written.
  if (!path.startsWith('/') || /[\0[\]#,\s]/.test(path))
    return certainly(`"${path}" cannot be the path of a key file.`);
  const present = reader.content(path);
  const url = urlOf(args);
  if (typeof url === 'object') return url;
  if (args.key_text !== undefined)
    return keyFrom(
      { url: 'key_text', content: Buffer.from(`${args.key_text.trim()}\n`) },
      path,
      present,
      allowed,
      reader,
    );
  if (url === undefined) return presentKey(path, present, allowed);
  if (!/^https?:/i.test(url)) return keyFrom(reader.source(url), path, present, allowed, reader);
  if (present !== undefined && problemOf(present, path, allowed) === undefined)
    return { path, present, content: present, missingFolders: [], warnings: [] };
  if (/^http:/i.test(url) && allowed.length === 0) {
    return certainly(
      `Anybody on the way could replace the key of ${url}.`,
      'Set fingerprint to that of the key, or fetch it by https.',
    );
  }
  return reader.fetch(url).then((source) => keyFrom(source, path, present, allowed, reader));
}

/** A key file that somebody else brings is still held to the fingerprints. */
function presentKey(
  path: string,
  present: Buffer | undefined,
  allowed: readonly string[],
): Refusal | undefined {
  if (allowed.length === 0) return undefined;
  if (present === undefined)
    return { refused: `${path} does not exist.`, hint: 'Require the state that brings it, or set key_url.' };
  const refused = problemOf(present, path, allowed);
  return refused === undefined ? undefined : { refused };
}

function keyFrom(
  source: Source | NoSource,
  path: string,
  present: Buffer | undefined,
  allowed: readonly string[],
  reader: Reader,
): Key | Refusal {
  if ('missing' in source) return { refused: source.missing, ...(source.hint && { hint: source.hint }) };
  const refused = problemOf(source.content, source.url, allowed);
  if (refused !== undefined)
    return { refused, hint: 'Correct fingerprint or the key, or find out who changed it.' };
  const fetched = /^https:/i.test(source.url);
  const warnings =
    fetched && allowed.length === 0
      ? [`${source.url} is trusted as it is. Set fingerprint: ${fingerprintsOf(source.content).join(', ')}`]
      : [];
  const content = asNamed(source.content, path);
  return { path, present, content, missingFolders: missingAbove(path, reader), warnings };
}

/** apt and rpm go by the name: `.asc` is armoured, `.gpg` is not. rpm takes only armoured ones. */
function asNamed(content: Buffer, path: string): Buffer {
  if (path.endsWith('.gpg')) return dearmoured(content);
  if (path.endsWith('.asc') || path.includes('/rpm-gpg/'))
    return isArmoured(content) ? content : armoured(content);
  return content;
}

function problemOf(content: Buffer, where: string, allowed: readonly string[]): string | undefined {
  try {
    const found = fingerprintsOf(content);
    const strange =
      allowed.length === 0 ? undefined : found.find((one) => !allowed.some((end) => one.endsWith(end)));
    return strange === undefined
      ? undefined
      : `${where} holds the key ${strange}, which is not among the fingerprints asked for.`;
  } catch (error) {
    if (error instanceof NoKey) return `${where} ${error.message}.`;
    throw error;
  }
}

function allowedBy({ fingerprint, keyid }: KeyArguments): string[] | Refusal {
  const plain = (text: string) => text.replace(/^0x/i, '').replace(/[\s:]/g, '').toUpperCase();
  const whole = [fingerprint ?? []].flat().map(plain);
  const bad = whole.find((one) => !/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(one));
  if (bad !== undefined) return certainly(`"${bad}" is no fingerprint.`, 'gpg --show-keys FILE prints it.');
  if (keyid === undefined) return whole;
  const end = plain(keyid);
  if (!/^[0-9A-F]{16,64}$/.test(end)) {
    return certainly(
      `The key id "${keyid}" is too short: keys with the same one are easily made.`,
      'Write the whole fingerprint.',
    );
  }
  return [...whole, end];
}

function urlOf({ key_url, keyserver, keyid }: KeyArguments): string | undefined | Refusal {
  if (key_url !== undefined || keyserver === undefined) return key_url;
  if (keyid === undefined) return certainly('keyserver is given without keyid.');
  const [, scheme, host] = /^(?:([a-z]+):\/\/)?([A-Za-z0-9.:[\]-]+)\/?$/.exec(keyserver) ?? [];
  if (host === undefined) return certainly(`"${keyserver}" is no host.`);
  const plain = scheme === 'hkp' || scheme === 'http';
  // HKP: plain HTTP, by default on a port of its own.
  const port = scheme === 'hkp' && !/:\d+$/.test(host) ? ':11371' : '';
  const id = keyid.replace(/^0x/i, '').replace(/\s/g, '');
  return `${plain ? 'http' : 'https'}://${host}${port}/pks/lookup?op=get&options=mr&search=0x${id}`;
}

/** Folders that are not there yet, outermost first. */
export function missingAbove(path: string, reader: Reader): string[] {
  const above = parentOf(path);
  return above === '/' || reader.stat(reader.resolve(above)) !== undefined
    ? []
    : [...missingAbove(above, reader), above];
}

export function folderSteps(folders: readonly string[]): Step[] {
  return [...new Set(folders)].map((path) => ({
    change: { subject: path, new: 'directory' },
    effect: { kind: 'directory', path, mode: 0o755 },
  }));
}

export function keySteps(key: Key | undefined): Step[] {
  if (key === undefined || key.present?.equals(key.content)) return [];
  const change = {
    subject: key.path,
    ...(key.present && { old: shown(key.present) }),
    new: shown(key.content),
  };
  return [{ change, effect: { kind: 'write', path: key.path, content: key.content, mode: 0o644 } }];
}

function shown(content: Buffer): string {
  try {
    return `key ${fingerprintsOf(content).join(', ')}`;
  } catch {
    return `${content.length} bytes`;
  }
}

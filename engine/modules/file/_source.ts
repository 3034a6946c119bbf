/** Chooses the source of a file and checks it against its hash. */
import { createRequire } from 'node:module';
import { inlineHash, pickHash } from '../../core/checksum.ts';
import { ArgumentTrouble, type NoSource, type Reader, type Source } from '../../core/host.ts';
import { baseOf } from '../../core/path.ts';
import type { Refusal } from '../../core/state.ts';

export const sourceProperties = {
  source: {
    type: ['string', 'array', 'null'],
    description:
      'Where the content comes from: `salt://` (the file roots), an absolute path or `file://` (this machine), `http://` or `https://`. Of a list the first that exists is taken.',
  },
  source_hash: {
    type: ['string', 'null'],
    description:
      'Hash of the source: `sha256=…`, bare hexadecimal digits (the length tells which), or the URL or path of a list of hashes. Salt ignores it for `salt://`, and so does converge.',
  },
  source_hash_name: {
    type: ['string', 'null'],
    description:
      'The name to look for in the list of hashes; unless given, the base names of the file and of its source.',
  },
  skip_verify: {
    type: 'boolean',
    default: false,
    description: 'Fetch an http(s) source without knowing its hash.',
  },
} as const;

export interface SourceArguments {
  readonly source?: unknown;
  readonly source_hash?: string | null;
  readonly source_hash_name?: string | null;
  readonly skip_verify?: boolean;
}

interface Candidate {
  readonly url: string;
  readonly hash?: string;
}

export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** The `source` argument as a list of URLs; empty where none is given. A list may hold `{url: hash}` too. */
export function candidatesOf(source: unknown): Candidate[] {
  if (source === undefined || source === null || source === '') return [];
  const list = Array.isArray(source) ? source : [source];
  return list.map((one) => {
    if (typeof one === 'string') return { url: one };
    const entries =
      one instanceof Map ? [...one] : typeof one === 'object' && one !== null ? Object.entries(one) : [];
    const [url, hash] = entries[0] ?? [];
    if (typeof url !== 'string') throw new ArgumentTrouble('A source is neither text nor {source: hash}.');
    return typeof hash === 'string' ? { url, hash } : { url };
  });
}

/**
 * The first candidate that exists, verified. Synchronous unless one of them lies on the web.
 * `now` is the present content of the file: a web source whose known hash it already has is not fetched ('same').
 */
export function chooseSource(
  args: SourceArguments,
  path: string,
  reader: Reader,
  now?: Buffer,
): Source | 'same' | Refusal | Promise<Source | 'same' | Refusal> {
  const candidates = candidatesOf(args.source);
  const missing: NoSource[] = [];
  for (const [index, { url, hash }] of candidates.entries()) {
    const sum = hash ?? (args.source_hash || undefined);
    if (isWeb(url) || (sum !== undefined && isWeb(sum))) {
      return chooseAwaiting(candidates.slice(index), missing, args, path, reader, now);
    }
    const found = reader.source(url);
    if ('missing' in found) missing.push(found);
    else if (sum === undefined || url.startsWith('salt://')) return found;
    else return verified(found, hashIn(sum, url, path, args, reader));
  }
  return { ...noneOf(missing), certain: candidates.every(({ url }) => !/^(?:\/|file:)/.test(url)) };
}

async function chooseAwaiting(
  candidates: readonly Candidate[],
  missing: NoSource[],
  args: SourceArguments,
  path: string,
  reader: Reader,
  now: Buffer | undefined,
): Promise<Source | 'same' | Refusal> {
  for (const { url, hash } of candidates) {
    const sum = hash ?? (args.source_hash || undefined);
    if (!isWeb(url)) {
      const found = reader.source(url);
      if ('missing' in found) missing.push(found);
      else if (sum === undefined || url.startsWith('salt://')) return found;
      else return verified(found, await hashOf(sum, url, path, args, reader));
      continue;
    }
    if (sum === undefined && !args.skip_verify) {
      return {
        refused: `The source ${url} comes from the web and has no source_hash.`,
        hint: 'Set source_hash to its sha256 sum, or skip_verify: true to take whatever is there.',
        certain: true,
      };
    }
    const wanted = sum === undefined ? undefined : await hashOf(sum, url, path, args, reader);
    if (typeof wanted === 'object') return wanted;
    if (wanted !== undefined && now !== undefined && matches(now, wanted)) return 'same';
    const found = await reader.fetch(url, wanted);
    if (!('missing' in found)) return found;
    missing.push(found);
  }
  return noneOf(missing);
}

function noneOf(missing: readonly NoSource[]): Refusal {
  const [first, ...more] = missing;
  if (first === undefined) return { refused: 'No source is given.', certain: true };
  if (more.length === 0)
    return first.hint ? { refused: first.missing, hint: first.hint } : { refused: first.missing };
  return { refused: `None of the sources exists: ${missing.map((one) => one.missing).join(' ')}` };
}

function verified(source: Source, hash: string | Refusal): Source | Refusal {
  if (typeof hash === 'object') return hash;
  if (matches(source.content, hash)) return source;
  return {
    refused: `${source.url} does not have the hash ${hash}.`,
    hint: 'Correct source_hash, or find out who changed the source.',
  };
}

const require = createRequire(import.meta.url);

/** Whether bytes have a hash written as `sha256=…`. */
export function matches(content: Buffer, hash: string): boolean {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const [name, digits] = hash.split('=') as [string, string];
  return createHash(name).update(content).digest('hex') === digits;
}

function hashIn(
  sum: string,
  url: string,
  path: string,
  args: SourceArguments,
  reader: Reader,
): string | Refusal {
  const inline = inlineHash(sum);
  if (inline !== undefined) return inline;
  if (!sum.includes('/')) return badHash(sum);
  const list = reader.source(sum);
  if ('missing' in list)
    return { refused: `The list of hashes cannot be had: ${list.missing}`, hint: list.hint };
  return pickHash(list.content.toString('utf8'), url, path, args.source_hash_name) ?? notInList(sum, url);
}

async function hashOf(
  sum: string,
  url: string,
  path: string,
  args: SourceArguments,
  reader: Reader,
): Promise<string | Refusal> {
  if (inlineHash(sum) !== undefined || !isWeb(sum)) return hashIn(sum, url, path, args, reader);
  const list = await reader.fetch(sum);
  if ('missing' in list)
    return { refused: `The list of hashes cannot be had: ${list.missing}`, hint: list.hint };
  return pickHash(list.content.toString('utf8'), url, path, args.source_hash_name) ?? notInList(sum, url);
}

function badHash(sum: string): Refusal {
  return {
    refused: `"${sum}" is no hash.`,
    hint: 'Write sha256=… and 64 hexadecimal digits, or the URL of a list of hashes.',
  };
}

function notInList(sum: string, url: string): Refusal {
  return {
    refused: `${sum} holds no hash for ${baseOf(url)}.`,
    hint: 'Name the entry with source_hash_name.',
  };
}

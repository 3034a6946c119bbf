/** Finds the archive: its bytes, verified against its hash, or that it is the one that was unpacked before. */
import { createHash } from 'node:crypto';
import { inlineHash, pickHash } from '../../core/checksum.ts';
import type { Reader } from '../../core/host.ts';
import { baseOf } from '../../core/path.ts';
import type { Refusal } from '../../core/state.ts';

export const sourceProperties = {
  source: {
    type: ['string', 'array'],
    description:
      'Where the archive comes from: `salt://` (the file roots), an absolute path or `file://` (this machine), `http://` or `https://`. Of a list the first that exists is taken.',
  },
  source_hash: {
    type: ['string', 'null'],
    description:
      'Hash of the archive: `sha256=…`, bare hexadecimal digits (the length tells which), or the URL or path of a list of hashes. Needed for http(s).',
  },
  source_hash_name: {
    type: ['string', 'null'],
    description: 'The name to look for in the list of hashes; unless given, the base name of the source.',
  },
  source_hash_update: {
    type: 'boolean',
    default: true,
    description: 'Accepted for Salt trees: an archive that changed is always unpacked again.',
  },
  skip_verify: {
    type: 'boolean',
    default: false,
    description:
      'Fetch an http(s) source without knowing its hash. It is fetched once, and again where something is missing.',
  },
  keep_source: {
    type: 'boolean',
    default: true,
    description: 'Accepted for Salt trees; sources are kept for one run only.',
  },
  use_etag: { type: 'boolean', default: false, description: 'Accepted for Salt trees; has no effect.' },
} as const;

export interface SourceArguments {
  readonly name: string;
  readonly source: string | readonly unknown[];
  readonly source_hash?: string | null;
  readonly source_hash_name?: string | null;
  readonly skip_verify: boolean;
}

/** What is remembered of an archive that was unpacked. */
export interface Known {
  readonly url: string;
  /** sha256 of its bytes, and the hash the user gave: each as `name=digits`. */
  readonly hashes: readonly string[];
}

export interface Found extends Known {
  /** Undefined: it is the known one, and was not looked at. */
  readonly bytes?: Buffer;
}

interface Candidate {
  readonly url: string;
  readonly hash: string | undefined;
}

function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function candidatesOf(args: SourceArguments): Candidate[] | Refusal {
  const found: Candidate[] = [];
  for (const one of [args.source].flat()) {
    const pair = typeof one === 'object' && one !== null ? Object.entries(one)[0] : undefined;
    const url = typeof one === 'string' ? one : pair?.[0];
    if (url === undefined || url === '') {
      return { refused: 'A source is neither text nor {source: hash}.', certain: true };
    }
    found.push({ url, hash: typeof pair?.[1] === 'string' ? pair[1] : args.source_hash || undefined });
  }
  return found;
}

/** `known` is what was unpacked last; with `needed` its bytes are wanted even if it still is that. */
export async function findSource(
  args: SourceArguments,
  known: Known | undefined,
  needed: boolean,
  reader: Reader,
): Promise<Found | Refusal> {
  const candidates = candidatesOf(args);
  if ('refused' in candidates) return candidates;
  const missing: Refusal[] = [];
  for (const { url, hash } of candidates) {
    if (isWeb(url) && hash === undefined && !args.skip_verify) {
      return {
        refused: `The source ${url} comes from the web and has no source_hash.`,
        hint: 'Set source_hash to its sha256 sum, or skip_verify: true to take whatever is there.',
        certain: true,
      };
    }
    // Salt: a source_hash says nothing of salt://.
    const wanted =
      hash === undefined || url.startsWith('salt://') ? undefined : await hashOf(hash, url, args, reader);
    if (typeof wanted === 'object') {
      missing.push(wanted);
      continue;
    }
    const same = known !== undefined && isKnown(url, wanted, known);
    if (same && !needed) return known;
    const source = isWeb(url) ? await reader.fetch(url, wanted) : reader.source(url);
    if ('missing' in source) {
      missing.push({
        refused: `${source.missing}.`,
        ...(source.hint !== undefined && { hint: source.hint }),
      });
      continue;
    }
    const digest = `sha256=${createHash('sha256').update(source.content).digest('hex')}`;
    if (wanted !== undefined && !isWeb(url) && !hasHash(source.content, wanted)) {
      return {
        refused: `${url} does not have the hash ${wanted}.`,
        hint: 'Correct source_hash, or find out who changed the source.',
      };
    }
    const hashes = wanted === undefined || wanted === digest ? [digest] : [digest, wanted];
    return { url, hashes, bytes: source.content };
  }
  if (missing.length === 1) return missing[0]!;
  return { refused: `None of the sources exists: ${missing.map(({ refused }) => refused).join(' ')}` };
}

/** Of a source without hash on the web it is taken that it stays the same. */
function isKnown(url: string, wanted: string | undefined, known: Known): boolean {
  return wanted === undefined ? isWeb(url) && known.url === url : known.hashes.includes(wanted);
}

function hasHash(content: Buffer, hash: string): boolean {
  const [name, digits] = hash.split('=') as [string, string];
  return createHash(name).update(content).digest('hex') === digits;
}

async function hashOf(
  given: string,
  url: string,
  args: SourceArguments,
  reader: Reader,
): Promise<string | Refusal> {
  const inline = inlineHash(given);
  if (inline !== undefined) return inline;
  if (!given.includes('/')) {
    return {
      refused: `"${given}" is no hash.`,
      hint: 'Write sha256=… and 64 hexadecimal digits, or the URL of a list of hashes.',
      certain: true,
    };
  }
  const list = isWeb(given) ? await reader.fetch(given) : reader.source(given);
  if ('missing' in list) {
    return {
      refused: `The list of hashes cannot be had: ${list.missing}.`,
      ...(list.hint !== undefined && { hint: list.hint }),
    };
  }
  return (
    pickHash(list.content.toString('utf8'), url, url, args.source_hash_name) ?? {
      refused: `${given} holds no hash for ${baseOf(url)}.`,
      hint: 'Name the entry with source_hash_name.',
    }
  );
}

/** Keeps on disk what is costly to work out again: parsed YAML and compiled templates, by the text they are made of. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../core/secret.ts';
import { Float, type Value } from '../core/value.ts';
import { type Ambiguous, type PlaceOf, parseYaml, type YamlDocument } from './yaml.ts';

export interface Cache {
  /** What was made of a text. */
  get(kind: string, text: string): string | undefined;
  put(kind: string, text: string, made: string): void;
}

/** Raised whenever what is stored, or how, changes its meaning. */
const formatVersion = 2;
const mostEntries = 4000;

export const noCache: Cache = { get: () => undefined, put: () => undefined };

/** Keeps nothing of a text with a secret in it. */
export function discreet(cache: Cache, secrets: Pick<Secrets, 'holds' | 'isEmpty'>): Cache {
  return {
    get: (kind, text) => cache.get(kind, text),
    put(kind, text, made) {
      if (secrets.isEmpty || !secrets.holds(text)) cache.put(kind, text, made);
    },
  };
}

/** A cache below a folder of ours. One that others could write to is not trusted: what it holds is run. */
export function createCache(folder: string): Cache {
  const own = join(folder, `v${formatVersion}`);
  try {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const stat = lstatSync(own);
    const self = process.getuid?.();
    if (!stat.isDirectory() || (stat.mode & 0o022) !== 0 || (self !== undefined && stat.uid !== self))
      return noCache;
  } catch {
    return noCache;
  }
  function place(kind: string, text: string): string {
    return join(own, `${kind}-${fingerprint(text)}`);
  }
  return {
    get(kind, text) {
      try {
        const entry = readFileSync(place(kind, text), 'utf8');
        // The whole text is compared: a fingerprint may be shared, by chance or by design.
        return entry.startsWith(text) && entry[text.length] === '\0'
          ? entry.slice(text.length + 1)
          : undefined;
      } catch {
        return undefined;
      }
    },
    put(kind, text, made) {
      const target = place(kind, text);
      const temporary = `${target}.${process.pid}`;
      try {
        writeFileSync(temporary, `${text}\0${made}`, { mode: 0o600 });
        renameSync(temporary, target);
        prune(own);
      } catch {
        // A cache that cannot be written costs time, never a run.
        rmSync(temporary, { force: true });
      }
    },
  };
}

/** Characters of a text that its fingerprint looks at, at the most. */
const looks = 4096;

/**
 * 64 bits of a text: two FNV-1a hashes (Fowler, Noll, Vo) that begin differently, of some of its characters. Two long
 * texts that share it only take each other's place. Loading node:crypto would take longer than a warm run can spare.
 */
export function fingerprint(text: string): string {
  const step = Math.max(1, Math.floor(text.length / looks));
  let first = 0x811c9dc5 ^ text.length;
  let second = 0x9e3779b9 ^ text.length;
  for (let index = 0; index < text.length; index += step) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ (unit + index), 0x01000193);
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

let lookedAt = 0;

/** Drops the oldest entries once there are too many; looks at the folder now and then only. */
function prune(folder: string): void {
  if (lookedAt++ % 200 !== 0) return;
  const names = readdirSync(folder);
  if (names.length <= mostEntries) return;
  const aged = names.map((name) => ({ name, time: statSync(join(folder, name)).mtimeMs }));
  aged.sort((a, b) => a.time - b.time);
  for (const { name } of aged.slice(0, names.length - mostEntries / 2))
    rmSync(join(folder, name), { force: true });
}

/** The value of a YAML text, parsed only if it was not parsed before. Throws Trouble. */
export function parseOnce(cache: Cache, text: string, placeOf: PlaceOf): YamlDocument {
  const known = cache.get('yaml', text);
  const document = known === undefined ? undefined : decodeDocument(known);
  if (document) return document;
  const parsed = parseYaml(text, placeOf);
  cache.put('yaml', text, encodeDocument(parsed));
  return parsed;
}

/** JSON has no Maps, big integers or whole floats; each is marked by a one-letter key. */
export function encodeDocument(document: YamlDocument): string {
  return JSON.stringify([encode(document.value), document.ambiguous]);
}

export function decodeDocument(text: string): YamlDocument | undefined {
  try {
    const [value, ambiguous] = JSON.parse(text) as [unknown, Ambiguous[]];
    return { value: decode(value), ambiguous };
  } catch {
    return undefined;
  }
}

function encode(value: Value): unknown {
  if (value instanceof Map)
    return { d: [...value].flatMap(([key, member]) => [encode(key), encode(member)]) };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'bigint') return { i: String(value) };
  if (value instanceof Float) return { f: String(value.value) };
  return value;
}

function decode(value: unknown): Value {
  if (typeof value !== 'object' || value === null) return value as Value;
  if (Array.isArray(value)) return value.map(decode);
  const { d, i, f } = value as { d?: unknown[]; i?: string; f?: string };
  if (d) {
    const dict = new Map<Value, Value>();
    for (let index = 0; index < d.length; index += 2) dict.set(decode(d[index]), decode(d[index + 1]));
    return dict;
  }
  return i === undefined ? new Float(Number(f)) : BigInt(i);
}

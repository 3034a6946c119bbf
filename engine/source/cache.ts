/** Keeps on disk what is costly to work out again: parsed YAML and compiled templates, by the hash of their text. */
import { createHash } from 'node:crypto';
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
import { Float, type Value } from '../core/value.ts';
import { type Ambiguous, type PlaceOf, parseYaml, type YamlDocument } from './yaml.ts';

export interface Cache {
  get(kind: string, key: string): string | undefined;
  put(kind: string, key: string, text: string): void;
}

/** Raised whenever what is stored, or how, changes its meaning. */
const formatVersion = 1;
const mostEntries = 4000;

export const noCache: Cache = { get: () => undefined, put: () => undefined };

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
  function place(kind: string, key: string): string {
    return join(own, `${kind}-${key}`);
  }
  return {
    get(kind, key) {
      try {
        return readFileSync(place(kind, key), 'utf8');
      } catch {
        return undefined;
      }
    },
    put(kind, key, text) {
      const target = place(kind, key);
      const temporary = `${target}.${process.pid}`;
      try {
        writeFileSync(temporary, text, { mode: 0o600 });
        renameSync(temporary, target);
        prune(own);
      } catch {
        // A cache that cannot be written costs time, never a run.
        rmSync(temporary, { force: true });
      }
    },
  };
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

export function keyOf(...texts: readonly string[]): string {
  const hash = createHash('sha1');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** The value of a YAML text, parsed only if it was not parsed before. Throws Trouble. */
export function parseOnce(cache: Cache, text: string, placeOf: PlaceOf): YamlDocument {
  const key = keyOf(text);
  const known = cache.get('yaml', key);
  const document = known === undefined ? undefined : decodeDocument(known);
  if (document) return document;
  const parsed = parseYaml(text, placeOf);
  cache.put('yaml', key, encodeDocument(parsed));
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

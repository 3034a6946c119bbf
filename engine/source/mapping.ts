/** Reads a file that is one mapping: settings, /etc/converge/grains.yaml, the facts of another host for --grains. */
import { existsSync } from 'node:fs';
import type { Code } from '../core/codes.ts';
import { at, Trouble } from '../core/diagnostic.ts';
import { type Dict, isDict } from '../core/value.ts';
import { type Cache, noCache, parseOnce } from './cache.ts';
import { troubleOf } from './sls.ts';
import { readText, shown } from './tree.ts';
import { placesIn } from './yaml.ts';

/** YAML or JSON. Undefined where there is no such file; throws Trouble where it cannot be used. */
export function readMapping(
  path: string,
  cache: Cache = noCache,
  code: Code = 'bad-grains',
): Dict | undefined {
  if (!existsSync(path)) return undefined;
  const file = shown(path);
  const text = textOf(path);
  const { value } = parseOnce(cache, text, placesIn(file, text));
  if (value === null) return new Map();
  if (isDict(value)) return value;
  const message = 'The file has to be a mapping from names to values.';
  throw new Trouble([{ code, message, origin: at(file, 1, 1) }]);
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new Trouble(troubleOf(error, []));
  }
}

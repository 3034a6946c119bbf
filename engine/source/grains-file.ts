/** Reads a file of grains: /etc/converge/grains.yaml, or the facts of another host for --grains. */
import { existsSync } from 'node:fs';
import { at, Trouble } from '../core/diagnostic.ts';
import { type Dict, isDict } from '../core/value.ts';
import { type Cache, decodeDocument, encodeDocument, keyOf, noCache } from './cache.ts';
import { troubleOf } from './sls.ts';
import { readText, shown } from './tree.ts';
import { parseYaml, placesIn } from './yaml.ts';

/** YAML or JSON. Undefined where there is no such file; throws Trouble where it cannot be used. */
export function readGrainsFile(path: string, cache: Cache = noCache): Dict | undefined {
  if (!existsSync(path)) return undefined;
  const file = shown(path);
  const text = textOf(path);
  const value = parse(file, text, cache);
  if (value === null) return new Map();
  if (isDict(value)) return value;
  const message = 'A grains file has to be a mapping from the names of grains to their values.';
  throw new Trouble([{ code: 'bad-grains', message, origin: at(file, 1, 1) }]);
}

function parse(file: string, text: string, cache: Cache) {
  const key = keyOf(text);
  const kept = cache.get('yaml', key);
  const known = kept === undefined ? undefined : decodeDocument(kept);
  if (known) return known.value;
  const document = parseYaml(text, placesIn(file, text));
  cache.put('yaml', key, encodeDocument(document));
  return document.value;
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new Trouble(troubleOf(error, []));
  }
}

/** Looks up Salt's colon paths (`apache:port`) in nested dicts and lists. */
import { dictGet } from './jinja/equality.ts';
import { plainScalar } from './yaml.ts';

/**
 * The value at the path, or JavaScript's undefined. Segments are keys of dicts (tried as text, then as YAML reads
 * them, which finds number keys) and, in lists, keys of the dicts inside them, then positions.
 */
export function traverse(data: unknown, path: unknown, delimiter = ':'): unknown {
  const segments = Array.isArray(path) ? path : typeof path === 'string' ? path.split(delimiter) : [path];
  let here = data;
  for (const segment of segments) {
    if (Array.isArray(here)) here = inList(here, segment);
    else if (here instanceof Map) here = inDict(here, segment);
    else return undefined;
    if (here === undefined) return undefined;
  }
  return here;
}

function inDict(dict: Map<unknown, unknown>, segment: unknown): unknown {
  const found = dictGet(dict, segment);
  if (found !== undefined || typeof segment !== 'string') return found;
  const loaded = plainScalar(segment);
  return loaded === segment ? undefined : dictGet(dict, loaded);
}

function inList(list: readonly unknown[], segment: unknown): unknown {
  const digits = typeof segment === 'string' && /^\s*[-+]?[0-9](?:_?[0-9])*\s*$/.test(segment);
  const key = digits ? Number(segment.replaceAll('_', '')) : segment;
  for (const member of list) {
    const found = member instanceof Map ? dictGet(member, key) : undefined;
    if (found !== undefined) return found;
  }
  return typeof key === 'number' ? list.at(key) : undefined;
}

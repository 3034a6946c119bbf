/** When two values are equal, and the keys of dicts, which rest on that. */
import { Float } from '../../core/value.ts';
import { isNumeric, toNumber, typeName } from './kinds.ts';
import { Blank, JinjaError, Range, Tuple, Undefined } from './values.ts';

export function equals(a: unknown, b: unknown): boolean {
  if (a === b && typeof a !== 'object') return true;
  if (typeof a === 'string' && typeof b === 'string') return false;
  if (a instanceof Undefined) return a instanceof Blank ? b instanceof Blank : a.fail();
  if (b instanceof Undefined) return b instanceof Blank ? false : b.fail();
  if (a === b) return !(a instanceof Float) || !Number.isNaN(a.value);
  if (isNumeric(a) && isNumeric(b)) return sameNumber(a, b);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a instanceof Tuple !== b instanceof Tuple || a.length !== b.length) return false;
    return a.every((member, index) => equals(member, b[index]));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, member] of a) {
      const found = findKey(b, key);
      if (found === missing || !equals(member, b.get(found))) return false;
    }
    return true;
  }
  if (a instanceof Range && b instanceof Range) return equals([...a], [...b]);
  return (a ?? null) === (b ?? null);
}

function sameNumber(a: number | bigint | boolean | Float, b: number | bigint | boolean | Float): boolean {
  // `==` compares a number with a bigint exactly.
  const left = typeof a === 'bigint' ? a : toNumber(a);
  const right = typeof b === 'bigint' ? b : toNumber(b);
  // biome-ignore lint/suspicious/noDoubleEquals: 2n == 2 is wanted
  return left == right;
}

const missing = Symbol('missing');

/** The key of the dict that equals `key` as Python sees it, or `missing`. */
function findKey(dict: Map<unknown, unknown>, key: unknown): unknown {
  if (dict.has(key)) return key;
  if (typeof key === 'string' || key === null) return missing;
  hashable(key);
  for (const known of dict.keys()) {
    if (typeof known !== 'string' && known !== null && equals(known, key)) return known;
  }
  return missing;
}

function hashable(key: unknown): void {
  if (key instanceof Undefined) key.fail();
  if (key instanceof Tuple) key.forEach(hashable);
  else if (Array.isArray(key) || key instanceof Map) {
    throw new JinjaError(`unhashable type: '${typeName(key)}'`);
  }
}

/** JavaScript's undefined where there is no such key. */
export function dictGet(dict: Map<unknown, unknown>, key: unknown): unknown {
  const direct = dict.get(key);
  if (direct !== undefined || typeof key === 'string') return direct;
  const found = findKey(dict, key);
  return found === missing ? undefined : dict.get(found);
}

export function dictHas(dict: Map<unknown, unknown>, key: unknown): boolean {
  return findKey(dict, key) !== missing;
}

export function dictSet(dict: Map<unknown, unknown>, key: unknown, value: unknown): void {
  if (typeof key === 'string') {
    dict.set(key, value);
    return;
  }
  const found = findKey(dict, key);
  dict.set(found === missing ? key : found, value);
}

/** Whether there was such a key. */
export function dictDelete(dict: Map<unknown, unknown>, key: unknown): boolean {
  const found = findKey(dict, key);
  return found !== missing && dict.delete(found);
}

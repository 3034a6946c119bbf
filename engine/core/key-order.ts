/** The order in which Python's sorted() puts texts and the keys of a dict. */
import { Float, type Value } from './value.ts';

/** By code points; JavaScript's own order is by UTF-16 units and differs above U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    let left = a.charCodeAt(index);
    let right = b.charCodeAt(index);
    if (left === right) continue;
    if (left >= 0xd800 && right >= 0xd800) {
      if (left <= 0xdfff) left += 0x10000;
      if (right <= 0xdfff) right += 0x10000;
    }
    return left - right;
  }
  return a.length - b.length;
}

/** Undefined where keys cannot be compared with each other (Python raises TypeError). */
export function sortedEntries(dict: ReadonlyMap<Value, Value>): [Value, Value][] | undefined {
  const entries = [...dict];
  if (entries.length < 2) return entries;
  if (entries.every(([key]) => typeof key === 'string')) {
    return entries.sort(([a], [b]) => compareText(a as string, b as string));
  }
  // `<` compares a number with a bigint exactly.
  if (entries.every(([key]) => isNumber(key))) return entries.sort(([a], [b]) => (a! < b! ? -1 : 1));
  return undefined;
}

function isNumber(key: Value): boolean {
  return ['number', 'bigint', 'boolean'].includes(typeof key) || key instanceof Float;
}

/** Which values count as true, and which of two comes first. */
import { compareText } from '../../core/key-order.ts';
import { Float } from '../../core/value.ts';
import { equals } from './equality.ts';
import { isNumeric, toNumber, typeName } from './kinds.ts';
import { Blank, JinjaError, Range, Tuple, Undefined, View } from './values.ts';

export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'undefined':
      return false;
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Undefined) return value instanceof Blank ? false : value.fail();
  if (value instanceof Range) return value.length > 0;
  if (value instanceof View) return value.dict.size > 0;
  return true;
}

/** Below zero, zero or above zero; unorderable kinds are an error that names them. */
export function compare(a: unknown, b: unknown, operator = '<'): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isNumeric(a) && isNumeric(b)) {
    const left = typeof a === 'bigint' ? a : toNumber(a);
    const right = typeof b === 'bigint' ? b : toNumber(b);
    // Of NaN every ordering is false.
    return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
  }
  if (a instanceof Undefined) return a.fail();
  if (b instanceof Undefined) return b.fail();
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let index = 0; index < a.length && index < b.length; index++) {
      if (!equals(a[index], b[index])) return compare(a[index], b[index], operator);
    }
    return a.length - b.length;
  }
  throw new JinjaError(
    `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  );
}

/** The values that flow from YAML and templates into states: Python's kinds, because Salt trees rely on them. */
import { numberText } from './number-text.ts';

/**
 * A float whose value is a whole number. JavaScript cannot tell 3.0 from 3, Python prints them differently,
 * so whole floats are boxed; every other float and every integer is a plain number.
 */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  valueOf(): number {
    return this.value;
  }
  toJSON(): number {
    return this.value;
  }
}

/** A dict keeps the order of its keys, whatever they look like, and the kind of its keys (8080 is not '8080'). */
export type Dict = Map<Value, Value>;

export type Value = null | boolean | number | bigint | string | Float | Value[] | Dict;

/** A value without Maps and boxed floats: what schemas check, what states receive and what JSON prints. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

export function isDict(value: unknown): value is Dict {
  return value instanceof Map;
}

/** The number of a float or an integer, boxed or not. */
export function floatOf(value: number): number | Float {
  return Number.isInteger(value) || !Number.isFinite(value) ? new Float(value) : value;
}

/** The number of an integer where that is exact, else a bigint. */
export function intOf(value: bigint | number): number | bigint {
  const number = Number(value);
  // JavaScript's -0 is a float's, no integer has it.
  return Number.isSafeInteger(number) ? number || 0 : BigInt(value);
}

/** Keys become text as `str()` would print them; integers beyond 2^53 become text so that no digit is lost. */
export function toPlain(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return String(value);
  }
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) {
    const plain: { [key: string]: Plain } = {};
    for (const [key, member] of value) {
      const name = keyText(key);
      if (name === '__proto__') {
        Object.defineProperty(plain, name, {
          value: toPlain(member),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else plain[name] = toPlain(member);
    }
    return plain;
  }
  return String(value);
}

/** How a dict's key reads as text: True, None and 3.0 as Python prints them. */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (key === null || key === undefined) return 'None';
  if (key === true) return 'True';
  if (key === false) return 'False';
  if (typeof key === 'number' || key instanceof Float) return numberText(key);
  return String(key);
}

/** Plain data as the values templates and compilers work with. */
export function fromPlain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (value instanceof Map || value instanceof Float) return value as Value;
  if (typeof value === 'object') {
    return new Map(Object.entries(value).map(([key, member]) => [key, fromPlain(member)]));
  }
  return value as Value;
}

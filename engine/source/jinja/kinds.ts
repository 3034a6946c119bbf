/** What kind a value is, by Python's names, and its numbers as JavaScript's. */
import { Float, floatOf as float, intOf as int } from '../../core/value.ts';
import { Attributes, Callable, Lazy, Namespace, Range, Tuple, Undefined, View } from './values.ts';

export { float, int };

export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'undefined':
      return 'NoneType';
  }
  if (value === null) return 'NoneType';
  if (value instanceof Map) return 'dict';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Float) return 'float';
  if (value instanceof Undefined) return 'StrictUndefined';
  if (value instanceof Callable) return 'function';
  if (value instanceof Attributes) return value.typeName;
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Range) return 'range';
  if (value instanceof Lazy) return 'generator';
  if (value instanceof View) return `dict_${value.kind}`;
  return 'object';
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));
}

/** A whole number, not a boolean. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** int, float or bool: what arithmetic takes. */
export function isNumeric(value: unknown): value is number | bigint | boolean | Float {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    value instanceof Float
  );
}

/** A numeric value as JavaScript's number, for floats and comparisons. */
export function toNumber(value: number | bigint | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

/** The methods a template may call on values, as Python has them. */
import { Float } from '../../core/value.ts';
import { float, int, isInt, toNumber } from './kinds.ts';
import { DICT_METHODS } from './methods-dict.ts';
import { Group, LIST_METHODS, TUPLE_METHODS } from './methods-list.ts';
import { TEXT_METHODS } from './methods-text.ts';
import { Callable, type Keywords, Range, Tuple, tuple } from './values.ts';

// biome-ignore lint/suspicious/noExplicitAny: each table knows the kind of its values
type Methods = { readonly [name: string]: (self: any, args: unknown[], kwargs: Keywords) => unknown };

const INT_METHODS: Methods = {
  bit_length: (self: number | bigint) => {
    const size = BigInt(self) < 0n ? -BigInt(self) : BigInt(self);
    return size === 0n ? 0 : size.toString(2).length;
  },
  bit_count: (self: number | bigint) => BigInt(self).toString(2).replace(/[^1]/g, '').length,
  conjugate: (self: number | bigint) => self,
};

const FLOAT_METHODS: Methods = {
  is_integer: (self: number | Float) => Number.isInteger(toNumber(self)),
  conjugate: (self: number | Float) => self,
  as_integer_ratio: (self: number | Float) => {
    let bottom = 1n;
    let top = toNumber(self);
    while (!Number.isInteger(top)) {
      top *= 2;
      bottom *= 2n;
    }
    return tuple(int(BigInt(top)), int(bottom));
  },
};

const NUMBER_ATTRIBUTES: { readonly [name: string]: (self: number | bigint | Float) => unknown } = {
  real: (self) => self,
  imag: (self) => (isInt(self) ? 0 : float(0)),
};

function methodsFor(value: unknown): Methods | undefined {
  if (typeof value === 'string') return TEXT_METHODS;
  if (value instanceof Map) return DICT_METHODS;
  if (value instanceof Tuple || value instanceof Range) return TUPLE_METHODS;
  if (Array.isArray(value)) return LIST_METHODS;
  if (isInt(value)) return INT_METHODS;
  if (typeof value === 'number' || value instanceof Float) return FLOAT_METHODS;
  return undefined;
}

/** JavaScript's undefined where values of this kind have no such method. */
export function methodOf(value: unknown, name: string): Callable | undefined {
  const table = methodsFor(value);
  if (table === undefined || !Object.hasOwn(table, name)) return undefined;
  const method = table[name]!;
  return new Callable(name, (args, kwargs) => method(value, args, kwargs));
}

/** Attributes that are values, not methods: a number's `real`, a group's `grouper`. */
export function attributeOf(value: unknown, name: string): unknown {
  if (value instanceof Group)
    return name === 'grouper' ? value.grouper : name === 'list' ? value.list : undefined;
  if (!isInt(value) && typeof value !== 'number' && !(value instanceof Float)) return undefined;
  return Object.hasOwn(NUMBER_ATTRIBUTES, name) ? NUMBER_ATTRIBUTES[name]!(value) : undefined;
}

/** Names of all methods of a value, for "did you mean". */
export function methodNames(value: unknown): string[] {
  return Object.keys(methodsFor(value) ?? {});
}

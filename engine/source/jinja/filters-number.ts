/** Jinja's filters for numbers. */
import { strip } from '../../core/python-text.ts';
import { bind, boolArg, intArg } from './arguments.ts';
import { neg } from './arithmetic.ts';
import type { Filter } from './contracts.ts';
import { float, int, isFloat, isInt, isNumeric, toNumber, typeName } from './kinds.ts';
import { fixed, roundedTo } from './number-text.ts';
import { JinjaError, Undefined } from './values.ts';

/** Python's `int(text, base)`; JavaScript's undefined where it would raise ValueError. */
export function parseInteger(text: string, base = 10): number | bigint | undefined {
  const found = /^([-+]?)(0[xX]|0[oO]|0[bB])?([0-9a-zA-Z](?:_?[0-9a-zA-Z])*)$/.exec(strip(text));
  if (!found) return undefined;
  const prefix = found[2]?.toLowerCase();
  const prefixBase = prefix === undefined ? undefined : { '0x': 16, '0o': 8, '0b': 2 }[prefix];
  let digits = found[3]!.replaceAll('_', '').toLowerCase();
  let radix = base;
  if (prefixBase !== undefined && (base === prefixBase || base === 0)) radix = prefixBase;
  else if (prefix !== undefined) digits = prefix + digits;
  if (radix === 0) {
    if (/^0+[1-9]/.test(digits)) return undefined;
    radix = 10;
  }
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (Number.isNaN(worth) || worth >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(worth);
  }
  return int(found[1] === '-' ? -value : value);
}

/** Python's `float(text)`; JavaScript's undefined where it would raise ValueError. */
export function parseReal(text: string): number | undefined {
  const bare = strip(text);
  if (
    /^[-+]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9]+)?$/.test(bare)
  ) {
    return Number(bare.replaceAll('_', ''));
  }
  const word = /^([-+]?)(inf|infinity|nan)$/i.exec(bare);
  if (!word) return undefined;
  if (word[2]!.toLowerCase() === 'nan') return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function toInt(value: unknown, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const [usual, radix] = bind('int', ['default', 'base'], args, kwargs);
  const fallback = usual === undefined ? 0 : usual;
  if (value instanceof Undefined) return value.fail();
  if (isInt(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  let real: number | undefined;
  if (typeof value === 'string') {
    const whole = parseInteger(value, intArg('int', radix, 10));
    if (whole !== undefined) return whole;
    real = parseReal(value);
  } else if (isNumeric(value)) real = toNumber(value);
  return real === undefined || !Number.isFinite(real) ? fallback : int(BigInt(Math.trunc(real)));
}

function toFloat(value: unknown, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const [usual] = bind('float', ['default'], args, kwargs);
  if (value instanceof Undefined) return value.fail();
  const real = isNumeric(value) ? toNumber(value) : typeof value === 'string' ? parseReal(value) : undefined;
  if (real !== undefined) return float(real);
  return usual === undefined ? float(0) : usual;
}

function round(value: unknown, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const [precision, method] = bind('round', ['precision', 'method'], args, kwargs);
  const digits = intArg('round', precision, 0);
  const way = method ?? 'common';
  if (way !== 'common' && way !== 'ceil' && way !== 'floor') {
    throw new JinjaError('method must be common, ceil or floor');
  }
  if (!isNumeric(value)) {
    if (value instanceof Undefined) value.fail();
    throw new JinjaError(`type ${typeName(value)} doesn't define __round__ method`);
  }
  if (way === 'common') {
    if (!isFloat(value))
      return digits >= 0 ? int(BigInt(value)) : int(BigInt(roundedTo(Number(value), digits)));
    return float(roundedTo(toNumber(value), digits));
  }
  const scale = 10 ** digits;
  const scaled = toNumber(value) * scale;
  return float((way === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) / scale);
}

function filesizeformat(value: unknown, args: unknown[], kwargs: Record<string, unknown>): string {
  const [binary] = bind('filesizeformat', ['binary'], args, kwargs);
  const bytes = toNumber(toFloat(value, [float(Number.NaN)], {}) as number);
  if (Number.isNaN(bytes)) throw new JinjaError(`could not convert to a number: '${typeName(value)}'`);
  const base = boolArg(binary, false) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const tail = base === 1024 ? 'iB' : 'B';
  const letters = base === 1024 ? 'KMGTPEZY' : 'kMGTPEZY';
  for (const [index, letter] of Array.from(letters).entries()) {
    const unit = base ** (index + 2);
    if (bytes < unit || index === letters.length - 1)
      return `${fixed((base * bytes) / unit, 1)} ${letter}${tail}`;
  }
  return `${bytes}`;
}

export const NUMBER_FILTERS: { readonly [name: string]: Filter } = {
  abs: (value) => {
    if (isNumeric(value))
      return toNumber(value) < 0 ? neg(value) : typeof value === 'boolean' ? Number(value) : value;
    if (value instanceof Undefined) return value.fail();
    throw new JinjaError(`bad operand type for abs(): '${typeName(value)}'`);
  },
  filesizeformat,
  float: toFloat,
  int: toInt,
  round,
};

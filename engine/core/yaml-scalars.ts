/** What a plain YAML scalar means to PyYAML (YAML 1.1, https://yaml.org/type/), and how it prints one. */
import { numberText } from './number-text.ts';
import { type Dict, type Float, floatOf, intOf, type Value } from './value.ts';

const booleans: ReadonlyMap<string, boolean> = new Map(
  ['yes', 'true', 'on', 'no', 'false', 'off'].flatMap((word, index) =>
    [word, word[0]!.toUpperCase() + word.slice(1), word.toUpperCase()].map((text) => [text, index < 3]),
  ),
);
const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);
const integers =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const floats =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const timestamps =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;
// Most scalars are words: one look at the first character spares them the patterns.
const mayBeSpecial = /^[-+.0-9~nNyYtTfFoO]/;

/** How a whole number that begins with a zero is read: PyYAML takes 0644 for octal, Salt's loader for 644. */
export type Zeros = 'octal' | 'stripped';

/** Whether a plain scalar is text, and nothing else. */
export function isPlainText(text: string): boolean {
  if (text === '' || text === '<<' || text === '=') return false;
  return typeof plainValue(text, 'octal') === 'string' && !timestamps.test(text);
}

/** The value of a plain scalar. Dates stay text, because a tree could not say one either. */
export function plainValue(text: string, zeros: Zeros): null | boolean | number | bigint | string | Float {
  if (text === '') return null;
  if (!mayBeSpecial.test(text)) return text;
  if (nulls.has(text)) return null;
  return booleanOf(text) ?? integerOf(text, zeros) ?? realOf(text) ?? text;
}

/** Undefined for what is no boolean. */
export function booleanOf(text: string): boolean | undefined {
  return booleans.get(text);
}

/** Undefined for what is no whole number. */
export function integerOf(text: string, zeros: Zeros): number | bigint | undefined {
  if (!integers.test(text)) return undefined;
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '');
  // `0x_` has the shape of a number, and no digits.
  if (/^0[bx]$/.test(digits)) return undefined;
  let size: bigint;
  if (digits.includes(':')) size = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else if (!/^0\d/.test(digits)) size = BigInt(digits);
  // Salt: only an unsigned number loses its zeros; PyYAML reads a signed one as octal.
  else size = BigInt(zeros === 'stripped' && text.startsWith('0') ? digits : `0o${digits}`);
  return intOf(text.startsWith('-') ? -size : size);
}

/** Undefined for what is no float. */
export function realOf(text: string): number | Float | undefined {
  if (!floats.test(text)) return undefined;
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '').toLowerCase();
  if (digits === '.inf') return floatOf(sign * Number.POSITIVE_INFINITY);
  if (digits === '.nan') return floatOf(Number.NaN);
  return floatOf(sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
}

/** How a scalar other than text is printed. */
export function scalarText(value: Exclude<Value, string | Dict | Value[]>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  const text = numberText(value);
  if (/[nf]/.test(text)) return text.replace('inf', '.inf').replace('nan', '.nan');
  // YAML 1.1 wants a point in a float: 1e+17 would be text.
  return text.includes('.') ? text : text.replace('e', '.0e');
}

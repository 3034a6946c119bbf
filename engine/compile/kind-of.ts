/** Says what a value is, for "expected … but found". */
import { keyText } from '../core/value.ts';

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a mapping';
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  return `the number ${keyText(value)}`;
}

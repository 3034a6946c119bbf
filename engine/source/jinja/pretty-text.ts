/** How Jinja's `pprint` and Salt's `python` print: dicts sorted, one line where it fits, else one member per line. */
import { compareText } from '../../core/key-order.ts';
import { length, members } from './containers.ts';
import { repr, str } from './printing.ts';

export function prettyText(value: unknown, width = 80): string {
  return pretty(value, 0, width);
}

function pretty(value: unknown, indent: number, width: number): string {
  const flat = repr(sortedDicts(value));
  if (length(flat) + indent <= width || !(value instanceof Map || Array.isArray(value))) return flat;
  const margin = ' '.repeat(indent + 1);
  if (value instanceof Map) {
    const parts = sortedPairs(value).map(([key, member]) => {
      const head = `${repr(key)}: `;
      return head + pretty(member, indent + 1 + head.length, width);
    });
    return `{${parts.join(`,\n${margin}`)}}`;
  }
  const [open, close] = flat.startsWith('(') ? ['(', ')'] : ['[', ']'];
  return open + value.map((member) => pretty(member, indent + 1, width)).join(`,\n${margin}`) + close;
}

function sortedPairs(dict: Map<unknown, unknown>): [unknown, unknown][] {
  return [...dict].sort((a, b) => compareText(str(a[0]), str(b[0])));
}

function sortedDicts(value: unknown): unknown {
  if (value instanceof Map)
    return new Map(sortedPairs(value).map(([key, member]) => [key, sortedDicts(member)]));
  // Members are replaced in a copy that keeps the kind (list or tuple).
  if (Array.isArray(value) && value.length > 0) {
    const copy = members(value).map(sortedDicts);
    return Object.getPrototypeOf(value) === Array.prototype
      ? copy
      : Object.setPrototypeOf(copy, Object.getPrototypeOf(value));
  }
  return value;
}

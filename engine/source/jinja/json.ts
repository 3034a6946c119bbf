/** JSON as Python's `json` writes and reads it: key order kept, 1.0 told from 1. */
import { Float } from '../../core/value.ts';
import {
  compareText,
  float,
  int,
  isInt,
  JinjaError,
  Lazy,
  length,
  members,
  Namespace,
  Range,
  repr,
  str,
  typeName,
  Undefined,
} from './python.ts';

export interface JsonStyle {
  readonly sortKeys?: boolean;
  /** Spaces per level; undefined for one line. */
  readonly indent?: number | string;
  /** Everything beyond ASCII as \uXXXX. */
  readonly ascii?: boolean;
}

export function toJson(value: unknown, style: JsonStyle = {}): string {
  const step = typeof style.indent === 'number' ? ' '.repeat(style.indent) : style.indent;
  return write(value, style, step, step === undefined ? '' : '\n', 0);
}

function write(
  value: unknown,
  style: JsonStyle,
  step: string | undefined,
  margin: string,
  depth: number,
): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return quoted(value, style.ascii);
  if (isInt(value)) return str(value);
  if (typeof value === 'number' || value instanceof Float) return realText(value);
  if (value instanceof Undefined) return value.fail();
  if (depth > 900) throw new JinjaError('The value is nested too deeply for JSON (does it contain itself?).');
  const inner = step === undefined ? '' : margin + step;
  const separator = step === undefined ? ', ' : `,${inner}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const parts = value.map((member) => write(member, style, step, inner, depth + 1));
    return `[${inner}${parts.join(separator)}${margin}]`;
  }
  const dict = value instanceof Namespace ? value.members : value;
  if (dict instanceof Map) {
    if (dict.size === 0) return '{}';
    const parts = entries(dict, style).map(
      ([key, member]) => `${quoted(key, style.ascii)}: ${write(member, style, step, inner, depth + 1)}`,
    );
    return `{${inner}${parts.join(separator)}${margin}}`;
  }
  if (value instanceof Range || value instanceof Lazy) {
    throw new JinjaError(
      `Object of type ${typeName(value)} is not JSON serializable`,
      'template-error',
      'Put "| list" before the filter.',
    );
  }
  throw new JinjaError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function realText(value: number | Float): string {
  const number = Number(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity';
  return str(value);
}

function entries(dict: Map<unknown, unknown>, style: JsonStyle): [string, unknown][] {
  const pairs = Array.from(dict, ([key, member]): [string, unknown] => [keyName(key), member]);
  if (!style.sortKeys) return pairs;
  const kinds = new Set(Array.from(dict.keys(), (key) => (typeof key === 'string' ? 'str' : 'other')));
  if (kinds.size === 1 && kinds.has('other'))
    return sortedByKey(dict).map(([key, member]) => [keyName(key), member]);
  // Unlike Salt: the filter `json` also sorts the keys of a dict that mixes text and numbers (Salt fails).
  return pairs.sort((a, b) => compareText(a[0], b[0]));
}

/** Number keys sort as numbers. */
function sortedByKey(dict: Map<unknown, unknown>): [unknown, unknown][] {
  return [...dict].sort((a, b) => Number(a[0]) - Number(b[0]));
}

function keyName(key: unknown): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (isInt(key)) return str(key);
  if (typeof key === 'number' || key instanceof Float) return realText(key);
  throw new JinjaError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function quoted(text: string, ascii = false): string {
  // JSON.stringify writes \b, \f and control characters as Python does, DEL and the rest as they are.
  const plain = JSON.stringify(text);
  if (!ascii) return plain;
  return plain.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// ---------------------------------------------------------------- reading

const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\x00-\x1f]|\\.)*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(true|false|null|NaN|-?Infinity))/y;

/** Throws JinjaError with the line and column where the text is no JSON. */
export function parseJson(text: string): unknown {
  const token = new RegExp(TOKEN);
  let position = 0;
  const fail = (at = position): never => {
    const start = at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0);
    const before = text.slice(0, start).split('\n');
    throw new JinjaError(
      start >= text.length
        ? 'The JSON text ends too early.'
        : `The text is no JSON at line ${before.length} column ${before.at(-1)!.length + 1}.`,
    );
  };
  const next = (): RegExpExecArray => {
    token.lastIndex = position;
    const found = token.exec(text);
    if (found === null) return fail();
    position = token.lastIndex;
    return found;
  };
  const value = (found: RegExpExecArray, depth: number): unknown => {
    if (depth > 900) throw new JinjaError('The JSON text is nested too deeply.');
    if (found[2] !== undefined) return unquoted(found[2], fail);
    if (found[3] !== undefined) {
      return /[.eE]/.test(found[3]) ? float(Number(found[3])) : int(BigInt(found[3]));
    }
    if (found[4] !== undefined) return WORDS[found[4]];
    if (found[1] === '[') return list(depth);
    if (found[1] === '{') return dict(depth);
    return fail(token.lastIndex - found[0].length);
  };
  const list = (depth: number): unknown[] => {
    const made: unknown[] = [];
    let found = next();
    if (found[1] === ']') return made;
    for (;;) {
      made.push(value(found, depth + 1));
      const end = next();
      if (end[1] === ']') return made;
      if (end[1] !== ',') fail(token.lastIndex - end[0].length);
      found = next();
    }
  };
  const dict = (depth: number): Map<unknown, unknown> => {
    const made = new Map<unknown, unknown>();
    let found = next();
    if (found[1] === '}') return made;
    for (;;) {
      if (found[2] === undefined) fail(token.lastIndex - found[0].length);
      const key = unquoted(found[2]!, fail);
      const colon = next();
      if (colon[1] !== ':') fail(token.lastIndex - colon[0].length);
      made.set(key, value(next(), depth + 1));
      const end = next();
      if (end[1] === '}') return made;
      if (end[1] !== ',') fail(token.lastIndex - end[0].length);
      found = next();
    }
  };
  const result = value(next(), 0);
  if (/[^ \t\n\r]/.test(text.slice(position))) fail();
  return result;
}

const WORDS: { readonly [word: string]: unknown } = {
  true: true,
  false: false,
  null: null,
  NaN: new Float(Number.NaN),
  Infinity: new Float(Number.POSITIVE_INFINITY),
  '-Infinity': new Float(Number.NEGATIVE_INFINITY),
};

function unquoted(text: string, fail: () => never): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return fail();
  }
}

/** How `pprint` prints: dicts sorted, one line where it fits, else one member per line. */
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

/** How values print: Python's `str` and `repr`. */
import { numberText } from '../../core/number-text.ts';
import { Float } from '../../core/value.ts';
import {
  Attributes,
  Blank,
  Callable,
  JinjaError,
  Lazy,
  Namespace,
  Range,
  Tuple,
  Undefined,
  View,
} from './values.ts';

/** Python's `str()`. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (value instanceof Undefined) return value instanceof Blank ? '' : value.fail();
  if (value instanceof Attributes) return value.text();
  return repr(value);
}

/** Python's `repr()`. */
export function repr(value: unknown): string {
  return represent(value, undefined);
}

function represent(value: unknown, inside: Set<unknown> | undefined): string {
  switch (typeof value) {
    case 'string':
      return reprString(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
    case 'number':
      return numberText(value);
    case 'undefined':
      return 'None';
  }
  if (value === null) return 'None';
  if (value instanceof Float) return numberText(value);
  if (Array.isArray(value)) {
    const open = value instanceof Tuple ? '(' : '[';
    const close = value instanceof Tuple ? ')' : ']';
    if (inside?.has(value)) return `${open}...${close}`;
    const within = enter(inside, value);
    const members = value.map((member) => represent(member, within));
    within.delete(value);
    return open + members.join(', ') + (open === '(' && members.length === 1 ? ',)' : close);
  }
  if (value instanceof Map) {
    if (inside?.has(value)) return '{...}';
    const within = enter(inside, value);
    const members: string[] = [];
    for (const [key, member] of value)
      members.push(`${represent(key, within)}: ${represent(member, within)}`);
    within.delete(value);
    return `{${members.join(', ')}}`;
  }
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof View) return `dict_${value.kind}(${represent(value.members(), inside)})`;
  if (value instanceof Range) {
    return value.step === 1
      ? `range(${value.start}, ${value.stop})`
      : `range(${value.start}, ${value.stop}, ${value.step})`;
  }
  if (value instanceof Namespace) return `<Namespace ${represent(value.members, inside)}>`;
  if (value instanceof Lazy) return `<generator object ${value.name}>`;
  if (value instanceof Callable)
    return `<${value.attributes ? 'Macro' : 'function'} ${reprString(value.name)}>`;
  if (value instanceof Attributes) return `<${value.typeName}>`;
  return '<object>';
}

function enter(inside: Set<unknown> | undefined, value: unknown): Set<unknown> {
  const within = inside ?? new Set<unknown>();
  if (within.size >= 500) throw new JinjaError('The value is nested too deeply to be printed.');
  within.add(value);
  return within;
}

const plainText = /^[ -&(-[\]-~]*$/;

/** Separators, controls and unassigned characters, of which only the space is printed as it is. */
const escaped = /[\\'"]|[\p{C}\p{Z}]/gu;

function reprString(text: string): string {
  if (plainText.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(escaped, (character) => {
    switch (character) {
      case ' ':
        return ' ';
      case '\\':
        return '\\\\';
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      case "'":
      case '"':
        return character === quote ? `\\${character}` : character;
    }
    const point = character.codePointAt(0)!;
    if (point < 0x100) return `\\x${point.toString(16).padStart(2, '0')}`;
    if (point < 0x10000) return `\\u${point.toString(16).padStart(4, '0')}`;
    return `\\U${point.toString(16).padStart(8, '0')}`;
  });
  return quote + body + quote;
}

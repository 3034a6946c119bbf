/** JSON as Python's json.dumps prints it. */
import { compareText, sortedEntries } from './key-order.ts';
import { numberText } from './number-text.ts';
import { type Dict, isDict, keyText, type Value } from './value.ts';

export interface JsonOptions {
  /** What a level is indented by; without it all stands on one line. */
  readonly indent?: string | undefined;
  readonly sortKeys?: boolean;
  /** Everything beyond ASCII as \uXXXX. */
  readonly ascii?: boolean;
  /** Between members; by default `, ` on one line and `,` at a line's end. */
  readonly item?: string | undefined;
  /** Between a key and its value. */
  readonly key?: string | undefined;
}

/** Like Python, prints NaN and Infinity, which are no JSON. */
export function jsonText(value: Value, options: JsonOptions = {}): string {
  const { indent, sortKeys = false, ascii = false, key: colon = ': ' } = options;
  const comma = options.item ?? (indent === undefined ? ', ' : ',');
  function text(one: Value, margin: string): string {
    if (typeof one === 'string') return quoted(one, ascii);
    if (isDict(one)) {
      const members = entriesOf(one, sortKeys).map(
        ([key, member]) => quoted(keyName(key), ascii) + colon + text(member, margin + (indent ?? '')),
      );
      return wrapped('{', members, '}', margin);
    }
    if (!Array.isArray(one)) return scalarText(one);
    const members = one.map((member) => text(member, margin + (indent ?? '')));
    return wrapped('[', members, ']', margin);
  }
  function wrapped(open: string, members: readonly string[], close: string, margin: string): string {
    if (members.length === 0) return open + close;
    if (indent === undefined) return open + members.join(comma) + close;
    const line = `\n${margin}${indent}`;
    return `${open}${line}${members.join(comma + line)}\n${margin}${close}`;
  }
  return text(value, '');
}

function scalarText(value: Exclude<Value, string | Dict | Value[]>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  return typeof value === 'bigint' || Number.isFinite(Number(value))
    ? numberText(value)
    : String(Number(value));
}

function keyName(key: Value): string {
  if (typeof key === 'string') return key;
  return isDict(key) || Array.isArray(key) ? keyText(key) : scalarText(key);
}

/** Unlike Salt: the filter `json` and file.serialize also sort the keys of a dict that mixes text and numbers, by their text. */
function entriesOf(dict: Dict, sortKeys: boolean): [Value, Value][] {
  if (!sortKeys) return [...dict];
  return sortedEntries(dict) ?? [...dict].sort(([a], [b]) => compareText(keyName(a), keyName(b)));
}

function quoted(text: string, ascii: boolean): string {
  // JSON.stringify writes \b, \f and control characters as Python does, DEL and the rest as they are.
  const plain = JSON.stringify(text);
  if (!ascii) return plain;
  return plain.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

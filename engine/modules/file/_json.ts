/** JSON as Python's json module prints it, and read so that 3.0, large integers and the order of keys survive. */
import { type Dict, Float, floatOf, isDict, keyText, type Value } from '../../core/value.ts';
import { Unfit } from './_unfit.ts';
import { pythonFloat } from './_yaml-scalars.ts';
import { sortedEntries } from './_yaml-writer.ts';

export interface JsonOptions {
  /** undefined: all on one line. */
  readonly indent: string | undefined;
  readonly sortKeys: boolean;
  readonly ascii: boolean;
  readonly item: string;
  readonly key: string;
}

export function jsonText(value: Value, options: JsonOptions): string {
  function text(one: Value, depth: number): string {
    if (isDict(one)) {
      const entries = options.sortKeys ? sortedEntries([...one]) : [...one];
      const members = entries.map(
        ([key, member]) => quoted(keyName(key), options.ascii) + options.key + text(member, depth + 1),
      );
      return wrapped('{', members, '}', depth);
    }
    if (Array.isArray(one))
      return wrapped(
        '[',
        one.map((member) => text(member, depth + 1)),
        ']',
        depth,
      );
    return typeof one === 'string' ? quoted(one, options.ascii) : scalar(one);
  }
  function wrapped(open: string, members: readonly string[], close: string, depth: number): string {
    if (members.length === 0) return open + close;
    if (options.indent === undefined) return open + members.join(options.item) + close;
    const line = `\n${options.indent.repeat(depth + 1)}`;
    const end = `\n${options.indent.repeat(depth)}`;
    return open + line + members.join(options.item + line) + end + close;
  }
  return text(value, 0);
}

function scalar(value: Value): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  // Unlike Salt: file.serialize refuses infinite numbers in JSON, which no reader of JSON would take.
  if (!Number.isFinite(Number(value))) throw new Unfit(`JSON knows no ${Number(value)}.`);
  return pythonFloat(Number(value));
}

function keyName(key: Value): string {
  if (typeof key === 'string') return key;
  return key === null || typeof key !== 'object' || key instanceof Float ? scalar(key) : keyText(key);
}

function quoted(text: string, ascii: boolean): string {
  const json = JSON.stringify(text);
  if (!ascii) return json;
  return json.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Throws SyntaxError. */
export function readJson(text: string): Value {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => Value;
  return parse(text, (_, value, { source }) => {
    if (typeof value === 'number') return numberIn(source ?? String(value));
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Float)
      return value;
    return new Map(Object.entries(value)) as Dict;
  });
}

function numberIn(source: string): Value {
  if (/[.eE]/.test(source)) return floatOf(Number(source));
  return Number.isSafeInteger(Number(source)) ? Number(source) : BigInt(source);
}

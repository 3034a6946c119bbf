/** The formats of file.serialize: how data becomes text as Salt's serializers print it, and how text is read back. */
import { createRequire } from 'node:module';
import type * as Toml from 'smol-toml';
import type * as Yaml from 'yaml';
import { parseJson } from '../../core/json-reader.ts';
import { jsonText } from '../../core/json-writer.ts';
import {
  type Dict,
  Float,
  fromPlain,
  intOf,
  isDict,
  keyText,
  toPlain,
  type Value,
} from '../../core/value.ts';
import { plainValue } from '../../core/yaml-scalars.ts';
import { yamlDefaults, yamlText } from '../../core/yaml-writer.ts';
import { iniText, readIni } from './_ini.ts';
import { Unfit } from './_unfit.ts';

const require = createRequire(import.meta.url);

export interface Format {
  /** Names of the options `serializer_opts` may hold. */
  readonly options: readonly string[];
  /** `unicode`: characters beyond ASCII stay themselves. */
  write(value: Value, options: ReadonlyMap<string, Value>, unicode: boolean): string;
  read(text: string): Value;
}

const yaml: Format = {
  options: ['default_flow_style', 'sort_keys', 'indent', 'width', 'allow_unicode', 'explicit_start'],
  write: (value, options, unicode) =>
    yamlText(value, {
      ...yamlDefaults,
      flow: flowOf(options.get('default_flow_style')),
      sortKeys: options.get('sort_keys') !== false,
      indent: Math.min(Math.max(numberOf(options.get('indent')) ?? yamlDefaults.indent, 2), 9),
      width: numberOf(options.get('width')) ?? yamlDefaults.width,
      unicode: options.has('allow_unicode') ? options.get('allow_unicode') === true : unicode,
      explicitStart: options.get('explicit_start') === true,
    }),
  read: readYaml,
};

const json: Format = {
  options: ['indent', 'sort_keys', 'ensure_ascii', 'separators'],
  write: (value, options, unicode) => {
    const separators = options.get('separators');
    const [item, key] = Array.isArray(separators) ? separators.map(keyText) : [',', ': '];
    const indent = options.has('indent') ? options.get('indent') : 2;
    refuseInfinite(value);
    return jsonText(value, {
      indent:
        typeof indent === 'number'
          ? ' '.repeat(Math.max(0, indent))
          : typeof indent === 'string'
            ? indent
            : undefined,
      sortKeys: options.get('sort_keys') !== false,
      ascii: options.has('ensure_ascii') ? options.get('ensure_ascii') === true : !unicode,
      item,
      key,
    });
  },
  read: parseJson,
};

const ini: Format = {
  options: ['allow_no_value'],
  write: (value, options) => iniText(value, options.get('allow_no_value') === true),
  read: readIni,
};

const toml: Format = {
  options: [],
  write(value) {
    if (!isDict(value)) throw new Unfit('TOML needs a mapping at its top.');
    const { stringify } = require('smol-toml') as typeof Toml;
    return stringify(forToml(value) as object, { numbersAsFloat: true });
  },
  read(text) {
    const { parse } = require('smol-toml') as typeof Toml;
    return fromToml(parse(text, { integersAsBigInt: true }));
  },
};

/** Name of a serializer, as Salt calls it → its format. `configparser` is Salt's name for INI. */
export const formats: ReadonlyMap<string, Format> = new Map([
  ['yaml', yaml],
  ['json', json],
  ['configparser', ini],
  ['ini', ini],
  ['toml', toml],
]);

function flowOf(value: Value | undefined): boolean | null {
  return value === undefined ? false : value === null ? null : value === true;
}

function numberOf(value: Value | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Unlike Salt: file.serialize refuses infinite numbers in JSON, which no reader of JSON would take. */
function refuseInfinite(value: Value): void {
  if (isDict(value)) for (const pair of value) refuseInfinite(pair);
  else if (Array.isArray(value)) value.forEach(refuseInfinite);
  else if ((typeof value === 'number' || value instanceof Float) && !Number.isFinite(Number(value))) {
    throw new Unfit(`JSON knows no ${Number(value)}.`);
  }
}

/** smol-toml prints numbers as floats and BigInts as integers, which is the one way to tell 3.0 from 3. */
function forToml(value: Value): unknown {
  if (value === null) throw new Unfit('TOML knows no null.');
  if (isDict(value))
    return Object.fromEntries([...value].map(([key, member]) => [keyText(key), forToml(member)]));
  if (Array.isArray(value)) return value.map(forToml);
  if (value instanceof Float) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

function fromToml(value: unknown): Value {
  if (typeof value === 'bigint') return intOf(value);
  if (typeof value === 'number' && Number.isInteger(value)) return new Float(value);
  if (Array.isArray(value)) return value.map(fromToml);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, member]) => [key, fromToml(member)]));
  }
  return fromPlain(value);
}

/** PyYAML's meaning of plain scalars; anchors and merge keys are resolved. */
function readYaml(text: string): Value {
  const { parseDocument, isAlias, isMap, isNode, isScalar, isSeq } = require('yaml') as typeof Yaml;
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new Unfit(`It is not YAML: ${error.message.split('\n')[0]}`);
  let size = 0;
  const anchors = new Map<string, { readonly value: Value; readonly size: number }>();
  function dataOf(node: unknown): Value {
    // An alias of an alias of… can stand for more than fits in memory.
    if (++size > 1_000_000) throw new Unfit('It is YAML whose aliases go too far.');
    if (isAlias(node)) {
      const anchored = anchors.get(node.source);
      if (anchored === undefined)
        throw new Unfit(`It is YAML whose alias "${node.source}" stands for nothing.`);
      size += anchored.size;
      return anchored.value;
    }
    const before = size;
    const value = contentOf(node);
    if (isNode(node) && node.anchor) anchors.set(node.anchor, { value, size: size - before });
    return value;
  }
  function contentOf(node: unknown): Value {
    if (isScalar(node)) {
      const tagged = node.tag?.endsWith(':str') === true;
      const text = String(node.value ?? '');
      return node.type === 'PLAIN' && !tagged ? plainValue(text, 'octal') : text;
    }
    if (isSeq(node)) return node.items.map(dataOf);
    if (!isMap(node)) return null;
    const dict: Dict = new Map();
    const merged: Dict = new Map();
    for (const { key, value } of node.items) {
      const name = dataOf(key);
      const member = dataOf(value);
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        for (const one of Array.isArray(member) ? member : [member]) {
          if (isDict(one)) for (const [k, v] of one) if (!merged.has(k)) merged.set(k, v);
        }
      } else dict.set(name, member);
    }
    for (const [key, member] of merged) if (!dict.has(key)) dict.set(key, member);
    return dict;
  }
  return document.contents === null ? null : dataOf(document.contents);
}

/** Whether two values are the same, the order of keys aside. */
export function sameData(a: Value, b: Value): boolean {
  if (isDict(a)) {
    return (
      isDict(b) && a.size === b.size && [...a].every(([key, one]) => b.has(key) && sameData(one, b.get(key)!))
    );
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, index) => sameData(one, b[index]!));
  }
  return !isDict(b) && !Array.isArray(b) && toPlain(a) === toPlain(b);
}

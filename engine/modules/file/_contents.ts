/** The text that `contents` arguments stand for, as the bytes of a file. */
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { fromPlain, isDict, keyText, type Value } from '../../core/value.ts';

export interface ContentsArguments {
  readonly contents?: unknown;
  readonly contents_pillar?: string | readonly string[] | null;
  readonly contents_grains?: string | readonly string[] | null;
  readonly contents_delimiter?: string;
  readonly contents_newline?: boolean;
  readonly allow_empty?: boolean;
}

/**
 * The text of `contents`, `contents_pillar` or `contents_grains`; undefined where none of them is given.
 * Salt: a pillar value or grain that is null counts as not given, so it never empties a file.
 */
export function contentsOf(args: ContentsArguments, reader: Reader): string | undefined | Refusal {
  const value = givenValue(args, reader);
  if (typeof value === 'object' && value !== null && 'refused' in value) return value;
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (empty && args.allow_empty === false) {
    return {
      refused: 'The contents are empty, and allow_empty is false.',
      hint: 'Give the value some text, or drop allow_empty.',
      certain: true,
    };
  }
  if (value === undefined || value === null) return undefined;
  const parts = Array.isArray(value) ? value : [value];
  if (parts.some((part) => isDict(part) || Array.isArray(part))) {
    return {
      refused: 'The contents hold a mapping or a nested list, not text.',
      hint: 'Use file.serialize to write data as YAML, JSON, INI or TOML.',
      certain: true,
    };
  }
  return linesOf(parts.map(textOfValue), args.contents_newline !== false);
}

function givenValue(args: ContentsArguments, reader: Reader): Value | undefined | Refusal {
  const { contents_pillar: pillar, contents_grains: grains, contents_delimiter: delimiter } = args;
  if (isGiven(pillar)) return found(pillar, 'pillar value', delimiter, (path) => reader.pillar(path));
  if (isGiven(grains)) return found(grains, 'grain', delimiter, (path) => reader.grain(path));
  return args.contents === undefined ? undefined : fromPlain(args.contents);
}

function isGiven<T>(paths: T): paths is T & (string | readonly string[]) {
  return paths !== undefined && paths !== null && paths !== '';
}

/** Salt: of several paths the texts follow each other. */
function found(
  paths: string | readonly string[],
  what: string,
  delimiter: string | undefined,
  get: (path: string) => Value | undefined,
): Value | Refusal {
  const values: Value[] = [];
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const value = lookUp(path, delimiter, get);
    if (value === undefined) return { refused: `There is no ${what} "${path}".`, certain: true };
    values.push(value);
  }
  return typeof paths === 'string' ? values[0]! : values;
}

/**
 * Salt: the lines of every text, each with one newline, whatever ended it before; `contents_newline: false` takes
 * all newlines off the end. Text that holds NUL characters is binary and stays as it is.
 * Unlike Salt: file.managed keeps form feeds and Unicode line separators in contents, where Salt makes line ends of them.
 */
function linesOf(parts: readonly string[], newline: boolean): string {
  if (parts.length === 1 && parts[0]!.includes('\0')) return parts[0]!;
  let text = '';
  for (const part of parts) {
    const lines = part.includes('\r') ? part.replace(/\r\n?/g, '\n') : part;
    // An empty text has no lines, so an empty member of a list adds nothing.
    text += lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`;
  }
  return newline ? text : text.replace(/\n+$/, '');
}

/** As Python's `str()` writes a scalar. */
function textOfValue(value: Value): string {
  return keyText(value);
}

/** Salt's colon path with another delimiter, so that keys may hold colons. */
function lookUp(
  path: string,
  delimiter: string | undefined,
  get: (path: string) => Value | undefined,
): Value | undefined {
  if (delimiter === undefined || delimiter === '' || delimiter === ':') return get(path);
  const [first, ...rest] = path.split(delimiter);
  let here = get(first!);
  for (const segment of rest) {
    if (isDict(here)) here = here.get(segment) ?? here.get(Number(segment));
    else if (Array.isArray(here)) here = here.at(Number(segment));
    else return undefined;
  }
  return here;
}

/** Bytes of a text in the encoding named; a refusal where it cannot hold a character of it. */
export function encode(text: string, encoding = 'utf-8', errors = 'strict'): Buffer | Refusal {
  const name = encoding.toLowerCase().replace(/[_ ]/g, '-');
  if (name === 'utf-8' || name === 'utf8') return Buffer.from(text, 'utf8');
  if (name === 'utf-16-le' || name === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (name === 'utf-8-sig') return Buffer.from(`\uFEFF${text}`, 'utf8');
  const highest = limits.get(name);
  if (highest === undefined) {
    return {
      refused: `The encoding "${encoding}" is not supported.`,
      hint: 'Use utf-8, utf-8-sig, utf-16-le, latin-1 or ascii.',
      certain: true,
    };
  }
  let safe = '';
  for (const character of text) {
    if (character.codePointAt(0)! <= highest) safe += character;
    else if (errors === 'replace') safe += '?';
    else if (errors !== 'ignore') {
      return {
        refused: `The character "${character}" cannot be written in ${encoding}.`,
        hint: 'Choose another encoding, or set encoding_errors.',
      };
    }
  }
  return Buffer.from(safe, 'latin1');
}

const limits = new Map([
  ['ascii', 0x7f],
  ['us-ascii', 0x7f],
  ['latin-1', 0xff],
  ['latin1', 0xff],
  ['iso-8859-1', 0xff],
]);

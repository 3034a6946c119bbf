/** Jinja's filters for text. */
import { jsonText } from '../../core/json-writer.ts';
import { splitLines, strip } from '../../core/python-text.ts';
import { bind, boolArg, intArg } from './arguments.ts';
import { isIterable, length, members } from './containers.ts';
import type { Filter } from './contracts.ts';
import { dataOf } from './data.ts';
import { percentFormat } from './format.ts';
import { capitalized, centered, charactersArg, replaceText } from './methods-text.ts';
import { truthy } from './order.ts';
import { str } from './printing.ts';
import { JinjaError, Lazy, toTuple, Undefined } from './values.ts';
import { wrapText } from './wrap-text.ts';

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

function escaped(value: unknown): string {
  return str(value).replace(/[&<>'"]/g, (one) => ENTITIES[one]!);
}

/** Python's urllib.parse.quote: everything but letters, digits, `_.-~` and what `safe` holds. */
export function urlQuote(text: string, safe: string): string {
  let quoted = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const one = String.fromCharCode(byte);
    quoted +=
      /[A-Za-z0-9_.~-]/.test(one) || safe.includes(one)
        ? one
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return quoted;
}

function urlencode(value: unknown): string {
  if (value instanceof Map || (typeof value !== 'string' && isIterable(value))) {
    const pairs = value instanceof Map ? [...value] : members(value).map((pair) => members(pair));
    const part = (one: unknown): string => urlQuote(str(one), '').replaceAll('%20', '+');
    return pairs.map((pair) => `${part(pair[0])}=${part(pair[1])}`).join('&');
  }
  return urlQuote(str(value), '/');
}

function indent(value: unknown, args: unknown[], kwargs: Record<string, unknown>): string {
  const names = ['width', 'first', 'blank', 'indentfirst'];
  const [width, first, blank, old] = bind('indent', names, args, kwargs);
  const margin = typeof width === 'string' ? width : ' '.repeat(Math.max(0, intArg('indent', width, 4)));
  // Jinja adds a line end, so that an empty text has one line and a last line end is kept.
  const lines = splitLines(`${str(value)}\n`);
  const body = lines.map((line, index) =>
    index > 0 && (line !== '' || boolArg(blank, false)) ? margin + line : line,
  );
  return (boolArg(first, false) || boolArg(old, false) ? margin : '') + body.join('\n');
}

function truncate(value: unknown, args: unknown[], kwargs: Record<string, unknown>): string {
  const names = ['length', 'killwords', 'end', 'leeway'];
  const [size, killwords, ending, leeway] = bind('truncate', names, args, kwargs);
  const characters = Array.from(str(value));
  const most = intArg('truncate', size, 255);
  const end = ending === undefined ? '...' : str(ending);
  if (most < length(end)) throw new JinjaError(`expected length >= ${length(end)}, got ${most}`);
  const slack = intArg('truncate', leeway, 5);
  if (slack < 0) throw new JinjaError(`expected leeway >= 0, got ${slack}`);
  if (characters.length <= most + slack) return characters.join('');
  const cut = characters.slice(0, most - length(end)).join('');
  if (boolArg(killwords, false)) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space === -1 ? cut : cut.slice(0, space)) + end;
}

const NAMED_ENTITIES: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\xa0',
};

function striptags(value: unknown): string {
  const bare = str(value)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>/g, '');
  const text = bare
    .split(/[\s\x1c-\x1f\x85]+/)
    .filter((word) => word !== '')
    .join(' ');
  return text.replace(/&(?:#([0-9]+)|#[xX]([0-9a-fA-F]+)|([a-z]+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED_ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  });
}

function xmlattr(value: unknown, args: unknown[], kwargs: Record<string, unknown>): string {
  if (!(value instanceof Map)) throw new JinjaError('xmlattr needs a dict');
  const [autospace] = bind('xmlattr', ['autospace'], args, kwargs);
  const parts: string[] = [];
  for (const [key, member] of value) {
    if (member === null || member instanceof Undefined) continue;
    if (/[\s/>=]/.test(str(key))) throw new JinjaError(`Invalid character in attribute name: '${str(key)}'`);
    parts.push(`${escaped(key)}="${escaped(member)}"`);
  }
  const text = parts.join(' ');
  return text !== '' && boolArg(autospace, true) ? ` ${text}` : text;
}

function urlize(value: unknown): string {
  return str(value).replace(/(?:https?:\/\/|www\.)[^\s<>"']*[^\s<>"'.,;:!?)]/g, (url) => {
    const target = url.startsWith('www.') ? `https://${url}` : url;
    return `<a href="${escaped(target)}" rel="noopener">${escaped(url)}</a>`;
  });
}

function reverse(value: unknown): unknown {
  if (typeof value === 'string') return Array.from(value).reverse().join('');
  return new Lazy('reverse', [...members(value)].reverse());
}

/** Python's `str.title` differs: Jinja keeps a letter behind an apostrophe small. */
function title(value: unknown): string {
  return str(value)
    .split(/([-\s({[<]+)/)
    .map((part) => {
      const [first = '', ...rest] = Array.from(part);
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
}

export const TEXT_FILTERS: { readonly [name: string]: Filter } = {
  capitalize: (value) => capitalized(str(value)),
  center: (value, args, kwargs) =>
    centered(str(value), intArg('center', bind('center', ['width'], args, kwargs)[0], 80)),
  default: defaultTo,
  d: defaultTo,
  e: escaped,
  escape: escaped,
  forceescape: escaped,
  format: (value, args, kwargs) => {
    const named = Object.keys(kwargs);
    if (named.length > 0 && args.length > 0) {
      throw new JinjaError("can't handle positional and keyword arguments at the same time");
    }
    return percentFormat(str(value), named.length > 0 ? new Map(Object.entries(kwargs)) : toTuple(args));
  },
  indent,
  lower: (value) => str(value).toLowerCase(),
  upper: (value) => str(value).toUpperCase(),
  title,
  replace: (value, args, kwargs) => {
    const [old, by, count] = bind('replace', ['old!', 'new!', 'count'], args, kwargs);
    return replaceText(str(value), str(old), str(by), intArg('replace', count, -1));
  },
  reverse,
  safe: (value) => str(value),
  string: (value) => str(value),
  striptags,
  // Salt: `tojson` keeps the order of keys and hides what would matter inside HTML.
  tojson: (value, args, kwargs) => {
    const [step, sort] = bind('tojson', ['indent', 'sort_keys'], args, kwargs);
    const style = { ascii: true, indent: indentArg(step), sortKeys: boolArg(sort, false) };
    const text = jsonText(dataOf(value, 'JSON'), style);
    return text.replace(/[<>&']/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  },
  trim: (value, args, kwargs) => strip(str(value), charactersArg(bind('trim', ['chars'], args, kwargs)[0])),
  truncate,
  urlencode,
  urlize,
  wordcount: (value) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  wordwrap: (value, args, kwargs) => {
    const names = ['width', 'break_long_words', 'wrapstring', 'break_on_hyphens'];
    const [width, long, glue, hyphens] = bind('wordwrap', names, args, kwargs);
    const style = {
      width: intArg('wordwrap', width, 79),
      breakLongWords: boolArg(long, true),
      breakOnHyphens: boolArg(hyphens, true),
    };
    const join = glue === undefined || glue === null ? '\n' : str(glue);
    return splitLines(str(value))
      .map((line) => wrapText(line, style).join(join))
      .join(join);
  },
  xmlattr,
};

function defaultTo(value: unknown, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const [usual, whenFalse] = bind('default', ['default_value', 'boolean'], args, kwargs);
  const replaced = value instanceof Undefined || (boolArg(whenFalse, false) && !truthy(value));
  return replaced ? (usual ?? '') : value;
}

/** Spaces per level as JSON filters take them: a number, text, or none. */
export function indentArg(step: unknown): string | undefined {
  if (step === undefined || step === null) return undefined;
  return typeof step === 'string' ? step : ' '.repeat(Math.max(0, intArg('indent', step, 0)));
}

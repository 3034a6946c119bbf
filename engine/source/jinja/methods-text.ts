/** Methods of text. */
import { blanks, lstrip, rstrip, splitLines, strip } from '../../core/python-text.ts';
import { bind, boolArg, intArg, textArg } from './arguments.ts';
import { iterate, length, slice } from './containers.ts';
import { dictGet, dictSet } from './equality.ts';
import { strFormat } from './format.ts';
import { typeName } from './kinds.ts';
import { JinjaError, type Keywords, Tuple, tuple, Undefined } from './values.ts';

type TextMethod = (self: string, args: unknown[], kwargs: Keywords) => unknown;

const GAP = new RegExp(`[${blanks}]+`);

/** An argument that may be None. */
export function charactersArg(characters: unknown): string | null {
  return characters === undefined || characters === null ? null : textArg('strip', characters);
}

function stripMethod(name: string, by: typeof strip): TextMethod {
  return (self, args) => by(self, charactersArg(bind(name, ['chars'], args)[0]));
}

function split(self: string, args: unknown[], kwargs: Keywords): string[] {
  const [separator, most] = bind('split', ['sep', 'maxsplit'], args, kwargs);
  const limit = intArg('split', most, -1);
  if (separator === undefined || separator === null) {
    const parts: string[] = [];
    let rest = limit < 0 ? strip(self) : lstrip(self);
    while (rest !== '') {
      const gap = limit >= 0 && parts.length >= limit ? null : GAP.exec(rest);
      if (gap === null) {
        parts.push(rest);
        break;
      }
      parts.push(rest.slice(0, gap.index));
      rest = rest.slice(gap.index + gap[0].length);
    }
    return parts;
  }
  const by = separatorArg(separator);
  const parts = self.split(by);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(by)];
}

function separatorArg(separator: unknown): string {
  const by = textArg('split', separator);
  if (by === '') throw new JinjaError('empty separator');
  return by;
}

function rsplit(self: string, args: unknown[], kwargs: Keywords): string[] {
  const [separator, most] = bind('rsplit', ['sep', 'maxsplit'], args, kwargs);
  const limit = intArg('rsplit', most, -1);
  if (limit < 0) return split(self, [separator], {});
  if (separator === undefined || separator === null) {
    const parts: string[] = [];
    let rest = rstrip(self);
    while (rest !== '') {
      const word = parts.length < limit ? new RegExp(`[^${blanks}]+$`).exec(rest) : null;
      if (word === null) {
        parts.unshift(rest);
        break;
      }
      parts.unshift(word[0]);
      rest = rstrip(rest.slice(0, word.index));
    }
    return parts;
  }
  const by = separatorArg(separator);
  const parts = self.split(by);
  if (parts.length <= limit + 1) return parts;
  const cut = parts.length - limit;
  return [parts.slice(0, cut).join(by), ...parts.slice(cut)];
}

function join(self: string, args: unknown[]): string {
  const [iterable] = bind('join', ['iterable!'], args);
  const parts: string[] = [];
  for (const member of iterate(iterable)) {
    if (typeof member !== 'string') {
      if (member instanceof Undefined) member.fail();
      throw new JinjaError(
        `sequence item ${parts.length}: expected str instance, ${typeName(member)} found`,
        'template-error',
        'Use the filter "join", which turns every item into text.',
      );
    }
    parts.push(member);
  }
  return parts.join(self);
}

function edge(name: 'startswith' | 'endswith'): TextMethod {
  return (self, args) => {
    const [wanted, start, end] = bind(name, ['prefix!', 'start', 'end'], args);
    const part = window(self, start, end);
    const any = wanted instanceof Tuple ? [...wanted] : [wanted];
    return any.some((one) => {
      if (typeof one !== 'string') {
        if (one instanceof Undefined) one.fail();
        throw new JinjaError(`${name} first arg must be str or a tuple of str, not ${typeName(one)}`);
      }
      return name === 'startswith' ? part.startsWith(one) : part.endsWith(one);
    });
  };
}

function window(self: string, start: unknown, end: unknown): string {
  if (start === undefined && end === undefined) return self;
  return slice(self, start ?? null, end ?? null, null) as string;
}

function finder(name: string, last: boolean, must: boolean): TextMethod {
  return (self, args) => {
    const [wanted, start, end] = bind(name, ['sub!', 'start', 'end'], args);
    const text = textArg(name, wanted);
    const part = window(self, start, end);
    const unit = last ? part.lastIndexOf(text) : part.indexOf(text);
    if (unit === -1) {
      if (must) throw new JinjaError('substring not found');
      return -1;
    }
    const skipped = start === undefined ? 0 : length(self) - length(window(self, start, null));
    return skipped + length(part.slice(0, unit));
  };
}

/** Every replacement, or the first `count`. */
export function replaceText(text: string, old: string, by: string, count = -1): string {
  if (count < 0 && old !== '') return text.split(old).join(by);
  const pieces = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const done = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  const tail = pieces.slice(done + 1).map((piece) => old + piece);
  return pieces.slice(0, done + 1).join(by) + tail.join('');
}

function all(pattern: RegExp): TextMethod {
  return (self) => pattern.test(self);
}

function cased(upper: boolean): TextMethod {
  return (self) => {
    const wrong = upper ? /[\p{Ll}\p{Lt}]/u : /[\p{Lu}\p{Lt}]/u;
    const right = upper ? /\p{Lu}/u : /\p{Ll}/u;
    return right.test(self) && !wrong.test(self);
  };
}

/** Letters after letters in small, other letters in capitals. */
export function titled(text: string): string {
  return text.replace(/[\p{L}\p{Lt}]+/gu, (word) => {
    const [first = '', ...rest] = Array.from(word);
    return titleLetter(first) + rest.join('').toLowerCase();
  });
}

function titleLetter(letter: string): string {
  if (letter === '') return '';
  const upper = letter.toUpperCase();
  return Array.from(upper).length === 1 ? upper : upper[0]! + upper.slice(1).toLowerCase();
}

export function capitalized(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return titleLetter(first) + rest.join('').toLowerCase();
}

/** Padding on both sides; where it cannot be even, Python puts the odd one by the parity of the width. */
export function centered(text: string, width: number, fill = ' '): string {
  const missing = width - length(text);
  if (missing <= 0) return text;
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function justify(name: string, place: (text: string, missing: string, fill: string) => string): TextMethod {
  return (self, args) => {
    const [width, filler] = bind(name, ['width!', 'fillchar'], args);
    const fill = filler === undefined ? ' ' : textArg(name, filler);
    if (length(fill) !== 1) {
      throw new JinjaError('The fill character must be exactly one character long');
    }
    const wide = intArg(name, width, 0);
    if (wide > 10_000_000) throw new JinjaError(`${name}(): the width ${wide} is too large`);
    if (name === 'center') return centered(self, wide, fill);
    return place(self, fill.repeat(Math.max(0, wide - length(self))), fill);
  };
}

function partition(last: boolean): TextMethod {
  return (self, args) => {
    const [separator] = bind('partition', ['sep!'], args);
    const by = separatorArg(separator);
    const at = last ? self.lastIndexOf(by) : self.indexOf(by);
    if (at === -1) return last ? tuple('', '', self) : tuple(self, '', '');
    return tuple(self.slice(0, at), by, self.slice(at + by.length));
  };
}

function expandTabs(self: string, args: unknown[], kwargs: Keywords): string {
  const [given] = bind('expandtabs', ['tabsize'], args, kwargs);
  const size = intArg('expandtabs', given, 8);
  let column = 0;
  let text = '';
  for (const one of self) {
    if (one === '\t') {
      const spaces = size > 0 ? size - (column % size) : 0;
      text += ' '.repeat(spaces);
      column += spaces;
    } else {
      text += one;
      column = one === '\n' || one === '\r' ? 0 : column + 1;
    }
  }
  return text;
}

function translate(self: string, args: unknown[]): string {
  const [table] = bind('translate', ['table!'], args);
  if (!(table instanceof Map)) throw new JinjaError('translate() needs a table made by maketrans()');
  let text = '';
  for (const one of self) {
    const by = dictGet(table, one.codePointAt(0)!);
    if (by === undefined) text += one;
    else if (typeof by === 'number') text += String.fromCodePoint(by);
    else if (by !== null) text += textArg('translate', by);
  }
  return text;
}

function maketrans(_self: string, args: unknown[]): Map<unknown, unknown> {
  const [from, to, remove] = bind('maketrans', ['x!', 'y', 'z'], args);
  const table = new Map<unknown, unknown>();
  if (from instanceof Map) {
    for (const [key, value] of from) {
      dictSet(table, typeof key === 'string' ? (key.codePointAt(0) ?? 0) : key, value);
    }
    return table;
  }
  const source = Array.from(textArg('maketrans', from));
  const target = Array.from(textArg('maketrans', to));
  if (source.length !== target.length) {
    throw new JinjaError('the first two maketrans arguments must have equal length');
  }
  for (const [index, one] of source.entries()) table.set(one.codePointAt(0)!, target[index]!.codePointAt(0)!);
  for (const one of remove === undefined ? '' : textArg('maketrans', remove))
    table.set(one.codePointAt(0)!, null);
  return table;
}

export const TEXT_METHODS: { readonly [name: string]: TextMethod } = {
  format: (self, args, kwargs) => strFormat(self, args, kwargs),
  format_map: (self, args) => {
    const [mapping] = bind('format_map', ['mapping!'], args);
    if (!(mapping instanceof Map)) throw new JinjaError('format_map() needs a dict');
    return strFormat(self, [], mapping);
  },
  split,
  rsplit,
  splitlines: (self, args, kwargs) =>
    splitLines(self, boolArg(bind('splitlines', ['keepends'], args, kwargs)[0], false)),
  join,
  strip: stripMethod('strip', strip),
  lstrip: stripMethod('lstrip', lstrip),
  rstrip: stripMethod('rstrip', rstrip),
  startswith: edge('startswith'),
  endswith: edge('endswith'),
  replace: (self, args, kwargs) => {
    const [old, by, count] = bind('replace', ['old!', 'new!', 'count'], args, kwargs);
    return replaceText(self, textArg('replace', old), textArg('replace', by), intArg('replace', count, -1));
  },
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  title: (self) => titled(self),
  capitalize: (self) => capitalized(self),
  swapcase: (self) =>
    Array.from(self, (one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
  casefold: (self) => self.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ'),
  find: finder('find', false, false),
  rfind: finder('rfind', true, false),
  index: finder('index', false, true),
  rindex: finder('rindex', true, true),
  count: (self, args) => {
    const [wanted, start, end] = bind('count', ['sub!', 'start', 'end'], args);
    const text = textArg('count', wanted);
    const part = window(self, start, end);
    return text === '' ? length(part) + 1 : part.split(text).length - 1;
  },
  isdigit: all(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  isdecimal: all(/^\p{Nd}+$/u),
  isnumeric: all(/^\p{N}+$/u),
  isalpha: all(/^\p{L}+$/u),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isspace: all(new RegExp(`^[${blanks}]+$`)),
  isascii: all(/^[\x00-\x7f]*$/),
  isprintable: all(/^(?:[^\p{C}\p{Z}]| )*$/u),
  isidentifier: all(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  isupper: cased(true),
  islower: cased(false),
  istitle: (self) => /[\p{Lu}\p{Ll}\p{Lt}]/u.test(self) && titled(self) === self,
  zfill: (self, args) => {
    const width = intArg('zfill', bind('zfill', ['width!'], args)[0], 0);
    const sign = /^[-+]/.exec(self)?.[0] ?? '';
    return sign + '0'.repeat(Math.max(0, width - length(self))) + self.slice(sign.length);
  },
  center: justify('center', (text) => text),
  ljust: justify('ljust', (text, missing) => text + missing),
  rjust: justify('rjust', (text, missing) => missing + text),
  partition: partition(false),
  rpartition: partition(true),
  expandtabs: expandTabs,
  // Text stays text: what a template makes is written as UTF-8 anyway.
  encode: (self) => self,
  decode: (self) => self,
  removeprefix: (self, args) => {
    const prefix = textArg('removeprefix', bind('removeprefix', ['prefix!'], args)[0]);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix: (self, args) => {
    const suffix = textArg('removesuffix', bind('removesuffix', ['suffix!'], args)[0]);
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  },
  translate,
  maketrans,
};

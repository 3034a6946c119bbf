/** Jinja's lexer in the shape nunjucks' parser reads: whitespace control, raw blocks, comments and Python literals. */
import lexer, { type Token } from 'nunjucks/src/lexer.js';

export interface LexerOptions {
  /** Drop the first newline after a block tag. */
  readonly trimBlocks: boolean;
  /** Drop blanks before a block tag that is first on its line. */
  readonly lstripBlocks: boolean;
}

/** A malformed template, at an offset of its text. */
export class SyntaxTrouble extends Error {
  readonly offset: number;
  readonly length: number;
  readonly hint: string | undefined;
  constructor(message: string, offset: number, length = 1, hint?: string) {
    super(message);
    this.offset = offset;
    this.length = length;
    this.hint = hint;
  }
}

const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const blanks = /\s+/y;
const string = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const blockEnd = /[-+]?%\}/y;
const variableEnd = /-?\}\}/y;
const rawBegin = /[-+]?\s*raw\s*-?%\}/y;
const rawRest = /\s*raw\s*(?:-%\}\s*|%\})/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*([-+]?%\})/g;
const opening = /\{[{%#]/g;

const kinds: { readonly [text: string]: string } = {
  '(': lexer.TOKEN_LEFT_PAREN!,
  ')': lexer.TOKEN_RIGHT_PAREN!,
  '[': lexer.TOKEN_LEFT_BRACKET!,
  ']': lexer.TOKEN_RIGHT_BRACKET!,
  '{': lexer.TOKEN_LEFT_CURLY!,
  '}': lexer.TOKEN_RIGHT_CURLY!,
  ',': lexer.TOKEN_COMMA!,
  ':': lexer.TOKEN_COLON!,
  '~': lexer.TOKEN_TILDE!,
  '|': lexer.TOKEN_PIPE!,
};

const closers: { readonly [opener: string]: string } = { '(': ')', '[': ']', '{': '}' };

/**
 * Unlike nunjucks' own lexer, `colno` of a token is its offset in the text (and `lineno` is 0), so that every node
 * knows exactly where it is written.
 */
export class JinjaLexer {
  readonly text: string;
  private readonly options: LexerOptions;
  /** Offset of the next character to read. */
  private index = 0;
  /** Offset after the last token given out. */
  end = 0;
  /** The tag being read: its offset and what closes it. Undefined between tags. */
  private tag: { readonly start: number; readonly closer: '%}' | '}}' } | undefined;
  private readonly brackets: { readonly closer: string; readonly offset: number }[] = [];
  private readonly waiting: Token[] = [];

  constructor(text: string, options: LexerOptions) {
    this.text = text;
    this.options = options;
  }

  nextToken(): Token | null {
    if (this.waiting.length === 0) {
      if (this.tag) return this.inTag(this.tag);
      this.outside();
    }
    return this.waiting.shift() ?? null;
  }

  /** Whether this follows the last token read inside a tag. */
  looksAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.index;
    return pattern.test(this.text);
  }

  private token(type: string | undefined, value: string, offset: number): Token {
    this.end = this.index;
    return { type: type!, value, lineno: 0, colno: offset };
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.index;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.index += found.length;
    return found;
  }

  /** Reads text up to and including the next opening delimiter that matters. */
  private outside(): void {
    while (this.waiting.length === 0 && this.index < this.text.length) {
      const start = this.index;
      opening.lastIndex = start;
      const found = opening.exec(this.text);
      if (!found) {
        this.index = this.text.length;
        this.data(start, this.index);
        return;
      }
      const begin = found.index;
      const kind = found[0];
      this.index = begin + 2;
      if (kind === '{%' && this.looksAt(rawBegin)) {
        const sign = this.sign();
        this.data(start, this.stripped(start, begin, sign, true));
        this.take(rawRest);
        this.raw(begin);
        continue;
      }
      const sign = this.sign();
      this.data(start, this.stripped(start, begin, sign, kind !== '{{'));
      if (kind === '{#') {
        this.comment(begin);
        continue;
      }
      this.tag = { start: begin, closer: kind === '{%' ? '%}' : '}}' };
      this.waiting.push(
        this.token(kind === '{%' ? lexer.TOKEN_BLOCK_START : lexer.TOKEN_VARIABLE_START, kind, begin),
      );
    }
  }

  private data(start: number, end: number): void {
    if (end > start) this.waiting.push(this.token(lexer.TOKEN_DATA, this.text.slice(start, end), start));
  }

  private sign(): string {
    const sign = this.text[this.index];
    if (sign !== '-' && sign !== '+') return '';
    this.index++;
    return sign;
  }

  /** Where the text before a tag ends once the tag's whitespace control is applied. */
  private stripped(start: number, begin: number, sign: string, mayStripLine: boolean): number {
    if (sign === '-') {
      let end = begin;
      while (end > start && isBlank(this.text.charCodeAt(end - 1))) end--;
      return end;
    }
    if (sign === '+' || !mayStripLine || !this.options.lstripBlocks) return begin;
    let end = begin;
    while (end > start && this.text[end - 1] !== '\n' && isBlank(this.text.charCodeAt(end - 1))) end--;
    return end === 0 || this.text[end - 1] === '\n' ? end : begin;
  }

  private comment(begin: number): void {
    const end = this.text.indexOf('#}', this.index);
    if (end < 0)
      throw new SyntaxTrouble(
        'The comment that opens here is never closed.',
        begin,
        2,
        'Close it with "#}".',
      );
    const before = end > this.index ? this.text[end - 1]! : '';
    this.index = end + 2;
    this.afterTag(before);
  }

  private raw(begin: number): void {
    const start = this.index;
    rawEnd.lastIndex = start;
    const found = rawEnd.exec(this.text);
    if (!found) {
      throw new SyntaxTrouble(
        'The raw block that opens here is never closed.',
        begin,
        2,
        'Close it with "{% endraw %}".',
      );
    }
    this.data(start, this.stripped(start, found.index, found[1]!, true));
    this.index = found.index + found[0].length;
    this.afterTag(found[2]!);
  }

  /** Applies the whitespace control of a closing delimiter, of which `sign` is the first character. */
  private afterTag(sign: string): void {
    if (sign[0] === '-') this.take(blanks);
    else if (sign[0] !== '+' && this.options.trimBlocks && this.text[this.index] === '\n') this.index++;
  }

  private inTag(tag: { readonly start: number; readonly closer: '%}' | '}}' }): Token {
    this.take(blanks);
    const offset = this.index;
    const character = this.text[offset];
    if (character === undefined) {
      throw new SyntaxTrouble(
        'The tag that opens here is never closed.',
        tag.start,
        2,
        `Close it with "${tag.closer}".`,
      );
    }
    const closing =
      this.brackets.length === 0 ? this.take(tag.closer === '%}' ? blockEnd : variableEnd) : undefined;
    if (closing !== undefined) {
      const token = this.token(
        tag.closer === '%}' ? lexer.TOKEN_BLOCK_END : lexer.TOKEN_VARIABLE_END,
        tag.closer,
        offset,
      );
      if (tag.closer === '%}') this.afterTag(closing);
      else if (closing[0] === '-') this.take(blanks);
      this.tag = undefined;
      return token;
    }
    if (character === '"' || character === "'") return this.string(offset);
    const number = this.text[offset - 1] === '.' ? undefined : this.take(float);
    if (number !== undefined) return this.token(lexer.TOKEN_FLOAT, number, offset);
    const whole = this.take(integer);
    if (whole !== undefined) return this.token(lexer.TOKEN_INT, whole, offset);
    const word = this.take(name);
    if (word !== undefined) return this.token(lexer.TOKEN_SYMBOL, word, offset);
    const sign = this.take(operator);
    if (sign === undefined)
      throw new SyntaxTrouble(`A tag cannot hold the character "${character}".`, offset);
    this.balance(sign, offset);
    return this.token(kinds[sign] ?? lexer.TOKEN_OPERATOR, sign, offset);
  }

  private balance(sign: string, offset: number): void {
    const closer = closers[sign];
    if (closer !== undefined) {
      this.brackets.push({ closer, offset });
      return;
    }
    if (sign !== ')' && sign !== ']' && sign !== '}') return;
    const open = this.brackets.pop();
    if (!open) throw new SyntaxTrouble(`This "${sign}" closes nothing.`, offset);
    if (open.closer !== sign) {
      throw new SyntaxTrouble(`Expected "${open.closer}" before this "${sign}".`, offset);
    }
  }

  private string(offset: number): Token {
    const quoted = this.take(string);
    if (quoted === undefined) throw new SyntaxTrouble('The string that opens here is never closed.', offset);
    return this.token(lexer.TOKEN_STRING, unescaped(quoted.slice(1, -1)), offset);
  }
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code >= 0x80 && /\s/.test(String.fromCharCode(code)));
}

const simpleEscapes: { readonly [letter: string]: string } = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes in a string literal; an unknown one stays as it is written. */
function unescaped(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/gu,
    (all, octal, hex, short, long, letter) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const code = hex ?? short ?? long;
      if (code === undefined) return simpleEscapes[letter] ?? all;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}

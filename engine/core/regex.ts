/** Python's `re` patterns and replacement templates, translated to JavaScript's regular expressions. */

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  readonly verbose?: boolean;
  readonly ascii?: boolean;
  /** Find every match (`g`): for matchAll and replace. */
  readonly global?: boolean;
  /** Match only where lastIndex points (`y`): Python's `re.match`, as long as lastIndex is 0. */
  readonly sticky?: boolean;
}

/** A pattern or template Python refuses too, or one that cannot be translated. `offset` counts characters from 0. */
export class RegexSyntax extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at position ${offset}`);
    this.offset = offset;
  }
}

interface Modes {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  verbose: boolean;
  ascii: boolean;
}

const MODE_LETTERS: { readonly [letter: string]: keyof Modes | undefined } = {
  i: 'ignoreCase',
  m: 'multiline',
  s: 'dotAll',
  x: 'verbose',
  a: 'ascii',
  u: undefined,
};

/** A flag such as `(?i)` holds for the whole pattern wherever it stands: it is read once more from the start. */
class OtherModes {
  readonly modes: Modes;
  constructor(modes: Modes) {
    this.modes = modes;
  }
}

/**
 * The same language as Python's `re` on text: \d, \w, \s and \b know Unicode, `$` also matches before a last
 * newline, and only \n ends a line. Throws RegexSyntax with Python's message where Python would refuse the pattern.
 */
export function pythonRegex(pattern: string, flags: RegexFlags = {}): RegExp {
  let modes: Modes = {
    ignoreCase: flags.ignoreCase ?? false,
    multiline: flags.multiline ?? false,
    dotAll: flags.dotAll ?? false,
    verbose: flags.verbose ?? false,
    ascii: flags.ascii ?? false,
  };
  for (;;) {
    try {
      const source = new Translation(pattern, modes).whole();
      const letters = `v${modes.ignoreCase ? 'i' : ''}${flags.global ? 'g' : ''}${flags.sticky ? 'y' : ''}`;
      return new RegExp(source, letters);
    } catch (error) {
      if (error instanceof OtherModes) modes = error.modes;
      else if (error instanceof SyntaxError) throw new RegexSyntax(`cannot translate: ${error.message}`, 0);
      else throw error;
    }
  }
}

const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const CLASSES = { d: String.raw`\p{Nd}`, w: String.raw`\p{L}\p{N}_`, s: SPACE };
const ASCII_CLASSES = { d: '0-9', w: 'A-Za-z0-9_', s: String.raw`\t-\r\x20` };
const CONTROL: { readonly [letter: string]: string } = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

function literal(character: string): string {
  const code = character.codePointAt(0)!;
  if (/[A-Za-z0-9_]/.test(character) || code > 0xffff) return character;
  if (code >= 0x80) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** What a class holds for `\d`, `\W` and the like: v mode lets a negated class lie inside another. */
function shorthand(letter: string, ascii: boolean): string {
  const body = (ascii ? ASCII_CLASSES : CLASSES)[letter.toLowerCase() as 'd' | 'w' | 's'];
  return letter === letter.toLowerCase() ? `[${body}]` : `[^${body}]`;
}

/** One pass over a pattern: recursive descent, character by character (by code points, as Python counts). */
class Translation {
  readonly characters: readonly string[];
  position = 0;
  modes: Modes;
  readonly global: Modes;
  groups = 0;
  readonly names = new Map<string, number>();
  readonly open = new Set<number>();

  constructor(pattern: string, modes: Modes) {
    this.characters = Array.from(pattern);
    this.modes = { ...modes };
    this.global = modes;
  }

  fail(message: string, offset = this.position): never {
    throw new RegexSyntax(message, offset);
  }

  peek(ahead = 0): string | undefined {
    return this.characters[this.position + ahead];
  }

  take(expected: string): boolean {
    for (let i = 0; i < expected.length; i++) if (this.peek(i) !== expected[i]) return false;
    this.position += expected.length;
    return true;
  }

  whole(): string {
    const source = this.alternatives();
    if (this.position < this.characters.length) this.fail('unbalanced parenthesis');
    return source;
  }

  alternatives(): string {
    let source = '';
    for (;;) {
      const next = this.peek();
      if (next === undefined || next === ')') return source;
      if (next === '|') {
        this.position++;
        source += '|';
      } else source += this.piece();
    }
  }

  piece(): string {
    if (this.modes.verbose && this.skipBlank()) return '';
    const start = this.position;
    const atom = this.atom();
    if (atom === undefined) return '';
    const count = this.quantifier();
    if (count === undefined) return atom.source;
    if (atom.source === '') this.fail('nothing to repeat', start);
    const again = this.position;
    if (this.quantifier() !== undefined) this.fail('multiple repeat', again);
    return `${atom.single ? atom.source : `(?:${atom.source})`}${count}`;
  }

  skipBlank(): boolean {
    const next = this.peek()!;
    if (/[ \t\n\r\f\v]/.test(next)) {
      this.position++;
      return true;
    }
    if (next !== '#') return false;
    while (this.peek() !== undefined && this.peek() !== '\n') this.position++;
    return true;
  }

  /** `*`, `+`, `?` or `{m,n}`, lazy or not, as JavaScript writes it; undefined where there is none. */
  quantifier(): string | undefined {
    if (this.modes.verbose) while (this.peek() !== undefined && this.skipBlank());
    const start = this.position;
    const first = this.peek();
    let count: string;
    if (first === '*' || first === '+' || first === '?') {
      this.position++;
      count = first;
    } else if (first === '{') {
      const rest = this.characters.slice(start, start + 24).join('');
      const found = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
      if (!found || (found[1] === '' && found[2] === '')) return undefined;
      const [whole, least = '', comma = '', most = ''] = found;
      if (least !== '' && most !== '' && Number(least) > Number(most)) {
        this.fail('min repeat greater than max repeat', start + 1);
      }
      this.position += whole.length;
      count = `{${least || '0'}${comma}${most}}`;
    } else return undefined;
    if (this.take('?')) count += '?';
    return count;
  }

  atom(): { source: string; single: boolean } | undefined {
    const start = this.position;
    const character = this.peek()!;
    this.position++;
    switch (character) {
      case '.':
        return { source: this.modes.dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`, single: true };
      case '^':
        return { source: this.modes.multiline ? String.raw`(?<![^\n])` : '^', single: false };
      case '$':
        return { source: this.modes.multiline ? String.raw`(?![^\n])` : String.raw`(?=\n?$)`, single: false };
      case '*':
      case '+':
      case '?':
        return this.fail('nothing to repeat', start);
      case '{':
        this.position = start;
        if (this.quantifier() !== undefined) this.fail('nothing to repeat', start);
        this.position = start + 1;
        return { source: literal('{'), single: true };
      case '[':
        return { source: this.set(start), single: true };
      case '(':
        return this.group(start);
      case '\\':
        return this.escape(start);
      default:
        return { source: literal(character), single: true };
    }
  }

  escape(start: number): { source: string; single: boolean } {
    const letter = this.peek();
    if (letter === undefined) this.fail('bad escape (end of pattern)', start);
    switch (letter) {
      case 'A':
        this.position++;
        return { source: '^', single: false };
      case 'Z':
        this.position++;
        return { source: '$', single: false };
      case 'b':
      case 'B': {
        this.position++;
        const word = shorthand('w', this.modes.ascii);
        const edge = `(?<=${word})(?!${word})|(?<!${word})(?=${word})`;
        return { source: letter === 'b' ? `(?:${edge})` : `(?!${edge})`, single: false };
      }
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 's':
      case 'S':
        this.position++;
        return { source: shorthand(letter, this.modes.ascii), single: true };
    }
    if (/[1-9]/.test(letter) && !this.octal()) return { source: this.reference(start), single: true };
    return { source: literal(this.character(start)), single: true };
  }

  /** Three octal digits name a character, not a group. */
  octal(): boolean {
    return /^[0-3][0-7][0-7]$/.test(this.characters.slice(this.position, this.position + 3).join(''));
  }

  reference(start: number): string {
    let digits = this.peek()!;
    this.position++;
    if (/[0-9]/.test(this.peek() ?? '')) {
      digits += this.peek();
      this.position++;
    }
    const group = Number(digits);
    if (group > this.groups) this.fail(`invalid group reference ${group}`, start + 1);
    if (this.open.has(group)) this.fail('cannot refer to an open group', start);
    return `(?:\\${group})`;
  }

  /** The one character an escape stands for, in a set or outside; `start` is where its backslash stands. */
  character(start: number): string {
    const letter = this.peek();
    if (letter === undefined) this.fail('bad escape (end of pattern)', start);
    this.position++;
    const control = CONTROL[letter];
    if (control !== undefined) return control;
    const width = { x: 2, u: 4, U: 8 }[letter];
    if (width !== undefined) {
      const digits = this.characters.slice(this.position, this.position + width).join('');
      const hex = /^[0-9a-fA-F]*/.exec(digits)![0];
      if (hex.length < width) this.fail(`incomplete escape \\${letter}${hex}`, start);
      this.position += width;
      const code = Number.parseInt(hex, 16);
      if (code > 0x10ffff) this.fail(`bad escape \\${letter}${hex}`, start);
      return String.fromCodePoint(code);
    }
    if (/[0-7]/.test(letter)) {
      let digits = letter;
      while (digits.length < 3 && /[0-7]/.test(this.peek() ?? '')) {
        digits += this.peek();
        this.position++;
      }
      if (Number.parseInt(digits, 8) > 0o377) {
        this.fail(`octal escape value \\${digits} outside of range 0-0o377`, start);
      }
      return String.fromCodePoint(Number.parseInt(digits, 8));
    }
    if (/[A-Za-z0-9]/.test(letter)) this.fail(`bad escape \\${letter}`, start);
    return letter;
  }

  set(start: number): string {
    const negated = this.take('^');
    let body = '';
    for (let first = true; ; first = false) {
      const next = this.peek();
      if (next === undefined) this.fail('unterminated character set', start);
      if (next === ']' && !first) {
        this.position++;
        break;
      }
      const from = this.position;
      const low = this.member(start);
      if (this.peek() !== '-' || this.peek(1) === ']') {
        body += low.source;
        continue;
      }
      if (this.peek(1) === undefined) this.fail('unterminated character set', start);
      this.position++;
      const high = this.member(start);
      const range = this.characters.slice(from, this.position).join('');
      if (low.code === undefined || high.code === undefined || high.code < low.code) {
        this.fail(`bad character range ${range}`, from);
      }
      body += `${low.source}-${high.source}`;
    }
    return `[${negated ? '^' : ''}${body}]`;
  }

  member(start: number): { source: string; code?: number } {
    const from = this.position;
    const character = this.peek();
    if (character === undefined) this.fail('unterminated character set', start);
    this.position++;
    let one = character;
    if (character === '\\') {
      const letter = this.peek() ?? '';
      if (letter !== '' && 'dDwWsS'.includes(letter)) {
        this.position++;
        return { source: shorthand(letter, this.modes.ascii) };
      }
      if (letter === 'b') {
        this.position++;
        one = '\b';
      } else one = this.character(from);
    }
    return { source: literal(one), code: one.codePointAt(0)! };
  }

  group(start: number): { source: string; single: boolean } | undefined {
    if (!this.take('?')) return this.capture(start, '');
    if (this.take('P<')) return this.capture(start, this.name('>'));
    if (this.take('P=')) {
      const from = this.position;
      const name = this.name(')');
      const group = this.names.get(name);
      if (group === undefined) this.fail(`unknown group name '${name}'`, from);
      if (this.open.has(group)) this.fail('cannot refer to an open group', from);
      return { source: `(?:\\k<${name}>)`, single: true };
    }
    if (this.take('#')) {
      while (this.peek() !== ')') {
        if (this.peek() === undefined) this.fail('missing ), unterminated comment', start);
        this.position++;
      }
      this.position++;
      return undefined;
    }
    for (const head of ['<=', '<!', '=', '!']) {
      if (this.take(head)) return { source: this.inner(start, `(?${head}`), single: false };
    }
    if (this.take(':')) return { source: this.inner(start, '(?:'), single: true };
    if (this.peek() === '(') this.fail('conditional groups "(?(…)…)" cannot be translated', start);
    return this.inlineModes(start);
  }

  name(end: string): string {
    const from = this.position;
    while (this.peek() !== end) {
      if (this.peek() === undefined) this.fail(`missing ${end}, unterminated name`, from);
      this.position++;
    }
    const name = this.characters.slice(from, this.position).join('');
    this.position++;
    if (name === '') this.fail('missing group name', from);
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) this.fail(`bad character in group name '${name}'`, from);
    return name;
  }

  capture(start: number, name: string): { source: string; single: boolean } {
    const number = ++this.groups;
    if (name !== '') {
      const known = this.names.get(name);
      if (known !== undefined) {
        this.fail(`redefinition of group name '${name}' as group ${number}; was group ${known}`, start + 4);
      }
      this.names.set(name, number);
    }
    this.open.add(number);
    const source = this.inner(start, name === '' ? '(' : `(?<${name}>`);
    this.open.delete(number);
    return { source, single: true };
  }

  inner(start: number, head: string): string {
    const outer = this.modes;
    this.modes = { ...outer };
    const source = this.alternatives();
    this.modes = outer;
    if (!this.take(')')) this.fail('missing ), unterminated subpattern', start);
    return `${head}${source})`;
  }

  inlineModes(start: number): { source: string; single: boolean } | undefined {
    const changed: Modes = { ...this.modes };
    let off = false;
    let seen = false;
    for (;;) {
      const letter = this.peek();
      if (letter === undefined) this.fail('missing -, : or )');
      if (letter === '-' && !off) off = true;
      else if (letter in MODE_LETTERS) {
        const mode = MODE_LETTERS[letter];
        if (mode !== undefined) changed[mode] = !off;
        seen = true;
      } else break;
      this.position++;
    }
    if (seen && !off && this.take(')')) {
      const modes = { ...this.global };
      for (const mode of Object.keys(modes) as (keyof Modes)[]) modes[mode] ||= changed[mode];
      const same = (Object.keys(modes) as (keyof Modes)[]).every((mode) => modes[mode] === this.global[mode]);
      if (!same) throw new OtherModes(modes);
      return undefined;
    }
    if (!seen || !this.take(':')) {
      const read = this.characters.slice(start + 1, this.position + 1).join('');
      this.fail(seen ? 'missing -, : or )' : `unknown extension ${read}`, seen ? this.position : start + 1);
    }
    const outer = this.modes;
    this.modes = changed;
    const head = changed.ignoreCase === outer.ignoreCase ? '(?:' : changed.ignoreCase ? '(?i:' : '(?-i:';
    const source = this.inner(start, head);
    this.modes = outer;
    return { source, single: true };
  }
}

/** Every character that means something in a pattern gets a backslash, as Python's `re.escape` does it. */
export function escapeRegex(text: string): string {
  return text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&');
}

/**
 * A replacement as Python's `re.sub` reads it: `\1`, `\g<1>`, `\g<name>`, `\n` and the like; groups that took no
 * part are empty. Throws RegexSyntax for a group the pattern has not.
 */
export function expandTemplate(template: string, match: RegExpMatchArray): string {
  if (!template.includes('\\')) return template;
  let text = '';
  let position = 0;
  const group = (number: number, at: number): string => {
    if (number >= match.length) throw new RegexSyntax(`invalid group reference ${number}`, at);
    return match[number] ?? '';
  };
  while (position < template.length) {
    const start = position;
    const character = template[position++]!;
    if (character !== '\\') {
      text += character;
      continue;
    }
    const rest = template.slice(position);
    const octal = /^(?:0[0-7]{0,2}|[0-3][0-7]{2})/.exec(rest);
    const number = /^[1-9][0-9]?/.exec(rest);
    const named = /^g<([^>]*)>/.exec(rest);
    if (octal) {
      text += String.fromCharCode(Number.parseInt(octal[0], 8));
      position += octal[0].length;
    } else if (number) {
      text += group(Number(number[0]), start + 1);
      position += number[0].length;
    } else if (named) {
      const name = named[1]!;
      if (/^[0-9]+$/.test(name)) text += group(Number(name), start + 3);
      else if (match.groups !== undefined && name in match.groups) text += match.groups[name] ?? '';
      else if (name === '') throw new RegexSyntax('missing group name', start + 3);
      else throw new RegexSyntax(`unknown group name '${name}'`, start + 3);
      position += named[0].length;
    } else {
      const letter = rest[0];
      if (letter === undefined) throw new RegexSyntax('bad escape (end of pattern)', start);
      if (letter === 'g') throw new RegexSyntax('missing <', start + 2);
      const control = letter === 'b' ? '\b' : CONTROL[letter];
      if (control === undefined && /[A-Za-z]/.test(letter)) {
        throw new RegexSyntax(`bad escape \\${letter}`, start);
      }
      text += control ?? `\\${letter}`;
      position++;
    }
  }
  return text;
}

/** Python's `re.sub`: `count` 0 replaces every match. */
export function substitute(regex: RegExp, template: string, text: string, count = 0): string {
  const every = regex.global ? regex : new RegExp(regex.source, `${regex.flags}g`);
  let result = '';
  let last = 0;
  let done = 0;
  for (const match of text.matchAll(every)) {
    if (count > 0 && done === count) break;
    result += text.slice(last, match.index) + expandTemplate(template, match);
    last = match.index + match[0].length;
    done++;
  }
  return result + text.slice(last);
}

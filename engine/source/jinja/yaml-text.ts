/** Writes YAML 1.1 as PyYAML's safe_dump does, so that Salt's loader (and ours) reads the same value back. */
import { Float } from '../../core/value.ts';
import {
  compareText,
  isInt,
  JinjaError,
  Lazy,
  Namespace,
  Range,
  str,
  typeName,
  Undefined,
  View,
} from './python.ts';

export interface YamlStyle {
  /** Collections on one line: always, never, or (null) only those that hold nothing but scalars. */
  readonly flow: boolean | null;
  readonly sortKeys?: boolean;
  /** Column after which lines are broken at spaces; 80 as PyYAML's. */
  readonly width?: number;
}

export function toYaml(value: unknown, style: YamlStyle): string {
  return new Emitter(style).document(value);
}

const IMPLICIT = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:~|null|Null|NULL|<<|=|)$/,
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/,
];

/** Whether YAML would read this text, unquoted, as something other than text. */
export function readsAsOther(text: string): boolean {
  return IMPLICIT.some((pattern) => pattern.test(text));
}

interface Analysis {
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly single: boolean;
}

const BREAK = /[\n\x85\u2028\u2029]/;
const BLANK_OR_BREAK = /[\0 \t\r\n\x85\u2028\u2029]/;

/** The rules of the YAML 1.1 specification by which PyYAML chooses a style for a scalar. */
function analyse(text: string): Analysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, single: true };
  const characters = Array.from(text);
  let block = false;
  let flow = false;
  let lineBreaks = false;
  let special = false;
  let leadingSpace = false;
  let leadingBreak = false;
  let trailingSpace = false;
  let trailingBreak = false;
  let breakSpace = false;
  let spaceBreak = false;
  if (text.startsWith('---') || text.startsWith('...')) block = flow = true;
  let precededBySpace = true;
  let followedBySpace = characters.length === 1 || BLANK_OR_BREAK.test(characters[1]!);
  let previousSpace = false;
  let previousBreak = false;
  for (const [index, one] of characters.entries()) {
    const last = index === characters.length - 1;
    if (index === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(one)) flow = block = true;
      if ('?:'.includes(one)) {
        flow = true;
        if (followedBySpace) block = true;
      }
      if (one === '-' && followedBySpace) flow = block = true;
    } else {
      if (',?[]{}'.includes(one)) flow = true;
      if (one === ':') {
        flow = true;
        if (followedBySpace) block = true;
      }
      if (one === '#' && precededBySpace) flow = block = true;
    }
    if (BREAK.test(one)) lineBreaks = true;
    // The rarer line breaks of YAML 1.1 are escaped, since YAML 1.2 readers take them for text.
    if (!isPrintable(one) || '\x85\u2028\u2029'.includes(one)) special = true;
    if (one === ' ') {
      if (index === 0) leadingSpace = true;
      if (last) trailingSpace = true;
      if (previousBreak) breakSpace = true;
      previousSpace = true;
      previousBreak = false;
    } else if (BREAK.test(one)) {
      if (index === 0) leadingBreak = true;
      if (last) trailingBreak = true;
      if (previousSpace) spaceBreak = true;
      previousSpace = false;
      previousBreak = true;
    } else previousSpace = previousBreak = false;
    precededBySpace = BLANK_OR_BREAK.test(one);
    followedBySpace = index + 2 >= characters.length || BLANK_OR_BREAK.test(characters[index + 2]!);
  }
  let flowPlain = true;
  let blockPlain = true;
  let single = true;
  if (leadingSpace || leadingBreak || trailingSpace || trailingBreak) flowPlain = blockPlain = false;
  if (breakSpace) flowPlain = blockPlain = single = false;
  if (spaceBreak || special) flowPlain = blockPlain = single = false;
  if (lineBreaks) flowPlain = blockPlain = false;
  if (flow) flowPlain = false;
  if (block) blockPlain = false;
  return { multiline: lineBreaks, flowPlain, blockPlain, single };
}

/** Characters a YAML stream may hold as they are. */
function isPrintable(one: string): boolean {
  if (one === '\n' || (one >= ' ' && one <= '~')) return true;
  const code = one.codePointAt(0)!;
  return (
    (code === 0x85 ||
      (code >= 0xa0 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000) &&
    code !== 0xfeff
  );
}

const ESCAPES: { readonly [character: string]: string } = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(one: string): string {
  const short = ESCAPES[one];
  if (short !== undefined) return `\\${short}`;
  const code = one.codePointAt(0)!.toString(16).toUpperCase();
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}

/** A double-quoted scalar on one line. */
export function doubleQuoted(text: string, unicode: boolean): string {
  let body = '';
  for (const one of text) {
    const plain = one >= ' ' && one <= '~' ? one !== '"' && one !== '\\' : unicode && isWide(one);
    body += plain ? one : escaped(one);
  }
  return `"${body}"`;
}

function isWide(one: string): boolean {
  return isPrintable(one) && !'\n\x85\xa0\u2028\u2029'.includes(one);
}

/** A single-quoted scalar; a line break is written as an empty line. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''").replace(/\n+/g, (breaks) => `${breaks}\n`)}'`;
}

class Emitter {
  readonly style: YamlStyle;
  readonly width: number;
  text = '';
  column = 0;
  indent = 0;
  depth = 0;

  constructor(style: YamlStyle) {
    this.style = style;
    this.width = style.width ?? 80;
  }

  document(value: unknown): string {
    this.node(value, -1, { flow: 0, key: false, root: true });
    // PyYAML ends an unquoted scalar document by "...".
    const scalar = !isCollection(value) && !/["']$/.test(this.text);
    return scalar ? `${this.text}\n...\n` : `${this.text}\n`;
  }

  write(part: string): void {
    this.text += part;
    const line = part.lastIndexOf('\n');
    this.column = line === -1 ? this.column + part.length : part.length - line - 1;
  }

  newLine(indent: number): void {
    this.write(`\n${' '.repeat(Math.max(0, indent))}`);
  }

  node(value: unknown, indent: number, context: Context): void {
    const plain = normal(value);
    if (++this.depth > 900) {
      throw new JinjaError('The value is nested too deeply for YAML (does it contain itself?).');
    }
    if (plain instanceof Map) this.mapping(plain, indent, context);
    else if (Array.isArray(plain)) this.sequence(plain, indent, context);
    else this.scalar(plain, Math.max(0, indent), context);
    this.depth--;
  }

  inFlow(value: Map<unknown, unknown> | unknown[], context: Context): boolean {
    if (context.flow > 0) return true;
    const size = value instanceof Map ? value.size : value.length;
    if (size === 0) return true;
    if (this.style.flow !== null) return this.style.flow;
    const inside = value instanceof Map ? [...value.keys(), ...value.values()] : value;
    return !inside.some((member) => isCollection(member));
  }

  pairs(dict: Map<unknown, unknown>): [unknown, unknown][] {
    const pairs = [...dict];
    if (this.style.sortKeys === false) return pairs;
    const kinds = new Set(
      pairs.map(([key]) => (typeof key === 'string' ? 'text' : isNumberLike(key) ? 'number' : '?')),
    );
    // Keys that cannot be compared stay as they are.
    if (kinds.size !== 1 || kinds.has('?')) return pairs;
    return kinds.has('text')
      ? pairs.sort((a, b) => compareText(a[0] as string, b[0] as string))
      : pairs.sort((a, b) => Number(a[0]) - Number(b[0]));
  }

  sequence(list: unknown[], indent: number, context: Context): void {
    if (this.inFlow(list, context)) {
      const inner = this.flowIndent(indent, context);
      this.write('[');
      for (const [index, member] of list.entries()) {
        if (index > 0) this.write(',');
        this.flowGap(index, inner);
        this.node(member, inner, { flow: context.flow + 1, key: false });
      }
      this.write(']');
      return;
    }
    // PyYAML does not indent a list that is a dict's value.
    const inner = context.mapping ? Math.max(0, indent) : indent + 2 < 2 ? 0 : indent + 2;
    for (const [index, member] of list.entries()) {
      if (index > 0 || !(context.root || context.inSequence)) this.newLine(inner);
      this.write('- ');
      this.node(member, inner, { flow: 0, key: false, inSequence: true });
    }
  }

  mapping(dict: Map<unknown, unknown>, indent: number, context: Context): void {
    if (this.inFlow(dict, context)) {
      const inner = this.flowIndent(indent, context);
      this.write('{');
      for (const [index, [key, member]] of this.pairs(dict).entries()) {
        if (index > 0) this.write(',');
        this.flowGap(index, inner);
        this.flowKey(key, inner, context.flow + 1);
        this.node(member, inner, { flow: context.flow + 1, key: false });
      }
      this.write('}');
      return;
    }
    const inner = indent + 2 < 2 ? 0 : indent + 2;
    for (const [index, [key, member]] of this.pairs(dict).entries()) {
      if (index > 0 || !(context.root || context.inSequence)) this.newLine(inner);
      if (isSimpleKey(key)) {
        this.node(key, inner, { flow: 0, key: true });
        this.write(':');
      } else {
        this.write('? ');
        this.node(key, inner, { flow: 0, key: false, inSequence: true });
        this.newLine(inner);
        this.write(':');
      }
      const empty = isCollection(member) && this.inFlow(normal(member) as unknown[], { flow: 0, key: false });
      if (!isCollection(member) || empty) this.write(' ');
      this.node(member, inner, { flow: 0, key: false, mapping: true });
    }
  }

  flowKey(key: unknown, inner: number, flow: number): void {
    if (isSimpleKey(key)) {
      this.node(key, inner, { flow, key: true });
      this.write(': ');
    } else {
      this.write('? ');
      this.node(key, inner, { flow, key: false });
      this.flowGapBefore(': ', inner);
    }
  }

  flowGapBefore(mark: string, inner: number): void {
    if (this.column > this.width) this.newLine(inner);
    else this.write(' ');
    this.write(mark);
  }

  flowIndent(indent: number, context: Context): number {
    return context.root || indent < 0 ? 2 : indent + 2;
  }

  flowGap(index: number, inner: number): void {
    if (this.column > this.width) this.newLine(inner);
    else if (index > 0) this.write(' ');
  }

  scalar(value: unknown, indent: number, context: Context): void {
    if (typeof value !== 'string') {
      this.write(scalarText(value));
      return;
    }
    const analysis = analyse(value);
    const simple = context.key;
    const inFlow = context.flow > 0;
    const plain = inFlow ? analysis.flowPlain : analysis.blockPlain;
    const margin = indent + 2;
    if (!readsAsOther(value) && plain && !(simple && analysis.multiline) && value !== '') {
      this.folded(value, value, simple ? undefined : margin, '');
    } else if (analysis.single && !(simple && analysis.multiline)) {
      this.single(value, simple ? undefined : margin);
    } else this.double(value, simple ? undefined : margin);
  }

  /** Breaks at single spaces once the line is wider than it should be. */
  folded(text: string, body: string, indent: number | undefined, end: string): void {
    if (indent === undefined || this.column + text.length <= this.width) {
      this.write(body + end);
      return;
    }
    for (const part of body.split(/( +)/)) {
      if (part === ' ' && this.column > this.width) this.newLine(indent);
      else this.write(part);
    }
    this.write(end);
  }

  single(text: string, indent: number | undefined): void {
    this.write("'");
    const characters = Array.from(text);
    let start = 0;
    for (let index = 0; index <= characters.length; index++) {
      const one = characters[index];
      const kind = kindOf(one);
      if (index > start && kindOf(characters[start]) !== kind) {
        const run = characters.slice(start, index).join('');
        const edge = start === 0 || index === characters.length;
        if (run === ' ' && indent !== undefined && this.column > this.width && !edge) this.newLine(indent);
        else if (kindOf(run[0]) === 'break') {
          this.write(run[0] === '\n' ? `\n${run}` : run);
          this.write(' '.repeat(indent ?? 0));
        } else this.write(run.replaceAll("'", "''"));
        start = index;
      }
    }
    this.write("'");
  }

  double(text: string, indent: number | undefined): void {
    this.write('"');
    const characters = Array.from(text);
    let start = 0;
    for (let end = 0; end <= characters.length; end++) {
      const one = characters[end];
      const plain =
        one !== undefined && one !== '"' && one !== '\\' && ((one >= ' ' && one <= '~') || isWide(one));
      if (!plain) {
        if (start < end) this.write(characters.slice(start, end).join(''));
        if (one !== undefined) this.write(escaped(one));
        start = one === undefined ? end : end + 1;
      }
      const inside = end > 0 && end < characters.length - 1;
      if (!inside || indent === undefined || (one !== ' ' && start < end)) continue;
      if (this.column + (end - start) <= this.width) continue;
      this.write(`${characters.slice(start, end).join('')}\\`);
      if (start < end) start = end;
      this.newLine(indent);
      if (characters[start] === ' ') this.write('\\');
    }
    this.write('"');
  }
}

interface Context {
  /** How many flow collections are around. */
  readonly flow: number;
  readonly key: boolean;
  readonly root?: boolean;
  /** Directly behind `- `. */
  readonly inSequence?: boolean;
  /** The value of a dict's key. */
  readonly mapping?: boolean;
}

function kindOf(character: string | undefined): string {
  if (character === undefined) return 'end';
  if (character === ' ') return 'space';
  return BREAK.test(character) ? 'break' : 'text';
}

function isNumberLike(value: unknown): boolean {
  return isInt(value) || typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Namespace;
}

function isSimpleKey(key: unknown): boolean {
  if (isCollection(key)) return false;
  const text = typeof key === 'string' ? key : '';
  return text.length < 128 && !BREAK.test(text);
}

/** Dicts, lists and scalars; everything else cannot be written. */
function normal(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Namespace) return value.members;
  if (value instanceof Undefined) return value.fail();
  if (value === null || typeof value !== 'object' || value instanceof Float || isCollection(value))
    return value;
  if (value instanceof View || value instanceof Range || value instanceof Lazy) {
    throw new JinjaError(
      `cannot represent an object of type ${typeName(value)}`,
      'template-error',
      'Put "| list" before the filter.',
    );
  }
  throw new JinjaError(`cannot represent an object of type ${typeName(value)}`);
}

/** A scalar other than text. */
export function scalarText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (isInt(value)) return str(value);
  const number = Number(value);
  if (Number.isNaN(number)) return '.nan';
  if (!Number.isFinite(number)) return number > 0 ? '.inf' : '-.inf';
  const text = str(value as Float);
  // YAML 1.1 wants a point in a float: 1e+17 would be text.
  return text.includes('.') || !text.includes('e') ? text : text.replace('e', '.0e');
}

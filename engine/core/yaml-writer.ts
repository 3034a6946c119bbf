/** YAML as PyYAML's safe_dump prints it, by the rules of libyaml's emitter: people compare it with files Salt wrote. */
import { sortedEntries } from './key-order.ts';
import { type Dict, Float, isDict, type Value } from './value.ts';
import { isPlainText, scalarText } from './yaml-scalars.ts';
import { analysis, escaped, isBreak, mustEscape } from './yaml-styles.ts';

export interface YamlOptions {
  /** true: everything in flow style; null: only collections of plain scalars. */
  readonly flow: boolean | null;
  readonly sortKeys: boolean;
  readonly indent: number;
  readonly width: number;
  /** Characters beyond ASCII stay themselves. */
  readonly unicode: boolean;
  /** What YAML 1.1 and 1.2 would read differently is escaped. */
  readonly portable: boolean;
  readonly explicitStart: boolean;
}

export const yamlDefaults: YamlOptions = {
  flow: false,
  sortKeys: true,
  indent: 2,
  width: 80,
  unicode: false,
  portable: false,
  explicitStart: false,
};

interface Scalar {
  readonly text: string;
  /** Whether it reads back as what it is when printed plain. */
  readonly plain: boolean;
}

/** Without newline at the end. */
export function yamlText(value: Value, options: YamlOptions = yamlDefaults): string {
  const writer = new Writer(options);
  if (options.explicitStart) writer.raw('---');
  writer.node(value, { indent: -1, inFlow: false, key: false, indentless: false });
  return writer.text();
}

interface Place {
  /** Columns the surrounding collection is indented by; -1 at the root. */
  readonly indent: number;
  readonly inFlow: boolean;
  /** As a key on one line. */
  readonly key: boolean;
  /** A list in a mapping is not indented further. */
  readonly indentless: boolean;
}

class Writer {
  readonly #options: YamlOptions;
  #out = '';
  #column = 0;
  /** The last thing written was a blank, or a line just began. */
  #blank = true;
  /** Nothing but indentation and indicators such as `- ` stand in the line so far. */
  #indention = true;

  constructor(options: YamlOptions) {
    this.#options = options;
  }

  text(): string {
    return this.#out;
  }

  raw(text: string): void {
    this.#out += text;
    this.#column += text.length;
    this.#blank = false;
    this.#indention = false;
  }

  node(value: Value, place: Place): void {
    if (isDict(value)) {
      if (this.#isFlow(value, place) || value.size === 0) this.#flowMapping(value, place);
      else this.#blockMapping(value, place);
    } else if (Array.isArray(value)) {
      if (this.#isFlow(value, place) || value.length === 0) this.#flowList(value, place);
      else this.#blockList(value, place);
    } else this.#scalar(value, place);
  }

  #isFlow(value: Value, place: Place): boolean {
    const { flow } = this.#options;
    if (place.inFlow || flow === true) return true;
    if (flow === false) return false;
    const members = isDict(value) ? [...value].flat() : (value as Value[]);
    return members.every((one) => typeof one !== 'object' || one === null || one instanceof Float);
  }

  #blockMapping(value: ReadonlyMap<Value, Value>, place: Place): void {
    const indent = place.indent < 0 ? 0 : place.indent + this.#options.indent;
    for (const [key, member] of this.#entries(value)) {
      this.#newLine(indent);
      if (this.#isSimpleKey(key)) {
        this.node(key, { indent, inFlow: false, key: true, indentless: false });
        this.#indicator(':', false);
      } else {
        this.#indicator('?', true, true);
        this.node(key, { indent, inFlow: false, key: false, indentless: true });
        this.#newLine(indent);
        this.#indicator(':', true, true);
      }
      this.node(member, { indent, inFlow: false, key: false, indentless: true });
    }
  }

  #blockList(value: readonly Value[], place: Place): void {
    const further = place.indentless && !this.#indention ? 0 : this.#options.indent;
    const indent = place.indent < 0 ? 0 : place.indent + further;
    for (const member of value) {
      this.#newLine(indent);
      this.#indicator('-', true, true);
      this.node(member, { indent, inFlow: false, key: false, indentless: false });
    }
  }

  #flowList(value: readonly Value[], place: Place): void {
    this.#indicator('[', true);
    this.#blank = true;
    const indent = place.indent < 0 ? this.#options.indent : place.indent + this.#options.indent;
    for (const [index, member] of value.entries()) {
      if (index > 0) this.#indicator(',', false);
      if (this.#column > this.#options.width) this.#newLine(indent);
      this.node(member, { indent, inFlow: true, key: false, indentless: false });
    }
    this.#indicator(']', false);
  }

  #flowMapping(value: ReadonlyMap<Value, Value>, place: Place): void {
    this.#indicator('{', true);
    this.#blank = true;
    const indent = place.indent < 0 ? this.#options.indent : place.indent + this.#options.indent;
    for (const [index, [key, member]] of this.#entries(value).entries()) {
      if (index > 0) this.#indicator(',', false);
      if (this.#column > this.#options.width) this.#newLine(indent);
      if (this.#isSimpleKey(key)) {
        this.node(key, { indent, inFlow: true, key: true, indentless: false });
        this.#indicator(':', false);
      } else {
        this.#indicator('?', true);
        this.node(key, { indent, inFlow: true, key: false, indentless: false });
        if (this.#column > this.#options.width) this.#newLine(indent);
        this.#indicator(':', true);
      }
      this.node(member, { indent, inFlow: true, key: false, indentless: false });
    }
    this.#indicator('}', false);
  }

  #entries(value: ReadonlyMap<Value, Value>): [Value, Value][] {
    // Keys that cannot be compared with each other stay in order.
    return (this.#options.sortKeys ? sortedEntries(value) : undefined) ?? [...value];
  }

  /** libyaml: a key of at most 128 bytes that fits on one line needs no `? `. */
  #isSimpleKey(key: Value): boolean {
    if (isDict(key)) return key.size === 0;
    if (Array.isArray(key)) return key.length === 0;
    const { text } = scalarOf(key);
    return new TextEncoder().encode(text).length <= 128 && !/[\n\r\x85\u2028\u2029]/.test(text);
  }

  #scalar(value: Exclude<Value, Dict | Value[]>, place: Place): void {
    const scalar = scalarOf(value);
    const { text } = scalar;
    const style = this.#styleOf(scalar, place);
    const indent = place.indent < 0 ? this.#options.indent : place.indent + this.#options.indent;
    if (style === 'plain') {
      if (!this.#blank && (text !== '' || place.inFlow)) this.raw(' ');
      this.#folded(text, indent, !place.key, false);
    } else if (style === 'single') {
      this.#indicator("'", true);
      this.#folded(text.replaceAll("'", "''"), indent, !place.key, true);
      this.#indicator("'", false);
    } else {
      this.#indicator('"', true);
      this.#doubleQuoted(text, indent, !place.key);
      this.#indicator('"', false);
    }
    this.#blank = false;
    this.#indention = false;
  }

  #styleOf(scalar: Scalar, place: Place): 'plain' | 'single' | 'double' {
    const { text } = scalar;
    const allowed = analysis(text, this.#options);
    const multiline = allowed.multiline && place.key;
    if (scalar.plain && !multiline) {
      const empty = text === '' && (place.inFlow || place.key);
      if ((place.inFlow ? allowed.flowPlain : allowed.blockPlain) && !empty) return 'plain';
    }
    return allowed.single && !multiline ? 'single' : 'double';
  }

  /** Plain and single-quoted text: a lone space beyond the width becomes a line break, a newline becomes two. */
  #folded(text: string, indent: number, mayFold: boolean, quoted: boolean): void {
    let breaks = false;
    const last = text.length - 1;
    for (let at = 0; at <= last; at++) {
      const character = text[at]!;
      if (character === ' ') {
        const lone = text[at - 1] !== ' ' && text[at + 1] !== ' ';
        const inside = !quoted || (at > 0 && at < last);
        if (mayFold && lone && inside && this.#column > this.#options.width) this.#newLine(indent);
        else this.#put(' ');
      } else if (isBreak(character)) {
        if (!breaks && character === '\n') this.#lineBreak('\n');
        this.#lineBreak(character);
        this.#indention = true;
        breaks = true;
        continue;
      } else {
        if (breaks) this.#newLine(indent);
        this.#put(character);
        this.#indention = false;
      }
      breaks = false;
    }
    // Text that ends in a newline is never plain; between quotes the closing one stands on a line of its own.
    if (breaks) this.#newLine(indent);
  }

  #doubleQuoted(text: string, indent: number, mayFold: boolean): void {
    const characters = [...text];
    let spaces = false;
    for (const [index, character] of characters.entries()) {
      if (mustEscape(character, this.#options.unicode)) {
        this.#put(escaped(character));
        spaces = false;
      } else if (character === ' ') {
        const inside = index > 0 && index < characters.length - 1;
        if (mayFold && !spaces && inside && this.#column > this.#options.width) {
          this.#newLine(indent);
          if (characters[index + 1] === ' ') this.#put('\\');
        } else this.#put(' ');
        spaces = true;
      } else {
        this.#put(character);
        spaces = false;
      }
    }
  }

  #put(text: string): void {
    this.#out += text;
    this.#column += [...text].length;
  }

  #lineBreak(character: string): void {
    this.#out += character;
    this.#column = 0;
    this.#blank = true;
  }

  #indicator(text: string, needsBlank: boolean, keepsIndention = false): void {
    if (needsBlank && !this.#blank) this.#put(' ');
    this.#put(text);
    this.#blank = false;
    this.#indention = this.#indention && keepsIndention;
  }

  /** Begins a line at a column, unless the line holds nothing beyond indicators and has not come so far. */
  #newLine(indent: number): void {
    const begun = this.#column > indent || (this.#column === indent && !this.#blank);
    if (!this.#indention || begun) {
      // `- ` right before a nested list or mapping leaves its blank to the indentation.
      if (this.#out !== '') this.#lineBreak('\n');
    }
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#blank = true;
    this.#indention = true;
  }
}

function scalarOf(value: Exclude<Value, Dict | Value[]>): Scalar {
  if (typeof value === 'string') return { text: value, plain: isPlainText(value) };
  return { text: scalarText(value), plain: true };
}

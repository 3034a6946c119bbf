/** YAML as PyYAML's safe_dump prints it, by the rules of libyaml's emitter: people compare it with files Salt wrote. */
import { sortedEntries } from './key-order.ts';
import { type Dict, Float, isDict, type Value } from './value.ts';
import { Lines } from './yaml-lines.ts';
import { isPlainText, scalarText } from './yaml-scalars.ts';
import { analysis } from './yaml-styles.ts';

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
  const lines = new Lines(options);
  if (options.explicitStart) lines.indicator('---', false);
  new Writer(options, lines).node(value, { indent: -1, inFlow: false, key: false, indentless: false });
  return lines.text;
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
  readonly #lines: Lines;

  constructor(options: YamlOptions, lines: Lines) {
    this.#options = options;
    this.#lines = lines;
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
      this.#lines.newLine(indent);
      if (this.#isSimpleKey(key)) {
        this.node(key, { indent, inFlow: false, key: true, indentless: false });
        this.#lines.indicator(':', false);
      } else {
        this.#lines.indicator('?', true, true);
        this.node(key, { indent, inFlow: false, key: false, indentless: true });
        this.#lines.newLine(indent);
        this.#lines.indicator(':', true, true);
      }
      this.node(member, { indent, inFlow: false, key: false, indentless: true });
    }
  }

  #blockList(value: readonly Value[], place: Place): void {
    const further = place.indentless && !this.#lines.indention ? 0 : this.#options.indent;
    const indent = place.indent < 0 ? 0 : place.indent + further;
    for (const member of value) {
      this.#lines.newLine(indent);
      this.#lines.indicator('-', true, true);
      this.node(member, { indent, inFlow: false, key: false, indentless: false });
    }
  }

  #flowList(value: readonly Value[], place: Place): void {
    this.#lines.indicator('[', true);
    this.#lines.blank = true;
    const indent = place.indent < 0 ? this.#options.indent : place.indent + this.#options.indent;
    for (const [index, member] of value.entries()) {
      if (index > 0) this.#lines.indicator(',', false);
      if (this.#lines.full) this.#lines.newLine(indent);
      this.node(member, { indent, inFlow: true, key: false, indentless: false });
    }
    this.#lines.indicator(']', false);
  }

  #flowMapping(value: ReadonlyMap<Value, Value>, place: Place): void {
    this.#lines.indicator('{', true);
    this.#lines.blank = true;
    const indent = place.indent < 0 ? this.#options.indent : place.indent + this.#options.indent;
    for (const [index, [key, member]] of this.#entries(value).entries()) {
      if (index > 0) this.#lines.indicator(',', false);
      if (this.#lines.full) this.#lines.newLine(indent);
      if (this.#isSimpleKey(key)) {
        this.node(key, { indent, inFlow: true, key: true, indentless: false });
        this.#lines.indicator(':', false);
      } else {
        this.#lines.indicator('?', true);
        this.node(key, { indent, inFlow: true, key: false, indentless: false });
        if (this.#lines.full) this.#lines.newLine(indent);
        this.#lines.indicator(':', true);
      }
      this.node(member, { indent, inFlow: true, key: false, indentless: false });
    }
    this.#lines.indicator('}', false);
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
      if (!this.#lines.blank && (text !== '' || place.inFlow)) this.#lines.put(' ');
      this.#lines.folded(text, indent, !place.key, false);
    } else if (style === 'single') {
      this.#lines.indicator("'", true);
      this.#lines.folded(text.replaceAll("'", "''"), indent, !place.key, true);
      this.#lines.indicator("'", false);
    } else {
      this.#lines.indicator('"', true);
      this.#lines.doubleQuoted(text, indent, !place.key);
      this.#lines.indicator('"', false);
    }
    this.#lines.blank = false;
    this.#lines.indention = false;
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
}

function scalarOf(value: Exclude<Value, Dict | Value[]>): Scalar {
  if (typeof value === 'string') return { text: value, plain: isPlainText(value) };
  return { text: scalarText(value), plain: true };
}

/** Reads YAML as Salt's loader does: YAML 1.1 as PyYAML reads it, with duplicate keys as errors. */
import { createRequire } from 'node:module';
import type {
  CST,
  Document,
  Lexer,
  LineCounter,
  Node,
  Pair,
  ParsedNode,
  Scalar,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { at, type Diagnostic, type Origin, type Place, Trouble } from '../core/diagnostic.ts';
import { isArmour } from '../core/secret.ts';
import type { Path } from '../core/sls.ts';
import { type Dict, Float, floatOf, keyText, type Value } from '../core/value.ts';
import { booleanOf, integerOf, plainValue, realOf } from '../core/yaml-scalars.ts';

/** Turns an offset of the parsed text into a place in the file the user wrote (through a template, maybe). */
export type PlaceOf = (offset: number) => Place;

/** A plain scalar that YAML 1.1 reads otherwise than it looks: the path to it and what stands in the file. */
export type Ambiguous = readonly [path: Path, text: string];

export interface YamlDocument {
  readonly value: Value;
  readonly ambiguous: readonly Ambiguous[];
}

/** Loading the parser costs tens of milliseconds; a converged host with a warm cache never needs it. */
let yaml: typeof import('yaml') | undefined;

function load(): typeof import('yaml') {
  yaml ??= createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return yaml;
}

/** The value of a text of one YAML document. Throws Trouble with every mistake found. */
export function parseYaml(text: string, placeOf: PlaceOf): YamlDocument {
  const document = compose(text);
  const open = unclosed(document, text);
  if (open)
    throw new Trouble([neverClosed(text[open.start]!, originAt(placeOf, open.start, open.start + 1))]);
  // A tab puts its whole block in disorder: what else is found follows from it.
  const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  const said = new Set<number>();
  const errors = (tabs.length > 0 ? tabs : document.errors).filter((error, index) => {
    // Nor does anything count that comes after what the parser took for the end.
    if (index > 0 && error.message.includes(' in YAML stream')) return false;
    // A key over several lines is told twice, the second time in plainer words; the rest of a line says no more.
    const next = document.errors[index + 1];
    if (next?.code === 'MULTILINE_IMPLICIT_KEY' && next.pos[0] === error.pos[0]) return false;
    const line = text.lastIndexOf('\n', error.pos[0] - 1);
    return !isLowClosingBracket(text, error) && !said.has(line) && said.add(line);
  });
  const diagnostics: Diagnostic[] = errors.map((error) => ({
    code: 'yaml-syntax',
    message: messageOf(error),
    origin: originAt(placeOf, ...visible(text, error.pos)),
    ...hintFor(text, error.pos[0], error),
  }));
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  const builder = new Builder(document, placeOf);
  const value = builder.value(document.contents, []);
  if (builder.diagnostics.length > 0) throw new Trouble(builder.diagnostics);
  return { value, ambiguous: builder.ambiguous };
}

/** PyYAML lets the bracket that closes a flow collection stand at any column, the parser does not. */
function isLowClosingBracket(
  text: string,
  error: { code: string; message: string; pos: [number, number] },
): boolean {
  return (
    error.code === 'BAD_INDENT' && error.message.startsWith('Flow ') && /[\]}]/.test(text[error.pos[0]] ?? '')
  );
}

/**
 * Where a value stands in a text: found by parsing once more, since places are asked for only when something
 * is wrong. `on` chooses the key of the last step or its value.
 */
export function locateInYaml(text: string, path: Path, on: 'key' | 'value'): { start: number; end: number } {
  const { isMap, isSeq, isAlias } = load();
  const document = composeOnce(text);
  let node: Node | null | undefined = document.contents;
  let found = rangeOf(node) ?? { start: 0, end: 0 };
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = pairsOf(node as YAMLMap<ParsedNode, ParsedNode | null>).get(String(step));
      if (!pair) break;
      found =
        (last && on === 'key' ? rangeOf(pair.key) : (rangeOf(pair.value) ?? rangeOf(pair.key))) ?? found;
      node = pair.value;
    } else if (isSeq(node)) {
      node = (node as YAMLSeq<ParsedNode>).items[Number(step)];
      found = rangeOf(node) ?? found;
    } else break;
  }
  return found;
}

const located = new Map<string, Document<ParsedNode>>();

/** Errors come in numbers and mostly from one file, or from one and what it is held against: each is parsed once. */
function composeOnce(text: string): Document<ParsedNode> {
  const known = located.get(text);
  if (known) return known;
  const document = compose(text);
  const [oldest] = located.keys();
  if (oldest !== undefined && located.size >= 4) located.delete(oldest);
  located.set(text, document);
  return document;
}

type Pairs = ReadonlyMap<string, Pair<ParsedNode, ParsedNode | null>>;
const pairsKnown = new WeakMap<object, Pairs>();

/** Pairs by the steps of paths, which are keys as Python prints them: `True` is what may be written as yes. */
function pairsOf(node: YAMLMap<ParsedNode, ParsedNode | null>): Pairs {
  let pairs = pairsKnown.get(node);
  if (!pairs) {
    const found = new Map<string, Pair<ParsedNode, ParsedNode | null>>();
    for (const pair of node.items) {
      const text = scalarText(pair.key) ?? '';
      const step = (pair.key as unknown as Scalar)?.type === 'PLAIN' ? keyText(plainScalar(text)) : text;
      if (!found.has(step)) found.set(step, pair);
    }
    pairs = found;
    pairsKnown.set(node, pairs);
  }
  return pairs;
}

function compose(text: string): Document<ParsedNode> {
  // The failsafe schema leaves every scalar as text; what it means is decided below, as PyYAML does.
  const { Composer, Parser } = load();
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    strict: true,
    logLevel: 'silent',
    prettyErrors: false,
    customTags: [],
  });
  const parser = new Parser();
  function* tokens(): Generator<CST.Token> {
    for (const lexeme of lexer().lex(text)) yield* parser.next(lexeme);
    yield* parser.end();
  }
  const documents = [...composer.compose(tokens())] as Document<ParsedNode>[];
  const [first, second] = documents;
  if (!first) return load().parseDocument('', { schema: 'failsafe' }) as unknown as Document<ParsedNode>;
  if (second) {
    const start = rangeOf(second.contents)?.start ?? text.length;
    first.errors.push(
      new (load().YAMLParseError)(
        [start, start + 1],
        'MULTIPLE_DOCS',
        'Only one YAML document is expected, another begins here',
      ),
    );
  }
  return first;
}

function neverClosed(sign: string, origin: Origin): Diagnostic {
  const kind = sign === '[' ? 'list' : sign === '{' ? 'mapping' : 'quoted text';
  return {
    code: 'yaml-syntax',
    message: `The ${kind} that begins here is never closed.`,
    origin,
    hint: kind === 'quoted text' ? 'Write the closing quote.' : 'Close it, or put the value in quotes.',
  };
}

/** The innermost bracket or quote that takes the rest of the file with it: all other errors follow from it. */
function unclosed(document: Document<ParsedNode>, text: string): { start: number } | undefined {
  const error = document.errors.find(({ message }) =>
    /end with a [\]}]$|^Missing closing ["']/.test(message),
  );
  if (!error) return undefined;
  let found: { start: number } | undefined;
  load().visit(document, (_key, node) => {
    const range = rangeOf(node as Node);
    if (range && range.end >= error.pos[0] && /[[{"']/.test(text[range.start] ?? '')) found = range;
  });
  return found;
}

interface Internals {
  indentNext: number;
  readonly flowLevel: number;
  parseFlowCollection(): Generator<string>;
  parseQuotedScalar(): Generator<string>;
  parsePlainScalar(): Generator<string>;
}

let Lenient: (new () => Lexer) | undefined;

/**
 * PyYAML lets flow collections and quoted text go on at any column, and Salt's filter `yaml` writes them so:
 * it breaks long lines without regard to where they will stand.
 */
function lexer(): Lexer {
  if (!Lenient) {
    const Strict = load().Lexer as unknown as new () => Internals;
    Lenient = class extends Strict {
      override *parseFlowCollection(): Generator<string> {
        return yield* this.#anywhere(() => super.parseFlowCollection());
      }
      override *parseQuotedScalar(): Generator<string> {
        return yield* this.#anywhere(() => super.parseQuotedScalar());
      }
      override *parsePlainScalar(): Generator<string> {
        if (this.flowLevel === 0) return yield* super.parsePlainScalar();
        return yield* this.#anywhere(() => super.parsePlainScalar());
      }
      *#anywhere(parse: () => Generator<string>): Generator<string> {
        const kept = this.indentNext;
        this.indentNext = 0;
        try {
          return yield* parse();
        } finally {
          this.indentNext = kept;
        }
      }
    } as unknown as new () => Lexer;
  }
  return new Lenient();
}

function rangeOf(node: Node | null | undefined): { start: number; end: number } | undefined {
  return node?.range ? { start: node.range[0], end: node.range[1] } : undefined;
}

function scalarText(node: unknown): string | undefined {
  const scalar = node as Scalar | null;
  return scalar && 'value' in scalar ? (scalar.source ?? String(scalar.value ?? '')) : undefined;
}

function originAt(placeOf: PlaceOf, start: number, end: number): Origin {
  return {
    place: () => {
      const place = placeOf(start);
      return place.length === undefined ? { ...place, length: Math.max(1, end - start) } : place;
    },
  };
}

/** The parser begins at the indentation of a line, a reader at its first character. */
function visible(text: string, [start, end]: readonly [number, number]): [number, number] {
  const blanks = /^ */.exec(text.slice(start, start + 1000))![0].length;
  return blanks === 0 ? [start, end] : [start + blanks, Math.max(end, start + blanks + 1)];
}

/** The parser's words are for those who know the grammar of YAML. */
function messageOf({ code, message }: { code: string; message: string }): string {
  if (code === 'MULTILINE_IMPLICIT_KEY') return 'This would be a key that runs over several lines.';
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'A mapping cannot begin within a line that holds a key already.';
  if (message.startsWith('Sequence item without'))
    return 'This line belongs to a list, but begins with no dash and stands below none of its items.';
  if (message.startsWith('Implicit map keys')) return 'Here a key and ":" are expected.';
  if (message.startsWith('Maximum call stack')) return 'Values are nested too deeply.';
  const text = message.replace(/\s+at line \d+.*$/s, '').trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function hintFor(
  text: string,
  offset: number,
  { code, message }: { code: string; message: string },
): { hint?: string } {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(
    lineStart,
    text.indexOf('\n', offset) === -1 ? undefined : text.indexOf('\n', offset),
  );
  if (code === 'MULTILINE_IMPLICIT_KEY')
    return { hint: 'Is a ":" missing at the end of the first line, or is the next one indented too far?' };
  if (message.startsWith('Sequence item without'))
    return { hint: 'Begin it with "- ", or align it with the key above it.' };
  if (/^\s*\t/.test(line) || code === 'TAB_AS_INDENT')
    return { hint: 'Indent with spaces, YAML allows no tabs.' };
  if (/:\s*[{%@`]/.test(line) || /:\s*\{\{/.test(line)) return { hint: 'Put the value in quotes.' };
  if (/: .*: /.test(line)) return { hint: 'Put a value that contains ": " in quotes.' };
  return {};
}

/** What a plain scalar means. Salt: leading zeros are stripped (0644 is 644), dates stay text. */
export function plainScalar(text: string): Value {
  return plainValue(text, 'stripped');
}

/** `!!float 2` is 2.0. */
function floatIn(text: string): number | Float | undefined {
  const whole = integerOf(text, 'stripped');
  return whole === undefined ? realOf(text) : floatOf(Number(whole));
}

/** Whether a plain scalar means something that its reader may not expect. */
function isAmbiguous(text: string, value: Value): boolean {
  if (typeof value === 'string' || value === null) return false;
  if (typeof value === 'boolean') return !/^(?:true|false)$/i.test(text);
  if (value instanceof Float) return true;
  return String(value) !== text;
}

/** Builds values from nodes and collects what is wrong with them. */
class Builder {
  readonly diagnostics: Diagnostic[] = [];
  readonly ambiguous: Ambiguous[] = [];
  readonly #document: Document<ParsedNode>;
  readonly #placeOf: PlaceOf;
  readonly #lib = load();
  /** How many values aliases may still unfold: a document of a few lines must not fill the memory. */
  #unfolding = 100_000;
  #isExhausted = false;
  #depth = 0;

  constructor(document: Document<ParsedNode>, placeOf: PlaceOf) {
    this.#document = document;
    this.#placeOf = placeOf;
  }

  value(node: Node | null | undefined, path: Path): Value {
    const { isMap, isSeq, isScalar, isAlias } = this.#lib;
    if (!node) return null;
    if (isAlias(node)) {
      const target = node.resolve(this.#document) as Node | undefined;
      if (!target) return this.#wrong(node, 'yaml-syntax', `There is no anchor "${node.source}".`);
      this.#unfolding -= 1;
      if (this.#unfolding < 0) {
        // Said once: everything after it is too much as well.
        if (!this.#isExhausted) this.#wrong(node, 'yaml-syntax', 'Aliases unfold to too many values.');
        this.#isExhausted = true;
        return null;
      }
      return this.value(target, path);
    }
    if (++this.#depth > 500) return this.#wrong(node, 'yaml-syntax', 'Values are nested too deeply.');
    if (this.#unfolding < 100_000) this.#unfolding -= 1;
    try {
      if (isScalar(node)) return this.#scalar(node, path);
      const tag = node.tag;
      if (tag && !/^tag:yaml\.org,2002:(?:map|seq|omap|set|python\/tuple)$/.test(tag)) {
        return this.#wrong(node, 'yaml-syntax', `The tag "${shortTag(tag)}" is not known.`);
      }
      if (isMap(node)) return this.#mapping(node as YAMLMap<ParsedNode, ParsedNode | null>, path);
      if (isSeq(node)) {
        return (node as YAMLSeq<ParsedNode>).items.map((item, index) => this.value(item, [...path, index]));
      }
      return null;
    } finally {
      this.#depth -= 1;
    }
  }

  #scalar(node: Scalar, path: Path): Value {
    const text = typeof node.value === 'string' ? node.value : '';
    const tag = node.tag;
    if (!tag) {
      if (node.type !== 'PLAIN') return text;
      // Only a scalar on one line can be anything but text, and its value is its source.
      const value = plainScalar(text);
      if (typeof value !== 'string' && isAmbiguous(text, value)) this.ambiguous.push([path, text]);
      return value;
    }
    switch (shortTag(tag)) {
      case '!!str':
      case '!':
      case '!!python/unicode':
      case '!!python/str':
        return text;
      case '!!int':
        return this.#tagged(node, text, integerOf(text, 'stripped'));
      case '!!float':
        return this.#tagged(node, text, floatIn(text));
      case '!!bool':
        return this.#tagged(node, text, booleanOf(text));
      case '!!null':
        return null;
      case '!!binary':
        return Buffer.from(text, 'base64').toString('utf8');
      case '!!timestamp':
        return text;
      case '!secret':
        // Its own text may be the very secret that somebody forgot to encrypt.
        if (isArmour(text)) return text;
        return this.#wrong(
          node,
          'yaml-syntax',
          'The tag "!secret" stands before an armoured block of age, and this is none.',
        );
      default:
        return this.#wrong(node, 'yaml-syntax', `The tag "${shortTag(tag)}" is not known.`);
    }
  }

  #tagged(node: Scalar, text: string, value: Value | undefined): Value {
    if (value !== undefined) return value;
    return this.#wrong(node, 'yaml-syntax', `"${text}" is no value for the tag "${shortTag(node.tag!)}".`);
  }

  #mapping(node: YAMLMap<ParsedNode, ParsedNode | null>, path: Path): Dict {
    const own: Dict = new Map();
    const merged: Dict = new Map();
    const places = new Map<Value, ParsedNode>();
    for (const pair of node.items) {
      if (isMergeKey(pair)) {
        this.#mergeInto(merged, pair.value, path);
        continue;
      }
      const key = this.#key(pair.key, path);
      if (key === undefined) continue;
      const known = own.has(key) ? key : sameNumber(own, key);
      if (known !== undefined) {
        const first = places.get(known)!;
        this.diagnostics.push({
          code: 'duplicate-key',
          message: `The key "${keyText(key)}" stands here twice.`,
          origin: this.#origin(pair.key),
          hint: 'Remove or rename one of them.',
          related: [{ message: 'first here', origin: this.#origin(first) }],
        });
        continue;
      }
      places.set(key, pair.key);
      own.set(key, this.value(pair.value, [...path, keyText(key)]));
    }
    if (merged.size === 0) return own;
    // Salt: what `<<` brings comes first, except for keys that the mapping has itself.
    const all: Dict = new Map();
    for (const [key, value] of merged) if (!own.has(key)) all.set(key, value);
    for (const [key, value] of own) all.set(key, value);
    return all;
  }

  #mergeInto(merged: Dict, node: ParsedNode | null, path: Path): void {
    const { isSeq } = this.#lib;
    const sources = isSeq(node) ? (node as unknown as YAMLSeq<ParsedNode>).items : [node];
    for (const source of sources) {
      const value = this.value(source, path);
      if (value instanceof Map) {
        for (const [key, member] of value) if (!merged.has(key)) merged.set(key, member);
      } else if (source) this.#wrong(source, 'yaml-syntax', 'Only mappings can be merged by "<<".');
    }
  }

  #key(node: ParsedNode | null, path: Path): Exclude<Value, Value[] | Dict> | undefined {
    const key = this.value(node, path);
    if (key !== null && typeof key === 'object' && !(key instanceof Float)) {
      this.#wrong(
        node!,
        'yaml-syntax',
        'A list or a mapping cannot be a key.',
        'Quote it if a template was meant.',
      );
      return undefined;
    }
    return key;
  }

  #wrong(node: Node, code: 'yaml-syntax', message: string, hint?: string): null {
    this.diagnostics.push({ code, message, origin: this.#origin(node), ...(hint ? { hint } : {}) });
    return null;
  }

  #origin(node: Node): Origin {
    const range = rangeOf(node) ?? { start: 0, end: 1 };
    return originAt(this.#placeOf, range.start, range.end);
  }
}

/** Python: 1, 1.0 and True are one key. */
function sameNumber(dict: Dict, key: Value): Value | undefined {
  if (typeof key === 'string' || key === null) return undefined;
  const number = Number(key);
  for (const known of [number, number === 1 ? true : number === 0 ? false : undefined]) {
    if (known !== undefined && known !== key && dict.has(known)) return known;
  }
  return undefined;
}

function isMergeKey(pair: Pair<ParsedNode, ParsedNode | null>): boolean {
  const key = pair.key as unknown as Scalar;
  return key?.value === '<<' && key.type === 'PLAIN';
}

function shortTag(tag: string): string {
  return tag.replace('tag:yaml.org,2002:', '!!');
}

/** Places of a text that stands as such in a file. */
export function placesIn(file: string, text: string): PlaceOf {
  let counter: LineCounter | undefined;
  return (offset) => {
    if (!counter) {
      counter = new (load().LineCounter)();
      counter.addNewLine(0);
      for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) {
        counter.addNewLine(index + 1);
      }
    }
    const { line, col } = counter.linePos(offset);
    return at(file, Math.max(1, line), Math.max(1, col)).place();
  };
}

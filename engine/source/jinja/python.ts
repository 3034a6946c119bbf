/** Python's values as templates see them: printing, truth, equality, order, arithmetic and containers. */
import type { Code } from '../../core/codes.ts';
import { compareText } from '../../core/key-order.ts';
import { numberText } from '../../core/number-text.ts';
import { Float, floatOf as float, intOf as int } from '../../core/value.ts';

export { float, int };

// Values are null, boolean, string, list (Array), dict (Map), int (a whole number or bigint), float (any other
// number; whole and non-finite ones boxed in Float) and the classes below. Nothing else may enter a template.

/** What a template did wrong, in Python's or our words. The generated code adds the place. */
export class JinjaError extends Error {
  readonly code: JinjaCode;
  readonly hint: string | undefined;
  /** Where the culprit is written, if that is not the operation that failed. */
  readonly where: unknown;
  constructor(message: string, code: JinjaCode = 'template-error', hint?: string, where?: unknown) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.where = where;
  }
}

export type JinjaCode = Extract<
  Code,
  | 'template-error'
  | 'template-undefined'
  | 'template-not-found'
  | 'unknown-filter'
  | 'unknown-salt-function'
  | 'template-syntax'
>;

/** A list that cannot be changed. Make one by `tuple(...)`: the constructor is Array's. */
export class Tuple extends Array<unknown> {
  // A plain list, so that `slice` and the like do not call the constructor with a length.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

export function tuple(...members: unknown[]): Tuple {
  return toTuple(members);
}

export function toTuple(members: Iterable<unknown>): Tuple {
  const made = new Tuple();
  for (const member of members) made.push(member);
  return made;
}

/** A name, key or attribute that does not exist. Any use but `is defined` and `default` is an error. */
export class Undefined {
  readonly message: string;
  readonly code: JinjaCode;
  /** Worked out only when there is an error. */
  readonly hint: (() => string | undefined) | undefined;
  /** Where the name is written, set by the code that looked it up. */
  where: unknown;
  constructor(message: string, hint?: () => string | undefined, code: JinjaCode = 'template-undefined') {
    this.message = message;
    this.hint = hint;
    this.code = code;
    this.where = undefined;
  }
  /** What every use does. */
  fail(): never {
    throw new JinjaError(this.message, this.code, this.hint?.(), this.where);
  }
}

/** What an inline `if` without `else` gives: Jinja makes it print as nothing and count as false. */
export class Blank extends Undefined {}

export type Keywords = Record<string, unknown>;

/** Anything a template may call. `kwargs` has no prototype. */
export class Callable {
  readonly name: string;
  readonly call: (args: unknown[], kwargs: Keywords) => unknown;
  /** Attributes a template may read, such as a macro's `name`. */
  readonly attributes: Map<string, unknown> | undefined;
  constructor(
    name: string,
    call: (args: unknown[], kwargs: Keywords) => unknown,
    attributes?: Map<string, unknown>,
  ) {
    this.name = name;
    this.call = call;
    this.attributes = attributes;
  }
}

/** `namespace()`: the one object whose attributes `set` may change. */
export class Namespace {
  readonly members: Map<unknown, unknown>;
  constructor(members: Map<unknown, unknown>) {
    this.members = members;
  }
}

/** An object whose attributes are its own to tell: `loop`, an imported template, `salt`, a cycler. */
export abstract class Attributes {
  abstract readonly typeName: string;
  /** JavaScript's undefined where there is none of that name. */
  abstract get(name: string): unknown;
  /** Names for "did you mean". */
  names(): Iterable<string> {
    return [];
  }
  /** What is missing, where better words than Python's exist. */
  absent(_name: string): Undefined | undefined {
    return undefined;
  }
  /** What it prints as. */
  text(): string {
    return `<${this.typeName}>`;
  }
  call(_args: unknown[], _kwargs: Keywords): unknown {
    throw new JinjaError(`'${this.typeName}' object is not callable`);
  }
}

/** `range(...)`. */
export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
  at(index: number): number | undefined {
    const length = this.length;
    const from = index < 0 ? index + length : index;
    return from >= 0 && from < length ? this.start + from * this.step : undefined;
  }
  *[Symbol.iterator](): Generator<number> {
    for (let index = 0, length = this.length; index < length; index++) yield this.start + index * this.step;
  }
}

/** What `map`, `select` and their kind return: always true, without length, read once. */
export class Lazy {
  readonly name: string;
  private readonly iterator: Iterator<unknown>;
  constructor(name: string, members: Iterable<unknown>) {
    this.name = name;
    this.iterator = members[Symbol.iterator]();
  }
  next(): IteratorResult<unknown> {
    return this.iterator.next();
  }
  [Symbol.iterator](): Lazy {
    return this;
  }
}

/** What `d.keys()`, `d.values()` and `d.items()` return: follows later changes of the dict. */
export class View {
  readonly kind: 'keys' | 'values' | 'items';
  readonly dict: Map<unknown, unknown>;
  constructor(kind: View['kind'], dict: Map<unknown, unknown>) {
    this.kind = kind;
    this.dict = dict;
  }
  members(): unknown[] {
    if (this.kind === 'keys') return [...this.dict.keys()];
    if (this.kind === 'values') return [...this.dict.values()];
    return Array.from(this.dict, ([key, value]) => tuple(key, value));
  }
}

// ---------------------------------------------------------------- what filters, tests and functions are

/** What a filter or test may ask of the engine. */
export interface FilterRuntime {
  /** Applies another filter; an unknown name is an error with "did you mean". */
  filter(name: string, value: unknown, args?: unknown[], kwargs?: Keywords): unknown;
  test(name: string, value: unknown, args?: unknown[], kwargs?: Keywords): boolean;
  /** `value.name`: attribute or method, then item. Undefined (ours) where there is neither. */
  getattr(value: unknown, name: string): unknown;
  /** `value[key]`: item, then attribute. Undefined (ours) where there is neither. */
  getitem(value: unknown, key: unknown): unknown;
  /** Calls anything a template may call. */
  call(callable: unknown, args: unknown[], kwargs?: Keywords): unknown;
  /** Text as Salt's YAML loader reads it. */
  parseYaml(text: string): unknown;
  /** Whether a filter or test of that name exists. */
  hasFilter(name: string): boolean;
  hasTest(name: string): boolean;
  /** The node's ID: what `random` and its kind draw from, so that they draw the same on every run. */
  readonly seed?: string;
}

export type Filter = (value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime) => unknown;
export type Test = (value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime) => boolean;
/** An execution function (`salt['module.function']`). A promise suspends the rendering until it settles. */
export type SaltFunction = (args: unknown[], kwargs: Keywords) => unknown | Promise<unknown>;
export type FunctionTable = ReadonlyMap<string, SaltFunction>;

// ---------------------------------------------------------------- kinds

export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'undefined':
      return 'NoneType';
  }
  if (value === null) return 'NoneType';
  if (value instanceof Map) return 'dict';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Float) return 'float';
  if (value instanceof Undefined) return 'StrictUndefined';
  if (value instanceof Callable) return 'function';
  if (value instanceof Attributes) return value.typeName;
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Range) return 'range';
  if (value instanceof Lazy) return 'generator';
  if (value instanceof View) return `dict_${value.kind}`;
  return 'object';
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));
}

/** A whole number, not a boolean. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** int, float or bool: what arithmetic takes. */
export function isNumeric(value: unknown): value is number | bigint | boolean | Float {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    value instanceof Float
  );
}

/** A numeric value as JavaScript's number, for floats and comparisons. */
export function toNumber(value: number | bigint | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

// ---------------------------------------------------------------- printing

/** Python's `str()`. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (value instanceof Undefined) return value instanceof Blank ? '' : value.fail();
  if (value instanceof Attributes) return value.text();
  return repr(value);
}

/** Python's `repr()`. */
export function repr(value: unknown): string {
  return represent(value, undefined);
}

function represent(value: unknown, inside: Set<unknown> | undefined): string {
  switch (typeof value) {
    case 'string':
      return reprString(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
    case 'number':
      return numberText(value);
    case 'undefined':
      return 'None';
  }
  if (value === null) return 'None';
  if (value instanceof Float) return numberText(value);
  if (Array.isArray(value)) {
    const open = value instanceof Tuple ? '(' : '[';
    const close = value instanceof Tuple ? ')' : ']';
    if (inside?.has(value)) return `${open}...${close}`;
    const within = enter(inside, value);
    const members = value.map((member) => represent(member, within));
    within.delete(value);
    return open + members.join(', ') + (open === '(' && members.length === 1 ? ',)' : close);
  }
  if (value instanceof Map) {
    if (inside?.has(value)) return '{...}';
    const within = enter(inside, value);
    const members: string[] = [];
    for (const [key, member] of value)
      members.push(`${represent(key, within)}: ${represent(member, within)}`);
    within.delete(value);
    return `{${members.join(', ')}}`;
  }
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof View) return `dict_${value.kind}(${represent(value.members(), inside)})`;
  if (value instanceof Range) {
    return value.step === 1
      ? `range(${value.start}, ${value.stop})`
      : `range(${value.start}, ${value.stop}, ${value.step})`;
  }
  if (value instanceof Namespace) return `<Namespace ${represent(value.members, inside)}>`;
  if (value instanceof Lazy) return `<generator object ${value.name}>`;
  if (value instanceof Callable)
    return `<${value.attributes ? 'Macro' : 'function'} ${reprString(value.name)}>`;
  if (value instanceof Attributes) return `<${value.typeName}>`;
  return '<object>';
}

function enter(inside: Set<unknown> | undefined, value: unknown): Set<unknown> {
  const within = inside ?? new Set<unknown>();
  if (within.size >= 500) throw new JinjaError('The value is nested too deeply to be printed.');
  within.add(value);
  return within;
}

const plainText = /^[ -&(-[\]-~]*$/;
/** Separators, controls and unassigned characters, of which only the space is printed as it is. */
const escaped = /[\\'"]|[\p{C}\p{Z}]/gu;

function reprString(text: string): string {
  if (plainText.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(escaped, (character) => {
    switch (character) {
      case ' ':
        return ' ';
      case '\\':
        return '\\\\';
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      case "'":
      case '"':
        return character === quote ? `\\${character}` : character;
    }
    const point = character.codePointAt(0)!;
    if (point < 0x100) return `\\x${point.toString(16).padStart(2, '0')}`;
    if (point < 0x10000) return `\\u${point.toString(16).padStart(4, '0')}`;
    return `\\U${point.toString(16).padStart(8, '0')}`;
  });
  return quote + body + quote;
}

// ---------------------------------------------------------------- truth, equality, order

export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'undefined':
      return false;
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Undefined) return value instanceof Blank ? false : value.fail();
  if (value instanceof Range) return value.length > 0;
  if (value instanceof View) return value.dict.size > 0;
  return true;
}

export function equals(a: unknown, b: unknown): boolean {
  if (a === b && typeof a !== 'object') return true;
  if (typeof a === 'string' && typeof b === 'string') return false;
  if (a instanceof Undefined) return a instanceof Blank ? b instanceof Blank : a.fail();
  if (b instanceof Undefined) return b instanceof Blank ? false : b.fail();
  if (a === b) return !(a instanceof Float) || !Number.isNaN(a.value);
  if (isNumeric(a) && isNumeric(b)) return sameNumber(a, b);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a instanceof Tuple !== b instanceof Tuple || a.length !== b.length) return false;
    return a.every((member, index) => equals(member, b[index]));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, member] of a) {
      const found = findKey(b, key);
      if (found === missing || !equals(member, b.get(found))) return false;
    }
    return true;
  }
  if (a instanceof Range && b instanceof Range) return equals([...a], [...b]);
  return (a ?? null) === (b ?? null);
}

function sameNumber(a: number | bigint | boolean | Float, b: number | bigint | boolean | Float): boolean {
  // `==` compares a number with a bigint exactly.
  const left = typeof a === 'bigint' ? a : toNumber(a);
  const right = typeof b === 'bigint' ? b : toNumber(b);
  // biome-ignore lint/suspicious/noDoubleEquals: 2n == 2 is wanted
  return left == right;
}

/** Below zero, zero or above zero; unorderable kinds are an error that names them. */
export function compare(a: unknown, b: unknown, operator = '<'): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isNumeric(a) && isNumeric(b)) {
    const left = typeof a === 'bigint' ? a : toNumber(a);
    const right = typeof b === 'bigint' ? b : toNumber(b);
    // Of NaN every ordering is false.
    return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
  }
  if (a instanceof Undefined) return a.fail();
  if (b instanceof Undefined) return b.fail();
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let index = 0; index < a.length && index < b.length; index++) {
      if (!equals(a[index], b[index])) return compare(a[index], b[index], operator);
    }
    return a.length - b.length;
  }
  throw new JinjaError(
    `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  );
}

// ---------------------------------------------------------------- containers

const missing = Symbol('missing');

/** The key of the dict that equals `key` as Python sees it, or `missing`. */
function findKey(dict: Map<unknown, unknown>, key: unknown): unknown {
  if (dict.has(key)) return key;
  if (typeof key === 'string' || key === null) return missing;
  hashable(key);
  for (const known of dict.keys()) {
    if (typeof known !== 'string' && known !== null && equals(known, key)) return known;
  }
  return missing;
}

function hashable(key: unknown): void {
  if (key instanceof Undefined) key.fail();
  if (key instanceof Tuple) key.forEach(hashable);
  else if (Array.isArray(key) || key instanceof Map) {
    throw new JinjaError(`unhashable type: '${typeName(key)}'`);
  }
}

/** JavaScript's undefined where there is no such key. */
export function dictGet(dict: Map<unknown, unknown>, key: unknown): unknown {
  const direct = dict.get(key);
  if (direct !== undefined || typeof key === 'string') return direct;
  const found = findKey(dict, key);
  return found === missing ? undefined : dict.get(found);
}

export function dictHas(dict: Map<unknown, unknown>, key: unknown): boolean {
  return findKey(dict, key) !== missing;
}

export function dictSet(dict: Map<unknown, unknown>, key: unknown, value: unknown): void {
  if (typeof key === 'string') {
    dict.set(key, value);
    return;
  }
  const found = findKey(dict, key);
  dict.set(found === missing ? key : found, value);
}

/** Whether there was such a key. */
export function dictDelete(dict: Map<unknown, unknown>, key: unknown): boolean {
  const found = findKey(dict, key);
  return found !== missing && dict.delete(found);
}

/** `item in container`. */
export function contains(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    if (item instanceof Undefined) return item.fail();
    throw new JinjaError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Map) return dictHas(container, item);
  if (container instanceof Undefined) return container.fail();
  if (container instanceof View && container.kind === 'keys') return dictHas(container.dict, item);
  if (container instanceof Range && typeof item === 'number') {
    const index = (item - container.start) / container.step;
    return Number.isInteger(index) && index >= 0 && index < container.length;
  }
  if (container instanceof Attributes) {
    if (typeof item !== 'string') return false;
    return container.get(item) !== undefined;
  }
  if (!isIterable(container))
    throw new JinjaError(`argument of type '${typeName(container)}' is not iterable`);
  for (const member of iterate(container)) {
    if (member === item || equals(member, item)) return true;
  }
  return false;
}

export function isIterable(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof View ||
    value instanceof Range ||
    value instanceof Lazy
  );
}

/** The members: keys of a dict, characters (code points) of text. A dict's are a copy, so it may be changed meanwhile. */
export function iterate(value: unknown): Iterable<unknown> {
  if (Array.isArray(value) || typeof value === 'string') return value;
  // Unlike Salt: a template may change a dict while it loops over it; the loop sees the keys there were at its start.
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof View) return value.members();
  if (value instanceof Range || value instanceof Lazy) return value;
  if (value instanceof Undefined) return value instanceof Blank ? [] : value.fail();
  throw new JinjaError(`'${typeName(value)}' object is not iterable`);
}

/** The members as an array; of a list the list itself, so do not change it. */
export function members(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const iterable = iterate(value);
  return Array.isArray(iterable) ? iterable : [...iterable];
}

const surrogate = /[\ud800-\udfff]/;

/** Characters (code points) of a text; undefined if they are the UTF-16 units, which need no copy. */
function points(text: string): string[] | undefined {
  return surrogate.test(text) ? [...text] : undefined;
}

export function length(value: unknown): number {
  if (typeof value === 'string') return points(value)?.length ?? value.length;
  if (Array.isArray(value) || value instanceof Range) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof View) return value.dict.size;
  if (value instanceof Undefined) return value instanceof Blank ? 0 : value.fail();
  throw new JinjaError(`object of type '${typeName(value)}' has no len()`);
}

/** The member at a position, negative from the end; JavaScript's undefined where there is none. */
export function memberAt(value: string | unknown[] | Range, index: number): unknown {
  if (typeof value === 'string') return (points(value) ?? value).at(index);
  return value.at(index);
}

/** `value[start:stop:step]`. */
export function slice(value: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  const text = typeof value === 'string';
  if (!text && !Array.isArray(value) && !(value instanceof Range)) {
    throw new JinjaError(`'${typeName(value)}' object cannot be sliced`);
  }
  const all = text ? (points(value) ?? value) : Array.isArray(value) ? value : [...value];
  const by = sliceIndex(step) ?? 1;
  if (by === 0) throw new JinjaError('slice step cannot be zero');
  const size = all.length;
  const clamp = (index: number, low: number, high: number): number =>
    Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const [low, high] = by > 0 ? [0, size] : [-1, size - 1];
  const startAt = sliceIndex(start);
  const stopAt = sliceIndex(stop);
  const from = startAt === undefined ? (by > 0 ? low : high) : clamp(startAt, low, high);
  const to = stopAt === undefined ? (by > 0 ? high : low) : clamp(stopAt, low, high);
  if (by === 1 && typeof all === 'string') return all.slice(from, Math.max(from, to));
  const picked: unknown[] = [];
  for (let index = from; by > 0 ? index < to : index > to; index += by) picked.push(all[index]);
  if (text) return picked.join('');
  return value instanceof Tuple ? toTuple(picked) : picked;
}

function sliceIndex(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Undefined) return value.fail();
  if (typeof value === 'boolean') return Number(value);
  if (isInt(value)) return Number(value);
  throw new JinjaError('slice indices must be integers or None or have an __index__ method');
}

// ---------------------------------------------------------------- arithmetic

/** No text or list a template makes by `*` may have more members than this. */
const largest = 100_000_000;

function unsupported(operator: string, a: unknown, b: unknown): never {
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  throw new JinjaError(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** Both as bigint if both are whole, else undefined. */
function bothWhole(a: unknown, b: unknown): [bigint, bigint] | undefined {
  if (a instanceof Float || b instanceof Float || isFloat(a) || isFloat(b)) return undefined;
  return [BigInt(a as number), BigInt(b as number)];
}

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum;
  }
  if (typeof a === 'string') {
    if (typeof b === 'string') return a + b;
    if (b instanceof Undefined) return b.fail();
    throw new JinjaError(
      `can only concatenate str (not "${typeName(b)}") to str`,
      'template-error',
      'Use "~", which turns both sides into text.',
    );
  }
  if (isNumeric(a) && isNumeric(b)) {
    const whole = bothWhole(a, b);
    return whole ? int(whole[0] + whole[1]) : float(toNumber(a) + toNumber(b));
  }
  if (Array.isArray(a)) {
    if (Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
      return a instanceof Tuple ? tuple(...a, ...b) : a.concat(b);
    }
    if (b instanceof Undefined) return b.fail();
    throw new JinjaError(`can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`);
  }
  return unsupported('+', a, b);
}

export function sub(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('-', a, b);
  const whole = bothWhole(a, b);
  return whole ? int(whole[0] - whole[1]) : float(toNumber(a) - toNumber(b));
}

export function mul(a: unknown, b: unknown): unknown {
  if (isNumeric(a) && isNumeric(b)) {
    const whole = bothWhole(a, b);
    return whole ? int(whole[0] * whole[1]) : float(toNumber(a) * toNumber(b));
  }
  if (typeof a === 'string' || Array.isArray(a)) return times(a, b);
  if (typeof b === 'string' || Array.isArray(b)) return times(b, a);
  return unsupported('*', a, b);
}

function times(sequence: string | unknown[], by: unknown): unknown {
  if (by instanceof Undefined) return by.fail();
  if (typeof by !== 'boolean' && !isInt(by)) {
    throw new JinjaError(`can't multiply sequence by non-int of type '${typeName(by)}'`);
  }
  const count = Math.max(0, Number(by));
  if (sequence.length * count > largest) throw new JinjaError('The result of "*" is too large.');
  if (typeof sequence === 'string') return sequence.repeat(count);
  const made: unknown[] = [];
  for (let turn = 0; turn < count; turn++) for (const member of sequence) made.push(member);
  return sequence instanceof Tuple ? toTuple(made) : made;
}

export function div(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('/', a, b);
  const by = toNumber(b);
  if (by === 0)
    throw new JinjaError(isFloat(a) || isFloat(b) ? 'float division by zero' : 'division by zero');
  return float(toNumber(a) / by);
}

export function floordiv(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('//', a, b);
  if (toNumber(b) === 0) throw new JinjaError('integer division or modulo by zero');
  const whole = bothWhole(a, b);
  if (!whole) return float(Math.floor(toNumber(a) / toNumber(b)));
  const quotient = whole[0] / whole[1];
  const exact = quotient * whole[1] === whole[0];
  return int(exact || whole[0] < 0n === whole[1] < 0n ? quotient : quotient - 1n);
}

/** Numbers only: `%` on text is printf formatting, which the caller handles. The result has the divisor's sign. */
export function mod(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('%', a, b);
  if (toNumber(b) === 0) throw new JinjaError('integer modulo by zero');
  const whole = bothWhole(a, b);
  if (!whole) {
    const by = toNumber(b);
    const rest = toNumber(a) % by;
    return float(rest !== 0 && rest < 0 !== by < 0 ? rest + by : rest);
  }
  const rest = whole[0] % whole[1];
  return int(rest !== 0n && rest < 0n !== whole[1] < 0n ? rest + whole[1] : rest);
}

export function pow(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) return unsupported('** or pow()', a, b);
  const whole = bothWhole(a, b);
  if (whole && whole[1] >= 0n) {
    const bits = whole[0].toString(2).length;
    if (whole[0] !== 0n && whole[0] !== 1n && whole[0] !== -1n && BigInt(bits) * whole[1] > 1_000_000n) {
      throw new JinjaError('The result of "**" is too large.');
    }
    return int(whole[0] ** whole[1]);
  }
  if (toNumber(a) === 0 && toNumber(b) < 0) {
    throw new JinjaError('0.0 cannot be raised to a negative power');
  }
  return float(toNumber(a) ** toNumber(b));
}

export function neg(value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  if (!isNumeric(value)) throw new JinjaError(`bad operand type for unary -: '${typeName(value)}'`);
  if (typeof value === 'bigint') return int(-value);
  if (isFloat(value)) return float(-toNumber(value));
  return int(-Number(value));
}

export function pos(value: unknown): unknown {
  if (value instanceof Undefined) return value.fail();
  if (!isNumeric(value)) throw new JinjaError(`bad operand type for unary +: '${typeName(value)}'`);
  return typeof value === 'boolean' ? Number(value) : value;
}

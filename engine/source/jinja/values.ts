/** Python's values as templates see them, where JavaScript has none of its own. */
import type { Code } from '../../core/codes.ts';

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

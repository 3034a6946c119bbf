/** What a template's generated code calls: look-ups, calls, loops, macros, other templates, and places of errors. */
import { Bug, type Diagnostic, didYouMean, type Place, Trouble } from '../../core/diagnostic.ts';
import { add, div, floordiv, mod, mul, neg, pos, pow, sub } from './arithmetic.ts';
import { contains, iterate, length, memberAt, members, slice } from './containers.ts';
import type { Filter, FilterRuntime, Test } from './contracts.ts';
import { dictGet, dictSet, equals } from './equality.ts';
import { filters } from './filters.ts';
import { percentFormat } from './format.ts';
import { float, isInt, typeName } from './kinds.ts';
import { Suspend } from './lookups.ts';
import { attributeOf, methodNames, methodOf } from './methods.ts';
import { compare, truthy } from './order.ts';
import { str } from './printing.ts';
import { tests } from './tests.ts';
import {
  Attributes,
  Blank,
  Callable,
  JinjaError,
  type Keywords,
  Namespace,
  Range,
  toTuple,
  tuple,
  Undefined,
} from './values.ts';

// ---------------------------------------------------------------- templates

/** A template that can run, with the places of its sites. */
export interface Template {
  readonly file: string;
  readonly name: string;
  /** The source as the sites count it. */
  readonly text: string;
  readonly root: (x: Rendering, c: Context) => string;
  readonly blocks: ReadonlyMap<string, BlockFunction>;
  /** Offset and length, by turns. */
  readonly sites: readonly number[];
  /** Names the template assigns, for "did you mean". */
  readonly names: readonly string[];
  /** The rendering that last ran it, and where its marks begin there. */
  rendering: Rendering | undefined;
  base: number;
  /** Offsets at which lines begin, once asked for. */
  lines: number[] | undefined;
}

type BlockFunction = (x: Rendering, c: Context) => string;

/** Marks of one template lie between its base and the next: twice the largest offset, and a bit. */
const span = 2 ** 33;

export function placeAt(
  template: Pick<Template, 'file' | 'text' | 'lines'>,
  offset: number,
  length?: number,
): Place {
  template.lines ??= lineStarts(template.text);
  const { lines } = template;
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  const place = { file: template.file, line: low + 1, column: offset - lines[low]! + 1 };
  return length === undefined ? place : { ...place, length };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function siteOf(template: Template, site: number): Place {
  const offset = template.sites[site * 2] ?? 0;
  const length = template.sites[site * 2 + 1] ?? 1;
  // A frame underlines one line.
  const newline = template.text.indexOf('\n', offset);
  const end = newline < 0 ? template.text.length : newline;
  return placeAt(template, offset, Math.max(1, Math.min(length, end - offset)));
}

/** Where something is written: what `where` of an Undefined holds. */
class Site {
  readonly template: Template;
  readonly site: number;
  constructor(template: Template, site: number) {
    this.template = template;
    this.site = site;
  }
}

/** Diagnostics on their way out, gathering the places through which they came. */
class Failure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly trail: Place[] = [];
  constructor(diagnostics: readonly Diagnostic[]) {
    super();
    this.diagnostics = diagnostics;
  }
  trouble(): Trouble {
    const { trail } = this;
    if (trail.length === 0) return new Trouble(this.diagnostics);
    return new Trouble(this.diagnostics.map((one) => ({ ...one, trail: [...trail, ...(one.trail ?? [])] })));
  }
}

/** What `render` throws for what came out of a rendering. */
export function troubleOf(error: unknown): unknown {
  return error instanceof Failure ? error.trouble() : error;
}

// ---------------------------------------------------------------- the context

/** The variables of a template that its blocks, includes and importers can see. */
export class Context {
  /** What the template itself assigned at its top level. */
  readonly vars = new Map<string, unknown>();
  readonly exported = new Set<string>();
  /** What it was given by the template that includes or imports it. */
  private readonly given: ReadonlyMap<string, unknown> | undefined;
  /** Salt's variables, the same for all templates of a rendering. */
  private readonly globals: readonly ReadonlyMap<string, unknown>[];
  readonly blocks = new Map<string, BlockFunction[]>();

  constructor(
    globals: readonly ReadonlyMap<string, unknown>[],
    given?: ReadonlyMap<string, unknown>,
    blocks?: ReadonlyMap<string, BlockFunction>,
  ) {
    this.globals = globals;
    this.given = given;
    if (blocks) for (const [name, block] of blocks) this.blocks.set(name, [block]);
  }

  /** JavaScript's undefined where there is no such variable. */
  resolve(name: string): unknown {
    const own = this.vars.get(name);
    if (own !== undefined) return own;
    const given = this.given?.get(name);
    if (given !== undefined) return given;
    for (const layer of this.globals) {
      const value = layer.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(name: string, value: unknown, exported: boolean): void {
    this.vars.set(name, value);
    if (exported) this.exported.add(name);
    else this.exported.delete(name);
  }

  /** All that is not global, with the local variables at the place that asks: names and values by turns. */
  snapshot(locals: readonly unknown[] | null): Map<string, unknown> {
    const all = new Map<string, unknown>(this.given);
    for (const [name, value] of this.vars) all.set(name, value);
    if (locals) {
      for (let index = 0; index < locals.length; index += 2) {
        if (locals[index + 1] !== undefined) all.set(locals[index] as string, locals[index + 1]);
      }
    }
    return all;
  }

  /** For scoped blocks. */
  derived(locals: readonly unknown[] | null): Context {
    const context = new Context(this.globals, this.snapshot(locals));
    for (const [name, blocks] of this.blocks) context.blocks.set(name, blocks);
    return context;
  }

  *names(): Iterable<string> {
    yield* this.vars.keys();
    if (this.given) yield* this.given.keys();
    for (const layer of this.globals) yield* layer.keys();
  }
}

// ---------------------------------------------------------------- look-ups

function quoted(names: Iterable<unknown>, name: string): string | undefined {
  const words: string[] = [];
  for (const one of names) if (typeof one === 'string' && one !== name) words.push(one);
  const near = didYouMean(name, words);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

/** Names of Python's inner workings, which Jinja's sandbox keeps from templates. */
const inner = /^__\w+__$/;

function absent(value: unknown, key: unknown): Undefined {
  if (typeof key !== 'string') return new Undefined(`${typeName(value)} object has no element ${str(key)}`);
  if (value instanceof Attributes) {
    const told = value.absent(key);
    if (told) return told;
  }
  if (inner.test(key)) {
    return new Undefined(`access to attribute '${key}' of '${typeName(value)}' object is unsafe.`);
  }
  const subject = value === null ? 'None' : `'${typeName(value)} object'`;
  return new Undefined(`${subject} has no attribute '${key}'`, () => {
    if (value instanceof Map) return quoted([...value.keys(), ...methodNames(value)], key);
    if (value instanceof Attributes) return quoted(value.names(), key);
    return quoted(methodNames(value), key);
  });
}

/** The attribute or method; JavaScript's undefined where there is neither. */
function attributeOrMethod(value: unknown, name: string): unknown {
  if (value instanceof Attributes) return value.get(name);
  if (value instanceof Namespace) return value.members.get(name);
  if (value instanceof Callable) return value.attributes?.get(name);
  // A method is never None, and neither are these attributes.
  return methodOf(value, name) ?? attributeOf(value, name);
}

/** Python's methods of dicts, which hide keys of the same name in `d.name`. */
const dictMethods = new Set(
  'clear copy fromkeys get items keys pop popitem setdefault update values move_to_end'.split(' '),
);

function found(result: unknown, value: unknown, key: unknown): unknown {
  return result === undefined ? absent(value, key) : result;
}

/** `value.name` as Jinja looks it up: attribute or method first, then item. */
export function getattr(value: unknown, name: string): unknown {
  if (value instanceof Map) {
    const method = dictMethods.has(name) ? methodOf(value, name) : undefined;
    return found(method === undefined ? value.get(name) : method, value, name);
  }
  if (value instanceof Undefined) return value.fail();
  return found(attributeOrMethod(value, name), value, name);
}

/** `value[key]` as Jinja looks it up: item first, then attribute or method. */
export function getitem(value: unknown, key: unknown): unknown {
  if (value instanceof Map) {
    const member = typeof key === 'string' ? value.get(key) : dictGet(value, key);
    if (member !== undefined) return member;
  } else if (value instanceof Undefined) return value.fail();
  else if (typeof value === 'string' || Array.isArray(value) || value instanceof Range) {
    const index = typeof key === 'boolean' ? Number(key) : key;
    if (isInt(index)) return found(memberAt(value, Number(index)), value, key);
  }
  if (key instanceof Undefined) return key.fail();
  if (typeof key !== 'string') return absent(value, key);
  return found(attributeOrMethod(value, key), value, key);
}

function located(value: unknown, template: Template, site: number): unknown {
  if (value instanceof Undefined && value.where === undefined) value.where = new Site(template, site);
  return value;
}

// ---------------------------------------------------------------- loops

/** Jinja's `loop`. */
class Loop extends Attributes {
  readonly typeName = 'LoopContext';
  private readonly members: Iterable<unknown>;
  private iterator: Iterator<unknown>;
  readonly depth0: number;
  private readonly rendering: Rendering;
  private readonly recursion: Recursion | undefined;
  index0 = -1;
  current: unknown;
  private before: unknown;
  /** The member after the current one, once looked at. */
  private ahead: IteratorResult<unknown> | undefined;
  private changing: unknown[] | undefined;
  private total: number | undefined;

  constructor(
    members: Iterable<unknown>,
    depth0: number,
    rendering: Rendering,
    recursion: Recursion | undefined,
  ) {
    super();
    this.members = members;
    this.iterator = members[Symbol.iterator]();
    this.depth0 = depth0;
    this.rendering = rendering;
    this.recursion = recursion;
  }

  /** Steps on; false at the end. */
  next(): boolean {
    const step = this.ahead ?? this.iterator.next();
    this.ahead = undefined;
    if (step.done) return false;
    this.before = this.current;
    this.current = step.value;
    this.index0++;
    return true;
  }

  private peek(): IteratorResult<unknown> {
    this.ahead ??= this.iterator.next();
    return this.ahead;
  }

  get length(): number {
    if (this.total === undefined) {
      if (Array.isArray(this.members) || this.members instanceof Range || typeof this.members === 'string') {
        this.total = length(this.members);
      } else {
        // What is left has to be read to be counted.
        const left = [...{ [Symbol.iterator]: () => this.iterator }];
        const peeked = this.ahead && !this.ahead.done ? 1 : 0;
        this.iterator = left[Symbol.iterator]();
        this.total = this.index0 + 1 + peeked + left.length;
      }
    }
    return this.total;
  }

  get(name: string): unknown {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek().done === true;
      case 'length':
        return this.length;
      case 'revindex':
        return this.length - this.index0;
      case 'revindex0':
        return this.length - this.index0 - 1;
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.index0 === 0 ? new Undefined('there is no previous item') : this.before;
      case 'nextitem': {
        const step = this.peek();
        return step.done ? new Undefined('there is no next item') : step.value;
      }
      case 'cycle':
        return new Callable('cycle', (args) => {
          if (args.length === 0) throw new JinjaError('no items for cycling given');
          return args[this.index0 % args.length];
        });
      case 'changed':
        return new Callable('changed', (args) => {
          const last = this.changing;
          this.changing = args;
          return last === undefined || !equals(last, args);
        });
    }
    return undefined;
  }

  override names(): Iterable<string> {
    return 'index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed'.split(
      ' ',
    );
  }

  override call(args: unknown[]): unknown {
    const { recursion } = this;
    if (!recursion) {
      throw new JinjaError(
        'The loop must have the "recursive" marker to be called recursively.',
        'template-error',
        'Write "recursive" at the end of the "for" tag.',
      );
    }
    return this.rendering.deeper(() => recursion(iterate(args[0]), this.depth0 + 1));
  }
}

type Recursion = (members: Iterable<unknown>, depth0: number) => string;

// ---------------------------------------------------------------- modules

/** What `import` gives: the names another template exports. */
export class Module extends Attributes {
  readonly typeName = 'TemplateModule';
  readonly template: Template;
  private readonly context: Context;
  readonly body: string;
  readonly marks: readonly number[];
  constructor(template: Template, context: Context, body: string, marks: readonly number[]) {
    super();
    this.template = template;
    this.context = context;
    this.body = body;
    this.marks = marks;
  }
  get(name: string): unknown {
    return this.context.exported.has(name) ? this.context.vars.get(name) : undefined;
  }
  override names(): Iterable<string> {
    return this.context.exported;
  }
  override absent(name: string): Undefined {
    return new Undefined(`The template "${this.template.name}" has no "${name}" to import.`, () =>
      quoted(this.context.exported, name),
    );
  }
  override text(): string {
    return this.body;
  }
}

/** `self`: the blocks of the template. */
class Self extends Attributes {
  readonly typeName = 'TemplateReference';
  private readonly rendering: Rendering;
  private readonly context: Context;
  constructor(rendering: Rendering, context: Context) {
    super();
    this.rendering = rendering;
    this.context = context;
  }
  get(name: string): unknown {
    const blocks = this.context.blocks.get(name);
    return blocks && blockAt(this.rendering, this.context, name, blocks, 0);
  }
  override names(): Iterable<string> {
    return this.context.blocks.keys();
  }
}

function blockAt(
  rendering: Rendering,
  context: Context,
  name: string,
  blocks: readonly BlockFunction[],
  depth: number,
): Callable {
  const attributes = new Map<string, unknown>();
  const above = depth + 1 < blocks.length;
  attributes.set('super', above ? blockAt(rendering, context, name, blocks, depth + 1) : noParentBlock(name));
  return new Callable(name, () => rendering.deeper(() => blocks[depth]!(rendering, context)), attributes);
}

function noParentBlock(name: string): Undefined {
  return new Undefined(`There is no parent block called "${name}".`);
}

// ---------------------------------------------------------------- one rendering

/** What a rendering needs from its surroundings. */
export interface Surroundings {
  /** The template of that name as `from` sees it; throws JinjaError where there is none. */
  readonly template: (name: string, from: Template) => Template;
  /** Variables that every template sees, the first layer first. */
  readonly globals: readonly ReadonlyMap<string, unknown>[];
  readonly parse: (kind: string, text: string, file: string) => unknown;
}

// Unlike Salt: templates, macros and recursive loops that use themselves without end are an error that says so and
// shows the way there.
/** How many templates, macros and recursive loops may be at work inside each other. */
const deepest = 200;
/** Places of a trail beyond which the middle is left out. */
const longestTrail = 20;

export class Rendering implements FilterRuntime {
  private readonly surroundings: Surroundings;
  private readonly templates: Template[] = [];
  private readonly modules = new Map<Template, Module>();
  private depth = 0;
  /** The last text that brought marks of its own, until it is printed. */
  made: { readonly text: string; readonly marks: readonly number[] } | undefined = undefined;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  /** What draws by chance are made from: the same on every run of a node, other ones on other nodes. */
  get seed(): string {
    for (const layer of this.surroundings.globals) {
      const grains = layer.get('grains');
      if (grains instanceof Map) return str(grains.get('id') ?? '');
    }
    return '';
  }

  /** Renders a template from its root. */
  run(template: Template, context: Context): { readonly text: string; readonly marks: readonly number[] } {
    template.root(this, context);
    return this.made!;
  }

  // ---- what the entrance of each function calls

  /** Where the template's marks begin in this rendering. */
  begin(template: Template): number {
    if (template.rendering === this) return template.base;
    template.rendering = this;
    template.base = this.templates.length * span;
    this.templates.push(template);
    return template.base;
  }

  give(text: string, marks: readonly number[]): string {
    this.made = { text, marks };
    return text;
  }

  /** The error to throw on: with its place if it had none, and with the place it came through if it had. */
  failure(error: unknown, template: Template, site: number): unknown {
    if (error instanceof Suspend) return error;
    if (error instanceof Failure) {
      if (error.trail.length >= longestTrail) error.trail.splice(longestTrail / 2, 1);
      error.trail.unshift(siteOf(template, site));
      return error;
    }
    if (error instanceof Trouble) {
      const failure = new Failure(error.diagnostics);
      const elsewhere = error.diagnostics.some(
        (one) => one.origin && one.origin.place().file !== template.file,
      );
      if (elsewhere) failure.trail.push(siteOf(template, site));
      return failure;
    }
    if (error instanceof RangeError) {
      const deep = error.message.includes('call stack');
      const message = deep ? 'The template recurses too deeply.' : 'A value becomes too large.';
      return this.failure(new JinjaError(message), template, site);
    }
    const known = error instanceof JinjaError ? error : undefined;
    // A TypeError and its like are mistakes of ours; a plain Error is what a Salt function could not do.
    if (
      known === undefined &&
      (!(error instanceof Error) || error.name !== 'Error' || error instanceof Bug)
    ) {
      return error;
    }
    const where = known?.where instanceof Site ? known.where : new Site(template, site);
    const place = siteOf(where.template, where.site);
    return new Failure([
      {
        code: known?.code ?? 'template-error',
        message: sentence((error as Error).message),
        origin: { place: () => place },
        hint: (error as { hint?: string }).hint,
      },
    ]);
  }

  deeper<T>(work: () => T): T {
    if (this.depth >= deepest) {
      throw new JinjaError(
        'Includes, imports or macros are nested too deeply.',
        'template-error',
        'Look for a template or macro that uses itself without end.',
      );
    }
    this.depth++;
    const result = work();
    this.depth--;
    return result;
  }

  // ---- output

  /** Notes what wrote the text that is printed next. The first argument resets `made` before the text is worked out. */
  printed(_reset: undefined, marks: number[], at: number, mark: number, text: string): string {
    const { made } = this;
    if (made === undefined || made.text !== text) marks.push(at, mark);
    else
      for (let index = 0; index < made.marks.length; index += 2)
        marks.push(made.marks[index]! + at, made.marks[index + 1]!);
    return text;
  }

  /** What wrote the character at an offset of a text. */
  place(marks: readonly number[], offset: number): Place | undefined {
    let low = 0;
    let high = marks.length / 2 - 1;
    if (high < 0 || offset < marks[0]!) return undefined;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (marks[middle * 2]! <= offset) low = middle;
      else high = middle - 1;
    }
    const mark = marks[low * 2 + 1]!;
    const template = this.templates[Math.floor(mark / span)]!;
    const within = mark % span;
    if (within % 2 === 0) return siteOf(template, within / 2);
    return placeAt(template, (within - 1) / 2 + offset - marks[low * 2]!);
  }

  // ---- names

  missing(context: Context, name: string, template: Template, site: number): Undefined {
    const gone = new Undefined(`"${name}" is undefined.`, () =>
      quoted([...context.names(), ...template.names], name),
    );
    gone.where = new Site(template, site);
    return gone;
  }

  notGiven(name: string, template: Template, site: number): Undefined {
    const gone = new Undefined(`The parameter "${name}" was not given.`);
    gone.where = new Site(template, site);
    return gone;
  }

  noElse(template: Template, site: number): Blank {
    const gone = new Blank('The condition of this inline "if" is false and it has no "else".');
    gone.where = new Site(template, site);
    return gone;
  }

  // ---- calls

  call(callee: unknown, args: unknown[], kwargs: Keywords = none): unknown {
    if (callee instanceof Callable || callee instanceof Attributes) return callee.call(args, kwargs) ?? null;
    if (callee instanceof Undefined) return callee.fail();
    throw new JinjaError(`'${typeName(callee)}' object is not callable`);
  }

  callMethod(
    value: unknown,
    name: string,
    args: unknown[],
    kwargs: Keywords,
    template: Template,
    site: number,
  ): unknown {
    // The commonest call of all, without a bound method.
    if (
      value instanceof Map &&
      name === 'get' &&
      kwargs === none &&
      typeof args[0] === 'string' &&
      args.length < 3
    ) {
      const member = value.get(args[0]);
      return member === undefined ? (args[1] ?? null) : member;
    }
    return this.call(located(getattr(value, name), template, site), args, kwargs);
  }

  filter(name: string, value: unknown, args: unknown[] = [], kwargs: Keywords = none): unknown {
    return filterNamed(name)(value, args, kwargs, this);
  }

  test(name: string, value: unknown, args: unknown[] = [], kwargs: Keywords = none): boolean {
    return testNamed(name)(value, args, kwargs, this);
  }

  getattr(value: unknown, name: string): unknown {
    return getattr(value, name);
  }

  getitem(value: unknown, key: unknown): unknown {
    return getitem(value, key);
  }

  hasFilter(name: string): boolean {
    return filters.has(name);
  }

  hasTest(name: string): boolean {
    return tests.has(name);
  }

  parseYaml(text: string): unknown {
    return this.surroundings.parse('yaml', text, '<text>');
  }

  // ---- loops and macros

  loop(members: Iterable<unknown>, depth0: number, recursion: Recursion | undefined): Loop {
    return new Loop(members, depth0, this, recursion);
  }

  *filtered(members: Iterable<unknown>, keep: (member: unknown) => boolean): Generator<unknown> {
    for (const member of members) if (keep(member)) yield member;
  }

  /** `flags`: whether the macro uses `caller` (1), `kwargs` (2) and `varargs` (4). */
  macro(name: string, params: string[], flags: number, body: (...values: unknown[]) => string): Callable {
    const attributes = new Map<string, unknown>([
      ['name', name],
      ['arguments', toTuple(params)],
      ['catch_kwargs', (flags & 2) !== 0],
      ['catch_varargs', (flags & 4) !== 0],
      ['caller', (flags & 1) !== 0 || params.includes('caller')],
    ]);
    const run = (args: unknown[], kwargs: Keywords): unknown => {
      const values =
        flags === 0 && kwargs === none && args.length <= params.length
          ? args
          : macroArguments(name, params, flags, args, kwargs);
      return this.deeper(() => body(...values));
    };
    return new Callable(name, run, attributes);
  }

  // ---- blocks and other templates

  self(context: Context): Self {
    return new Self(this, context);
  }

  super(context: Context, name: string, current: BlockFunction): unknown {
    const blocks = context.blocks.get(name) ?? [];
    const next = blocks.indexOf(current) + 1;
    return next < blocks.length ? blockAt(this, context, name, blocks, next) : noParentBlock(name);
  }

  block(context: Context, name: string, required: boolean): string {
    const blocks = context.blocks.get(name)!;
    if (required && blocks.length <= 1)
      throw new JinjaError(`The block "${name}" is required, but no template fills it.`);
    return this.deeper(() => blocks[0]!(this, context));
  }

  private named(from: Template, name: unknown): Template {
    if (name instanceof Undefined) return name.fail();
    if (typeof name !== 'string')
      throw new JinjaError(`Expected the name of a template, found a ${typeName(name)}.`);
    return this.surroundings.template(name, from);
  }

  /** The first of several that exists. */
  private chosen(from: Template, name: unknown): Template {
    if (!Array.isArray(name)) return this.named(from, name);
    for (const one of name) {
      try {
        return this.named(from, one);
      } catch (error) {
        if (!(error instanceof JinjaError) || error.code !== 'template-not-found') throw error;
      }
    }
    throw new JinjaError(
      `None of these templates exists: ${name.map(str).join(', ')}.`,
      'template-not-found',
    );
  }

  extend(from: Template, context: Context, before: Template | undefined, name: unknown): Template {
    if (before) throw new JinjaError('A template can extend only one other.');
    const parent = this.chosen(from, name);
    for (const [block, body] of parent.blocks) {
      const bodies = context.blocks.get(block);
      if (bodies) bodies.push(body);
      else context.blocks.set(block, [body]);
    }
    return parent;
  }

  /** The output of the template that another extends. */
  parent(template: Template, context: Context): string {
    return this.deeper(() => template.root(this, context));
  }

  include(
    from: Template,
    context: Context,
    name: unknown,
    ignoreMissing: boolean,
    withContext: boolean,
    locals: readonly unknown[] | null,
  ): string {
    let template: Template;
    try {
      template = this.chosen(from, name);
    } catch (error) {
      if (ignoreMissing && error instanceof JinjaError && error.code === 'template-not-found') return '';
      throw error;
    }
    if (!withContext) {
      // Unlike Salt: a template included without context inside a filter, set or macro block lands in that block; in Salt its text is printed before it.
      const module = this.module(template);
      return this.give(module.body, module.marks);
    }
    return this.deeper(() =>
      template.root(this, new Context(this.surroundings.globals, context.snapshot(locals), template.blocks)),
    );
  }

  import(
    from: Template,
    context: Context,
    name: unknown,
    withContext: boolean,
    locals: readonly unknown[] | null,
  ): Module {
    const template = this.chosen(from, name);
    return withContext ? this.makeModule(template, context.snapshot(locals)) : this.module(template);
  }

  /** Jinja: without context a template is imported once and shared by all who import it. */
  private module(template: Template): Module {
    let module = this.modules.get(template);
    if (!module) {
      module = this.makeModule(template, ownNames(template));
      this.modules.set(template, module);
    }
    return module;
  }

  private makeModule(template: Template, given: ReadonlyMap<string, unknown>): Module {
    const context = new Context(this.surroundings.globals, given, template.blocks);
    const text = this.deeper(() => template.root(this, context));
    return new Module(template, context, text, this.made!.marks);
  }

  imported(module: Module, name: string, template: Template, site: number): unknown {
    const value = module.get(name);
    return located(value === undefined ? module.absent(name) : value, template, site);
  }

  /** The value that a rendered text holds; its errors are placed through the marks. */
  read(kind: string, text: string, marks: readonly number[]): unknown {
    const label = '<text>';
    try {
      return this.surroundings.parse(kind, text, label);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      const starts = lineStarts(text);
      throw new Trouble(
        error.diagnostics.map((one) => {
          const place = one.origin?.place();
          if (place === undefined || place.file !== label) return one;
          const offset = (starts[place.line - 1] ?? text.length) + place.column - 1;
          const written = this.place(marks, offset);
          return written ? { ...one, origin: { place: () => written } } : one;
        }),
      );
    }
  }

  readModule(kind: string, module: Module): unknown {
    return this.read(kind, module.body, module.marks);
  }
}

/** Salt: an imported template's tplfile, tpldir and tpldot are its own. */
function ownNames(template: Template): Map<string, unknown> {
  const slash = template.name.lastIndexOf('/');
  const folder = slash < 0 ? '' : template.name.slice(0, slash);
  return new Map([
    ['tplfile', template.name],
    ['tpldir', folder === '' ? '.' : folder],
    ['tpldot', folder.replaceAll('/', '.')],
  ]);
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function macroArguments(
  name: string,
  params: string[],
  flags: number,
  args: unknown[],
  kwargs: Keywords,
): unknown[] {
  const values = args.slice(0, params.length);
  const left: Keywords = { __proto__: null, ...kwargs } as Keywords;
  let foundCaller = false;
  for (let index = values.length; index < params.length; index++) {
    const param = params[index]!;
    values.push(left[param]);
    delete left[param];
  }
  if (params.includes('caller')) foundCaller = true;
  let caller: unknown;
  if ((flags & 1) !== 0 && !foundCaller) {
    caller = left['caller'] ?? new Undefined('No caller is defined: the macro was not used by a "call" tag.');
    delete left['caller'];
  }
  const names = Object.keys(left);
  if ((flags & 2) === 0 && names.length > 0) {
    const near = didYouMean(names[0]!, params);
    if (names[0] === 'caller') {
      throw new JinjaError(`The macro "${name}" was used by a "call" tag but does not use "caller".`);
    }
    if (params.includes(names[0]!)) {
      throw new JinjaError(`The macro "${name}" was given "${names[0]}" twice.`);
    }
    throw new JinjaError(
      `The macro "${name}" takes no argument "${names[0]}".`,
      'template-error',
      near && `Did you mean "${near}"?`,
    );
  }
  if ((flags & 4) === 0 && args.length > params.length) {
    throw new JinjaError(
      `The macro "${name}" takes at most ${params.length} argument${params.length === 1 ? '' : 's'}, found ${args.length}.`,
    );
  }
  values.push(caller, new Map(names.map((one) => [one, left[one]])), toTuple(args.slice(params.length)));
  return values;
}

// ---------------------------------------------------------------- what generated code takes by name

/** No named arguments. */
const none: Keywords = Object.freeze({ __proto__: null }) as Keywords;

export function filterNamed(name: string): Filter {
  const known = filters.get(name);
  if (known) return known;
  throw unknownFilter('filter', name);
}

export function testNamed(name: string): Test {
  const known = tests.get(name);
  if (known) return known;
  throw unknownFilter('test', name);
}

/**
 * Jinja: a filter or test that does not exist is an error even where it is not reached, unless a condition
 * decides about it.
 */
export function checkNames(template: Template, needed: readonly (readonly [string, string, number])[]): void {
  for (const [kind, name, site] of needed) {
    if ((kind === 'filter' ? filters : tests).has(name)) continue;
    const error = unknownFilter(kind, name);
    const place = siteOf(template, site);
    throw new Failure([
      { code: error.code, message: error.message, origin: { place: () => place }, hint: error.hint },
    ]);
  }
}

export function unknownFilter(kind: string, name: string): JinjaError {
  const near = didYouMean(name, (kind === 'filter' ? filters : tests).keys());
  return new JinjaError(
    `There is no ${kind} "${name}".`,
    'unknown-filter',
    near && `Did you mean "${near}"?`,
  );
}

/** For the entrance of generated code; an unknown one fails only when it is reached. */
function whenReached<T>(find: (name: string) => T): (name: string) => T | (() => never) {
  return (name) => {
    try {
      return find(name);
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
}

export const helpers = {
  add,
  assignAttribute(target: unknown, name: string, value: unknown): void {
    if (target instanceof Undefined) target.fail();
    if (!(target instanceof Namespace)) {
      throw new JinjaError(
        `Only attributes of a namespace() can be set, not those of a ${typeName(target)}.`,
        'template-error',
        typeName(target) === 'dict' ? `Use "do x.update({'${name}': …})".` : undefined,
      );
    }
    target.members.set(name, value);
  },
  attribute(value: unknown, name: string, template: Template, site: number): unknown {
    if (value instanceof Map && !dictMethods.has(name)) {
      const found = value.get(name);
      if (found !== undefined) return found;
    }
    return located(getattr(value, name), template, site);
  },
  compare,
  dict(pairs: [unknown, unknown][]): Map<unknown, unknown> {
    const made = new Map<unknown, unknown>();
    for (const [key, value] of pairs) dictSet(made, key, value);
    return made;
  },
  div,
  equals,
  filter: whenReached(filterNamed),
  float,
  floordiv,
  inside(item: unknown, container: unknown): boolean {
    return contains(container, item);
  },
  isDefined(value: unknown): boolean {
    return value !== undefined && !(value instanceof Undefined);
  },
  item(value: unknown, key: unknown, template: Template, site: number): unknown {
    return located(getitem(value, key), template, site);
  },
  iterate,
  keywords(value: unknown): Keywords {
    if (!(value instanceof Map)) {
      if (value instanceof Undefined) value.fail();
      throw new JinjaError(`argument after ** must be a mapping, not ${typeName(value)}`);
    }
    const made = { __proto__: null } as unknown as Keywords;
    for (const [key, member] of value) {
      if (typeof key !== 'string') throw new JinjaError('keywords must be strings');
      Object.defineProperty(made, key, {
        value: member,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return made;
  },
  loopNumber(value: unknown, name: string, template: Template, site: number): unknown {
    return value instanceof Loop ? value.get(name) : helpers.attribute(value, name, template, site);
  },
  members,
  modulo(a: unknown, b: unknown): unknown {
    return typeof a === 'string' ? percentFormat(a, b) : mod(a, b);
  },
  mul,
  neg,
  none,
  pos,
  pow,
  slice,
  str,
  sub,
  test: whenReached(testNamed),
  truthy,
  tuple,
  unpack(value: unknown, count: number): unknown[] {
    if (value instanceof Undefined) value.fail();
    const all = members(value);
    if (all.length === count) return all;
    throw new JinjaError(
      all.length > count
        ? `too many values to unpack (expected ${count})`
        : `not enough values to unpack (expected ${count}, got ${all.length})`,
    );
  },
};

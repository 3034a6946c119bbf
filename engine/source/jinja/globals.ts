/** Names every template knows: Jinja's functions, Salt's `raise`, and `salt` itself. */
import { didYouMean } from '../../core/diagnostic.ts';
import { iterate, members } from './containers.ts';
import type { FunctionTable } from './contracts.ts';
import { dictSet } from './equality.ts';
import { isInt, typeName } from './kinds.ts';
import type { Lookups } from './lookups.ts';
import { str } from './printing.ts';
import { Attributes, Callable, JinjaError, type Keywords, Namespace, Range, Undefined } from './values.ts';

/** Jinja's sandbox refuses longer ranges. */
const longestRange = 100_000;

class Cycler extends Attributes {
  readonly typeName = 'Cycler';
  private readonly items: unknown[];
  private position = 0;
  constructor(items: unknown[]) {
    super();
    if (items.length === 0) throw new JinjaError('at least one item has to be provided');
    this.items = items;
  }
  get(name: string): unknown {
    switch (name) {
      case 'current':
        return this.items[this.position];
      case 'next':
        return new Callable('next', () => {
          const item = this.items[this.position];
          this.position = (this.position + 1) % this.items.length;
          return item;
        });
      case 'reset':
        return new Callable('reset', () => {
          this.position = 0;
          return null;
        });
    }
    return undefined;
  }
  override names(): Iterable<string> {
    return ['current', 'next', 'reset'];
  }
}

function makeDict(args: unknown[], kwargs: Keywords): Map<unknown, unknown> {
  const made = new Map<unknown, unknown>();
  const source = args[0];
  if (source instanceof Map) for (const [key, value] of source) made.set(key, value);
  else if (source !== undefined) {
    for (const pair of iterate(source)) {
      const [key, value] = members(pair);
      dictSet(made, key, value);
    }
  }
  for (const [key, value] of Object.entries(kwargs)) made.set(key, value);
  return made;
}

function makeRange(args: unknown[]): Range {
  for (const arg of args) {
    if (arg instanceof Undefined) arg.fail();
    if (!isInt(arg)) throw new JinjaError(`'${typeName(arg)}' object cannot be interpreted as an integer`);
  }
  const [first, second, third] = args.map(Number);
  if (first === undefined) throw new JinjaError('range expected at least 1 argument, got 0');
  if (third === 0) throw new JinjaError('range() arg 3 must not be zero');
  const range = new Range(second === undefined ? 0 : first, second ?? first, third ?? 1);
  if (range.length > longestRange) {
    throw new JinjaError(`Range too big: a template can count ${longestRange} numbers at most.`);
  }
  return range;
}

const functions: { readonly [name: string]: (args: unknown[], kwargs: Keywords) => unknown } = {
  range: makeRange,
  dict: makeDict,
  odict: makeDict,
  namespace: (args, kwargs) => new Namespace(makeDict(args, kwargs)),
  cycler: (args) => new Cycler(args),
  joiner: (args) => {
    const separator = args[0] ?? ', ';
    let used = false;
    return new Callable('joiner', () => {
      if (used) return separator;
      used = true;
      return '';
    });
  },
  raise: (args) => {
    throw new JinjaError(args.length === 0 ? 'The template raised an error.' : str(args[0]));
  },
};

export const globals: ReadonlyMap<string, unknown> = new Map(
  Object.entries(functions).map(([name, run]) => [name, new Callable(name, run)]),
);

/** `salt`: execution functions by their full name, or by module and function. */
export class Salt extends Attributes {
  readonly typeName = 'salt';
  private readonly table: FunctionTable;
  private readonly lookups: Lookups;
  private readonly made = new Map<string, unknown>();

  constructor(table: FunctionTable, lookups: Lookups) {
    super();
    this.table = table;
    this.lookups = lookups;
  }

  get(name: string): unknown {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    const implementation = this.table.get(name);
    let value: unknown;
    if (implementation) {
      value = new Callable(name, (args, kwargs) => this.lookups.ask(name, implementation, args, kwargs));
    } else if (this.hasModule(name)) value = new SaltModule(this, name);
    else if (name === 'get') value = new Callable('get', (args) => this.get(str(args[0])) ?? args[1] ?? null);
    else return undefined;
    this.made.set(name, value);
    return value;
  }

  private hasModule(name: string): boolean {
    if (name.includes('.')) return false;
    for (const known of this.table.keys()) if (known.startsWith(`${name}.`)) return true;
    return false;
  }

  override names(): Iterable<string> {
    return this.table.keys();
  }

  override absent(name: string): Undefined {
    return new Undefined(
      `There is no Salt function "${name}" here.`,
      () => {
        const near = didYouMean(name, this.table.keys());
        return near && `Did you mean "${near}"?`;
      },
      'unknown-salt-function',
    );
  }
}

class SaltModule extends Attributes {
  readonly typeName = 'salt module';
  private readonly salt: Salt;
  private readonly module: string;
  constructor(salt: Salt, module: string) {
    super();
    this.salt = salt;
    this.module = module;
  }
  get(name: string): unknown {
    return this.salt.get(`${this.module}.${name}`);
  }
  override absent(name: string): Undefined {
    return this.salt.absent(`${this.module}.${name}`);
  }
}

/** Methods of lists and tuples. */
import { bind, boolArg, intArg } from './arguments.ts';
import { iterate, members } from './containers.ts';
import { equals } from './equality.ts';
import { typeName } from './kinds.ts';
import { compare } from './order.ts';
import { repr } from './printing.ts';
import { Callable, JinjaError, type Keywords, Namespace, type Range, Tuple } from './values.ts';

type ListMethod = (self: unknown[], args: unknown[], kwargs: Keywords) => unknown;

function find(self: readonly unknown[], args: unknown[], kind: string): number {
  const [value, from, to] = bind('index', ['value!', 'start', 'stop'], args);
  const start = bounded(intArg('index', from, 0), self.length);
  const stop = bounded(intArg('index', to, self.length), self.length);
  for (let index = start; index < stop; index++) if (equals(self[index], value)) return index;
  throw new JinjaError(`${repr(value)} is not in ${kind}`);
}

/** A position counted from the end where negative, kept inside the list. */
function bounded(index: number, length: number): number {
  return Math.min(Math.max(index < 0 ? index + length : index, 0), length);
}

function count(self: readonly unknown[], args: unknown[]): number {
  const [value] = bind('count', ['value!'], args);
  return self.filter((member) => equals(member, value)).length;
}

/** Sorts as Python does: stable, by `<`; `reverse` keeps the order of equals. */
export function sorted(
  list: readonly unknown[],
  key: (member: unknown) => unknown,
  reverse: boolean,
): unknown[] {
  const keyed = list.map((member) => ({ member, key: key(member) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a.key, b.key));
  return keyed.map((one) => one.member);
}

export const LIST_METHODS: { readonly [name: string]: ListMethod } = {
  append: (self, args) => {
    self.push(bind('append', ['object!'], args)[0]);
    return null;
  },
  extend: (self, args) => {
    const [more] = bind('extend', ['iterable!'], args);
    for (const member of [...iterate(more)]) self.push(member);
    return null;
  },
  insert: (self, args) => {
    const [index, member] = bind('insert', ['index!', 'object!'], args);
    self.splice(bounded(intArg('insert', index, 0), self.length), 0, member);
    return null;
  },
  pop: (self, args) => {
    const [at] = bind('pop', ['index'], args);
    if (self.length === 0) throw new JinjaError('pop from empty list');
    const index = intArg('pop', at, -1);
    const from = index < 0 ? index + self.length : index;
    if (from < 0 || from >= self.length) throw new JinjaError('pop index out of range');
    return self.splice(from, 1)[0];
  },
  remove: (self, args) => {
    const [value] = bind('remove', ['value!'], args);
    const index = self.findIndex((member) => equals(member, value));
    if (index === -1) throw new JinjaError('list.remove(x): x not in list');
    self.splice(index, 1);
    return null;
  },
  index: (self, args) => find(self, args, 'list'),
  count,
  sort: (self, args, kwargs) => {
    const [key, reverse] = bind('sort', ['key', 'reverse'], args, kwargs);
    const by = key instanceof Callable ? (member: unknown) => key.call([member], {}) : undefined;
    if (key !== undefined && key !== null && by === undefined) {
      throw new JinjaError(`'${typeName(key)}' object is not callable`);
    }
    const ordered = sorted(self, by ?? ((member) => member), boolArg(reverse, false));
    self.splice(0, self.length, ...ordered);
    return null;
  },
  reverse: (self) => {
    self.reverse();
    return null;
  },
  copy: (self) => [...self],
  clear: (self) => {
    self.length = 0;
    return null;
  },
};

type TupleMethod = (self: unknown[] | Range, args: unknown[]) => unknown;

export const TUPLE_METHODS: { readonly [name: string]: TupleMethod } = {
  index: (self, args) => find(members(self), args, 'tuple'),
  count: (self, args) => count(members(self), args),
};

/** The pairs of a dict, of a namespace or of a list of pairs, as `dict()` and `update()` take them. */
export function pairsOf(name: string, value: unknown): [unknown, unknown][] {
  if (value instanceof Map) return [...value];
  if (value instanceof Namespace) return [...value.members];
  const pairs: [unknown, unknown][] = [];
  let index = 0;
  for (const member of iterate(value)) {
    const pair = members(member);
    if (pair.length !== 2) {
      throw new JinjaError(`${name}() sequence element #${index} has length ${pair.length}; 2 is required`);
    }
    pairs.push([pair[0], pair[1]]);
    index++;
  }
  return pairs;
}

/** What `groupby` makes: a pair that also answers to `grouper` and `list`. */
export class Group extends Tuple {
  get grouper(): unknown {
    return this[0];
  }
  get list(): unknown {
    return this[1];
  }
}

/** Salt's filters for lists and dicts. */
import { traverse } from '../traverse.ts';
import { bind, boolArg, intArg, textArg } from './arguments.ts';
import { add, div } from './arithmetic.ts';
import { contains, isIterable, members } from './containers.ts';
import type { Filter } from './contracts.ts';
import { dictGet, dictHas, dictSet, equals } from './equality.ts';
import { distinct } from './filters-list.ts';
import { float, isNumeric, toNumber, typeName } from './kinds.ts';
import { sorted } from './methods-list.ts';
import { compare, truthy } from './order.ts';
import { str } from './printing.ts';
import { JinjaError, type Keywords, toTuple, Undefined } from './values.ts';

/** No more combinations than this are made. */
const MOST = 1_000_000;

function checkCount(count: number): void {
  if (count > MOST) throw new JinjaError(`More than ${MOST} combinations would have to be made.`);
}

function other(name: string, args: unknown[]): unknown[] {
  return members(bind(name, ['other!'], args)[0]);
}

function flatten(value: unknown, levels: number, keepNulls: boolean): unknown[] {
  const flat = members(value).flat(levels);
  return keepNulls ? flat : flat.filter((one) => one !== null && one !== 'None' && one !== 'null');
}

function choose(list: readonly unknown[], size: number, next: (index: number) => number): unknown[] {
  const made: unknown[] = [];
  const pick = (start: number, chosen: unknown[]): void => {
    if (chosen.length === size) {
      made.push(toTuple(chosen));
      checkCount(made.length);
      return;
    }
    for (let index = start; index < list.length; index++) pick(next(index), [...chosen, list[index]]);
  };
  pick(0, []);
  return made;
}

function permutations(list: readonly unknown[], size: number): unknown[] {
  const made: unknown[] = [];
  const pick = (used: readonly number[]): void => {
    if (used.length === size) {
      made.push(toTuple(used.map((index) => list[index])));
      checkCount(made.length);
      return;
    }
    for (const index of list.keys()) if (!used.includes(index)) pick([...used, index]);
  };
  pick([]);
  return made;
}

function product(value: unknown, args: unknown[], kwargs: Keywords): unknown[] {
  const [times] = bind('product', ['repeat'], [], kwargs);
  const lists = [value, ...args].map(members);
  const all = Array.from({ length: intArg('product', times, 1) }, () => lists).flat();
  checkCount(all.reduce((count, list) => count * list.length, 1));
  let rows: unknown[][] = [[]];
  for (const list of all) rows = rows.flatMap((row) => list.map((member) => [...row, member]));
  return rows.map(toTuple);
}

function zipped(lists: readonly unknown[][], length: number, fill: unknown): unknown[] {
  return Array.from({ length }, (_, index) =>
    toTuple(lists.map((list) => (index < list.length ? list[index] : fill))),
  );
}

/** The dict that holds the last key of a path (made on the way where it is missing) and that key. */
function reach(
  value: unknown,
  keys: unknown,
  delimiter: unknown,
): { holder: Map<unknown, unknown>; last: string } {
  if (!(value instanceof Map)) {
    if (value instanceof Undefined) value.fail();
    throw new JinjaError(`A dict was expected, not ${typeName(value)}.`);
  }
  const path = str(keys).split(delimiter === undefined ? ':' : textArg('delimiter', delimiter));
  let holder = value as Map<unknown, unknown>;
  for (const key of path.slice(0, -1)) {
    let inner = dictGet(holder, key);
    if (inner === undefined || inner === null) {
      inner = new Map();
      dictSet(holder, key, inner);
    }
    if (!(inner instanceof Map)) {
      throw new JinjaError(`Expected a dict for key '${key}', but found ${typeName(inner)}.`);
    }
    holder = inner;
  }
  return { holder, last: path.at(-1)! };
}

/** Salt: these four filters change the dict they are given and return it. */
function change(
  name: string,
  apply: (holder: Map<unknown, unknown>, last: string, value: unknown) => void,
): Filter {
  return (dict, args, kwargs) => {
    const [keys, value, delimiter] = bind(
      name,
      ['keys!', 'value!', 'delimiter', 'ordered_dict'],
      args,
      kwargs,
    );
    const { holder, last } = reach(dict, keys, delimiter);
    apply(holder, last, value);
    return dict;
  };
}

function listAt(holder: Map<unknown, unknown>, last: string, verb: string): unknown[] {
  const found = dictGet(holder, last) ?? [];
  if (!Array.isArray(found))
    throw new JinjaError(`The last key contains a ${typeName(found)}, which cannot ${verb}.`);
  holder.set(last, found);
  return found;
}

function compareLists(value: unknown, args: unknown[]): Map<unknown, unknown> {
  const old = members(value);
  const fresh = other('compare_lists', args);
  const result = new Map<unknown, unknown>();
  const added = fresh.filter((member) => !contains(old, member));
  const gone = old.filter((member) => !contains(fresh, member));
  if (added.length > 0) result.set('new', added);
  if (gone.length > 0) result.set('old', gone);
  return result;
}

function compareDicts(value: unknown, args: unknown[]): Map<unknown, unknown> {
  const [fresh] = bind('compare_dicts', ['new!'], args);
  if (!(value instanceof Map) || !(fresh instanceof Map))
    throw new JinjaError('compare_dicts needs two dicts');
  const result = new Map<unknown, unknown>();
  for (const key of new Set([...value.keys(), ...fresh.keys()])) {
    const old = dictHas(value, key) ? dictGet(value, key) : '';
    const now = dictHas(fresh, key) ? dictGet(fresh, key) : '';
    if (!equals(old, now)) {
      result.set(
        key,
        new Map([
          ['old', old],
          ['new', now],
        ]),
      );
    }
  }
  return result;
}

export const SALT_LIST_FILTERS: { readonly [name: string]: Filter } = {
  is_list: (value) => Array.isArray(value),
  is_iter: (value) => typeof value !== 'string' && isIterable(value),
  sequence: (value) => {
    if (value instanceof Undefined) value.fail();
    return Array.isArray(value) || value instanceof Map ? value : [value];
  },
  union: (value, args) => distinct([...members(value), ...other('union', args)]),
  intersect: (value, args) => {
    const second = other('intersect', args);
    return distinct(members(value).filter((member) => contains(second, member)));
  },
  difference: (value, args) => {
    const second = other('difference', args);
    return distinct(members(value).filter((member) => !contains(second, member)));
  },
  symmetric_difference: (value, args) => {
    const first = members(value);
    const second = other('symmetric_difference', args);
    return distinct([...first, ...second]).filter(
      (member) => contains(first, member) !== contains(second, member),
    );
  },
  avg: (value) => {
    if (isNumeric(value)) return float(toNumber(value));
    const list = members(value);
    return div(
      list.reduce((sum, member) => add(sum, member), 0),
      list.length,
    );
  },
  flatten: (value, args, kwargs) => {
    const [levels, keep] = bind('flatten', ['levels', 'preserve_nulls'], args, kwargs);
    return flatten(value, intArg('flatten', levels, 1000), boolArg(keep, false));
  },
  combinations: (value, args) =>
    choose(
      members(value),
      intArg('combinations', bind('combinations', ['r!'], args)[0], 0),
      (index) => index + 1,
    ),
  combinations_with_replacement: (value, args) =>
    choose(
      members(value),
      intArg('combinations', bind('combinations', ['r!'], args)[0], 0),
      (index) => index,
    ),
  permutations: (value, args) => {
    const list = members(value);
    return permutations(list, intArg('permutations', bind('permutations', ['r'], args)[0], list.length));
  },
  product,
  compress: (value, args) => {
    const selectors = other('compress', args);
    return members(value).filter((_, index) => index < selectors.length && truthy(selectors[index]));
  },
  zip: (value, args) => {
    const lists = [value, ...args].map(members);
    return zipped(lists, Math.min(...lists.map((list) => list.length)), null);
  },
  zip_longest: (value, args, kwargs) => {
    const [fill] = bind('zip_longest', ['fillvalue'], [], kwargs);
    const lists = [value, ...args].map(members);
    return zipped(lists, Math.max(...lists.map((list) => list.length)), fill ?? null);
  },
  method_call: (value, args, kwargs, runtime) => {
    const [name, ...rest] = args;
    if (name === undefined) throw new JinjaError('method_call needs the name of a method');
    return runtime.call(runtime.getattr(value, str(name)), rest, kwargs);
  },
  traverse: (value, args, kwargs) => {
    const [path, usual, delimiter] = bind('traverse', ['key!', 'default', 'delimiter'], args, kwargs);
    if (value instanceof Undefined) value.fail();
    const found = traverse(value, path, delimiter === undefined ? ':' : textArg('traverse', delimiter));
    return found === undefined ? (usual ?? null) : found;
  },
  set_dict_key_value: change('set_dict_key_value', (holder, last, value) => {
    holder.set(last, value);
  }),
  append_dict_key_value: change('append_dict_key_value', (holder, last, value) => {
    listAt(holder, last, 'append').push(value);
  }),
  extend_dict_key_value: change('extend_dict_key_value', (holder, last, value) => {
    listAt(holder, last, 'extend').push(...members(value));
  }),
  update_dict_key_value: change('update_dict_key_value', (holder, last, value) => {
    const found = dictGet(holder, last) ?? new Map();
    if (!(found instanceof Map) || !(value instanceof Map)) {
      throw new JinjaError(
        `The last key contains a ${typeName(found)}, which cannot be updated by ${typeName(value)}.`,
      );
    }
    for (const [key, member] of value) dictSet(found, key, member);
    holder.set(last, found);
  }),
  sorted_ignorecase: (value) => sorted(members(value), (member) => str(member).toLowerCase(), false),
  is_sorted: (value) => {
    const list = members(value);
    return list.every((member, index) => index === 0 || compare(list[index - 1], member) <= 0);
  },
  compare_lists: compareLists,
  compare_dicts: compareDicts,
};

/** Jinja's filters for lists and dicts. */
import { bind, boolArg, intArg } from './arguments.ts';
import { add } from './arithmetic.ts';
import { isIterable, iterate, length, members } from './containers.ts';
import type { Filter, FilterRuntime } from './contracts.ts';
import { equals } from './equality.ts';
import { typeName } from './kinds.ts';
import { methodOf } from './methods.ts';
import { Group, sorted } from './methods-list.ts';
import { compare, truthy } from './order.ts';
import { prettyText } from './pretty-text.ts';
import { str } from './printing.ts';
import { JinjaError, type Keywords, Lazy, toTuple, tuple, Undefined } from './values.ts';

type Get = (member: unknown) => unknown;

/** `user.name` or `0` as Jinja's `attribute=` reads it: dotted names, digits as positions. */
function attributeGetter(attribute: unknown, runtime: FilterRuntime, usual?: unknown): Get {
  const steps = typeof attribute === 'string' ? attribute.split('.') : [attribute];
  return (member) => {
    let here = member;
    for (const step of steps) {
      const key = typeof step === 'string' && /^[0-9]+$/.test(step) ? Number(step) : step;
      here = runtime.getitem(here, key);
      if (here instanceof Undefined && usual !== undefined) return usual;
    }
    return here;
  };
}

function lowered(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function keyGetter(attribute: unknown, caseSensitive: boolean, runtime: FilterRuntime): Get {
  const get: Get =
    attribute === undefined || attribute === null ? (member) => member : attributeGetter(attribute, runtime);
  return caseSensitive ? get : (member) => lowered(get(member));
}

/** `sort` may name several attributes, parted by commas. */
function sortKey(attribute: unknown, caseSensitive: boolean, runtime: FilterRuntime): Get {
  if (typeof attribute !== 'string' || !attribute.includes(',')) {
    return keyGetter(attribute, caseSensitive, runtime);
  }
  const getters = attribute.split(',').map((one) => keyGetter(one.trim(), caseSensitive, runtime));
  return (member) => getters.map((get) => get(member));
}

function extreme(name: 'min' | 'max'): Filter {
  return (value, args, kwargs, runtime) => {
    const [sensitive, attribute] = bind(name, ['case_sensitive', 'attribute'], args, kwargs);
    const key = keyGetter(attribute, boolArg(sensitive, false), runtime);
    const list = members(value);
    if (list.length === 0) return new Undefined('No aggregated item, sequence was empty.');
    let best = list[0];
    for (const member of list.slice(1)) {
      const order = compare(key(member), key(best), name === 'min' ? '<' : '>');
      if (name === 'min' ? order < 0 : order > 0) best = member;
    }
    return best;
  };
}

/** `map('upper')`, `map(attribute='x', default='y')`. */
function map(value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime): unknown {
  let apply: Get;
  if (args.length === 0 && 'attribute' in kwargs) {
    const [attribute, usual] = bind('map', ['attribute', 'default'], [], kwargs);
    apply = attributeGetter(attribute, runtime, usual);
  } else {
    const [name, ...rest] = args;
    if (name === undefined) throw new JinjaError('map requires a filter argument');
    apply = (member) => runtime.filter(str(name), member, rest, kwargs);
  }
  return new Lazy('map', mapped(iterate(value), apply));
}

function* mapped(list: Iterable<unknown>, apply: Get): Generator<unknown> {
  for (const member of list) yield apply(member);
}

function* filtered(list: Iterable<unknown>, keep: (member: unknown) => boolean): Generator<unknown> {
  for (const member of list) if (keep(member)) yield member;
}

function chooser(name: string, wanted: boolean, byAttribute: boolean): Filter {
  return (value, args, kwargs, runtime) => {
    const rest = [...args];
    let get: Get = (member) => member;
    if (byAttribute) {
      if (rest.length === 0) throw new JinjaError('Missing parameter for attribute name');
      get = attributeGetter(rest.shift(), runtime);
    }
    const [test, ...more] = rest;
    const keep = (member: unknown): boolean =>
      (test === undefined ? truthy(get(member)) : runtime.test(str(test), get(member), more, kwargs)) ===
      wanted;
    // A value without members must fail here and not when the result is first looked at.
    return new Lazy(name, filtered(iterate(value), keep));
  };
}

function batch(value: unknown, args: unknown[], kwargs: Keywords): unknown {
  const [count, fill] = bind('batch', ['linecount!', 'fill_with'], args, kwargs);
  const size = intArg('batch', count, 1);
  if (size < 1) throw new JinjaError('batch() needs a line count above zero');
  const list = members(value);
  const rows: unknown[][] = [];
  for (let start = 0; start < list.length; start += size) {
    const row = list.slice(start, start + size);
    if (fill !== undefined && fill !== null) while (row.length < size) row.push(fill);
    rows.push(row);
  }
  return new Lazy('do_batch', rows);
}

function slice(value: unknown, args: unknown[], kwargs: Keywords): unknown {
  const [count, fill] = bind('slice', ['slices!', 'fill_with'], args, kwargs);
  const slices = intArg('slice', count, 1);
  if (slices < 1) throw new JinjaError('slice() needs a number of slices above zero');
  const list = members(value);
  const each = Math.floor(list.length / slices);
  const longer = list.length % slices;
  const parts: unknown[][] = [];
  let start = 0;
  for (let index = 0; index < slices; index++) {
    const end = start + each + (index < longer ? 1 : 0);
    const part = list.slice(start, end);
    if (fill !== undefined && fill !== null && index >= longer) part.push(fill);
    parts.push(part);
    start = end;
  }
  return new Lazy('do_slice', parts);
}

function dictsort(value: unknown, args: unknown[], kwargs: Keywords): unknown {
  const [sensitive, by, reverse] = bind('dictsort', ['case_sensitive', 'by', 'reverse'], args, kwargs);
  if (!(value instanceof Map)) {
    if (value instanceof Undefined) value.fail();
    throw new JinjaError(`'${typeName(value)} object' has no attribute 'items'`);
  }
  const position = { key: 0, value: 1 }[str(by ?? 'key')];
  if (position === undefined) throw new JinjaError('You can only sort by either "key" or "value"');
  const key: Get = (pair) => {
    const part = (pair as unknown[])[position];
    return boolArg(sensitive, false) ? part : lowered(part);
  };
  return sorted(
    Array.from(value, (pair) => toTuple(pair)),
    key,
    boolArg(reverse, false),
  );
}

function groupby(value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime): unknown {
  const names = ['attribute!', 'default', 'case_sensitive'];
  const [attribute, usual, sensitive] = bind('groupby', names, args, kwargs);
  const raw = attributeGetter(attribute, runtime, usual);
  const key: Get = boolArg(sensitive, false) ? raw : (member) => lowered(raw(member));
  const groups: Group[] = [];
  let last: unknown;
  for (const member of sorted(members(value), key, false)) {
    const here = key(member);
    if (groups.length === 0 || !equals(last, here)) {
      const group = new Group();
      group.push(raw(member), []);
      groups.push(group);
      last = here;
    }
    (groups.at(-1)!.list as unknown[]).push(member);
  }
  return groups;
}

/** Jinja's filter `attr` looks at attributes only, never at a dict's keys. */
function attr(value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime): unknown {
  const name = str(bind('attr', ['name!'], args, kwargs)[0]);
  if (!(value instanceof Map)) return runtime.getattr(value, name);
  return methodOf(value, name) ?? new Undefined(`'dict object' has no attribute '${name}'`);
}

/** Salt: `unique` keeps the first of equals, and text that differs in case is different. */
function unique(value: unknown, args: unknown[], kwargs: Keywords, runtime: FilterRuntime): unknown[] {
  const [sensitive, attribute] = bind('unique', ['case_sensitive', 'attribute'], args, kwargs);
  return distinct(members(value), keyGetter(attribute, boolArg(sensitive, true), runtime));
}

export function distinct(list: readonly unknown[], key: Get = (member) => member): unknown[] {
  const texts = new Set<string>();
  const others: unknown[] = [];
  return list.filter((member) => {
    const one = key(member);
    if (typeof one === 'string') {
      if (texts.has(one)) return false;
      texts.add(one);
      return true;
    }
    if (others.some((other) => equals(other, one))) return false;
    others.push(one);
    return true;
  });
}

export const LIST_FILTERS: { readonly [name: string]: Filter } = {
  attr,
  batch,
  count: (value) => length(value),
  dictsort,
  first: (value) => {
    for (const member of iterate(value)) return member;
    return new Undefined('No first item, sequence was empty.');
  },
  groupby,
  items: (value) => {
    if (value instanceof Undefined) return [];
    if (!(value instanceof Map)) throw new JinjaError('Can only get item pairs from a mapping.');
    return Array.from(value, ([key, member]) => tuple(key, member));
  },
  join: (value, args, kwargs, runtime) => {
    const [glue, attribute] = bind('join', ['d', 'attribute'], args, kwargs);
    const get: Get =
      attribute === undefined || attribute === null ? (one) => one : attributeGetter(attribute, runtime);
    return Array.from(iterate(value), (member) => str(get(member))).join(glue === undefined ? '' : str(glue));
  },
  last: (value) => {
    if (value instanceof Lazy) throw new JinjaError("'generator' object is not reversible");
    const list = members(value);
    return list.length === 0 ? new Undefined('No last item, sequence was empty.') : list.at(-1);
  },
  length: (value) => length(value),
  list: (value) => [...iterate(value)],
  map,
  max: extreme('max'),
  min: extreme('min'),
  pprint: (value) => prettyText(value),
  reject: chooser('reject', false, false),
  rejectattr: chooser('rejectattr', false, true),
  select: chooser('select', true, false),
  selectattr: chooser('selectattr', true, true),
  slice,
  sort: (value, args, kwargs, runtime) => {
    const [reverse, sensitive, attribute] = bind(
      'sort',
      ['reverse', 'case_sensitive', 'attribute'],
      args,
      kwargs,
    );
    if (!isIterable(value)) iterate(value);
    return sorted(
      members(value),
      sortKey(attribute, boolArg(sensitive, false), runtime),
      boolArg(reverse, false),
    );
  },
  sum: (value, args, kwargs, runtime) => {
    const [attribute, start] = bind('sum', ['attribute', 'start'], args, kwargs);
    const get: Get =
      attribute === undefined || attribute === null ? (one) => one : attributeGetter(attribute, runtime);
    let total: unknown = start === undefined ? 0 : start;
    for (const member of iterate(value)) total = add(total, get(member));
    return total;
  },
  unique,
};

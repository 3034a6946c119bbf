/** Members, lengths and slices of lists, dicts and text. */
import { dictHas, equals } from './equality.ts';
import { isInt, typeName } from './kinds.ts';
import { Attributes, Blank, JinjaError, Lazy, Range, Tuple, toTuple, Undefined, View } from './values.ts';

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

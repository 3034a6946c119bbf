/** Tells where a value of the merged pillar was written. */
import type { Origin } from '../core/diagnostic.ts';
import type { Path } from '../core/sls.ts';
import { isDict, keyText, type Value } from '../core/value.ts';

/** Where a key or a value stands; undefined where nothing is written there. */
export type Locate = (path: Path, on: 'key' | 'value') => Origin | undefined;

/** What one file adds to the pillar. */
export interface Layer {
  /** The keys it was put below. */
  readonly below: readonly string[];
  readonly value: Value;
  readonly locate: (path: Path, on: 'key' | 'value') => Origin;
}

/** `layers` in the order in which they were merged: the last that has a value wins. */
export function createLocate(layers: readonly Layer[], { mergeLists = false } = {}): Locate {
  return (path, on) => {
    const known = mergeLists ? withoutJoined(layers, path) : path;
    const layer = layers.findLast((one) => valueIn(one, known) !== undefined);
    return layer?.locate(known.slice(layer.below.length), on);
  };
}

/** Members of a list that was joined from several are counted anew: the list itself has to do. */
function withoutJoined(layers: readonly Layer[], path: Path): Path {
  for (let length = 1; length < path.length; length++) {
    const list = path.slice(0, length);
    if (layers.filter((layer) => Array.isArray(valueIn(layer, list))).length > 1) return list;
  }
  return path;
}

function valueIn({ below, value }: Layer, path: Path): Value | undefined {
  const inside = below.every((step, index) => index >= path.length || step === String(path[index]));
  if (!inside) return undefined;
  return path
    .slice(below.length)
    .reduce<Value | undefined>((outer, step) => memberOf(outer, String(step)), value);
}

function memberOf(value: Value | undefined, step: string): Value | undefined {
  if (Array.isArray(value)) return value[Number(step)];
  if (!isDict(value)) return undefined;
  if (value.has(step)) return value.get(step);
  for (const [key, member] of value) if (keyText(key) === step) return member;
  return undefined;
}

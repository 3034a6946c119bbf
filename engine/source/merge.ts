/** Merging of dicts by Salt's strategies, for the pillar and for functions such as pillar.get. */
import type { Value } from '../core/value.ts';
import { equals } from './jinja/equality.ts';

export interface MergeOptions {
  /** `smart` and unknown names mean `recurse`. */
  readonly strategy?: string;
  /** Lists are joined (what is there already is left out) instead of replaced. */
  readonly mergeLists?: boolean;
}

/**
 * A new value; neither argument is changed. Two dicts are merged by the strategy, the keys of `base` first;
 * anything else is replaced by `overlay`.
 */
export function mergeValues(base: unknown, overlay: unknown, options: MergeOptions = {}): Value {
  if (!(base instanceof Map) || !(overlay instanceof Map)) return deepCopy(overlay) as Value;
  const mergeLists = options.mergeLists ?? false;
  switch (options.strategy) {
    case 'list':
      return merged(base, overlay, (a, b) => [deepCopy(a), deepCopy(b)], false);
    case 'overwrite':
    // Salt: the strategy `aggregate` joins only values tagged `!aggregate` (yamlex); without the tag the later wins.
    case 'aggregate':
      return merged(base, overlay, (_, b) => deepCopy(b), true);
    default:
      return merged(base, overlay, (a, b) => recurse(a, b, mergeLists), true);
  }
}

function recurse(base: unknown, overlay: unknown, mergeLists: boolean): unknown {
  if (base instanceof Map && overlay instanceof Map) {
    return merged(base, overlay, (a, b) => recurse(a, b, mergeLists), true);
  }
  if (mergeLists && Array.isArray(base) && Array.isArray(overlay)) return joinLists(base, overlay);
  return deepCopy(overlay);
}

/** Salt: the strategy `list` keeps only the keys of the first dict, so `additions` is false for it. */
function merged(
  base: Map<unknown, unknown>,
  overlay: Map<unknown, unknown>,
  both: (a: unknown, b: unknown) => unknown,
  additions: boolean,
): Value {
  const result = new Map<unknown, unknown>();
  for (const [key, member] of base) {
    result.set(key, overlay.has(key) ? both(member, overlay.get(key)) : deepCopy(member));
  }
  if (additions) {
    for (const [key, member] of overlay) if (!base.has(key)) result.set(key, deepCopy(member));
  }
  return result as Value;
}

/** What `base` lacks of `overlay` is added at its end. */
export function joinLists(base: readonly unknown[], overlay: readonly unknown[]): unknown[] {
  const result = base.map(deepCopy);
  for (const member of overlay) {
    if (!result.some((known) => equals(known, member))) result.push(deepCopy(member));
  }
  return result;
}

export function deepCopy(value: unknown): unknown {
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, member] of value) copy.set(key, deepCopy(member));
    return copy;
  }
  // A tuple stays a tuple; its members are copied one by one.
  if (Array.isArray(value)) {
    const copy = new (value.constructor as ArrayConstructor)();
    for (const member of value) copy.push(deepCopy(member));
    return copy;
  }
  return value;
}

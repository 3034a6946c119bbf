/** Salt's module `pillar`. */
import { fnmatch } from '../../core/fnmatch.ts';
import { keyText } from '../../core/value.ts';
import { bind, boolArg, textArg } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { truthy } from '../jinja/order.ts';
import { repr } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { deepCopy, joinLists, mergeValues } from '../merge.ts';
import { traverse } from '../traverse.ts';
import type { FunctionContext, FunctionModule } from './context.ts';

const GET = ['key!', 'default', 'merge', 'merge_nested_lists', 'delimiter', 'pillarenv', 'saltenv'];

function get(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [key, usual, merge, nested, delimiter] = bind('pillar.get', GET, args, kwargs);
  const separator = delimiter === undefined ? ':' : textArg('pillar.get', delimiter);
  const found = traverse(context.pillar, key, separator);
  if (boolArg(merge, false)) {
    const lists = nested ?? context.opts.get('pillar_merge_lists') ?? false;
    // Salt: `merge` does nothing where the kinds differ; the pillar's value wins then.
    if (usual instanceof Map && (found === undefined || found instanceof Map)) {
      return mergeValues(usual, found ?? new Map(), { mergeLists: truthy(lists) });
    }
    if (Array.isArray(usual) && (found === undefined || Array.isArray(found))) {
      return joinLists(usual, found ?? []);
    }
  }
  if (found !== undefined) return found;
  if (usual !== undefined) return usual;
  if (truthy(context.opts.get('pillar_raise_on_missing') ?? false)) {
    throw new JinjaError(`Pillar key not found: ${repr(key)}`);
  }
  return '';
}

/** The given paths with their values, or all that is missing as the default. */
function item(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [usual, delimiter] = bind(
    'pillar.item',
    ['default', 'delimiter', 'pillarenv', 'saltenv'],
    [],
    kwargs,
  );
  const separator = delimiter === undefined ? ':' : textArg('pillar.item', delimiter);
  return new Map(args.map((key) => [key, traverse(context.pillar, key, separator) ?? usual ?? '']));
}

function keys(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [key, delimiter] = bind('pillar.keys', ['key!', 'delimiter'], args, kwargs);
  const found = traverse(
    context.pillar,
    key,
    delimiter === undefined ? ':' : textArg('pillar.keys', delimiter),
  );
  if (found === undefined) throw new JinjaError(`Pillar key not found: ${repr(key)}`);
  if (!(found instanceof Map)) throw new JinjaError(`Pillar value in key ${repr(key)} is not a dict`);
  return [...found.keys()];
}

function ls(context: FunctionContext): unknown {
  return [...context.pillar.keys()];
}

function filterBy(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['lookup_dict!', 'pillar!', 'merge', 'default', 'base'];
  const [table, path, merge, usual, base] = bind('pillar.filter_by', names, args, kwargs);
  return chooseBy({ table, value: traverse(context.pillar, path), merge, usual, base });
}

export interface Choice {
  readonly table: unknown;
  /** What keys of the table must match, as shell patterns; of a list any member. */
  readonly value: unknown;
  readonly merge: unknown;
  readonly usual: unknown;
  readonly base: unknown;
}

/** The rules of `filter_by`, which the modules grains and pillar share. */
export function chooseBy({ table, value, merge, usual, base }: Choice): unknown {
  if (!(table instanceof Map)) throw new JinjaError('filter_by needs a dict to choose from.');
  let chosen: unknown = null;
  for (const one of Array.isArray(value) ? members(value) : value === undefined ? [] : [value]) {
    for (const [pattern, result] of table) {
      if (!fnmatch(keyText(pattern)).test(keyText(one))) continue;
      chosen = result;
      break;
    }
    if (chosen !== null) break;
  }
  // Salt: an entry that is None counts as not found.
  chosen ??= table.get(usual === undefined ? 'default' : usual) ?? null;
  const below = base === undefined || base === null ? undefined : table.get(base);
  if (below !== undefined) {
    if (chosen === null) chosen = below;
    else if (below instanceof Map) {
      if (!(chosen instanceof Map)) {
        throw new JinjaError('filter_by default and look-up values must both be dictionaries.');
      }
      chosen = mergeValues(below, chosen);
    }
  }
  if (merge !== undefined && truthy(merge)) {
    if (!(merge instanceof Map)) throw new JinjaError('filter_by merge argument must be a dictionary.');
    chosen = chosen === null ? merge : mergeValues(chosen, merge);
  }
  return deepCopy(chosen);
}

export const functions: FunctionModule = {
  get,
  fetch: get,
  item,
  items: (context, args, kwargs) => (args.length > 0 ? item(context, args, kwargs) : context.pillar),
  data: (context) => context.pillar,
  raw: (context) => context.pillar,
  keys,
  ls,
  filter_by: filterBy,
};

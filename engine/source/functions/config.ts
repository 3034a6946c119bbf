/** Salt's module `config`. */
import { bind, boolArg, textArg } from '../jinja/arguments.ts';
import { str } from '../jinja/printing.ts';
import type { Keywords } from '../jinja/values.ts';
import { mergeValues } from '../merge.ts';
import { traverse } from '../traverse.ts';
import type { FunctionContext, FunctionModule } from './context.ts';

/** Salt: options come first, then grains, then the pillar. */
function places(
  context: FunctionContext,
  omit: { opts: unknown; grains: unknown; pillar: unknown },
): unknown[] {
  const all: unknown[] = [];
  if (!boolArg(omit.opts, false)) all.push(context.opts);
  if (!boolArg(omit.grains, false)) all.push(context.grains);
  if (!boolArg(omit.pillar, false)) all.push(context.pillar);
  return all;
}

function get(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = [
    'key!',
    'default',
    'delimiter',
    'merge',
    'omit_opts',
    'omit_pillar',
    'omit_master',
    'omit_grains',
  ];
  const [key, usual, delimiter, merge, opts, pillar, , grains] = bind('config.get', names, args, kwargs);
  const separator = delimiter === undefined ? ':' : textArg('config.get', delimiter);
  const found = places(context, { opts, grains, pillar })
    .map((place) => traverse(place, key, separator))
    .filter((value) => value !== undefined);
  if (merge !== undefined && merge !== null && merge !== false) {
    const strategy = merge === true ? 'recurse' : str(merge);
    const dicts = found.filter((value) => value instanceof Map);
    if (dicts.length > 0) {
      // What comes first in the order of places wins.
      return dicts.reduceRight<unknown>((all, one) => mergeValues(all, one, { strategy }), new Map());
    }
  }
  return found.length > 0 ? found[0] : (usual ?? '');
}

function option(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = [
    'value!',
    'default',
    'omit_opts',
    'omit_grains',
    'omit_pillar',
    'omit_master',
    'omit_all',
    'wildcard',
  ];
  const [key, usual, opts, grains, pillar] = bind('config.option', names, args, kwargs);
  for (const place of places(context, { opts, grains, pillar })) {
    const found = (place as Map<unknown, unknown>).get(key);
    if (found !== undefined) return found;
  }
  return usual ?? '';
}

export const functions: FunctionModule = {
  get,
  option,
  items: (context) => context.opts,
};

/** Salt's module `grains`. */
import { bind, textArg } from '../jinja/arguments.ts';
import { truthy } from '../jinja/order.ts';
import { str } from '../jinja/printing.ts';
import type { Keywords } from '../jinja/values.ts';
import { traverse } from '../traverse.ts';
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';
import { chooseBy } from './pillar.ts';

function get(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['key!', 'default', 'delimiter', 'ordered'];
  const [key, usual, delimiter] = bind('grains.get', names, args, kwargs);
  const separator = delimiter === undefined ? ':' : textArg('grains.get', delimiter);
  const found = traverse(context.grains, key, separator);
  return found === undefined ? (usual === undefined ? '' : usual) : found;
}

function item(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [usual, delimiter] = bind('grains.item', ['default', 'delimiter'], [], kwargs);
  const separator = delimiter === undefined ? ':' : textArg('grains.item', delimiter);
  return new Map(args.map((key) => [key, traverse(context.grains, key, separator) ?? usual ?? '']));
}

function filterBy(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['lookup_dict!', 'grain', 'merge', 'default', 'base'];
  const [table, grain, merge, usual, base] = bind('grains.filter_by', names, args, kwargs);
  return chooseBy({ table, value: traverse(context.grains, grain ?? 'os_family'), merge, usual, base });
}

const readOnly = 'templates may not change grains';

export const functions: FunctionModule = {
  get,
  fetch: get,
  item,
  items: (context) => context.grains,
  ls: (context) => [...context.grains.keys()].map((key) => str(key)).sort(),
  keys: (context) => [...context.grains.keys()],
  has_value: (context, args, kwargs) => {
    const [key] = bind('grains.has_value', ['key!'], args, kwargs);
    return truthy(traverse(context.grains, key) ?? false);
  },
  equals: (context, args, kwargs) => {
    const [key, value] = bind('grains.equals', ['key!', 'value!'], args, kwargs);
    return str(value) === str(traverse(context.grains, key) ?? '');
  },
  filter_by: filterBy,
  get_or_set_hash: unavailable(
    'grains.get_or_set_hash',
    readOnly,
    "a pillar value, or salt['random.get_str']",
  ),
  setval: unavailable('grains.setval', readOnly, 'the state grains.present'),
  append: unavailable('grains.append', readOnly, 'the state grains.list_present'),
};

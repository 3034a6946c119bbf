/** Salt's module `slsutil`. */
import { bind, boolArg } from '../jinja/arguments.ts';
import { JinjaError, type Keywords, members, repr, str, truthy } from '../jinja/python.ts';
import { mergeValues } from '../merge.ts';
import { type FunctionContext, type FunctionModule, unavailable } from './context.ts';

function dicts(name: string, values: unknown[]): void {
  for (const value of values) {
    if (!(value instanceof Map)) throw new JinjaError(`slsutil.${name} needs dicts, not ${repr(value)}.`);
  }
}

function merge(_context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['obj_a!', 'obj_b!', 'strategy', 'renderer', 'merge_lists'];
  const [a, b, strategy, , lists] = bind('slsutil.merge', names, args, kwargs);
  dicts('merge', [a, b]);
  return mergeValues(a, b, { strategy: str(strategy ?? 'smart'), mergeLists: boolArg(lists, false) });
}

function mergeAll(_context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['lst!', 'strategy', 'renderer', 'merge_lists'];
  const [list, strategy, , lists] = bind('slsutil.merge_all', names, args, kwargs);
  const all = members(list);
  dicts('merge_all', all);
  const options = { strategy: str(strategy ?? 'smart'), mergeLists: boolArg(lists, false) };
  return all.reduce((merged, one) => mergeValues(merged, one, options), new Map());
}

// Salt: slsutil.update changes its first argument, and map files rely on it.
function update(_context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['dest!', 'upd!', 'recursive_update', 'merge_lists'];
  const [dest, upd, recursive, lists] = bind('slsutil.update', names, args, kwargs);
  dicts('update', [dest, upd]);
  const strategy = boolArg(recursive, true) ? 'recurse' : 'overwrite';
  const target = dest as Map<unknown, unknown>;
  const merged = mergeValues(dest, upd, { strategy, mergeLists: boolArg(lists, false) });
  for (const [key, value] of merged as Map<unknown, unknown>) target.set(key, value);
  return target;
}

const noRenderer = 'files are rendered by the template engine alone';

export const functions: FunctionModule = {
  merge,
  merge_all: mergeAll,
  update,
  boolstr: (_context, args, kwargs) => {
    const [value, yes, no] = bind('slsutil.boolstr', ['value!', 'true', 'false'], args, kwargs);
    return truthy(value) ? (yes ?? 'true') : (no ?? 'false');
  },
  file_exists: (context, args) => {
    const [path] = bind('slsutil.file_exists', ['path!', 'saltenv'], args);
    return [...context.names()].includes(str(path));
  },
  dir_exists: (context, args) => {
    const folder = `${str(bind('slsutil.dir_exists', ['path!', 'saltenv'], args)[0]).replace(/\/+$/, '')}/`;
    return [...context.names()].some((name) => name.startsWith(folder));
  },
  path_exists: (context, args) => {
    const path = str(bind('slsutil.path_exists', ['path!', 'saltenv'], args)[0]).replace(/\/+$/, '');
    return [...context.names()].some((name) => name === path || name.startsWith(`${path}/`));
  },
  renderer: unavailable('slsutil.renderer', noRenderer, 'import_yaml or include in the template'),
  serialize: unavailable('slsutil.serialize', noRenderer, 'the filters json and yaml'),
  deserialize: unavailable('slsutil.deserialize', noRenderer, 'the filters load_json and load_yaml'),
};

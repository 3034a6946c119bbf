/** Salt's module `slsutil`. */
import { jsonText } from '../../core/json-writer.ts';
import { yamlDefaults, yamlText } from '../../core/yaml-writer.ts';
import { bind, boolArg, intArg } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { dataOf, jsonIn } from '../jinja/data.ts';
import { truthy } from '../jinja/order.ts';
import { repr, str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { mergeValues } from '../merge.ts';
import { parseYaml, placesIn } from '../yaml.ts';
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

function serialize(_context: FunctionContext, args: unknown[], kwargs: Keywords): string {
  const names = ['serializer!', 'obj!', 'sort_keys', 'indent', 'default_flow_style'];
  const [kind, value, sort, indent, flow] = bind('slsutil.serialize', names, args, kwargs);
  const step = intArg('slsutil.serialize', indent, 0);
  if (kind === 'json') {
    return jsonText(dataOf(value, 'JSON'), {
      sortKeys: boolArg(sort, false),
      indent: indent === undefined || indent === null ? undefined : ' '.repeat(step),
    });
  }
  if (kind !== 'yaml') throw unknownSerializer('serialize', kind);
  return yamlText(dataOf(value, 'YAML'), {
    ...yamlDefaults,
    sortKeys: boolArg(sort, true),
    flow: flow === null ? null : boolArg(flow, false),
    ...(step > 1 ? { indent: step } : {}),
  }).replace(/\n\.\.\.$/, '');
}

function deserialize(_context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [kind, given] = bind('slsutil.deserialize', ['serializer!', 'stream_or_string!'], args, kwargs);
  if (kind === 'json') return jsonIn(str(given));
  if (kind === 'yaml') return parseYaml(str(given), placesIn('slsutil.deserialize', str(given))).value;
  throw unknownSerializer('deserialize', kind);
}

function unknownSerializer(name: string, kind: unknown): JinjaError {
  return new JinjaError(`slsutil.${name} knows yaml and json, not ${repr(kind)}.`);
}

/** The nearest file of that name in the folder or one above it, as a path of the file roots. */
function findup(context: FunctionContext, args: unknown[], kwargs: Keywords): string {
  const [start, names] = bind('slsutil.findup', ['startpath!', 'filenames!', 'saltenv'], args, kwargs);
  const wanted = Array.isArray(names) ? names.map((one) => str(one)) : [str(names)];
  const known = new Set(context.names());
  const parts = str(start)
    .split('/')
    .filter((part) => part !== '');
  for (; ; parts.pop()) {
    for (const name of wanted) {
      const path = [...parts, name].join('/');
      if (known.has(path)) return path;
    }
    if (parts.length === 0) break;
  }
  throw new JinjaError(`slsutil.findup found ${repr(wanted)} neither in ${repr(start)} nor above it.`);
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
  serialize,
  deserialize,
  findup,
};

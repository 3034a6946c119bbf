/** Salt's module `defaults`: settings that come with a formula. */
import { bind, boolArg } from '../jinja/arguments.ts';
import { jsonIn } from '../jinja/data.ts';
import { repr, str } from '../jinja/printing.ts';
import { JinjaError, type Keywords } from '../jinja/values.ts';
import { deepCopy, mergeValues } from '../merge.ts';
import { traverse } from '../traverse.ts';
import { parseYaml } from '../yaml.ts';
import type { FunctionContext, FunctionModule } from './context.ts';

/** `formula/defaults.yaml` or `formula/defaults.json` of the file roots, then the pillar above it. */
function get(context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const [key, usual] = bind('defaults.get', ['key!', 'default'], args, kwargs);
  const [formula = '', ...rest] = str(key).split(':');
  const found =
    traverse(context.pillar, key) ?? traverse(fileDefaults(context, formula), rest.length > 0 ? rest : []);
  return found ?? usual ?? '';
}

function fileDefaults(context: FunctionContext, formula: string): unknown {
  for (const suffix of ['yaml', 'json']) {
    const file = `${formula}/defaults.${suffix}`;
    const source = context.source(`salt://${file}`);
    if ('missing' in source) continue;
    const text = source.content.toString('utf8');
    if (suffix === 'json') return jsonIn(text);
    return parseYaml(text, () => ({ file, line: 1, column: 1 })).value;
  }
  return new Map();
}

function merge(_context: FunctionContext, args: unknown[], kwargs: Keywords): unknown {
  const names = ['dest!', 'src!', 'merge_lists', 'in_place', 'convert_none'];
  const [dest, src, lists] = bind('defaults.merge', names, args, kwargs);
  const base = dest === null ? new Map() : dest;
  const overlay = src === null ? new Map() : src;
  if (!(base instanceof Map) || !(overlay instanceof Map)) {
    throw new JinjaError(`defaults.merge needs two dicts, not ${repr(dest)} and ${repr(src)}.`);
  }
  const merged = mergeValues(base, overlay, { mergeLists: boolArg(lists, false) }) as Map<unknown, unknown>;
  // Salt: the first dict is changed unless `in_place` is false, and map files rely on it.
  if (boolArg(kwargs['in_place'], args.length < 4)) {
    base.clear();
    for (const [key, value] of merged) base.set(key, value);
    return base;
  }
  return merged;
}

export const functions: FunctionModule = {
  get,
  merge,
  deepcopy: (_context, args) => deepCopy(bind('defaults.deepcopy', ['source!'], args)[0]),
  update: (context, args, kwargs) => {
    const [dest, defaults] = bind('defaults.update', ['dest!', 'defaults!', 'merge_lists'], args, kwargs);
    if (!(dest instanceof Map)) throw new JinjaError('defaults.update needs a dict of dicts.');
    for (const [name, own] of dest) dest.set(name, merge(context, [deepCopy(defaults), own], {}));
    return dest;
  },
};

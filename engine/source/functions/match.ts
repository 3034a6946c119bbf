/** Salt's module `match`: whether this node is meant. */
import { bind } from '../jinja/arguments.ts';
import { members } from '../jinja/containers.ts';
import { str } from '../jinja/printing.ts';
import { JinjaError } from '../jinja/values.ts';
import { BadTarget, matches } from '../match.ts';
import type { ContextFunction, FunctionContext, FunctionModule } from './context.ts';

function ask(
  context: FunctionContext,
  kind: string,
  target: string,
  delimiter?: string,
  id = context.id,
): boolean {
  try {
    return matches(target, { id, grains: context.grains, pillar: context.pillar, kind, delimiter });
  } catch (error) {
    if (error instanceof BadTarget) throw new JinjaError(error.message, 'template-error', error.hint);
    throw error;
  }
}

function matcher(kind: string): ContextFunction {
  const byPath = ['grain', 'grain_pcre', 'pillar', 'pillar_pcre', 'pillar_exact'].includes(kind);
  const names = byPath ? ['tgt!', 'delimiter', 'minion_id'] : ['tgt!', 'minion_id'];
  return (context, args, kwargs) => {
    const values = bind(`match.${kind}`, names, args, kwargs);
    const target = Array.isArray(values[0]) ? values[0].map((one) => str(one)).join(',') : str(values[0]);
    const id = values[names.indexOf('minion_id')];
    const delimiter = byPath ? values[1] : undefined;
    return ask(
      context,
      kind,
      target,
      delimiter === undefined ? undefined : str(delimiter),
      id === undefined || id === null ? undefined : str(id),
    );
  };
}

function isTarget(context: FunctionContext, target: unknown): boolean {
  return ask(context, 'compound', str(target));
}

/** Of the keys of a dict those that match this node, with their values merged or the first one's. */
function filterBy(context: FunctionContext, args: unknown[], kwargs: Record<string, unknown>): unknown {
  const names = ['lookup!', 'tgt_type', 'minion_id', 'merge', 'merge_lists', 'default'];
  const [table, kind, , , , usual] = bind('match.filter_by', names, args, kwargs);
  if (!(table instanceof Map)) throw new JinjaError('match.filter_by needs a dict.');
  const way = kind === undefined ? 'compound' : str(kind);
  const other = usual === undefined ? 'default' : usual;
  for (const [target, value] of table) {
    if (target !== other && ask(context, way, str(target))) return value;
  }
  return table.get(other) ?? null;
}

export const functions: FunctionModule = {
  compound: matcher('compound'),
  glob: matcher('glob'),
  pcre: matcher('pcre'),
  list: matcher('list'),
  grain: matcher('grain'),
  grain_pcre: matcher('grain_pcre'),
  pillar: matcher('pillar'),
  pillar_pcre: matcher('pillar_pcre'),
  pillar_exact: matcher('pillar_exact'),
  ipcidr: matcher('ipcidr'),
  nodegroup: matcher('nodegroup'),
  filter_by: filterBy,
  search_by: (context, args, kwargs) => {
    const [table, kind] = bind('match.search_by', ['lookup!', 'tgt_type', 'minion_id'], args, kwargs);
    if (!(table instanceof Map)) throw new JinjaError('match.search_by needs a dict.');
    const way = kind === undefined ? 'compound' : str(kind);
    const found = [...table]
      .filter(([, targets]) =>
        (typeof targets === 'string' ? [targets] : members(targets)).some((one) =>
          ask(context, way, str(one)),
        ),
      )
      .map(([key]) => key);
    return found.length > 0 ? found : null;
  },
  ifelse: (context, args) => {
    for (let index = 0; index + 1 < args.length; index += 2) {
      if (isTarget(context, args[index])) return args[index + 1];
    }
    return args.length % 2 === 1 ? args.at(-1) : null;
  },
};

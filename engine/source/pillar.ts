/** Reads the pillar: the data of this node, merged from the files its top file names. Any error stops everything. */
import { type Diagnostic, type Origin, type Place, Trouble } from '../core/diagnostic.ts';
import { isPattern } from '../core/fnmatch.ts';
import { type Dict, isDict, keyText, type Value } from '../core/value.ts';
import type { Node } from './match.ts';
import { type MergeOptions, mergeValues } from './merge.ts';
import {
  absoluteName,
  findSls,
  notFound,
  type ParsedFile,
  parseFile,
  type SlsSource,
  slsMatching,
  troubleOf,
} from './sls.ts';
import { readTop } from './top.ts';

export interface PillarOptions {
  /** Merged last, over everything. */
  readonly override?: Dict;
  readonly merging?: MergeOptions;
}

/** Unlike Salt: the pillar is complete or there is no run; Salt goes on with what it could read. */
export async function readPillar(source: SlsSource, node: Node, options: PillarOptions = {}): Promise<Dict> {
  const merging: MergeOptions = options.merging ?? { strategy: 'recurse' };
  const diagnostics: Diagnostic[] = [];
  const rendered = new Set<string>();

  async function read(
    name: string,
    origin: Origin | undefined,
    trail: readonly Place[],
    defaults: Dict | undefined,
    open: readonly string[],
  ): Promise<Dict | undefined> {
    if (open.includes(name)) {
      diagnostics.push({
        code: 'pillar-cycle',
        message: `Pillar files include each other: ${[...open.slice(open.indexOf(name)), name].join(' → ')}.`,
        ...(origin ? { origin } : {}),
      });
      return undefined;
    }
    if (rendered.has(name)) return undefined;
    rendered.add(name);
    try {
      const file = findSls(source.tree, name);
      if (!file) {
        diagnostics.push(notFound(source.tree, name, 'pillar-not-found', origin));
        return undefined;
      }
      const variables = new Map<string, unknown>(
        [...(defaults ?? [])].map(([key, value]) => [keyText(key), value] as [string, unknown]),
      );
      const parsed = await parseFile(source, file, name, variables);
      if (parsed.value === null || parsed.value === '') return new Map();
      if (!isDict(parsed.value)) {
        diagnostics.push({
          code: 'bad-pillar',
          message: `The pillar file "${name}" is no mapping.`,
          origin: parsed.locate([], 'value'),
        });
        return undefined;
      }
      const own: Dict = new Map(parsed.value);
      own.delete('include');
      // Salt: a file wins over what it includes.
      let merged: Value = new Map();
      for (const include of includes(parsed, name, file)) {
        const data = await read(
          include.name,
          include.origin,
          [...trail, include.origin.place()],
          include.defaults,
          [...open, name],
        );
        if (data) merged = mergeValues(merged, below(include.key, data), merging);
      }
      return mergeValues(merged, own, merging) as Dict;
    } catch (error) {
      diagnostics.push(...troubleOf(error, trail));
      return undefined;
    }
  }

  interface Include {
    readonly name: string;
    readonly origin: Origin;
    readonly key?: string;
    readonly defaults?: Dict;
  }

  function includes(parsed: ParsedFile, name: string, file: ParsedFile['file']): Include[] {
    const list = (parsed.value as Dict).get('include');
    if (list === undefined || list === null) return [];
    function wrong(message: string, origin: Origin): Include[] {
      diagnostics.push({ code: 'bad-include', message, origin, hint: 'Write a list of pillar file names.' });
      return [];
    }
    if (!Array.isArray(list))
      return wrong(`"include" of "${name}" is no list.`, parsed.locate(['include'], 'value'));
    return list.flatMap((item, index): Include[] => {
      const origin = parsed.locate(['include', index], 'value');
      let written: Value = item;
      let settings: Dict | undefined;
      if (isDict(item) && item.size === 1) {
        const [[key, value]] = [...item] as [[Value, Value]];
        written = key;
        if (isDict(value)) settings = value;
      }
      if (typeof written !== 'string') return wrong(`An include of "${name}" is no name.`, origin);
      const absolute = absoluteName(written, name, file);
      if (absolute === undefined)
        return wrong(`The include "${written}" of "${name}" leads out of the tree.`, origin);
      const names = isPattern(absolute) ? slsMatching(source.tree, absolute) : [absolute];
      if (names.length === 0) diagnostics.push(notFound(source.tree, absolute, 'pillar-not-found', origin));
      const key = settings?.get('key');
      const defaults = settings?.get('defaults');
      return names.map((one) => ({
        name: one,
        origin,
        ...(typeof key === 'string' ? { key } : {}),
        ...(isDict(defaults) ? { defaults } : {}),
      }));
    });
  }

  const top = await readTop(source, node);
  let pillar: Value = new Map();
  for (const entry of top?.entries ?? []) {
    if (entry.ignoreMissing && !findSls(source.tree, entry.name)) continue;
    const data = await read(entry.name, entry.origin, [], undefined, []);
    if (data) pillar = mergeValues(pillar, data, merging);
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  return (options.override ? mergeValues(pillar, options.override, merging) : pillar) as Dict;
}

/** `key: a:b` puts what is included below a and b. */
function below(key: string | undefined, data: Dict): Dict {
  if (key === undefined) return data;
  return key.split(':').reduceRight<Dict>((inner, step) => new Map([[step, inner]]), data);
}

/** Reads the pillar: the data of this node, merged from the files its top file names. Any error stops everything. */
import { type Diagnostic, type Origin, type Place, Trouble } from '../core/diagnostic.ts';
import { isPattern } from '../core/fnmatch.ts';
import { isArmour, SecretTrouble } from '../core/secret.ts';
import { type Dict, isDict, keyText, type Value } from '../core/value.ts';
import { findSls, notFound, slsMatching } from './find-sls.ts';
import { absoluteName } from './includes.ts';
import type { Node } from './match.ts';
import { type MergeOptions, mergeValues } from './merge.ts';
import { type ParsedFile, parseFile, type SlsSource } from './parse-file.ts';
import { createLocate, type Layer, type Locate } from './pillar-places.ts';
import { troubleOf } from './sls.ts';
import { readTop } from './top.ts';

/** What a pillar with secrets takes. */
export interface Keeper {
  /** From here on the value is a secret. */
  add(path: string, value: string): void;
  /** The plain text of an armoured block. Rejects with a SecretTrouble. */
  decrypt(armour: string): Promise<string>;
}

export interface PillarOptions {
  readonly keeper?: Keeper;
  /** Merged last, over everything. */
  readonly override?: Pick<Layer, 'locate'> & { readonly value: Dict };
  readonly merging?: MergeOptions;
}

export interface Pillar {
  readonly value: Dict;
  readonly locate: Locate;
}

/** What a file holds itself, or with what it includes below it. */
interface Contents {
  readonly value: Dict;
  readonly layers: readonly Layer[];
}

/** Unlike Salt: the pillar is complete or there is no run; Salt goes on with what it could read. */
export async function readPillar(
  source: SlsSource,
  node: Node,
  options: PillarOptions = {},
): Promise<Pillar> {
  const merging: MergeOptions = options.merging ?? { strategy: 'recurse' };
  const diagnostics: Diagnostic[] = [];
  const rendered = new Map<string, Contents>();
  const broken = new Set<string>();
  const opening: SlsSource = { ...source, ...(options.keeper && { decrypt: options.keeper.decrypt }) };

  /** What a file holds itself, with what it includes below it. */
  async function read(
    name: string,
    origin: Origin | undefined,
    trail: readonly Place[],
    defaults: Dict | undefined,
  ): Promise<Contents | undefined> {
    // Its errors are told already.
    if (broken.has(name)) return undefined;
    broken.add(name);
    try {
      const file = findSls(source.tree, name);
      if (!file) {
        diagnostics.push(notFound(source.tree, name, 'pillar-not-found', origin));
        return undefined;
      }
      const variables = new Map<string, unknown>(
        [...(defaults ?? [])].map(([key, value]) => [keyText(key), value] as [string, unknown]),
      );
      const parsed = await parseFile(opening, file, name, variables);
      if (parsed.value === null || parsed.value === '') {
        const nothing: Contents = { value: new Map(), layers: [] };
        rendered.set(name, nothing);
        broken.delete(name);
        return nothing;
      }
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
      if (parsed.file.secret && options.keeper) register(own, options.keeper);
      const layer: Layer = { below: [], value: own, locate: parsed.locate };
      rendered.set(name, { value: own, layers: [layer] });
      broken.delete(name);
      // Salt: a file wins over what it includes.
      let merged: Value = new Map();
      const layers: Layer[] = [];
      for (const include of includes(parsed, name, file, defaults)) {
        // Salt: each file is included once; after that, and in a circle, it stands for what it holds itself.
        const data =
          rendered.get(include.name) ??
          (await read(include.name, include.origin, [...trail, include.origin.place()], include.defaults));
        if (!data) continue;
        const steps = include.key?.split(':') ?? [];
        merged = mergeValues(merged, below(steps, data.value), merging);
        layers.push(...data.layers.map((one) => ({ ...one, below: [...steps, ...one.below] })));
      }
      return { value: mergeValues(merged, own, merging) as Dict, layers: [...layers, layer] };
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

  function includes(
    parsed: ParsedFile,
    name: string,
    file: ParsedFile['file'],
    inherited: Dict | undefined,
  ): Include[] {
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
      // Salt: pillar files may also be named by their paths.
      const dotted = written.startsWith('.') ? written : written.replaceAll('/', '.');
      const absolute = absoluteName(dotted, name, file);
      if (absolute === undefined)
        return wrong(`The include "${written}" of "${name}" leads out of the tree.`, origin);
      const names = isPattern(absolute) ? slsMatching(source.tree, absolute) : [absolute];
      if (names.length === 0) diagnostics.push(notFound(source.tree, absolute, 'pillar-not-found', origin));
      const key = settings?.get('key');
      // Salt: what a file was given as defaults is handed on to what it includes.
      const defaults = settings ? settings.get('defaults') : inherited;
      return names.map((one) => ({
        name: one,
        origin,
        ...(typeof key === 'string' ? { key } : {}),
        ...(isDict(defaults) ? { defaults } : {}),
      }));
    });
  }

  const top = await readTop(opening, node);
  let pillar: Value = new Map();
  const layers: Layer[] = [];
  for (const entry of top?.entries ?? []) {
    if (entry.ignoreMissing && !findSls(source.tree, entry.name)) continue;
    const data = await read(entry.name, entry.origin, [], undefined);
    if (!data) continue;
    pillar = mergeValues(pillar, data.value, merging);
    layers.push(...data.layers);
  }
  if (options.keeper) pillar = await decrypted(pillar, '', options.keeper, diagnostics);
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  const { override } = options;
  if (override) {
    pillar = mergeValues(pillar, override.value, merging);
    layers.push({ ...override, below: [] });
  }
  return { value: pillar as Dict, locate: createLocate(layers, merging) };
}

/** `key: a:b` puts what is included below a and b. */
function below(steps: readonly string[], data: Dict): Dict {
  return steps.reduceRight<Dict>((inner, step) => new Map([[step, inner]]), data);
}

/** Everything that a file with secrets holds is one, but for what can hardly be: true, false and nothing. */
function register(value: Value, keeper: Keeper, path = ''): void {
  if (isDict(value)) {
    for (const [key, member] of value) register(member, keeper, joined(path, keyText(key)));
  } else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) register(member, keeper, joined(path, String(index)));
  } else if (typeof value === 'string') {
    if (!isArmour(value)) keeper.add(path, value);
  } else if (value !== null && typeof value !== 'boolean') keeper.add(path, keyText(value));
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}:${key}`;
}

/** The value with every armoured block decrypted. What cannot be is told of, with its path. */
async function decrypted(
  value: Value,
  path: string,
  keeper: Keeper,
  diagnostics: Diagnostic[],
): Promise<Value> {
  if (isDict(value)) {
    const dict: Dict = new Map();
    for (const [key, member] of value)
      dict.set(key, await decrypted(member, joined(path, keyText(key)), keeper, diagnostics));
    return dict;
  }
  if (Array.isArray(value)) {
    const list: Value[] = [];
    for (const [index, member] of value.entries())
      list.push(await decrypted(member, joined(path, String(index)), keeper, diagnostics));
    return list;
  }
  if (typeof value !== 'string' || !isArmour(value)) return value;
  try {
    const text = await keeper.decrypt(value);
    keeper.add(path, text);
    return text;
  } catch (error) {
    if (!(error instanceof SecretTrouble)) throw error;
    diagnostics.push({
      code: error.code,
      message: `The secret ${path} of the pillar cannot be decrypted: ${error.message}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
    return '';
  }
}

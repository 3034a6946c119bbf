/** Finds the states that requisites name. */
import {
  type Chunk,
  type Listening,
  type RequisiteKind,
  type Runnable,
  requisiteKinds,
} from '../core/chunk.ts';
import { type Diagnostic, didYouMean } from '../core/diagnostic.ts';
import { fnmatch, isPattern } from '../core/fnmatch.ts';
import { type Argument, itemOf, keyOrigin, type Spot, valueOrigin } from '../core/high.ts';
import { Float, isDict, keyText, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';

/** Exact names are looked up, and the rest is remembered, so that thousands of requisites cost no more than they are many. */
interface Index {
  readonly all: readonly Runnable[];
  readonly named: ReadonlyMap<string, readonly Runnable[]>;
  readonly matches: Map<string, Runnable[]>;
  readonly suggestions: Map<string, string | undefined>;
}

/** Fills in requisites and prerequired of all states, and tells who listens to whom. */
export function resolveRequisites(all: readonly Runnable[], diagnostics: Diagnostic[]): Listening[] {
  const index: Index = { all, named: nameIndex(all), matches: new Map(), suggestions: new Map() };
  const prerequired = new Map<Runnable, Runnable[]>();
  const listenings: Listening[] = [];
  for (const runnable of all) {
    const requisites: { [kind in RequisiteKind]?: Runnable[] } = {};
    const { written } = runnable.chunk;
    for (const kind of requisiteKinds) {
      const arg = written.get(kind);
      if (arg) requisites[kind] = resolve(index, runnable.chunk, arg, diagnostics);
    }
    // Salt: listeners have their turn where their `listen` stands, or the `listen_in` that names them.
    const listen = written.get('listen');
    if (listen) {
      for (const source of resolve(index, runnable.chunk, listen, diagnostics, true))
        listenings.push({ listener: reacting(runnable, listen, diagnostics), source });
    }
    const listenIn = written.get('listen_in');
    if (listenIn) {
      for (const listener of resolve(index, runnable.chunk, listenIn, diagnostics, true))
        listenings.push({ listener: reacting(listener, listenIn, diagnostics), source: runnable });
    }
    const required = asRequire(runnable, requisites);
    runnable.requisites = required;
    for (const target of required.prereq ?? []) {
      const known = prerequired.get(target);
      if (known) known.push(runnable);
      else prerequired.set(target, [runnable]);
    }
  }
  for (const [target, waiting] of prerequired) target.prerequired = waiting;
  return listenings;
}

function reacting(listener: Runnable, arg: Argument, diagnostics: Diagnostic[]): Runnable {
  const { chunk, definition } = listener;
  if (!definition.react) {
    // Unlike Salt: `listen` on a state that cannot react is an error before the run; Salt fails at its end.
    diagnostics.push({
      code: 'bad-requisite',
      message: `${chunk.state}.${chunk.fun} of ID "${chunk.id}" cannot listen: it has no reaction to changes.`,
      origin: keyOrigin(arg),
      hint: 'Use "onchanges" or "watch" instead.',
    });
  }
  return listener;
}

/** Salt: a state that has no reaction treats watch as require. */
function asRequire(
  runnable: Runnable,
  requisites: { [kind in RequisiteKind]?: Runnable[] },
): { [kind in RequisiteKind]?: Runnable[] } {
  if (runnable.definition.react || (!requisites.watch && !requisites.watch_any)) return requisites;
  const { watch, watch_any, ...rest } = requisites;
  if (watch) rest.require = [...(rest.require ?? []), ...watch];
  if (watch_any) rest.require_any = [...(rest.require_any ?? []), ...watch_any];
  return rest;
}

function nameIndex(all: readonly Runnable[]): ReadonlyMap<string, readonly Runnable[]> {
  const named = new Map<string, Runnable[]>();
  for (const runnable of all) {
    const { id, name } = runnable.chunk;
    for (const key of id === name ? [id] : [id, name]) {
      const known = named.get(key);
      if (known) known.push(runnable);
      else named.set(key, [runnable]);
    }
  }
  return named;
}

function resolve(
  index: Index,
  chunk: Chunk,
  arg: Argument,
  diagnostics: Diagnostic[],
  exactly = false,
): Runnable[] {
  if (arg.value === null) return [];
  if (!Array.isArray(arg.value)) {
    diagnostics.push({
      code: 'bad-requisite',
      message: `"${arg.key}" of ID "${chunk.id}" is ${kindOf(arg.value)}, expected a list.`,
      origin: valueOrigin(arg),
      hint: `Write "- ${arg.key}:" and below it "  - module: ID".`,
    });
    return [];
  }
  return arg.value.flatMap((item, position) =>
    resolveItem(index, chunk, arg, itemOf(arg, position), item, diagnostics, exactly),
  );
}

function resolveItem(
  index: Index,
  chunk: Chunk,
  arg: Argument,
  spot: Spot,
  item: Value,
  diagnostics: Diagnostic[],
  exactly: boolean,
): Runnable[] {
  function wrong(message: string, hint: string): Runnable[] {
    diagnostics.push({ code: 'bad-requisite', message, origin: valueOrigin(spot), hint });
    return [];
  }
  const entries: [Value, Value][] = isDict(item) ? [...item] : [['id', item]];
  const [first] = entries;
  if (entries.length !== 1 || !first) {
    return wrong(
      `An item of "${arg.key}" of ID "${chunk.id}" names ${entries.length} states.`,
      'Begin each with a dash of its own.',
    );
  }
  let module = keyText(first[0]);
  const name = first[1];
  if (typeof name !== 'string') {
    const written = name instanceof Float || typeof name !== 'object' ? keyText(name) : 'NAME';
    return wrong(
      `"${arg.key}" of ID "${chunk.id}" names ${kindOf(name)}, expected text.`,
      `Write '${written}'.`,
    );
  }
  if (module.includes('.')) {
    const short = module.split('.')[0]!;
    // Salt: checked for these kinds only, the others ignore what follows the dot.
    if (['require', 'watch', 'prereq', 'onchanges'].includes(arg.key)) {
      return wrong(
        `"${arg.key}" of ID "${chunk.id}" names "${module}: ${name}"; a requisite names a module, without its function.`,
        `Write "${short}: ${name}".`,
      );
    }
    module = short;
  }
  const plain = exactly || (module !== 'sls' && !isPattern(name));
  const what = `${module}\0${name}`;
  const found = plain
    ? exact(index, module, name)
    : remembered(index.matches, what, () => matching(index, module, name));
  if (found.length > 0) return found;
  const meant = remembered(index.suggestions, what, () => suggestion(index, module, name));
  diagnostics.push({
    code: 'requisite-not-found',
    message: `"${arg.key}" of ID "${chunk.id}" names "${module === 'id' ? name : `${module}: ${name}`}", which is not part of this run.`,
    origin: valueOrigin(spot),
    hint: meant ? `Did you mean "${meant}"?` : 'Include the SLS that declares it, or correct the name.',
  });
  return [];
}

function exact(index: Index, module: string, name: string): Runnable[] {
  return (index.named.get(name) ?? []).filter(({ chunk }) => module === 'id' || chunk.state === module);
}

/** Salt: names and IDs are matched as shell patterns, so `list[1]` does not find the ID `list[1]`. */
function matching(index: Index, module: string, name: string): Runnable[] {
  const pattern = fnmatch(name);
  if (module === 'sls') return index.all.filter(({ chunk }) => pattern.test(chunk.sls));
  return index.all.filter(
    ({ chunk }) =>
      (module === 'id' || chunk.state === module) && (pattern.test(chunk.name) || pattern.test(chunk.id)),
  );
}

function remembered<T>(memory: Map<string, T>, key: string, work: () => T): T {
  if (!memory.has(key)) memory.set(key, work());
  return memory.get(key) as T;
}

function suggestion(index: Index, module: string, name: string): string | undefined {
  if (module === 'sls') {
    return didYouMean(name, new Set(index.all.map(({ chunk }) => chunk.sls)));
  }
  const [elsewhere] = index.named.get(name) ?? [];
  if (elsewhere) return `${elsewhere.chunk.state}: ${name}`;
  const ids = index.all.filter(({ chunk }) => module === 'id' || chunk.state === module);
  const meant = didYouMean(name, new Set(ids.flatMap(({ chunk }) => [chunk.id, chunk.name])));
  return meant === undefined ? undefined : module === 'id' ? meant : `${module}: ${meant}`;
}

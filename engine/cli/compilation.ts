/** From SLS names to the order of a run: what every verb that compiles does. */

import { type LowState, lowState, runnables } from '../compile/compile.ts';
import type { Chunk, RunOrder } from '../core/chunk.ts';
import { Trouble } from '../core/diagnostic.ts';
import type { PlannedRun } from '../core/plan.ts';
import type { Path, Sls } from '../core/sls.ts';
import type { AnyState } from '../core/state.ts';
import { isDict, type Value } from '../core/value.ts';
import { listStates, loadState } from '../modules/find.ts';
import { findSls } from '../source/find-sls.ts';
import { readStates } from '../source/sls.ts';
import { missingIn, readTop, type Top } from '../source/top.ts';
import { onCommandLine } from './main.ts';
import type { World } from './world.ts';

/** The states of what a run was asked for. */
export async function compilePlanned(undertaking: PlannedRun, world: World): Promise<RunOrder> {
  if (undertaking.verb === 'single') return compileSingle(world, undertaking.fun, new Map(undertaking.args));
  return compileNames(world, undertaking.verb === 'apply' ? undertaking.sls : undefined);
}

/** How a run is named in the history. */
export function wordsOf(undertaking: PlannedRun): string[] {
  switch (undertaking.verb) {
    case 'highstate':
      return [undertaking.verb];
    case 'apply':
      return [undertaking.verb, ...undertaking.sls];
    case 'single':
      // Arguments may be anybody's secret.
      return [undertaking.verb, undertaking.fun];
  }
}

/** The named SLS files, or those the top file gives this node. */
export async function compileNames(world: World, names: readonly string[] | undefined): Promise<RunOrder> {
  const files = await read(world, names);
  const { chunks, confirm } = lowState(files, { automaticOrder: world.settings.automaticOrder });
  const order = await ordered(chunks);
  await world.openSources(sourcesOf(order));
  return { ...order, files, ...(confirm && { confirm }) };
}

export async function low(world: World, names: readonly string[] | undefined): Promise<LowState> {
  return lowState(await read(world, names), { automaticOrder: world.settings.automaticOrder });
}

/** An empty list of file roots is a wrong folder far more often than a wish. */
export function requireRoots({ settings }: World): void {
  if (settings.states.length > 0) return;
  throw new Trouble([
    {
      code: 'bad-configuration',
      message: 'There are no states: the current folder has no states/, and no setting names another place.',
      hint: 'Go to the folder that holds states/, name one by --states, or set "states" in the settings file.',
    },
  ]);
}

export async function read(world: World, names: readonly string[] | undefined): Promise<Sls[]> {
  requireRoots(world);
  const source = await world.states();
  if (names) return readStates(source, names);
  const top = await topOf(world);
  const missing = missingIn(source, top);
  if (missing.length > 0) throw new Trouble(missing);
  return readStates(
    source,
    top.entries
      .filter(({ ignoreMissing, name }) => !ignoreMissing || findSls(source.tree, name))
      .map(({ name }) => name),
  );
}

export async function topOf(world: World): Promise<Top> {
  requireRoots(world);
  const source = await world.states();
  const top = await readTop(source, await world.node());
  if (!top) {
    const where = source.tree.roots.join(', ');
    throw new Trouble([
      {
        code: 'no-top-file',
        message: `There is neither top.sls nor top.yaml in ${where}.`,
        hint: 'Write one, or name the SLS to apply: converge apply NAME.',
      },
    ]);
  }
  if (top.entries.length === 0) {
    throw new Trouble([
      {
        code: 'no-top-match',
        message: `No target of ${top.file} matches the id "${world.id}".`,
        hint: "Add a target that does, such as '*'.",
      },
    ]);
  }
  return top;
}

/** What states take from the file roots, as far as their arguments say so. */
function* sourcesOf({ states }: RunOrder): Generator<string> {
  for (const { args } of states) {
    for (const value of Object.values(args)) {
      for (const one of Array.isArray(value) ? value : [value])
        if (typeof one === 'string' && one.startsWith('salt://')) yield one;
    }
  }
}

/** Loads the states that are used, and only those. */
export async function ordered(chunks: readonly Chunk[]): Promise<RunOrder> {
  return runnables(chunks, { list: listStates, get: await definitionsOf(chunks) });
}

async function definitionsOf(chunks: readonly Chunk[]): Promise<(address: string) => AnyState | undefined> {
  const known = new Set(listStates());
  const used = [...new Set(chunks.map((chunk) => `${chunk.state}.${chunk.fun}`))].filter((one) =>
    known.has(one),
  );
  const loaded = new Map(await Promise.all(used.map(async (one) => [one, await loadState(one)] as const)));
  return (address) => loaded.get(address);
}

/** `converge single file.managed name=/etc/motd contents=hello`: each argument's value is read as YAML. */
export async function compileSingle(
  world: World,
  fun: string,
  written: ReadonlyMap<string, string>,
): Promise<RunOrder> {
  const args = new Map<Value, Value>();
  const ambiguous = new Map<string, string>();
  for (const [key, text] of written) {
    const read = await argumentValue(text);
    // A name is text, whatever YAML would make of it: single pkg.installed name=7 means the package "7".
    args.set(key, key === 'name' && typeof read.value !== 'string' ? text : read.value);
    if (read.ambiguous !== undefined) ambiguous.set(key, read.ambiguous);
  }
  const name = (args.get('name') as string | undefined) ?? fun;
  // What means something else at the top of an SLS is a name like any other here.
  const id = ['include', 'extend', 'exclude'].includes(name) ? fun : name;
  const sls: Sls = {
    name: 'single',
    file: 'command line',
    isInit: false,
    value: new Map<Value, Value>([[id, new Map<Value, Value>([[fun, args]])]]),
    locate: () => onCommandLine(),
    ambiguous: (path: Path) => ambiguous.get(String(path.at(-1))),
    trail: [],
  };
  const order = await ordered(lowState([sls], { automaticOrder: world.settings.automaticOrder }).chunks);
  await world.openSources(sourcesOf(order));
  return order;
}

/** Salt: lists and mappings have to be in brackets; what is no YAML, or would lose a comment, is text. */
async function argumentValue(text: string): Promise<{ value: Value; ambiguous?: string }> {
  const { parseYaml, placesIn } = await import('../source/yaml.ts');
  if (/\n|^#|\s#/.test(text)) return { value: text };
  try {
    const { value, ambiguous } = parseYaml(text, placesIn('command line', text));
    if ((isDict(value) && !text.startsWith('{')) || (Array.isArray(value) && !text.startsWith('[')))
      return { value: text };
    const [first] = ambiguous;
    return first && first[0].length === 0 ? { value, ambiguous: first[1] } : { value };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { value: text };
  }
}

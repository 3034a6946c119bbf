/** What is written down of a run when it is over: the states that held, and what they answer for. */
import type { Runnable } from '../core/chunk.ts';
import { keyedHash } from '../core/keyed-hash.ts';
import type { Owned } from '../core/state.ts';
import { type Applied, type Leftover, type Thing, type TreeMemory, writeMemory } from './applied.ts';
import type { Motives, Turn } from './motives.ts';
import { isRemovable, owned, thingKey } from './orphans.ts';

/** Runs of one tree that need not be written down again. */
const mostSettled = 8;

/** Of a state of which nothing else was noted: most states of most runs. */
const unmoved: Turn = { held: true, changed: false };

/**
 * Writes down what is new, and nothing where nothing is. `update` does so for what is left of states that are declared
 * no more, and tells whether that was anything. Throws what the file system says.
 */
export function remember(motives: Motives, update: (memory: TreeMemory) => boolean): void {
  const { turns, finished, head, options } = motives;
  const { order, folder, key } = options;
  const noted = [...turns].filter(([{ definition }]) => !definition.repeats);
  const missing = noted.filter(([, { held }]) => !held).map(([{ chunk }]) => `${chunk.id}\0${chunk.name}`);
  const untried = order.states.length - finished;
  const digest = `${motives.declared}/${keyedHash(key, [untried, ...missing].join('\n'))}`;
  const isKnown = head?.settled.includes(digest) === true;
  if (isKnown && head?.leftovers === 0 && !noted.some(([, { changed }]) => changed)) return;

  const { memory } = motives;
  const wasMade = madeBefore(memory);
  let differs = !isKnown;
  let replaced = false;
  for (const [index, runnable] of order.states.entries()) {
    const turn = turns.get(runnable) ?? (index < finished ? unmoved : undefined);
    const before = motives.known(runnable);
    const after = appliedOf(motives, runnable, turn, wasMade);
    if (!after || after === before) continue;
    differs = true;
    // Where there is more of it, there is more that they would leave behind.
    replaced ||= before?.intent !== after.intent;
    if (before) memory.leftovers.push(...droppedBy(before, after, options.now()));
    memory.states.set(motives.keyOf(runnable), after);
  }
  if (update(memory)) differs = replaced = true;
  if (!differs) return;
  // Another run may rest on what was replaced.
  const others = replaced ? [] : memory.settled.filter((one) => one !== digest);
  memory.settled = [digest, ...others].slice(0, mostSettled);
  writeMemory(folder, [memory, ...motives.memories.filter((one) => one !== memory)]);
}

/** What is to be remembered of a state; the same object where that is what is remembered already. */
function appliedOf(
  motives: Motives,
  runnable: Runnable,
  turn: Turn | undefined,
  wasMade: (key: string) => boolean,
): Applied | undefined {
  const before = motives.known(runnable);
  const { top, now, mask } = motives.options;
  const kept = before && top && !before.top ? { ...before, top } : before;
  if (runnable.definition.repeats || !turn) return kept;
  if (before && turn === unmoved) return kept;
  // What failed half way may have left something, but is not how it was wanted.
  if (!turn.held && (before || !turn.changed)) return kept;
  const intent = turn.held ? motives.digests.intent(runnable) : undefined;
  const { state, fun, id, name, sls } = runnable.chunk;
  if (before && !turn.changed && before.intent === intent && before.sls === sls) return kept;
  const corrected = [...motives.corrections(before), ...(turn.motive === 'corrective' ? [now()] : [])];
  const inputs = { ...(before?.intent === intent ? before?.inputs : {}), ...turn.inputs };
  const made = motives.made.get(runnable);
  return {
    ...{ state, fun, id: mask(id), name: mask(name), sls },
    ...(intent !== undefined && { intent }),
    ...(Object.keys(inputs).length > 0 && { inputs }),
    owns: owned(runnable).map((thing) => {
      const key = thingKey(thing);
      return thingOf(thing, made?.has(key) === true || wasMade(key), mask);
    }),
    at: before && !turn.changed ? before.at : now(),
    ...(corrected.length > 0 && { corrected }),
    ...((top || before?.top) && { top: true }),
  };
}

function thingOf({ kind, name, absent }: Owned, made: boolean, mask: (text: string) => string): Thing {
  const args = JSON.stringify(absent?.args ?? {});
  // What must not be written down cannot be done later.
  const kept = absent && mask(args) === args && mask(name) === name;
  return { kind, name: mask(name), ...(kept && { absent }), ...(made && { made: true }) };
}

/** By a state of the tree, whose name or ID may be another now. */
function madeBefore({ states, leftovers }: TreeMemory): (key: string) => boolean {
  let made: Set<string> | undefined;
  return (key) => {
    made ??= new Set(
      [...[...states.values()].flatMap(({ owns }) => owns), ...leftovers.map(({ thing }) => thing)]
        .filter((thing) => thing.made)
        .map(thingKey),
    );
    return made.has(key);
  };
}

/** What a state owned and owns no more, as it now has other arguments: one package less. */
function droppedBy({ owns, top, ...author }: Applied, after: Applied, now: number): Leftover[] {
  if (!top) return [];
  const left = new Set(after.owns.map(thingKey));
  const { state, fun, id, name, sls, at } = author;
  return owns
    .filter((thing) => isRemovable(thing) && !left.has(thingKey(thing)))
    .map((thing) => ({ state, fun, id, name, sls, at, since: now, thing }));
}

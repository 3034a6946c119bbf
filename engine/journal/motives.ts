/** Why states change something, by what was last applied; and what is written down of a run when it is over. */
import type { Runnable, RunOrder } from '../core/chunk.ts';
import type { ChunkResult, Flapping, Motive } from '../core/event.ts';
import { keyedHash } from '../core/keyed-hash.ts';
import type { Owned } from '../core/state.ts';
import {
  type Applied,
  type Head,
  readHead,
  readMemory,
  sameTree,
  stateKey,
  type Thing,
  type TreeMemory,
  writeMemory,
} from './applied.ts';
import { createDigester, type Digester, type Input, runDigest } from './intent.ts';
import { owned, thingKey } from './orphans.ts';

/** Milliseconds in which corrections are counted. */
const day = 86_400_000;
/** Corrections that are remembered of one state. */
const mostCorrections = 200;
/** Runs of one tree that need not be written down again. */
const mostSettled = 8;

export interface MotivesOptions {
  readonly folder: string;
  /** File roots of the run. */
  readonly tree: readonly string[];
  readonly order: RunOrder;
  /** Whether all of the tree that is meant for this node is run. */
  readonly top: boolean;
  /** Of this program: another one may know of more that a state owns. */
  readonly version: string;
  readonly key: Buffer;
  /** Nothing is done, and nothing is written down. */
  readonly dry: boolean;
  readonly now: () => number;
  readonly mask: (text: string) => string;
  /** Corrections within a day, beyond which a state is flapping. */
  readonly flapping: number;
  /** Whether something is not there now. */
  readonly isAbsent: (thing: Thing) => Promise<boolean>;
  /** Sentences about who may have changed what a state has to correct, since then (milliseconds since the epoch). */
  readonly suspects: (runnable: Runnable, since: number) => Promise<readonly string[]>;
  /** A memory that cannot be written stops nothing. */
  readonly onTrouble: (error: unknown) => void;
}

/** What is kept of a state until the end of the run. */
interface Turn {
  readonly held: boolean;
  readonly changed: boolean;
  readonly motive?: Motive;
  readonly inputs?: { readonly [source: string]: string };
}

/** Of most states of most runs, for which nothing else is kept. */
const unmoved: Turn = { held: true, changed: false };

/**
 * In a run in which nothing changes, and that asks for what an earlier one asked for, only the first line of the memory
 * is read, and nothing is written.
 */
export class Motives {
  readonly #options: MotivesOptions;
  readonly #head: readonly Head[] | 'damaged' | undefined;
  /** Digest of all that the run asks for. */
  readonly declared: string;
  /** Of this tree, from the first line alone. */
  readonly head: Head | undefined;
  /** Whether the run asks for something that no run asked for before. */
  readonly isNew: boolean;
  readonly #turns = new Map<Runnable, Turn>();
  #finished = 0;
  readonly #inputs = new Map<string, Input>();
  /** What was not there before a state had its first turn. */
  readonly #made = new Map<Runnable, ReadonlySet<string>>();
  readonly #suspects = new Map<Runnable, readonly string[]>();
  #digester: Digester | undefined;
  #memories: TreeMemory[] | undefined;

  constructor(options: MotivesOptions) {
    this.#options = options;
    this.#head = readHead(options.folder);
    const { order, tree, version, top, key } = options;
    this.declared = runDigest(order, `${version} ${top} ${order.states.length}`, key);
    this.head = Array.isArray(this.#head)
      ? (this.#head as readonly Head[]).find(({ roots }) => sameTree(roots, tree))
      : undefined;
    this.isNew = !this.head?.settled.some((one) => one.startsWith(`${this.declared}/`));
  }

  get memories(): TreeMemory[] {
    if (!this.#memories) {
      this.#memories = readMemory(this.#options.folder);
      const { tree } = this.#options;
      if (!this.#memories.some(({ roots }) => sameTree(roots, tree)))
        this.#memories.unshift({ roots: tree, settled: [], states: new Map(), leftovers: [] });
    }
    return this.#memories;
  }

  get memory(): TreeMemory {
    return this.memories.find(({ roots }) => sameTree(roots, this.#options.tree))!;
  }

  #known(runnable: Runnable): Applied | undefined {
    return this.memory.states.get(this.keyOf(runnable));
  }

  /** By which a state is found again in the next run. */
  readonly keyOf = ({ chunk: { state, id, name } }: Runnable): string => {
    const { mask } = this.#options;
    return stateKey({ state, id: mask(id), name: mask(name) });
  };

  get #digests(): Digester {
    this.#digester ??= createDigester(this.#options.key);
    return this.#digester;
  }

  /** What the present state takes from elsewhere. */
  readonly input = (url: string, content: Input): void => {
    this.#inputs.set(url, content);
  };

  /** While the host is as it was found. */
  readonly before = async (runnable: Runnable): Promise<void> => {
    if (runnable.definition.repeats || this.#made.has(runnable)) return;
    const known = this.#known(runnable);
    const made = new Set<string>();
    this.#made.set(runnable, made);
    const have = new Set(known?.owns.map(thingKey));
    for (const thing of this.#options.dry ? [] : owned(runnable)) {
      const key = thingKey(thing);
      if (!have.has(key) && thing.absent && (await this.#options.isAbsent(thing))) made.add(key);
    }
    const corrections = this.#corrections(known).length + 1;
    if (corrections <= this.#options.flapping || this.#motive(runnable) !== 'corrective') return;
    const since = known?.corrected?.at(-1) ?? known?.at ?? 0;
    this.#suspects.set(runnable, await this.#options.suspects(runnable, since));
  };

  #corrections(known: Applied | undefined): readonly number[] {
    const from = this.#options.now() - day;
    return (known?.corrected ?? []).filter((time) => time > from).slice(-mostCorrections);
  }

  #motive(runnable: Runnable): Motive | undefined {
    if (this.#head === 'damaged' || runnable.definition.repeats || isOccasional(runnable)) return undefined;
    const known = this.#known(runnable);
    if (known?.intent === undefined) return 'first';
    if (known.intent !== this.#digests.intent(runnable)) return 'intended';
    // What was not looked at this time, or the last time, tells nothing: many sources are only read to be used.
    const inputs = this.#digests.inputs(this.#inputs);
    const differs = Object.entries(known.inputs ?? {}).some(
      ([source, digest]) => source in inputs && inputs[source] !== digest,
    );
    return differs ? 'intended' : 'corrective';
  }

  begin(): void {
    this.#inputs.clear();
  }

  /** The result of a state of the tree with what is known of its reasons. */
  finish(runnable: Runnable, result: ChunkResult): ChunkResult {
    this.#finished += 1;
    // Most states of most runs: nothing is to be told of them, and nothing to be kept.
    if (result.verdict === 'unchanged' && !this.isNew) return result;
    const moved = result.verdict === 'changed' || result.verdict === 'would-change';
    const motive = moved && !result.reaction ? this.#motive(runnable) : undefined;
    const held = result.result === true && result.verdict !== 'skipped';
    // Of a failed one it is enough that it began.
    const changed = held ? result.verdict === 'changed' && !result.reaction : this.#made.has(runnable);
    const keeps = !runnable.definition.repeats && (changed || (held && this.isNew));
    this.#turns.set(runnable, {
      held,
      changed,
      ...(motive && { motive }),
      ...(keeps && { inputs: this.#digests.inputs(this.#inputs) }),
    });
    if (motive === undefined) return result;
    const flapping = motive === 'corrective' ? this.#flapping(runnable) : undefined;
    return { ...result, motive, ...(flapping && { flapping }) };
  }

  #flapping(runnable: Runnable): Flapping | undefined {
    const times = this.#corrections(this.#known(runnable)).length + 1;
    if (times <= this.#options.flapping) return undefined;
    return { times, suspects: this.#suspects.get(runnable) ?? [] };
  }

  /** Writes down what is new; `update` does so for what is left of states, and tells whether that was anything. */
  save(update: (memory: TreeMemory) => boolean): void {
    const { order, folder, key, onTrouble } = this.#options;
    const turns = [...this.#turns].filter(([{ definition }]) => !definition.repeats);
    const missing = turns.filter(([, { held }]) => !held).map(([{ chunk }]) => `${chunk.id}\0${chunk.name}`);
    const untried = order.states.length - this.#finished;
    const changed = turns.some(([, turn]) => turn.changed);
    const digest = `${this.declared}/${keyedHash(key, [untried, ...missing].join('\n'))}`;
    const known = this.head?.settled.includes(digest) === true;
    if (known && !changed && this.head?.leftovers === 0) return;
    const { memory } = this;
    let differs = !known;
    let replaced = false;
    for (const [index, runnable] of order.states.entries()) {
      const turn = this.#turns.get(runnable) ?? (index < this.#finished ? unmoved : undefined);
      const [before, after] = [this.#known(runnable), this.#after(runnable, turn)];
      if (!after || after === before) continue;
      differs = true;
      replaced ||= before !== undefined && before.intent !== after.intent;
      memory.states.set(this.keyOf(runnable), after);
    }
    if (update(memory)) differs = replaced = true;
    if (!differs) return;
    const others = replaced ? [] : memory.settled.filter((one) => one !== digest);
    memory.settled = [digest, ...others].slice(0, mostSettled);
    try {
      writeMemory(folder, [memory, ...this.memories.filter((one) => one !== memory)]);
    } catch (error) {
      onTrouble(error);
    }
  }

  /** What is to be remembered of a state; the same object where that is what is remembered already. */
  #after(runnable: Runnable, turn: Turn | undefined): Applied | undefined {
    const before = this.#known(runnable);
    const { top, now, mask } = this.#options;
    if (runnable.definition.repeats || !turn) return withTop(before, top);
    if (before && turn === unmoved) return withTop(before, top);
    // What failed half way may have left something, but is not how it was wanted.
    if (!turn.held && (before || !turn.changed)) return withTop(before, top);
    const intent = turn.held ? this.#digests.intent(runnable) : undefined;
    if (before && !turn.changed && before.intent === intent && before.sls === runnable.chunk.sls)
      return withTop(before, top);
    const { state, fun, id, name, sls } = runnable.chunk;
    const corrected = [...this.#corrections(before), ...(turn.motive === 'corrective' ? [now()] : [])];
    const inputs = { ...(before?.intent === intent ? before?.inputs : {}), ...turn.inputs };
    return {
      ...{ state, fun, id: mask(id), name: mask(name), sls },
      ...(intent !== undefined && { intent }),
      ...(Object.keys(inputs).length > 0 && { inputs }),
      owns: owned(runnable).map((thing) => this.#thing(runnable, thing, before)),
      at: before && !turn.changed ? before.at : now(),
      ...(corrected.length > 0 && { corrected }),
      ...((top || before?.top) && { top: true }),
    };
  }

  #thing(runnable: Runnable, thing: Owned, before: Applied | undefined): Thing {
    const { mask } = this.#options;
    const key = thingKey(thing);
    const made =
      before?.owns.some((one) => one.made && thingKey(one) === key) ||
      this.#made.get(runnable)?.has(key) ||
      this.#madeBefore(key);
    const args = JSON.stringify(thing.absent?.args ?? {});
    // What cannot be written down cannot be done later.
    const kept = thing.absent && mask(args) === args && mask(thing.name) === thing.name;
    return {
      kind: thing.kind,
      name: mask(thing.name),
      ...(kept && { absent: thing.absent }),
      ...(made && { made: true }),
    };
  }

  #earlier: Set<string> | undefined;

  /** By another state of the tree, whose name or ID was changed since. */
  #madeBefore(key: string): boolean {
    const { memory } = this;
    this.#earlier ??= new Set(
      [
        ...[...memory.states.values()].flatMap(({ owns }) => owns),
        ...memory.leftovers.map(({ thing }) => thing),
      ]
        .filter(({ made }) => made)
        .map(thingKey),
    );
    return this.#earlier.has(key);
  }
}

function withTop(applied: Applied | undefined, top: boolean): Applied | undefined {
  return applied && top && !applied.top ? { ...applied, top } : applied;
}

/** It runs when something else happens, so that it has something to do says nothing about the host. */
function isOccasional({ requisites }: Runnable): boolean {
  return Object.keys(requisites).some((kind) => /^(prereq|onchanges|onfail)/.test(kind));
}

/** Why states change something, by what was last applied. */
import type { Runnable, RunOrder } from '../core/chunk.ts';
import type { ChunkResult, Flapping, Motive } from '../core/event.ts';
import {
  type Applied,
  type Head,
  readHead,
  readMemory,
  sameTree,
  stateKey,
  type Thing,
  type TreeMemory,
} from './applied.ts';
import { createDigester, type Digester, type Input, runDigest } from './intent.ts';
import { owned, thingKey } from './orphans.ts';

/** Milliseconds in which corrections are counted. */
const day = 86_400_000;
/** Milliseconds between two corrections of a state for which suspects are looked for. */
const suspicionPause = 60_000;
/** Corrections that are remembered of one state. */
const mostCorrections = 200;

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
  /** When somebody last took a run back (milliseconds since the epoch). Asked where the host seems to have drifted. */
  readonly takenBack: () => number | undefined;
}

/** What is kept of a state until the end of the run. */
export interface Turn {
  readonly held: boolean;
  readonly changed: boolean;
  readonly motive?: Motive;
  readonly inputs?: { readonly [source: string]: string };
}

/**
 * In a run in which nothing changes, and that asks for what an earlier one asked for, only the first line of the memory
 * is read, and nothing is written.
 */
export class Motives {
  readonly options: MotivesOptions;
  readonly #head: readonly Head[] | 'damaged' | undefined;
  /** Digest of all that the run asks for. */
  readonly declared: string;
  /** Of this tree, from the first line alone. */
  readonly head: Head | undefined;
  /** Whether the run asks for something that no run asked for before. */
  readonly isNew: boolean;
  readonly turns = new Map<Runnable, Turn>();
  /** States that had their turn: so many of the order, from its beginning. */
  finished = 0;
  readonly #inputs = new Map<string, Input>();
  /** What was not there before a state had its first turn. */
  readonly made = new Map<Runnable, ReadonlySet<string>>();
  readonly #suspects = new Map<Runnable, readonly string[]>();
  #digester: Digester | undefined;
  #memories: TreeMemory[] | undefined;

  constructor(options: MotivesOptions) {
    this.options = options;
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
      this.#memories = readMemory(this.options.folder);
      const { tree } = this.options;
      if (!this.#memories.some(({ roots }) => sameTree(roots, tree)))
        this.#memories.unshift({ roots: tree, settled: [], states: new Map(), leftovers: [] });
    }
    return this.#memories;
  }

  get memory(): TreeMemory {
    return this.memories.find(({ roots }) => sameTree(roots, this.options.tree))!;
  }

  known(runnable: Runnable): Applied | undefined {
    return this.memory.states.get(this.keyOf(runnable));
  }

  /** By which a state is found again in the next run. */
  readonly keyOf = ({ chunk: { state, id, name } }: Runnable): string => {
    const { mask } = this.options;
    return stateKey({ state, id: mask(id), name: mask(name) });
  };

  get digests(): Digester {
    this.#digester ??= createDigester(this.options.key);
    return this.#digester;
  }

  /** What the present state takes from elsewhere. */
  readonly input = (url: string, content: Input): void => {
    this.#inputs.set(url, content);
  };

  /** While the host is as it was found. */
  readonly before = async (runnable: Runnable): Promise<void> => {
    if (runnable.definition.repeats || this.made.has(runnable)) return;
    const known = this.known(runnable);
    const made = new Set<string>();
    this.made.set(runnable, made);
    const have = new Set(known?.owns.map(thingKey));
    for (const thing of this.options.dry ? [] : owned(runnable)) {
      const key = thingKey(thing);
      if (!have.has(key) && thing.absent && (await this.options.isAbsent(thing))) made.add(key);
    }
    const corrections = this.corrections(known);
    const beyond = corrections.length + 1 - this.options.flapping;
    if (beyond <= 0 || this.#motive(runnable) !== 'corrective') return;
    // To look for them takes longer than the repair: of one that follows another at once they are the same.
    if (beyond > 1 && this.options.now() - corrections.at(-1)! < suspicionPause) return;
    const since = known?.corrected?.at(-1) ?? known?.at ?? 0;
    this.#suspects.set(runnable, await this.options.suspects(runnable, since));
  };

  /** Of the last day. */
  corrections(known: Applied | undefined): readonly number[] {
    const from = this.options.now() - day;
    return (known?.corrected ?? []).filter((time) => time > from).slice(-mostCorrections);
  }

  #motive(runnable: Runnable): Motive | undefined {
    const { repeats, renews } = runnable.definition;
    if (this.#head === 'damaged' || repeats || renews || isOccasional(runnable)) return undefined;
    const known = this.known(runnable);
    if (known?.intent === undefined) return 'first';
    if (known.intent !== this.digests.intent(runnable)) return 'intended';
    // What was not looked at this time, or the last time, tells nothing: many sources are only read to be used.
    const inputs = this.digests.inputs(this.#inputs);
    const differs = Object.entries(known.inputs ?? {}).some(
      ([source, digest]) => source in inputs && inputs[source] !== digest,
    );
    if (differs) return 'intended';
    // What a person took back has not drifted.
    return (this.options.takenBack() ?? 0) > known.at ? undefined : 'corrective';
  }

  begin(): void {
    this.#inputs.clear();
  }

  /** The result of a state of the tree with what is known of its reasons. */
  finish(runnable: Runnable, result: ChunkResult): ChunkResult {
    this.finished += 1;
    // Most states of most runs: nothing is to be told of them, and nothing to be kept.
    if (result.verdict === 'unchanged' && !this.isNew) return result;
    const moved = result.verdict === 'changed' || result.verdict === 'would-change';
    const motive = moved && !result.reaction ? this.#motive(runnable) : undefined;
    const held = result.result === true && result.verdict !== 'skipped';
    // Of a failed one it is enough that it began.
    const changed = held ? result.verdict === 'changed' && !result.reaction : this.made.has(runnable);
    const keeps = !runnable.definition.repeats && (changed || (held && this.isNew));
    this.turns.set(runnable, {
      held,
      changed,
      ...(motive && { motive }),
      ...(keeps && { inputs: this.digests.inputs(this.#inputs) }),
    });
    if (motive === undefined) return result;
    const flapping = motive === 'corrective' ? this.#flapping(runnable) : undefined;
    return { ...result, motive, ...(flapping && { flapping }) };
  }

  #flapping(runnable: Runnable): Flapping | undefined {
    const times = this.corrections(this.known(runnable)).length + 1;
    if (times <= this.options.flapping) return undefined;
    return { times, suspects: this.#suspects.get(runnable) ?? [] };
  }
}

/** It runs when something else happens, so that it has something to do says nothing about the host. */
function isOccasional({ requisites }: Runnable): boolean {
  return Object.keys(requisites).some((kind) => /^(prereq|onchanges|onfail)/.test(kind));
}

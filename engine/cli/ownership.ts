/** A run and what was applied before it: why states change, what is declared no more, and what becomes of that. */
import { join } from 'node:path';
import type { Runnable, RunOrder } from '../core/chunk.ts';
import type { ChunkResult, Event, Orphan, Summary } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { PlannedRun } from '../core/plan.ts';
import { tellingInputs } from '../host/inputs.ts';
import { type Leftover, readHead } from '../journal/applied.ts';
import { readHistory } from '../journal/history.ts';
import { keptKey } from '../journal/key.ts';
import { Motives } from '../journal/motives.ts';
import { isRemovable, keepLeftovers, orphanOf, owned, staysBecause } from '../journal/orphans.ts';
import { remember } from '../journal/remember.ts';
import { version } from './main.ts';
import { leftBehind, removalsOf, requireKinds } from './pruning.ts';
import { cautious, isAbsent } from './removals.ts';
import type { World } from './world.ts';

/** How much of the tree a run is about: all that is meant for the node, or what somebody named. */
export type Extent = 'top' | 'part';

export function extentOf({ verb }: PlannedRun): Extent | undefined {
  if (verb === 'single') return undefined;
  return verb === 'highstate' ? 'top' : 'part';
}

export interface Ownership {
  /** With the states that remove what is declared no more. */
  readonly order: RunOrder;
  readonly host: Host;
  readonly before: (runnable: Runnable) => Promise<void>;
  /** The same event, with what is known of its reasons. */
  told(event: Event): Event;
  /** With what was corrected, and what nobody declares any more. */
  summed(summary: Summary): Summary;
  save(): void;
}

/** Read once, when it is first asked for. */
function lastRollback(folder: string): () => number | undefined {
  let known: { readonly at: number | undefined } | undefined;
  return () => {
    known ??= {
      at: readHistory(folder).findLast(({ command }) => /^(rollback|restore)$/.test(command[0] ?? ''))?.began,
    };
    return known.at;
  };
}

/** States of one run for which suspects are looked for, which may take a second each. */
const mostSuspicions = 5;

export interface Circumstances {
  readonly extent: Extent;
  readonly dry: boolean;
  readonly onTrouble: (error: unknown) => void;
}

/** Undefined where nothing is remembered: below a root, and where the key of the node cannot be kept. */
export async function openOwnership(
  order: RunOrder,
  host: Host,
  { settings, secrets }: World,
  { extent, dry, onTrouble }: Circumstances,
): Promise<Ownership | undefined> {
  const { journal: folder } = settings;
  // A dry run leaves nothing behind, not even the key that is made when it is first asked for.
  if (folder === undefined || (dry && readHead(folder) === undefined)) return undefined;
  const key = keptKey(join(folder, 'key'));
  if (key === undefined) return undefined;
  const now = Date.now();
  const declared = new Set(order.states);
  const top = extent === 'top';
  let suspicions = 0;
  const motives = new Motives({
    folder,
    tree: settings.states,
    order,
    top,
    dry,
    version: version(),
    key,
    now: () => now,
    mask: (text) => secrets.mask(text),
    flapping: settings.flapping,
    isAbsent: (thing) => isAbsent(thing, host),
    async suspects(runnable, since) {
      if (suspicions >= mostSuspicions) return [];
      suspicions += 1;
      const { suspectsOf } = await import('../host/suspects.ts');
      return suspectsOf(owned(runnable)[0]?.name ?? runnable.args.name, since);
    },
    takenBack: lastRollback(folder),
  });
  if (top) requireKinds(settings.prune);
  const left = top ? await leftBehind(motives, order, host, now) : [];
  const removals = await removalsOf(left, order, settings.prune);
  const past = order.states.length;
  const gone = new Set<Leftover>();
  const foretold = new Set<Leftover>();
  const staying = new Map<Leftover, string>();
  let failures = 0;
  let corrected = 0;

  function finished(result: ChunkResult): ChunkResult {
    if (result.verdict === 'failed') failures += 1;
    if (result.fun === 'mod_watch') return result;
    const runnable = order.states[result.run_num];
    if (!runnable) {
      const { leftover } = removals[result.run_num - past]!;
      if (result.verdict === 'changed') gone.add(leftover);
      else if (result.verdict === 'would-change') foretold.add(leftover);
      else staying.set(leftover, result.comment);
      return result;
    }
    const told = motives.finish(runnable, result);
    if (told.motive === 'corrective') corrected += 1;
    return told;
  }

  function orphans(): Orphan[] {
    return left
      .filter((one) => !gone.has(one) && !foretold.has(one))
      .map((one) => orphanOf(one, staying.get(one) ?? staysBecause(one, order.states)));
  }

  function summed(summary: Summary): Summary {
    const ownerless = orphans();
    return {
      ...summary,
      ...(corrected > 0 && { corrected }),
      ...(ownerless.length > 0 && { orphans: ownerless }),
    };
  }

  return {
    order:
      removals.length === 0
        ? order
        : {
            ...order,
            states: [
              ...order.states,
              ...removals.map(({ removal, leftover: { thing } }) =>
                cautious(removal, thing, () => failures === 0),
              ),
            ],
          },
    host: tellingInputs(host, motives.input),
    before: async (runnable) => {
      if (declared.has(runnable)) await motives.before(runnable);
    },
    told(event) {
      if (event.kind === 'state-started') motives.begin();
      if (event.kind === 'state-finished') {
        const result = finished(event.result);
        return result === event.result ? event : { ...event, result };
      }
      return event.kind === 'run-finished' ? { ...event, summary: summed(event.summary) } : event;
    },
    summed,
    save() {
      if (dry) return;
      try {
        remember(motives, (memory) => {
          if (!top) return false;
          const keys = new Set(order.states.map(motives.keyOf));
          // What cannot or must not be removed was told of once, and is nobody's business any more.
          const kept = left.filter((one) => !gone.has(one) && isRemovable(one.thing));
          return keepLeftovers(memory, keys, kept);
        });
      } catch (error) {
        onTrouble(error);
      }
    },
  };
}

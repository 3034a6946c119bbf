/** What is declared no more: found before a run, and the states of the run that remove it. */
import type { Runnable, RunOrder } from '../core/chunk.ts';
import { didYouMean, Trouble } from '../core/diagnostic.ts';
import type { Host } from '../core/host.ts';
import { removableKinds } from '../core/owned.ts';
import type { Leftover } from '../journal/applied.ts';
import type { Motives } from '../journal/motives.ts';
import { findLeftovers, isWanted, removalOrder, staysBecause } from '../journal/orphans.ts';
import { isAbsent, removalOf } from './removals.ts';

/** A slip would leave everything where it is, and nobody would notice. */
export function requireKinds(prune: readonly string[]): void {
  const known = ['all', ...removableKinds];
  const wrong = prune.find((kind) => !known.includes(kind));
  if (wrong === undefined) return;
  const meant = didYouMean(wrong, known);
  throw new Trouble([
    {
      code: 'bad-configuration',
      message: `There is no kind of things "${wrong}" to prune.`,
      hint: meant ? `Did you mean "${meant}"?` : `There are: ${known.join(', ')}.`,
    },
  ]);
}

/** What nobody declares any more and is still there. */
export async function leftBehind(
  motives: Motives,
  order: RunOrder,
  host: Host,
  now: number,
): Promise<Leftover[]> {
  // Nothing else is declared than before, and nothing was left then.
  if (!motives.isNew && motives.head?.leftovers === 0) return [];
  const { memories, memory, keyOf } = motives;
  const declared = order.states;
  const found = findLeftovers({ memories, memory, declared, keyOf, now, resolve: host.resolve });
  if (found.length === 0) return [];
  const left: Leftover[] = [];
  for (const one of found) if (!(await isAbsent(one.thing, host))) left.push(one);
  return left;
}

export interface Removal {
  readonly leftover: Leftover;
  readonly removal: Runnable;
}

export async function removalsOf(
  left: readonly Leftover[],
  { states }: RunOrder,
  prune: readonly string[],
): Promise<Removal[]> {
  const wanted = left.filter((one) => isWanted(one.thing, prune) && !staysBecause(one, states));
  // A tree that declares nothing at all is a mistake far more often than a wish.
  if (wanted.length === 0 || states.length === 0) return [];
  const removals: Removal[] = [];
  for (const leftover of wanted.sort(removalOrder)) {
    const removal = await removalOf(leftover.thing, leftover);
    if (removal) removals.push({ leftover, removal });
  }
  return removals;
}

/** Decides from its requisites whether a state runs, runs and reacts, is skipped, or fails. */
import type { RequisiteKind, Runnable } from '../core/chunk.ts';

/** What the gate has to know of a state that had its turn. */
export interface Standing {
  readonly result: boolean | null;
  /** Changed something, or would. */
  readonly moved: boolean;
  /** Kept from running by onchanges or onfail: no obstacle to `require`, but no help to `require_any` either. */
  readonly skipped: boolean;
  /** A dry run expects it to succeed, though its result is null. */
  readonly expected: boolean;
}

export type Passage =
  | { readonly passes: true; readonly reacts: boolean }
  | { readonly passes: false; readonly why: 'failed'; readonly culprits: readonly Runnable[] }
  | { readonly passes: false; readonly why: 'onfail' | 'onchanges' | 'prereq' };

/** What one kind of requisite says. Salt gathers these over all kinds and lets the gravest win. */
type Word = 'failed' | 'unchanged' | 'changed' | 'happened' | 'succeeded' | 'met' | 'still' | 'coming';

/**
 * `standingOf` tells of a state that had its turn (undefined: a failhard left it out); `prospectOf` of one that
 * is looked at ahead for `prereq`. The table of all cases is docs/requisites.md.
 */
export function gate(
  runnable: Runnable,
  standingOf: (target: Runnable) => Standing | undefined,
  prospectOf: (target: Runnable) => Standing,
): Passage {
  const words = new Set<Word>();
  const culprits: Runnable[] = [];
  for (const [kind, targets] of Object.entries(runnable.requisites) as [
    RequisiteKind,
    readonly Runnable[],
  ][]) {
    const said = new Set<Word>();
    const failures: Runnable[] = [];
    for (const target of targets) {
      const standing = kind === 'prereq' ? prospectOf(target) : standingOf(target);
      const word = say(kind, standing);
      if (word === 'failed') failures.push(target);
      if (word) said.add(word);
    }
    weigh(kind, said);
    if (said.has('failed')) culprits.push(...failures);
    for (const word of said) words.add(word);
  }
  for (const first of runnable.prerequired) {
    if (standingOf(first)?.result === false) {
      words.add('failed');
      culprits.push(first);
    }
  }
  if (words.has('failed')) return { passes: false, why: 'failed', culprits };
  if (words.has('still') && !words.has('coming')) return { passes: false, why: 'prereq' };
  if (words.has('succeeded')) return { passes: false, why: 'onfail' };
  if (words.has('unchanged') && !words.has('happened')) return { passes: false, why: 'onchanges' };
  return { passes: true, reacts: words.has('changed') };
}

function say(kind: RequisiteKind, standing: Standing | undefined): Word | undefined {
  if (!standing) return 'failed';
  const { result, moved, skipped, expected } = standing;
  if (kind.startsWith('onfail')) return result === true || expected ? 'succeeded' : 'met';
  if (result === false) return 'failed';
  if (kind.startsWith('onchanges')) return moved ? 'happened' : 'unchanged';
  if (kind.startsWith('watch') && moved) return 'changed';
  if (kind === 'prereq') return moved ? 'coming' : 'still';
  return skipped ? undefined : 'met';
}

/** Within one kind: `_any` forgives failures once one is good; onfail is any-of, onfail_all needs all. */
function weigh(kind: RequisiteKind, said: Set<Word>): void {
  if (kind.endsWith('_any') || kind === 'onfail') {
    if (said.has('met') || said.has('changed') || said.has('happened')) said.delete('failed');
    if (said.has('happened')) said.delete('unchanged');
    if (said.has('met')) said.delete('succeeded');
  }
}

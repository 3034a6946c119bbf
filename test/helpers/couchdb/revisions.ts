/** Branches of the history of a document: what becomes of them when two nodes come together, and which one counts. */
import { createHash } from 'node:crypto';

export type Body = { readonly [key: string]: unknown };

/** The end of a branch. */
export interface Leaf {
  readonly rev: string;
  readonly deleted: boolean;
  readonly body: Body;
  /** Revisions before this one, the last one first. */
  readonly history: readonly string[];
}

/** So many revisions tell whether one came of another. */
const remembered = 100;

export function leafAfter(old: Leaf | undefined, body: Body, deleted: boolean): Leaf {
  const number = numberOf(old?.rev ?? '0-') + 1;
  const hash = createHash('md5')
    .update(JSON.stringify([old?.rev, body, deleted]))
    .digest('hex');
  const history = old ? [old.rev, ...old.history].slice(0, remembered) : [];
  return { rev: `${number}-${hash}`, deleted, body, history };
}

/** The winner comes first: what is not deleted, then the longest history, then the higher hash. */
export function byRank(one: Leaf, other: Leaf): number {
  if (one.deleted !== other.deleted) return one.deleted ? 1 : -1;
  return numberOf(other.rev) - numberOf(one.rev) || (other.rev < one.rev ? -1 : 1);
}

/** All ends of branches, without those that went on at the other node. */
export function together(own: readonly Leaf[], others: readonly Leaf[]): readonly Leaf[] {
  const all = new Map([...others, ...own].map((leaf) => [leaf.rev, leaf]));
  for (const { history } of [...own, ...others]) for (const rev of history) all.delete(rev);
  return [...all.values()].sort(byRank);
}

export function digestOf(leaves: readonly Leaf[]): string {
  return leaves
    .map(({ rev }) => rev)
    .sort()
    .join(' ');
}

export function numberOf(rev: string): number {
  return Number.parseInt(rev, 10);
}

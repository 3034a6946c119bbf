/** One new document through two nodes at once: as recorded, every other time CouchDB takes both, one of them by a minority. */
import { lag } from './cluster.ts';
import type { Documents } from './documents.ts';
import type { Body } from './revisions.ts';

/** Milliseconds between two writes that count as at once. */
const atOnce = 50;

interface First {
  readonly by: string;
  readonly at: number;
}

const firsts = new WeakMap<Documents, Map<string, First>>();
let isTaken = false;

/** A first revision was written by this node. */
export function began(docs: Documents, id: string, by: string): void {
  const all = firsts.get(docs) ?? new Map<string, First>();
  firsts.set(docs, all);
  for (const [other, { at }] of all) if (performance.now() - at > atOnce) all.delete(other);
  all.set(id, { by, at: performance.now() });
}

/** The revision of whoever came second, where it is taken all the same; the others see it a moment later. */
export function raced(
  docs: Documents,
  id: string,
  { by, body }: { by: string; body: Body },
): string | undefined {
  const first = firsts.get(docs)?.get(id);
  if (first === undefined || first.by === by || performance.now() - first.at > atOnce) return undefined;
  firsts.get(docs)!.delete(id);
  isTaken = !isTaken;
  return isTaken ? docs.putBeside(id, body, lag) : undefined;
}

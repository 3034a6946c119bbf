/** Where runs that no person waits for stand in line: of those that ask for the same, only one. */
import { join } from 'node:path';
import { heldBy, lock } from '../journal/lock.ts';
import { concernsNode } from './announce.ts';
import type { Beginning } from './record.ts';
import type { Settings } from './settings.ts';

/** Given back when the lock is taken, before anything is read: who comes later may have seen something newer. */
export interface Place extends Disposable {
  /** A run that has not begun yet will do what this one was asked for. */
  readonly taken: boolean;
}

const free: Place = { taken: false, [Symbol.dispose]() {} };

/**
 * ```
 *  run A  ──holds the lock───────────────┐ (what changes now, A may have read already)
 *  run B      stands in line ────────────┴─ runs
 *  run C         finds B there: leaves
 * ```
 * So every request is followed by a run that begins after it, and never by more than one.
 */
export async function standInLine(
  { verb, words, lock: held, remembers }: Beginning,
  { cause, confirm, lock: folder, states, pillar, pillarOverride }: Settings,
): Promise<Place> {
  const alike = concernsNode(verb, cause) && confirm === undefined && pillarOverride === undefined;
  if (cause === 'cli' || !alike || held || remembers || !heldBy(folder)) return free;
  const line = join(folder, 'line', nameOf([words, states, pillar]));
  let place: Awaited<ReturnType<typeof lock>>;
  try {
    place = await lock(line, { pid: process.pid, verb, since: Date.now() }, { wait: 0 });
  } catch {
    // Whoever may not write here will not get the lock either, and is told why.
    return free;
  }
  return Symbol.dispose in place
    ? { taken: false, [Symbol.dispose]: () => place[Symbol.dispose]() }
    : { taken: true, [Symbol.dispose]() {} };
}

/** The same for what asks for the same. */
function nameOf(what: unknown): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
}

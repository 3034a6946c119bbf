/** What a run does that finds an unconfirmed one in its way: it waits, takes that one back, or leaves. */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Trouble } from '../core/diagnostic.ts';
import type { Lock } from '../journal/lock.ts';
import { forgetUnconfirmed, isExpired, readUnconfirmed, type Unconfirmed } from '../journal/unconfirmed.ts';
import { durationText } from '../report/summary.ts';
import { onCommandLine, type Streams } from './main.ts';
import { condemned, revertNow } from './revert.ts';
import { revisionOf } from './revision.ts';
import type { Settings } from './settings.ts';
import type { Undertaken } from './turn.ts';

export interface Encounter {
  readonly unconfirmed: Unconfirmed;
  /** The lock of runs; given back unless the answer is true. */
  readonly held: Lock;
  readonly beginning: Undertaken;
  /** Until when there is time to wait, by performance.now(). */
  readonly end: number;
}

/** Milliseconds between two looks. */
const beat = 50;

/** Whether the run may go on; false: everything is to be looked at anew. Throws Trouble where it has to leave. */
export async function giveWay(encounter: Encounter, settings: Settings, streams: Streams): Promise<boolean> {
  const { unconfirmed, held, beginning } = encounter;
  const { run } = unconfirmed;
  // A person may always take it back, and is the one to know what else to do.
  if (beginning.verb === 'rollback' && beginning.words.includes(run)) {
    condemned(settings.journal!, run);
    return true;
  }
  if (unconfirmed.phase === 'reverted') {
    // Others do something else.
    const again = beginning.verb === 'highstate' || isDeepStrictEqual(beginning.words, unconfirmed.command);
    if (again) afterRevert(encounter, settings, streams);
    return true;
  }
  held[Symbol.dispose]();
  if (unconfirmed.phase === 'waiting' && !isExpired(unconfirmed)) {
    await untilSettled(encounter, settings, streams);
    return false;
  }
  streams.stderr.write(`converge: the run ${run} was not confirmed in time; it is taken back.\n`);
  const status = await revertNow(settings.journal!, run, streams);
  throw inTheWay(
    status === 0
      ? `The run ${run} was not confirmed in time and has been taken back. Nothing else was done.`
      : `The run ${run} was not confirmed in time, and taking it back failed (exit code ${status}). Nothing else was done.`,
    status === 0
      ? 'Run converge again when you know why.'
      : 'converge status tells more; the next run tries it again.',
  );
}

/** A schedule must not do again what has just been taken back; a person may, and so may another tree. */
function afterRevert({ unconfirmed, held }: Encounter, settings: Settings, { stderr }: Streams): void {
  const { run, revision, ended } = unconfirmed;
  const now = revisionOf(settings.states).revision;
  const sameTree = now === undefined || now === revision;
  const asked = settings.cause === 'cli' || settings.confirm !== undefined;
  if (sameTree && !asked) {
    held[Symbol.dispose]();
    throw inTheWay(
      `The run ${run} was taken back${ended ? ` at ${new Date(ended).toISOString()}` : ''}, because nobody confirmed it; this one might do the same again.`,
      'Change the tree, or run converge by hand: converge highstate --confirm SECONDS.',
    );
  }
  if (sameTree)
    stderr.write(`converge: the run ${run} was taken back, because nobody confirmed it; this one goes on.\n`);
  forgetUnconfirmed(settings.journal!);
}

/** Returns when the other run is confirmed, or when it is time to take it back. */
async function untilSettled(
  { unconfirmed, end }: Encounter,
  { journal, wait, cause }: Settings,
  { stderr }: Streams,
): Promise<void> {
  const { run, deadline } = unconfirmed;
  if (performance.now() < end && cause === 'cli')
    stderr.write(`converge: the run ${run} waits to be confirmed; waiting up to ${wait} seconds for that.\n`);
  while (performance.now() < end) {
    const found = readUnconfirmed(journal!);
    if (found?.run !== run || found.phase !== 'waiting' || isExpired(found)) return;
    await pause(beat);
  }
  const left = durationText(Math.max(0, deadline - Date.now()));
  throw inTheWay(
    `The run ${run} (converge ${unconfirmed.command.join(' ')}) waits to be confirmed; it is taken back in ${left}.`,
    `Keep it by converge confirm, or take it back by converge rollback ${run}; then try again.`,
  );
}

function inTheWay(message: string, hint: string): Trouble {
  return new Trouble([{ code: 'unconfirmed', message, hint, origin: onCommandLine() }]);
}

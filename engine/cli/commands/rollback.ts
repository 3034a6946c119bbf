/** `converge rollback`: takes back what a run has changed, and says what cannot be taken back before it begins. */
import { Trouble } from '../../core/diagnostic.ts';
import { type RunRecord, readHistory } from '../../journal/history.ts';
import type { Lock } from '../../journal/lock.ts';
import { changedSince } from '../../journal/undo-check.ts';
import { type RunUndo, readUndo } from '../../journal/undo-read.ts';
import { visibleLine } from '../../report/visible.ts';
import type { Command } from '../arguments.ts';
import { findRun } from '../find-run.ts';
import { exitCodes, type Streams } from '../main.ts';
import { callOff } from '../revert.ts';
import { runStates } from '../running.ts';
import { requireJournal } from '../settings.ts';
import { changedTrouble, hideSecrets, nothingKept, takingBack } from '../taking-back.ts';
import { extentOf, staysOf } from '../undo-extent.ts';
import { createWorld, type World } from '../world.ts';

type RollbackCommand = Extract<Command, { verb: 'rollback' }>;

/**
 * It needs neither states nor pillar: what they are like by now may be why it is called. The lock, where it is held
 * already.
 */
export async function rollbackCommand(
  { run: name, test, force, options }: RollbackCommand,
  streams: Streams,
  lock?: Lock,
): Promise<number> {
  const world = await createWorld(options, streams, { treeless: true });
  const journal = requireJournal(world.settings);
  const run = findRun(name, readHistory(journal));
  const undo = readUndo(journal, run.run);
  if (!undo) return nothingKnown(run, streams);
  const order = async () => {
    hideSecrets(undo.paths.values(), world, journal);
    const changed = force ? [] : changedSince(undo.paths.values(), journal, run.run);
    if (changed.length > 0) throw changedTrouble(changed, `run ${run.run}`);
    announce(undo, run, world, streams);
    return takingBack({ ...undo, paths: undo.paths.values() }, journal);
  };
  const undertaking = { verb: 'rollback', words: ['rollback', run.run], test, order, ...(lock && { lock }) };
  const exit = await runStates(undertaking, world, streams);
  if (exit === exitCodes.converged && !test && !lock) await callOff(world.settings, journal, run.run);
  return exit;
}

/** A run that ended with changes and of which nothing is known was dropped. */
function nothingKnown(run: RunRecord, { stderr }: Streams): number {
  const { summary } = run;
  if (summary && (summary.changed > 0 || summary.failed > 0)) {
    throw new Trouble([
      nothingKept(`What run ${run.run} replaced is not kept, or no longer: undo_size is what bounds it.`),
    ]);
  }
  stderr.write(`converge: run ${run.run} changed nothing.\n`);
  return exitCodes.converged;
}

function announce(undo: RunUndo, run: RunRecord, { secrets }: World, { stderr }: Streams): void {
  const began = new Date(run.began).toISOString();
  const command = visibleLine(run.command.join(' '));
  stderr.write(`converge: run ${run.run} (${command}, ${began}) changed ${extentOf(undo)}.\n`);
  const stays = staysOf(undo);
  if (stays.length === 0) return;
  stderr.write('converge: this cannot be taken back:\n');
  for (const one of stays) stderr.write(`  ${visibleLine(secrets.mask(one))}\n`);
}

/** `converge rollback RUN --cause unconfirmed`: what a timer does with a run that nobody has confirmed. */
import { Trouble } from '../../core/diagnostic.ts';
import { endProcess } from '../../host/end-process.ts';
import { causeOf } from '../../journal/file.ts';
import { lock } from '../../journal/lock.ts';
import { restoreMemories } from '../../journal/memories.ts';
import {
  isAlive,
  isExpired,
  readUnconfirmed,
  type Unconfirmed,
  writeUnconfirmed,
} from '../../journal/unconfirmed.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';
import { disarmTimer, unitOf } from '../revert.ts';
import { readSettings, requireJournal, type Settings } from '../settings.ts';
import { takeLock } from '../turn.ts';
import { rollbackCommand } from './rollback.ts';

type RollbackCommand = Extract<Command, { verb: 'rollback' }>;

/** Anything but exit code 0 is tried again, by the timer and by the next run. */
export async function revertCommand(command: RollbackCommand, streams: Streams): Promise<number> {
  const settings = readSettings(command.options, streams);
  const journal = requireJournal(settings);
  function say(message: string): void {
    streams.stderr.write(`converge: ${message}\n`);
  }
  function due(): Unconfirmed | undefined {
    const found = readUnconfirmed(journal);
    if (found?.run !== command.run || found.phase === 'reverted') return undefined;
    return found.phase === 'reverting' || isExpired(found) ? found : undefined;
  }
  const first = due();
  if (first) await endIfItHangs(first, settings, say);
  using held = first && (await takeLock({ verb: 'rollback' }, settings, streams, say));
  const found = due();
  if (!found || !held) {
    say(`there is nothing to take back of the run ${command.run} now.`);
    const other = readUnconfirmed(journal);
    if (!other || other.phase === 'reverted') disarmTimer({ unit: unitOf(journal) });
    return exitCodes.converged;
  }
  function keep(changes: Partial<Unconfirmed>): void {
    try {
      writeUnconfirmed(journal, { ...found!, phase: 'reverting', attempts: found!.attempts + 1, ...changes });
    } catch (error) {
      // A full disk must not keep what fills it.
      say(`What becomes of the run cannot be kept: ${causeOf(error)}.`);
    }
  }
  keep({});
  let trouble = 'The rollback broke off.';
  try {
    const exit = await rollbackCommand(command, streams, held);
    if (exit !== exitCodes.converged) {
      trouble = `The rollback ended with exit code ${exit}.`;
      return exit;
    }
    trouble = '';
    try {
      restoreMemories(journal, found.run);
    } catch (error) {
      say(`What is remembered of earlier runs cannot be written: ${causeOf(error)}.`);
    }
  } catch (error) {
    if (error instanceof Trouble) trouble = error.diagnostics.map(({ message }) => message).join(' ');
    throw error;
  } finally {
    if (trouble) keep({ trouble });
  }
  keep({ phase: 'reverted', ended: Date.now() });
  // A process that waited is the one that runs this, and ends by itself.
  if ('unit' in found.timer) disarmTimer(found.timer);
  return exitCodes.converged;
}

/** A command that never ends would keep the lock for ever. */
async function endIfItHangs(
  { process: run }: Unconfirmed,
  { lock: folder }: Settings,
  say: (message: string) => void,
): Promise<void> {
  const held = await lock(folder, { pid: process.pid, verb: 'rollback', since: Date.now() }, { wait: 0.2 });
  if (Symbol.dispose in held) return held[Symbol.dispose]();
  if (held.holder?.pid !== run.pid || !isAlive(run)) return;
  say(`the run is still at work (pid ${run.pid}); it is ended.`);
  await endProcess(run.pid, () => isAlive(run));
}

/** `converge confirm`: keeps what a run with `--confirm` has changed. */
import { causeOf } from '../../journal/file.ts';
import { isExpired, readUnconfirmed, type Unconfirmed } from '../../journal/unconfirmed.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';
import { confirmed } from '../revert.ts';
import { readSettings, requireJournal } from '../settings.ts';
import { takeLock } from '../turn.ts';

type ConfirmCommand = Extract<Command, { verb: 'confirm' }>;

/** Exit code 1 where nothing was confirmed, so that a script knows. */
export async function confirmCommand({ options }: ConfirmCommand, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const journal = requireJournal(settings);
  const found = readUnconfirmed(journal);
  // While it is taken back the lock is held; there is no use in waiting for that.
  const stays = found?.phase === 'waiting' && (await confirmUnderLock(found));
  const message = stays
    ? `The run ${found.run} (converge ${found.command.join(' ')}) is confirmed: what it has changed stays.`
    : whyNot(readUnconfirmed(journal));
  if (settings.output === 'json' || settings.output === 'ndjson')
    streams.stdout.write(`${JSON.stringify({ confirmed: stays ? found.run : null, message })}\n`);
  else if (stays) streams.stdout.write(`${message}\n`);
  else streams.stderr.write(`converge: ${message}\n`);
  return stays ? exitCodes.converged : exitCodes.failed;

  /** A run that is still at work has the lock: nobody knows yet what there is to confirm. */
  async function confirmUnderLock({ run }: Unconfirmed): Promise<boolean> {
    using _ = await takeLock({ verb: 'confirm' }, settings, streams, () => {});
    try {
      return confirmed(journal, run);
    } catch (error) {
      streams.stderr.write(`converge: ${unwritten(journal, error)}\n`);
      return false;
    }
  }
}

function unwritten(journal: string, error: unknown): string {
  return `${journal} cannot be written: ${causeOf(error)}.`;
}

function whyNot(found: Unconfirmed | undefined): string {
  if (!found) return 'No run waits to be confirmed.';
  if (found.phase === 'reverted') {
    const when = found.ended === undefined ? '' : ` at ${new Date(found.ended).toISOString()}`;
    return `It is too late: the run ${found.run} was taken back${when}.`;
  }
  if (found.phase === 'waiting' && !isExpired(found)) return `The run ${found.run} is not confirmed.`;
  return `It is too late: the run ${found.run} is being taken back.`;
}

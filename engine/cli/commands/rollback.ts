/** `converge rollback`: takes back what a run has changed. */
import type { Lock } from '../../journal/lock.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type RollbackCommand = Extract<Command, { verb: 'rollback' }>;

export async function rollbackCommand(_: RollbackCommand, streams: Streams, _held?: Lock): Promise<number> {
  streams.stderr.write('converge: rollback is not built yet.\n');
  return exitCodes.bug;
}

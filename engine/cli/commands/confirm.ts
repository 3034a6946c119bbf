/** `converge confirm`: keeps what a run with `--confirm` has changed. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type ConfirmCommand = Extract<Command, { verb: 'confirm' }>;

export async function confirmCommand(_: ConfirmCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: confirm is not built yet.\n');
  return exitCodes.bug;
}

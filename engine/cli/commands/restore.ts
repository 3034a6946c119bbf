/** `converge restore`: puts back a file as it was before a run. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type RestoreCommand = Extract<Command, { verb: 'restore' }>;

export async function restoreCommand(_: RestoreCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: restore is not built yet.\n');
  return exitCodes.bug;
}

/** `converge owns`: which state answers for what. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type OwnsCommand = Extract<Command, { verb: 'owns' }>;

export async function ownsCommand(_: OwnsCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: owns is not built yet.\n');
  return exitCodes.bug;
}

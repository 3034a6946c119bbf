/** `converge watch`: awake, and converging what an event concerns. */
import type { Command } from '../arguments.ts';
import type { Streams } from '../main.ts';

type WatchCommand = Extract<Command, { verb: 'watch' }>;

export async function watchCommand(_command: WatchCommand, _streams: Streams): Promise<number> {
  throw new Error('not there yet');
}

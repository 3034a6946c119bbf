/** `converge pause` and `converge resume`: for a while this node is left as it is, but for what people ask for. */
import type { Command } from '../arguments.ts';
import type { Streams } from '../main.ts';

type PauseCommand = Extract<Command, { verb: 'pause' | 'resume' }>;

export async function pauseCommand(_command: PauseCommand, _streams: Streams): Promise<number> {
  throw new Error('not there yet');
}

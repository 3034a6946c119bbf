/** `converge status`: how this node is, at a glance. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type StatusCommand = Extract<Command, { verb: 'status' }>;

export async function statusCommand(_: StatusCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: status is not built yet.\n');
  return exitCodes.bug;
}

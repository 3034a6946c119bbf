/** `converge apply-plan`: does exactly what a dry run has shown, or nothing. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type ApplyPlanCommand = Extract<Command, { verb: 'apply-plan' }>;

export async function applyPlanCommand(_: ApplyPlanCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: apply-plan is not built yet.\n');
  return exitCodes.bug;
}

/** `converge doctor`: looks for what should not be. */
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type DoctorCommand = Extract<Command, { verb: 'doctor' }>;

export async function doctorCommand(_: DoctorCommand, streams: Streams): Promise<number> {
  streams.stderr.write('converge: doctor is not built yet.\n');
  return exitCodes.bug;
}

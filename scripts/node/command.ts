/** Programs of the system. */
import { spawnSync } from 'node:child_process';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
}

/** A program that is not there has failed like any other. */
export function command(...argv: readonly [string, ...string[]]): Ended {
  const [program, ...args] = argv;
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { status: status ?? 127, stdout: stdout ?? '' };
}

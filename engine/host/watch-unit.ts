/** Keeps a service of `converge watch` in step with its unit, which its own runs may have changed or taken away. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stampIn, watchStamp, watchUnit, watchUnitFile } from '../core/watch-unit.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * To be asked when nothing runs: where it answers, this process has to end, as systemd has been asked to end it. A state
 * cannot do so: it would end the run that it is a part of.
 */
export function keepInStep(env: Environment, file = watchUnitFile): 'restarts' | 'stops' | undefined {
  const stamp = env[watchStamp];
  // Started by hand, or by a unit of the user's own.
  if (stamp === undefined) return undefined;
  const text = read(file);
  if (text !== undefined && stampIn(text) === stamp) return undefined;
  // There may be no job that waits for this process: it is to end by it.
  if (text === undefined) {
    // systemd still has the unit as it was: with what is to happen to what runs within.
    systemctl(env, 'stop', '--no-block', '--', watchUnit);
    return 'stops';
  }
  // A run may have been cut off between the file and this.
  systemctl(env, 'daemon-reload');
  systemctl(env, 'restart', '--no-block', '--', watchUnit);
  return 'restarts';
}

/** Undefined where there is none. What is there and cannot be read is no reason to leave. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Milliseconds: systemd may be busy, and this process has signs of life to give. */
const patience = 20_000;

function systemctl(env: Environment, ...words: readonly string[]): void {
  spawnSync('systemctl', ['--no-ask-password', ...words], { env, stdio: 'ignore', timeout: patience });
}

/** Programs to be measured: where they listen, what they use of a core, and how much of one they may. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Program extends Disposable {
  readonly pid: number;
  readonly port: number;
  /** Its first line with a port. */
  readonly said: string;
  /** Seconds of a core, so far. */
  used(): number;
  /** Seconds, so far, that its main thread was ready and had no core. */
  waited(): number;
}

/** Done when it has said what port it listens on. */
export async function begin(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const cwd = join(import.meta.dirname, '../api');
  const child = spawn(process.execPath, words, {
    ...{ cwd, env: { ...process.env, ...env } },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  for (;;) {
    const [part] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(ended)]);
    log += part;
    const [said, port] = /^.*"port":(\d+).*$(?=\n)/m.exec(log) ?? [];
    if (said === undefined) continue;
    // What else it says is read by nobody, but must not fill the pipe.
    child.stdout.resume();
    const used = () => {
      const [, , ...fields] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    const waited = () => Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;
    const end = () => void child.kill('SIGKILL');
    // process.exit() disposes of nothing.
    process.on('exit', end);
    return { pid: child.pid!, port: Number(port), said, used, waited, [Symbol.dispose]: end };
  }
}

function ended([status]: unknown[]): never {
  throw new Error(`A program to be measured ended with ${status}.`);
}

const controller = '/sys/fs/cgroup/cpu';
const period = 100_000;

export interface Limit extends Disposable {
  /** Periods of 0.1 s so far in which it had work, and those in which it was held back. */
  periods(): { readonly all: number; readonly held: number };
}

/** A share of one core, by the CPU controller of cgroup v1, which root may use. Throws where there is none. */
export function limit({ pid }: Program, share: number): Limit {
  if (!existsSync(join(controller, 'cpu.cfs_quota_us')))
    throw new Error(`There is no CPU controller of cgroup v1 at ${controller}.`);
  const folder = join(controller, `bench-${pid}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'cpu.cfs_period_us'), `${period}`);
  writeFileSync(join(folder, 'cpu.cfs_quota_us'), `${Math.round(share * period)}`);
  writeFileSync(join(folder, 'cgroup.procs'), `${pid}`);
  return {
    periods() {
      const text = readFileSync(join(folder, 'cpu.stat'), 'utf8');
      const [all, held] = ['nr_periods', 'nr_throttled'].map((key) =>
        Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)![1]),
      );
      return { all: all!, held: held! };
    },
    [Symbol.dispose]() {
      writeFileSync(join(controller, 'cgroup.procs'), `${pid}`);
      rmdirSync(folder);
    },
  };
}

/** Of an odd number of rounds, or the higher of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

/** `median (least–most)`. */
export function spread(values: readonly number[], digits = 0): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toLocaleString('en-GB', { maximumFractionDigits: digits, minimumFractionDigits: digits }),
  );
  return `${middle} (${least}–${most})`;
}

/** Runs commands: each in a process group of its own that ends as a whole, with bounded output and time. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as os from 'node:os';
import type { Emit } from '../core/event.ts';
import type { Command, Outcome } from '../core/host.ts';
import { type Invocation, invocationOf, NotStarted, type Surroundings } from './invocation.ts';
import { createCollector } from './output.ts';

export interface CommandOptions {
  /** Seconds a command may take that names no timeout of its own. */
  readonly timeout: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace?: number;
  readonly emit: Emit;
}

export interface Runner {
  /** Never rejects for what the command does; throws HostTrouble where it must not be run at all. */
  run(command: Command): Promise<Outcome>;
  /** For look-ups of templates, which cannot wait. On a timeout only the process itself is killed. */
  runSync(command: Command): Outcome;
}

/** A process that left the group's pipes to a daemon is waited for no longer than this: milliseconds. */
const lingering = 1000;
/** setTimeout of Node takes no more. */
const longest = 2 ** 31 - 1;

/** Groups that still run, so that none outlives us. */
const groups = new Set<number>();
let watchingExit = false;

export function createRunner(surroundings: Surroundings, options: CommandOptions): Runner {
  function prepare(command: Command): Invocation | Outcome {
    try {
      return invocationOf(command, surroundings);
    } catch (error) {
      if (error instanceof NotStarted) return notStarted(error.message);
      throw error;
    }
  }
  return {
    async run(command) {
      const invocation = prepare(command);
      if ('status' in invocation) return invocation;
      return await start(command, invocation, options);
    },
    runSync(command) {
      const invocation = prepare(command);
      if ('status' in invocation) return invocation;
      const [program, ...words] = invocation.argv;
      const result = spawnSync(program, words, {
        cwd: invocation.cwd,
        env: invocation.env,
        input: command.stdin ?? '',
        timeout: Math.min((command.timeout ?? options.timeout) * 1000, longest),
        killSignal: 'SIGKILL',
        maxBuffer: 64 << 20,
      });
      if (result.pid) options.emit({ kind: 'process-started', argv: invocation.argv, pid: result.pid });
      const timedOut =
        result.error !== undefined && 'code' in result.error && result.error.code === 'ETIMEDOUT';
      if (result.error !== undefined && !timedOut) return notStarted(reasonOf(result.error, command));
      return {
        status: timedOut ? 124 : statusOf(result.status, result.signal),
        stdout: result.stdout.toString(),
        stderr: result.stderr.toString(),
        pid: result.pid,
        ...(timedOut ? { timedOut } : {}),
      };
    },
  };
}

function notStarted(reason: string): Outcome {
  return { status: 127, stdout: '', stderr: reason, pid: 0 };
}

function reasonOf(error: Error, command: Command): string {
  const program = command.shell ?? command.argv[0];
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${program}: command not found`;
  if (code === 'EACCES') return `${program}: permission denied`;
  if (code === 'E2BIG') return `${program}: the arguments are too long`;
  if (code === 'ENOBUFS') return `${program}: it printed more than 64 MiB`;
  return `${program}: ${error.message}`;
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : (os.constants.signals[signal] ?? 0));
}

function start(command: Command, invocation: Invocation, options: CommandOptions): Promise<Outcome> {
  const [program, ...words] = invocation.argv;
  let child: ChildProcess;
  try {
    child = spawn(program, words, {
      cwd: invocation.cwd,
      env: invocation.env,
      detached: true,
      stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return Promise.resolve(notStarted(reasonOf(error as Error, command)));
  }
  const { pid } = child;
  if (pid !== undefined) {
    options.emit({ kind: 'process-started', argv: invocation.argv, pid });
    killOnExit(pid);
  }
  // A process that ends without reading its input closes the pipe early; that is its own business.
  child.stdin?.on('error', () => {});
  child.stdin?.end(command.stdin);
  return outcomeOf(child, command, options);
}

function outcomeOf(child: ChildProcess, command: Command, options: CommandOptions): Promise<Outcome> {
  const stdout = createCollector();
  const stderr = createCollector();
  child.stdout!.on('data', stdout.add);
  child.stderr!.on('data', stderr.add);
  const pid = child.pid ?? 0;
  const seconds = command.timeout ?? options.timeout;
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  let lag: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    const clock = setTimeout(
      () => {
        timedOut = true;
        signalGroup(pid, 'SIGTERM');
        kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), (options.grace ?? 5) * 1000);
      },
      Math.min(seconds * 1000, longest),
    );
    function finish(outcome: Outcome): void {
      clearTimeout(clock);
      clearTimeout(lag);
      // The leader may end on SIGTERM while others of its group ignore it.
      if (timedOut) signalGroup(pid, 'SIGKILL');
      clearTimeout(kill);
      groups.delete(pid);
      child.stdout!.destroy();
      child.stderr!.destroy();
      child.unref();
      resolve(outcome);
    }
    function ended(code: number | null, signal: NodeJS.Signals | null): void {
      finish({
        status: timedOut ? 124 : statusOf(code, signal),
        stdout: stdout.text(),
        stderr: stderr.text(),
        pid,
        ...(timedOut ? { timedOut } : {}),
      });
    }
    child.on('error', (error) => {
      if (child.pid === undefined) finish(notStarted(reasonOf(error, command)));
    });
    child.on('exit', (code, signal) => {
      lag = setTimeout(() => ended(code, signal), lingering);
    });
    child.on('close', ended);
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

function killOnExit(pid: number): void {
  groups.add(pid);
  if (watchingExit) return;
  watchingExit = true;
  process.on('exit', () => {
    for (const group of groups) signalGroup(group, 'SIGTERM');
  });
}

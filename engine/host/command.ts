/** Runs commands: each in a process group of its own that ends as a whole, with bounded output and time. */
import { spawnSync } from 'node:child_process';
import * as os from 'node:os';
import type { Emit } from '../core/event.ts';
import type { Command, Outcome } from '../core/host.ts';
import { type Invocation, invocationOf, NotStarted, type Surroundings } from './invocation.ts';
import { createCollector, createKeeper } from './output.ts';

export interface CommandOptions {
  /** Seconds a command may take that names no timeout of its own. */
  readonly timeout: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace?: number;
  readonly emit: Emit;
  /** Ends what runs when it is aborted. */
  readonly signal?: AbortSignal;
}

export interface Runner {
  /** Never rejects for what the command does; throws HostTrouble where it must not be run at all. */
  run(command: Command): Promise<Outcome>;
  /** For look-ups of templates, which cannot wait. On a timeout only the process itself is killed. */
  runSync(command: Command): Outcome;
}

/** Once a command has ended, a daemon that still holds its output is waited for no longer than this: milliseconds. */
const lingering = 1000;

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
      // Not by execaSync, which does not tell the pid and would be loaded for it.
      const result = spawnSync(program, words, {
        cwd: invocation.cwd,
        env: invocation.env,
        input: command.stdin ?? '',
        timeout: milliseconds(command.timeout ?? options.timeout),
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

function reasonOf({ code, message }: NodeJS.ErrnoException, command: Command): string {
  const program = command.shell ?? command.argv[0];
  if (code === 'ENOENT') return `${program}: command not found`;
  if (code === 'EACCES') return `${program}: permission denied`;
  if (code === 'E2BIG') return `${program}: the arguments are too long`;
  if (code === 'ENOBUFS') return `${program}: it printed more than 64 MiB`;
  if (code === 'EMFILE') return `${program}: this process has too many files open`;
  if (code === 'ENFILE') return `${program}: this machine has too many files open`;
  if (code === 'EAGAIN') return `${program}: no more processes may be started`;
  if (code === 'ENOMEM') return `${program}: there is not enough memory`;
  return `${program}: ${message}`;
}

function statusOf(code: number | null | undefined, signal: NodeJS.Signals | null | undefined): number {
  return code ?? 128 + (signal ? os.constants.signals[signal] : 0);
}

async function start(command: Command, invocation: Invocation, options: CommandOptions): Promise<Outcome> {
  // Takes longer to load than most runs have to spare that start no command.
  const { execa } = await import('execa');
  const [program, ...words] = invocation.argv;
  const keeper = command.bytes === undefined ? undefined : createKeeper(command.bytes);
  const stdout = keeper ?? createCollector();
  const stderr = createCollector();
  const child = execa(program, words, {
    cwd: invocation.cwd,
    env: invocation.env,
    extendEnv: false,
    ...(command.stdin === undefined ? { stdin: 'ignore' } : { input: command.stdin }),
    // Its limit on output ends the command; the collectors leave out the middle instead.
    buffer: false,
    reject: false,
    timeout: milliseconds(command.timeout ?? options.timeout),
    killDescendants: true,
    forceKillAfterDelay: milliseconds(options.grace ?? 5),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  const { pid } = child;
  if (pid !== undefined) options.emit({ kind: 'process-started', argv: invocation.argv, pid });
  child.stdout.on('data', stdout.add);
  child.stderr.on('data', stderr.add);
  let lag: NodeJS.Timeout | undefined;
  child.nodeChildProcess.once('exit', () => {
    lag = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, lingering);
  });
  const result = await child;
  clearTimeout(lag);
  if (pid === undefined) return notStarted(reasonOf(result.cause as Error, command));
  // The leader may end on SIGTERM while others of its group ignore it.
  if (result.timedOut || result.isCanceled) child.kill('SIGKILL');
  return {
    status: result.timedOut ? 124 : statusOf(result.exitCode, result.signal),
    stdout: stdout.text(),
    stderr: stderr.text(),
    pid,
    ...(keeper && { bytes: keeper.bytes() }),
    ...(result.timedOut ? { timedOut: true } : {}),
  };
}

/** As execa and Node take them: 0 would mean for ever, and their timers reach no further than this. */
function milliseconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds * 1000), 1), 2 ** 31 - 1);
}

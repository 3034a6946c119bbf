/** The one run that waits to be confirmed, or that was taken back because nobody did. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ProcessId, processIdOf } from '../core/process-id.ts';
import { readState, syncPath, textOf, writeState } from './file.ts';

/**
 * ```
 *  first change ──▶ waiting ──confirmed──▶ (no file)
 *                      │ time over, probes failed
 *                      ▼
 *                  reverting ──▶ reverted ──a run asked for by a person, another tree──▶ (no file)
 *                   │     ▲
 *                   └─────┘ failed: tried again
 * ```
 * Every step is taken under the lock of runs, so that a run is either confirmed or taken back, never half of each.
 */
export type Phase = 'waiting' | 'reverting' | 'reverted';

export interface Unconfirmed {
  /** Its name in the history. */
  readonly run: string;
  /** Its command line for people: without options. */
  readonly command: readonly string[];
  readonly phase: Phase;
  /** Milliseconds since the epoch: when it was about to make its first change. */
  readonly since: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** From `since` to `deadline`. */
  readonly seconds: number;
  readonly moment: Moment;
  readonly process: ProcessId;
  /** What waits for the deadline. */
  readonly timer: Timer;
  /** How many probes its tree has; 0: a person has to confirm it. */
  readonly probes: number;
  /** Commit of its tree, where that is a git repository. */
  readonly revision?: string;
  /** How often it was tried to take it back. */
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly trouble?: string;
  /** Milliseconds since the epoch: when it was taken back. */
  readonly ended?: number;
}

/** A systemd timer by its name, or a process that sleeps. */
export type Timer = { readonly unit: string } | ProcessId;

/** Where the clock that nobody sets stood. */
export interface Moment {
  readonly boot: string;
  /** Seconds since boot. */
  readonly uptime: number;
}

function fileIn(folder: string): string {
  return join(folder, 'unconfirmed.json');
}

export function readUnconfirmed(folder: string): Unconfirmed | undefined {
  return readState(fileIn(folder), isUnconfirmed);
}

/** On the disk when it returns. Throws what the file system says. */
export function writeUnconfirmed(folder: string, value: Unconfirmed): void {
  writeState(fileIn(folder), value, { lasting: true });
}

/** Gone for good when it returns. Throws what the file system says. */
export function forgetUnconfirmed(folder: string): void {
  const file = fileIn(folder);
  rmSync(file, { force: true });
  syncPath(dirname(file));
}

/** Within the boot it began in, a run is judged by a clock that no change of the time can move. */
export function isExpired({ moment, deadline, seconds }: Unconfirmed): boolean {
  const now = presentMoment();
  if (now.boot === moment.boot) return now.uptime >= moment.uptime + seconds;
  // A machine without a clock of its own may wake up years ago.
  return Date.now() >= deadline || now.uptime >= seconds;
}

/** Ticks per second in /proc: sysconf(_SC_CLK_TCK), 100 on every Linux that runs Node. */
const ticks = 100;

/** A container may have the uptime and the boot of its machine; it began with its first process. */
export function presentMoment(): Moment {
  const began = processId(1)?.started ?? '0';
  return {
    boot: `${textOf('/proc/sys/kernel/random/boot_id').trim()} ${began}`,
    uptime: Number(textOf('/proc/uptime').split(' ')[0]) - Number(began) / ticks,
  };
}

/** Undefined where there is no such process. */
export function processId(pid: number): ProcessId | undefined {
  return processIdOf(pid, textOf(`/proc/${pid}/stat`));
}

export function isAlive({ pid, started }: ProcessId): boolean {
  return processId(pid)?.started === started;
}

function isUnconfirmed(value: unknown): value is Unconfirmed {
  const { run, command, phase, deadline, seconds, moment, process, timer, attempts } = (value ??
    {}) as Partial<Unconfirmed>;
  return (
    typeof run === 'string' &&
    Array.isArray(command) &&
    ['waiting', 'reverting', 'reverted'].includes(phase as string) &&
    typeof deadline === 'number' &&
    typeof seconds === 'number' &&
    typeof moment?.boot === 'string' &&
    typeof process?.pid === 'number' &&
    typeof timer === 'object' &&
    timer !== null &&
    typeof attempts === 'number'
  );
}

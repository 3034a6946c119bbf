/** A pause: for a while nothing changes on this node but what people ask for by hand. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readState, writeState } from './file.ts';

/** Times are milliseconds since the epoch. */
export interface Pause {
  readonly since: number;
  /** Undefined: until somebody ends it. */
  readonly until?: number;
  readonly reason?: string;
  /** Name of a user. */
  readonly by?: string;
}

function fileIn(folder: string): string {
  return join(folder, 'pause.json');
}

/** It is there once a run was left out and has said so. */
function toldIn(folder: string): string {
  return join(folder, 'pause.told');
}

/** Undefined where there is none, or where it is over. `now`: milliseconds since the epoch. */
export function readPause(folder: string, now: number): Pause | undefined {
  const pause = lastPause(folder);
  return pause && (pause.until === undefined || now < pause.until) ? pause : undefined;
}

/** It may be over. */
export function lastPause(folder: string): Pause | undefined {
  return readState(fileIn(folder), isPause);
}

/** For who only asks whether, until when and why. */
export function pausedUntil(
  folder: string,
  now: number,
): { readonly until?: number; readonly reason?: string } | undefined {
  return readPause(folder, now);
}

/** On the disk when it returns; takes the place of another. Throws what the file system says. */
export function writePause(folder: string, pause: Pause): void {
  rmSync(toldIn(folder), { force: true });
  writeState(fileIn(folder), pause, { lasting: true });
}

/** When it was over is kept: no run was due before. Throws what the file system says. */
export function endPause(folder: string, now: number): void {
  const pause = readPause(folder, now);
  if (pause) writePause(folder, { ...pause, until: now });
}

/** True for the first who asks during a pause: cron mails every line, and one tells enough. */
export function isFirstToTell(folder: string): boolean {
  try {
    writeFileSync(toldIn(folder), '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

function isPause(value: unknown): value is Pause {
  const { since, until, reason, by } = (value ?? {}) as Partial<Pause>;
  return (
    isTime(since) &&
    (until === undefined || isTime(until)) &&
    (reason === undefined || typeof reason === 'string') &&
    (by === undefined || typeof by === 'string')
  );
}

/** One that a date can be made of. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

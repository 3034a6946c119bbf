/** One run at a time: a lock that the kernel frees with its process, however that ends. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

/** Who holds the lock. */
export interface Holder {
  readonly pid: number;
  /** What it was asked to do: `highstate`. */
  readonly verb: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface Lock extends Disposable {
  readonly holder: Holder;
}

/** Somebody else holds it. `holder` is unknown for the moment in which it has the lock and has not said so yet. */
export interface Busy {
  readonly holder: Holder | undefined;
}

export interface LockOptions {
  /** Seconds to wait for the lock. */
  readonly wait: number;
  /** Told once, when there is somebody to wait for. */
  readonly onWait?: (busy: Busy) => void;
}

/** Milliseconds between two attempts. */
const beat = 50;

/**
 * Node.js has no call for flock(2) or fcntl(2), but its SQLite takes a POSIX record lock (fcntl(2), F_SETLK) on a file
 * when a transaction begins (https://www.sqlite.org/lockingv3.html): the database stays empty, only its lock is used.
 * See docs/decisions/0006-lock.md.
 */
export async function lock(
  folder: string,
  holder: Holder,
  { wait, onWait }: LockOptions,
): Promise<Lock | Busy> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sqlite = process.getBuiltinModule('node:sqlite');
  const end = performance.now() + wait * 1000;
  let told = false;
  for (;;) {
    const database = new sqlite.DatabaseSync(join(folder, 'lock'));
    if (begins(database)) {
      writeFileSync(holderFile(folder), JSON.stringify(holder));
      return {
        holder,
        [Symbol.dispose]: () => database.close(),
      };
    }
    database.close();
    const busy = { holder: holderOf(folder) };
    if (performance.now() >= end) return busy;
    if (!told) onWait?.(busy);
    told = true;
    await pause(Math.min(beat, Math.max(1, end - performance.now())));
  }
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html. */
const busyCode = 5;

function begins(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busyCode) return false;
    throw error;
  }
}

function holderFile(folder: string): string {
  return join(folder, 'holder.json');
}

/** What the last holder wrote; only meaningful while the lock is held, and by one that is alive. */
function holderOf(folder: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Holder;
    return existsSync(`/proc/${holder.pid}`) ? holder : undefined;
  } catch {
    return undefined;
  }
}

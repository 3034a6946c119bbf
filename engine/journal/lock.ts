/** One run at a time: a lock that the kernel frees with its process, however that ends. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { causeOf, isOfDisk, makeFolder } from './file.ts';

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
  /** A disk on which there can be no lock stops no run: told once. */
  readonly onTrouble?: (message: string) => void;
}

/** Milliseconds between two attempts, and once it takes long. */
const beat = 50;
const slowBeat = 500;
const long = 10_000;

/**
 * Node.js has no call for flock(2) or fcntl(2), but its SQLite takes a POSIX record lock (fcntl(2), F_SETLK) on a file
 * when a transaction begins (https://www.sqlite.org/lockingv3.html): the database stays empty, only its lock is used.
 * See docs/decisions/0006-lock.md.
 */
export async function lock(
  folder: string,
  holder: Holder,
  { wait, onWait, onTrouble }: LockOptions,
): Promise<Lock | Busy> {
  const start = performance.now();
  const end = start + wait * 1000;
  let told = false;
  for (;;) {
    let database: DatabaseSync | undefined;
    try {
      database = attempt(folder);
    } catch (error) {
      if (!isTolerable(error)) throw error;
      onTrouble?.(`There can be no lock in ${folder}: ${causeOf(error)}. The run goes on without one.`);
      return { holder, [Symbol.dispose]() {} };
    }
    if (database) {
      const held = database;
      nameHolder(folder, holder);
      return { holder, [Symbol.dispose]: () => held.close() };
    }
    const busy = { holder: holderOf(folder) };
    if (performance.now() >= end) return busy;
    if (!told) onWait?.(busy);
    told = true;
    const patience = performance.now() - start < long ? beat : slowBeat;
    await pause(Math.min(patience, Math.max(1, end - performance.now())));
  }
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html. */
const busyCode = 5;
/** SQLITE_NOTADB. */
const noDatabaseCode = 26;

/** Undefined where somebody else has it. Throws what the file system says. */
function attempt(folder: string): DatabaseSync | undefined {
  makeFolder(folder);
  const file = join(folder, 'lock');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file);
  } catch (error) {
    // SQLite does not tell why; no lock is held that closing this file would end.
    closeSync(openSync(file, 'a'));
    throw error;
  }
  try {
    // What cannot be written it opens for reading, and then there is no lock.
    accessSync(file, constants.W_OK);
    // No journal beside it: there is nothing to be kept, and a full disk has no room for one.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return database;
  } catch (error) {
    database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === busyCode) return undefined;
    // Something else was written into it; an empty one is as good as a new one.
    if (errcode !== noDatabaseCode || statSync(file).size === 0) throw error;
    truncateSync(file);
    return attempt(folder);
  }
}

function isTolerable(error: unknown): boolean {
  return isOfDisk(error) || sqliteCodes.has(((error as { errcode?: number }).errcode ?? 0) & 0xff);
}

/** SQLITE_IOERR and SQLITE_FULL. */
const sqliteCodes = new Set([10, 13]);

/** Only for people; who cannot be named holds the lock all the same. */
function nameHolder(folder: string, holder: Holder): void {
  try {
    writeFileSync(holderFile(folder), JSON.stringify(holder), { mode: 0o600 });
  } catch {
    // No room, or no right.
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

/** Who holds the lock now, asked of the kernel without touching it. Undefined: nobody. */
export function heldBy(folder: string): Holder | undefined {
  const holder = holderOf(folder);
  const file = statSync(join(folder, 'lock'), { throwIfNoEntry: false });
  if (!holder || !file) return undefined;
  // proc(5): number, kind, mode, access, pid, device:inode, range.
  const held = new RegExp(`POSIX +\\w+ +WRITE +${holder.pid} \\S+:${file.ino} `);
  return held.test(readFileSync('/proc/locks', 'utf8')) ? holder : undefined;
}

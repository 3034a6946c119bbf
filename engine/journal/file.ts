/** Small files of the journal, replaced as a whole, so that a crash leaves the old or the new one. */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Undefined where there is none, or none that makes sense: a journal is a help, never a hindrance. */
export function readState<T>(file: string, isSound: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isSound(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** With `lasting` it is on the disk when this returns. Throws what the file system says. */
export function writeState(file: string, value: unknown, { lasting }: { lasting: boolean }): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    try {
      // Not by one write(2): what a nearly full disk takes of it would pass for all.
      writeFileSync(fd, `${JSON.stringify(value, null, 1)}\n`);
      if (lasting) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (lasting) syncFolder(folder);
}

/** What a run says once where it cannot keep its things, and goes on. */
export function unwritable(folder: string, error: unknown): string {
  return `${folder} cannot be written: ${causeOf(rootOf(folder, error))}. The run goes on, but its history and what it owes may be lost.`;
}

/** Node says of a folder to be made on a read-only disk that there is no such file. */
function rootOf(folder: string, error: unknown): unknown {
  try {
    accessSync(folder, constants.W_OK);
    return error;
  } catch (why) {
    return why;
  }
}

/** "no space left on device", of Node's "ENOSPC: no space left on device, write". */
export function causeOf(error: unknown): string {
  const { message } = error as Error;
  return /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

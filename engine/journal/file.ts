/** Small files of the journal, replaced as a whole, so that a crash leaves the old or the new one. */
import {
  closeSync,
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

/** '' where there is none that can be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function writeState(file: string, value: unknown, how: { readonly lasting: boolean }): void {
  writeText(file, `${JSON.stringify(value, null, 1)}\n`, how);
}

/** With `lasting` it is on the disk when this returns. Throws what the file system says. */
export function writeText(file: string, text: string, { lasting }: { readonly lasting: boolean }): void {
  const folder = dirname(file);
  makeFolder(folder);
  const temporary = `${file}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    try {
      // Not by one write(2): what a nearly full disk takes of it would pass for all.
      writeFileSync(fd, text);
      if (lasting) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (lasting) syncPath(folder);
}

/** Like `mkdir -p`. Node's own says of a disk that is full or read-only that there is no such file. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o700 });
  }
}

/** What a run says once where it cannot keep its things, and goes on. */
export function unwritable(folder: string, error: unknown): string {
  return `${folder} cannot be written: ${causeOf(error)}. The run goes on, but its history and what it owes may be lost.`;
}

/** EDQUOT of errno(3), for which Node has no name. */
const quotaExceeded = -122;

/** "no space left on device", of Node's "ENOSPC: no space left on device, write". */
export function causeOf(error: unknown): string {
  const { message, errno } = error as NodeJS.ErrnoException;
  if (errno === quotaExceeded) return 'disk quota exceeded';
  return /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

const diskCodes = new Set(['ENOSPC', 'EROFS', 'EIO']);

/** Whether it is the disk that does not allow it: full, read-only or broken. Rights are another matter. */
export function isOfDisk(error: unknown): boolean {
  const { code, errno } = error as NodeJS.ErrnoException;
  return diskCodes.has(code ?? '') || errno === quotaExceeded;
}

/** The bytes of a file, or what was done to the names in a folder, are on the disk when it returns. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

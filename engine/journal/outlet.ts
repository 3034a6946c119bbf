/** Writes the reports that others read: whole, in the place of the ones before. */
import {
  appendFileSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Throws what the file system says. Without a mode: as the umask has it. */
export function writeReport(file: string, text: string, mode?: number): void {
  mkdirSync(dirname(file), { recursive: true });
  if (isSpecial(file)) {
    appendFileSync(file, text);
    return;
  }
  // No reader of a folder takes a hidden file for a report.
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}`);
  rmSync(temporary, { force: true });
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode ?? 0o666);
  try {
    writeFileSync(fd, text);
    if (mode !== undefined) fchmodSync(fd, mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Nothing to put a file in the place of: a pipe, a terminal, or a name of one's own output. */
function isSpecial(file: string): boolean {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) return /^\/(dev|proc)\//.test(file);
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

/** Undefined where there is none that can be read. */
export function readReport(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

export function removeReport(file: string): void {
  rmSync(file, { force: true });
}

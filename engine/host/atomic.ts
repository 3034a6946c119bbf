/** Puts something new in the place of something old in one step: whoever looks sees one or the other, whole. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { type AttributesCopier, createAttributesCopier } from './attributes-copier.ts';
import type { Spot } from './spot.ts';
import { sweepOnce, temporaryName } from './sweep.ts';
import { codeOf, codeSaid, diskCodes } from './trouble.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

/** `make` creates the new thing at the name it is given; it is renamed over the old one and made to last. */
export function replace(spot: Spot, make: (at: string, name: string) => void): void {
  // First, as what a killed run left may be what fills the disk.
  sweepOnce(spot);
  const name = temporaryName();
  const temporary = spot.beside(name);
  try {
    make(temporary, name);
    fs.renameSync(temporary, spot.at);
    spot.sync();
  } finally {
    // Also needed after success: renaming a hard link over its own file does nothing (rename(2)).
    unlinkQuietly(temporary);
  }
}

function unlinkQuietly(at: string): void {
  try {
    fs.unlinkSync(at);
  } catch {
    // Nothing is there, or whatever stopped the effect stops this as well and is already being told.
  }
}

export interface Ownership {
  /** Left alone where undefined. */
  readonly uid?: number;
  readonly gid?: number;
  readonly mode: number;
}

/**
 * A new file with everything final before it is found under its name: only its owner can read it until then.
 * The owner is set before the mode because chown(2) clears setuid.
 */
export function createFile(at: string, content: Buffer, owned: Ownership, dress?: () => void): void {
  const fd = fs.openSync(at, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fs.writeFileSync(fd, content);
    finish(fd, owned, dress);
  } finally {
    fs.closeSync(fd);
  }
}

/** Owner, whatever `dress` adds, mode, and all of it on the disk. */
function finish(fd: number, owned: Ownership, dress?: () => void): void {
  if (owned.uid !== undefined || owned.gid !== undefined) fs.fchownSync(fd, owned.uid ?? -1, owned.gid ?? -1);
  dress?.();
  fs.fchmodSync(fd, owned.mode);
  fs.fsyncSync(fd);
}

/** Shares blocks with the source where the file system can (FICLONE), else copies inside the kernel. */
export function copyFile(from: string, to: string, owned: Ownership, times?: fs.Stats): void {
  const source = fs.openSync(from, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    createFile(to, Buffer.alloc(0), { mode: 0o600 });
    const { uid, gid } = fs.lstatSync(to);
    // It hands the owner of the source on as well.
    fs.copyFileSync(`/proc/self/fd/${source}`, to, fs.constants.COPYFILE_FICLONE);
    const fd = fs.openSync(to, fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW);
    try {
      finish(fd, { uid: owned.uid ?? uid, gid: owned.gid ?? gid, mode: owned.mode });
      if (times) fs.futimesSync(fd, times.atimeMs / 1000, times.mtimeMs / 1000);
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    fs.closeSync(source);
  }
}

let cpIsThere = true;
let selinux: boolean | undefined;

/** Copies that are made one by one before it pays to have somebody for it. */
const few = 2;
let copies = 0;
/** Null: there can be none. */
let copier: AttributesCopier | null | undefined;

/**
 * Gives a new file the extended attributes, access control list and SELinux label of the one it will replace.
 * Node cannot read extended attributes, so cp(1) does it; where cp cannot (busybox), they are lost. A file that
 * replaces nothing gets what the kernel gives to new files in that folder.
 */
export function copyExtended(from: string, to: string): void {
  if (!cpIsThere) return;
  selinux ??= fs.existsSync('/sys/fs/selinux/enforce');
  const what = selinux ? 'mode,xattr,context' : 'mode,xattr';
  const said = copyByCopier(from, to, what) ?? copyByProcess(from, to, what);
  // What a file system does not know it need not keep; for what it has no room, the file stays as it is.
  const code = codeSaid(said);
  if (code !== undefined && diskCodes.has(code)) throw Object.assign(new Error(code), { code });
}

/** Undefined where it was not done. */
function copyByCopier(from: string, to: string, what: string): string | undefined {
  copies += 1;
  if (copies <= few || copier === null || /\n/.test(from + to)) return undefined;
  copier ??= createAttributesCopier(what) ?? null;
  const said = copier?.copy(from, to);
  if (said === undefined) copier = null;
  return said;
}

function copyByProcess(from: string, to: string, what: string): string {
  const result = spawnSync('cp', ['-P', '--attributes-only', `--preserve=${what}`, '--', from, to], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (codeOf(result.error) === 'ENOENT') cpIsThere = false;
  else if (result.error !== undefined) throw result.error;
  return result.stderr ?? '';
}

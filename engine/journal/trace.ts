/** Tells what lies at a path, as much of it as can be put back. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import type { Trace } from '../core/undo.ts';
import { hashOfFile } from './objects.ts';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/** What lies at a place; a link is not followed. `keep` gives the hash of an open file, or undefined: there is no room. */
export function look(
  at: string,
  bytes: 'keep' | 'hash' | 'leave',
  keep: (fd: number) => string | undefined,
): Trace {
  const stats = statsAt(at);
  if (stats === undefined) return { kind: 'absent' };
  if (!stats.isFile() || bytes === 'leave') return traceOf(stats, at);
  const fd = openSync(at, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    // Of what was opened, should it be another by now.
    const trace = traceOf(fstatSync(fd), at);
    if (trace.kind !== 'file') return trace;
    if (bytes === 'hash') return { ...trace, hash: hashOfFile(fd) };
    const hash = keep(fd);
    return hash === undefined ? { ...trace, unkept: 'undo_size leaves no room for it' } : { ...trace, hash };
  } finally {
    closeSync(fd);
  }
}

/** Nothing is below what is no folder. */
function statsAt(at: string): Stats | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function traceOf(stats: Stats, at: string): Trace {
  const { uid, gid, rdev } = stats;
  const common = { mode: stats.mode & 0o7777, uid, gid, mtime: Math.floor(stats.mtimeMs) };
  switch (stats.mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return { kind: 'file', ...common };
    case constants.S_IFDIR:
      return { kind: 'directory', ...common };
    case constants.S_IFLNK:
      return { kind: 'link', ...common, target: readlinkSync(at) };
    case constants.S_IFIFO:
      return { kind: 'fifo', ...common };
    case constants.S_IFSOCK:
      return { kind: 'socket', ...common };
    case constants.S_IFBLK:
      return { kind: 'block', ...common, device: deviceOf(rdev) };
    default:
      return { kind: 'char', ...common, device: deviceOf(rdev) };
  }
}

/** As glibc's gnu_dev_major and gnu_dev_minor (makedev(3)) for the numbers that are in use. */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}

/** Whether it is the same in all that can be put back, times aside. */
export function isSame(one: Trace, other: Trace): boolean {
  if (one.kind !== other.kind) return false;
  if (one.kind === 'absent') return true;
  if (one.uid !== other.uid || one.gid !== other.gid || one.target !== other.target) return false;
  if (one.kind === 'link') return true;
  if (one.mode !== other.mode || one.hash !== other.hash) return false;
  return one.device?.major === other.device?.major && one.device?.minor === other.device?.minor;
}

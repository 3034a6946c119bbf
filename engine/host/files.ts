/** Looks at the files of this machine, or of a folder that stands for one (`root`). */
import * as fs from 'node:fs';
import type { Stat } from '../core/host.ts';
import { baseOf, join, parentOf } from '../core/path.ts';
import { followLinks, tidy } from './links.ts';
import { codeOf, troubleBecause } from './trouble.ts';

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
const quiet = { throwIfNoEntry: false } as const;

/** Most files are smaller: they are read without asking for their size first. */
const scratch = Buffer.allocUnsafeSlow(1 << 16);

export interface Files {
  readonly root: string | undefined;
  stat(path: string): Stat | undefined;
  content(path: string): Buffer | undefined;
  list(path: string): readonly string[] | undefined;
  link(path: string): string | undefined;
  resolve(path: string): string;
  /** Where a path of the tree really lies on this machine, links of its parents followed below the root. */
  outside(path: string): string;
  /** Something was changed: folders may be elsewhere now. */
  forget(): void;
}

export function createFiles(root: string | undefined): Files {
  return root === undefined ? wholeMachine() : belowRoot(root);
}

/** The kernel follows links itself, so nothing is looked at twice. */
function wholeMachine(): Files {
  const files: Files = {
    root: undefined,
    stat: (path) => statAt(tidy(path), path),
    content: (path) => contentAt(path, path, false),
    list: (path) => listAt(path, path),
    link: (path) => linkAt(tidy(path), path),
    resolve: (path) => followLinks(tidy(path), files, true),
    outside: (path) => path,
    forget() {},
  };
  return files;
}

function belowRoot(root: string): Files {
  const prefix = root === '/' ? '' : root;
  /** Folder as the tree names it → where it really lies. Emptied by every effect. */
  const folders = new Map<string, string>([['/', prefix === '' ? '/' : prefix]]);
  const raw = { link: (path: string) => linkAt(prefix + path, path) };

  function outside(path: string): string {
    const clean = tidy(path);
    if (clean === '/') return root;
    const name = baseOf(clean);
    if (name === '..') return prefix + followLinks(clean, raw, true);
    const parent = parentOf(clean);
    let folder = folders.get(parent);
    if (folder === undefined) {
      folder = prefix + followLinks(parent, raw, true);
      folders.set(parent, folder);
    }
    return join(folder, name);
  }
  function followed(path: string): string {
    return prefix + followLinks(tidy(path), raw, true);
  }
  return {
    root,
    stat: (path) => statAt(outside(path), path),
    content(path) {
      try {
        return contentAt(outside(path), path, true);
      } catch (error) {
        if (codeOf(error) !== 'ELOOP') throw error;
        return contentAt(followed(path), path, false);
      }
    },
    list: (path) => listAt(followed(path), path),
    link: (path) => linkAt(outside(path), path),
    resolve: (path) => followLinks(tidy(path), raw, true),
    outside,
    forget() {
      folders.clear();
      folders.set('/', prefix === '' ? '/' : prefix);
    },
  };
}

function statAt(real: string, path: string): Stat | undefined {
  let stats: fs.Stats | undefined;
  try {
    stats = fs.lstatSync(real, quiet);
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    throw troubleBecause(error, `${path} cannot be looked at`);
  }
  return stats === undefined ? undefined : statOf(stats);
}

export function statOf(stats: fs.Stats): Stat {
  const kind = kindOf(stats.mode);
  const stat = {
    kind,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    mtime: stats.mtimeMs,
    atime: stats.atimeMs,
    inode: `${stats.dev}:${stats.ino}`,
  };
  return kind === 'block' || kind === 'char' ? { ...stat, device: deviceOf(stats.rdev) } : stat;
}

function kindOf(mode: number): Stat['kind'] {
  switch (mode & fs.constants.S_IFMT) {
    case fs.constants.S_IFREG:
      return 'file';
    case fs.constants.S_IFDIR:
      return 'directory';
    case fs.constants.S_IFLNK:
      return 'link';
    case fs.constants.S_IFIFO:
      return 'fifo';
    case fs.constants.S_IFSOCK:
      return 'socket';
    case fs.constants.S_IFBLK:
      return 'block';
    default:
      return 'char';
  }
}

/** glibc's gnu_dev_major and gnu_dev_minor (makedev(3)) for the numbers that are in use. */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}

/**
 * O_NONBLOCK, so that a FIFO in the place of a file cannot stop the run. ELOOP goes to the caller when
 * `noFollow`: only then is the last part known to be a link.
 */
function contentAt(real: string, path: string, noFollow: boolean): Buffer | undefined {
  let fd: number;
  try {
    fd = fs.openSync(real, O_RDONLY | O_NONBLOCK | (noFollow ? O_NOFOLLOW : 0));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (noFollow && code === 'ELOOP') throw error;
    throw troubleBecause(error, `${path} cannot be read`);
  }
  try {
    return readAll(fd);
  } catch (error) {
    throw troubleBecause(error, `${path} cannot be read`);
  } finally {
    fs.closeSync(fd);
  }
}

function readAll(fd: number): Buffer {
  let length = 0;
  while (length < scratch.length) {
    const read = fs.readSync(fd, scratch, length, scratch.length - length, null);
    if (read === 0) return Buffer.from(scratch.subarray(0, length));
    length += read;
  }
  const start = Buffer.from(scratch);
  if (!fs.fstatSync(fd).isFile()) throw Object.assign(new Error('not a file'), { code: 'EAGAIN' });
  return Buffer.concat([start, fs.readFileSync(fd)]);
}

function listAt(real: string, path: string): readonly string[] | undefined {
  try {
    return fs.readdirSync(real).sort();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw troubleBecause(error, `${path} cannot be listed`);
  }
}

function linkAt(real: string, path: string): string | undefined {
  try {
    // Asking first: readlink(2) of what is no link would throw, which costs far more than the look.
    return fs.lstatSync(real, quiet)?.isSymbolicLink() ? fs.readlinkSync(real) : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EINVAL'].includes(codeOf(error) ?? '')) return undefined;
    throw troubleBecause(error, `The link ${path} cannot be read`);
  }
}

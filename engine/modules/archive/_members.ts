/** The members of an archive that may be put into a directory: checked, stripped, each with its folders. */
import { fnmatch } from '../../core/fnmatch.ts';
import type { Refusal } from '../../core/state.ts';
import { type Entry, Unreadable } from './_entries.ts';

export interface Member {
  /** Relative, without `.` and `..`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  /** Permission bits without setuid, setgid and sticky. */
  readonly mode: number;
  readonly mtime: number;
  readonly content?: Buffer;
  readonly target?: string;
}

export interface Choice {
  /** Leading folders that are left out. */
  readonly strip: number;
  /** What is left out, as patterns of tar's --exclude. */
  readonly excludes: readonly string[];
  readonly enforceToplevel: boolean;
}

/** Folders come before what is in them. */
export function membersOf(entries: readonly Entry[], choice: Choice): Member[] | Refusal {
  try {
    const named = entries.flatMap((entry) => {
      const path = safePath(entry.name);
      return path === '' || isExcluded(path, choice.excludes) ? [] : [{ entry, path }];
    });
    if (choice.enforceToplevel) checkToplevel(named);
    return checked(withFolders(stripped(named, choice.strip)));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return refusal(error);
  }
}

export function refusal({ message, hint }: Unreadable): Refusal {
  return { refused: `The archive ${message}`, ...(hint !== undefined && { hint }) };
}

interface Named {
  readonly entry: Entry;
  readonly path: string;
}

/** '' is the folder itself. Throws Unreadable for what would lead out of it. */
function safePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..')) {
    throw new Unreadable(
      `holds "${name}", which would lead out of the directory.`,
      'Do not use this archive; find out who made it.',
    );
  }
  if (name.includes('\0')) throw new Unreadable('holds a name with a NUL character.');
  return parts.join('/');
}

/** tar(1): a pattern matches from the start or after any slash, and whatever is below what it matches. */
function isExcluded(path: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false;
  const parts = path.split('/');
  const above = parts.map((_, index) => parts.slice(0, index + 1));
  return patterns.some((pattern) => {
    const regex = fnmatch(pattern.replace(/^\.\//, '').replace(/\/$/, ''));
    return above.some((some) => some.some((_, from) => regex.test(some.slice(from).join('/'))));
  });
}

/**
 * Unlike Salt: archive.extracted looks at the archive as it is packed, so an archive with one directory at its top
 * passes `enforce_toplevel` also where that directory is stripped.
 */
function checkToplevel(named: readonly Named[]): void {
  const top = new Set(named.map(({ path }) => path.split('/', 1)[0]));
  const isOne =
    top.size <= 1 && named.every(({ entry, path }) => path.includes('/') || entry.kind === 'directory');
  if (isOne) return;
  throw new Unreadable(
    'does not have a single directory at its top.',
    'Set enforce_toplevel: false to unpack it all the same; perhaps into a directory of its own.',
  );
}

/** The last of several entries of one name counts. Hard links become files of their own. */
function stripped(named: readonly Named[], strip: number): Map<string, Member> {
  const contents = new Map<string, Entry>();
  const members = new Map<string, Member>();
  for (const { entry, path } of named) {
    const source = entry.kind === 'hardlink' ? contents.get(safePath(entry.target!)) : entry;
    if (source === undefined) {
      throw new Unreadable(`holds "${path}" as a hard link to "${entry.target}", which it does not hold.`);
    }
    contents.set(path, source);
    const rest = path.split('/').slice(strip).join('/');
    if (rest === '') continue;
    members.delete(rest);
    members.set(rest, memberOf(source, rest));
  }
  return members;
}

function memberOf({ kind, mode, mtime, content, target, name }: Entry, path: string): Member {
  const base = { path, mode: mode & 0o777, mtime };
  switch (kind) {
    case 'directory':
      return { ...base, kind };
    case 'file':
      return { ...base, kind, content: content! };
    case 'link':
      return { ...base, mode: 0o777, kind, target: target! };
    default:
      throw new Unreadable(`holds "${name}", which is a device or a pipe.`, 'Make it by file.mknod.');
  }
}

function withFolders(members: ReadonlyMap<string, Member>): Map<string, Member> {
  const all = new Map(members);
  for (const { path, mtime } of members.values()) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const folder = path.slice(0, cut);
      if (!all.has(folder)) all.set(folder, { path: folder, kind: 'directory', mode: 0o755, mtime });
    }
  }
  return all;
}

/** Nothing lies behind a link, and no link leads out. */
function checked(members: ReadonlyMap<string, Member>): Member[] {
  for (const { path, kind, target } of members.values()) {
    const cut = path.lastIndexOf('/');
    if (cut > 0 && members.get(path.slice(0, cut))!.kind !== 'directory') {
      throw new Unreadable(`holds "${path}" behind something that is no directory.`);
    }
    if (kind === 'link' && leadsOut(path, target!)) {
      throw new Unreadable(
        `holds "${path}", a symbolic link to "${target}" outside of the directory.`,
        'Where you trust it, leave the link out by options: --exclude=… and make it by file.symlink.',
      );
    }
  }
  return [...members.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * By the text: up first and then down. After a name `..` could come from anywhere, for the name may be a link itself.
 */
function leadsOut(path: string, target: string): boolean {
  if (target.startsWith('/') || target === '' || target.includes('\0')) return true;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.filter((part) => part === '..').length;
  return ups > path.split('/').length - 1 || parts.slice(0, ups).some((part) => part !== '..');
}

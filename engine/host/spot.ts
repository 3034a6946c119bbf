/** Opens the folder a path lies in so that nobody can swap it for a link while something is changed there. */
import * as fs from 'node:fs';
import { HostTrouble } from '../core/host.ts';
import { mostLinks, namesOf, tooManyLinks } from './links.ts';
import { codeOf, troubleBecause } from './trouble.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
/** Names a folder without the right to list it (open(2)); Node has no constant for it. */
export const O_PATH = 0o10000000;

/**
 * A name in an open folder. Node has no openat(2), but `/proc/self/fd/N/name` means the same to the kernel:
 * the folder stays the one that was checked, whatever happens to its path.
 */
export interface Spot extends Disposable {
  /** As the tree names it. */
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  /** For system calls of this process only. */
  readonly at: string;
  /** Of another name in the same folder. */
  beside(name: string): string;
  /** `at` (or a name beside it) for a child process. */
  forChild(name?: string): string;
  /** Real path of the folder on this machine. */
  folder(): string;
  /**
   * Makes a change of the folder's entries last through a power failure, where the disk can. Never fails: the change is
   * made, and one that is lost after all the next run makes again.
   */
  sync(): void;
}

/** Only what a link says about itself and its folder counts here, so that the overlay can ask too. */
export interface LinkOwnership {
  readonly link: { readonly uid: number };
  readonly folder: { readonly uid: number; readonly mode: number };
}

/**
 * Whether a link may be followed while changing something: `yes`, `no`, or only `if-same-owner` as the folder
 * it leads to. Links of root and of the running user are trusted; others never in a folder that everybody may
 * write to (compare protected_symlinks in proc_sys_fs(5)), elsewhere only into their owner's own folders.
 * Unlike Salt: a state never changes anything through a symbolic link that another user could have planted.
 */
export function trustOf(where: LinkOwnership, self: number): 'yes' | 'no' | 'if-same-owner' {
  const owner = where.link.uid;
  if (owner === 0 || owner === self) return 'yes';
  return (where.folder.mode & 0o002) !== 0 ? 'no' : 'if-same-owner';
}

export function untrusted(path: string, link: string): HostTrouble {
  return new HostTrouble(
    `${path} is not changed: the symbolic link ${link} on the way to it belongs to another user.`,
    'Name the place it leads to, or make root the owner of the link.',
  );
}

/** The folder has to exist. Throws HostTrouble. */
export function openSpot(path: string, root: string | undefined, self: number): Spot {
  const opened: number[] = [];
  function close(): void {
    for (const fd of opened) fs.closeSync(fd);
    opened.length = 0;
  }
  function open(at: string): number {
    const fd = fs.openSync(at, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    opened.push(fd);
    return fd;
  }
  try {
    const trail = [open(root ?? '/')];
    const names = namesOf(path).reverse();
    const owners: { uid: number; link: string }[] = [];
    let links = 0;
    while (names.length > 1 || names[0] === '..') {
      const name = names.pop()!;
      const folder = trail[trail.length - 1]!;
      if (name === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const at = `/proc/self/fd/${folder}/${name}`;
      let next: number | undefined;
      try {
        next = open(at);
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
        const link = fs.lstatSync(at);
        if (!link.isSymbolicLink()) throw error;
        links++;
        if (links > mostLinks) throw tooManyLinks(path);
        const trust = trustOf({ link, folder: fs.fstatSync(folder) }, self);
        if (trust === 'no') throw untrusted(path, name);
        if (trust === 'if-same-owner') owners.push({ uid: link.uid, link: name });
        const target = fs.readlinkSync(at);
        if (target.startsWith('/')) trail.length = 1;
        names.push(...namesOf(target).reverse());
      }
      if (next !== undefined) trail.push(next);
    }
    const folder = trail[trail.length - 1]!;
    for (const { uid, link } of owners) {
      if (fs.fstatSync(folder).uid !== uid) throw untrusted(path, link);
    }
    return spotIn(folder, names[0] ?? '.', path, close);
  } catch (error) {
    close();
    if (error instanceof HostTrouble) throw error;
    throw troubleBecause(error, `${path} cannot be reached`);
  }
}

function spotIn(folder: number, name: string, path: string, close: () => void): Spot {
  return {
    path,
    name,
    at: `/proc/self/fd/${folder}/${name}`,
    beside: (other) => `/proc/self/fd/${folder}/${other}`,
    forChild: (other = name) => `/proc/${process.pid}/fd/${folder}/${other}`,
    folder: () => fs.readlinkSync(`/proc/self/fd/${folder}`),
    sync() {
      let fd: number | undefined;
      try {
        fd = fs.openSync(`/proc/self/fd/${folder}/.`, O_RDONLY | O_DIRECTORY);
        fs.fsyncSync(fd);
      } catch {
        // Said above.
      } finally {
        if (fd !== undefined) fs.closeSync(fd);
      }
    },
    [Symbol.dispose]: close,
  };
}

/** Files of a dry run: what was changed is kept in memory above a host that is only read. */
import { HostTrouble, type Reader, type Stat } from '../core/host.ts';
import { baseOf, join, parentOf } from '../core/path.ts';
import { followLinks, tidy } from './links.ts';
import { trustOf, untrusted } from './spot.ts';
import { troubleOf } from './trouble.ts';

/** A changed entry. Mutable and shared by all its names, as an inode is. */
export interface Entry {
  kind: Stat['kind'];
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  atime: number;
  inode: string;
  size: number;
  device?: Stat['device'];
  /** Of a link. */
  target?: string;
  /** Of a file: its bytes, or the path below that still holds them. */
  content?: Buffer | string;
  /** Of a directory: the names below it in the base are not part of it. */
  opaque?: true;
}

type Base = Pick<Reader, 'stat' | 'content' | 'list' | 'link' | 'self'>;

export class OverlayTree {
  readonly #base: Base;
  /** By path without links; null where something was removed. */
  readonly #entries = new Map<string, Entry | null>();
  /** Folder → names in it that have an entry. */
  readonly #names = new Map<string, Set<string>>();
  readonly #folders = new Map<string, string>();
  #inodes = 0;

  constructor(base: Base) {
    this.#base = base;
  }

  get untouched(): boolean {
    return this.#entries.size === 0;
  }

  touches(path: string): boolean {
    return this.#entries.has(path);
  }

  nextInode(): string {
    this.#inodes++;
    return `overlay:${this.#inodes}`;
  }

  stat(path: string): Stat | undefined {
    return this.untouched ? this.#base.stat(path) : this.statReal(this.place(path));
  }

  link(path: string): string | undefined {
    return this.untouched ? this.#base.link(path) : this.linkReal(this.place(path));
  }

  content(path: string): Buffer | undefined {
    if (this.untouched) return this.#base.content(path);
    const real = this.resolve(path);
    const entry = this.#entries.get(real);
    if (entry === undefined) return this.#showsBase(real) ? this.#base.content(real) : undefined;
    if (entry === null) return undefined;
    if (entry.kind === 'directory') throw troubleOf('EISDIR', `${path} cannot be read`);
    if (typeof entry.content === 'string') return this.#base.content(entry.content);
    return entry.content ?? Buffer.alloc(0);
  }

  list(path: string): readonly string[] | undefined {
    return this.untouched ? this.#base.list(path) : this.listReal(this.resolve(path));
  }

  resolve(path: string): string {
    return followLinks(tidy(path), { link: (at) => this.linkReal(at) }, true);
  }

  /** The path with the links of its parents followed. */
  place(path: string): string {
    const clean = tidy(path);
    const name = baseOf(clean);
    if (clean === '/' || name === '..') return this.resolve(clean);
    const parent = parentOf(clean);
    let folder = this.#folders.get(parent);
    if (folder === undefined) {
      folder = this.resolve(parent);
      this.#folders.set(parent, folder);
    }
    return join(folder, name);
  }

  /** As `place`, for a change: refuses what the real host would refuse. Throws HostTrouble. */
  placeForChange(path: string): string {
    const owners: { uid: number; link: string }[] = [];
    const source = {
      link: (at: string) => this.linkReal(at),
      passing: (at: string) => {
        const where = { link: this.statReal(at)!, folder: this.statReal(parentOf(at))! };
        const trust = trustOf(where, this.#base.self.uid);
        if (trust === 'no') throw untrusted(path, baseOf(at));
        if (trust === 'if-same-owner') owners.push({ uid: where.link.uid, link: baseOf(at) });
      },
    };
    const real = followLinks(tidy(path), source, false);
    const parent = this.statReal(parentOf(real));
    if (parent?.kind !== 'directory') throw troubleOf(this.#whatStops(real), `${path} cannot be reached`);
    for (const { uid, link } of owners) if (uid !== parent.uid) throw untrusted(path, link);
    return real;
  }

  statReal(real: string): Stat | undefined {
    const entry = this.#entries.get(real);
    if (entry === undefined) return this.#showsBase(real) ? this.#base.stat(real) : undefined;
    if (entry === null) return undefined;
    const { kind, mode, uid, gid, size, mtime, atime, inode, device } = entry;
    const stat = { kind, mode, uid, gid, size, mtime, atime, inode };
    return device === undefined ? stat : { ...stat, device };
  }

  linkReal(real: string): string | undefined {
    const entry = this.#entries.get(real);
    if (entry === undefined) return this.#showsBase(real) ? this.#base.link(real) : undefined;
    return entry?.target;
  }

  listReal(real: string): readonly string[] | undefined {
    const entry = this.#entries.get(real);
    if (entry === null || (entry !== undefined && entry.kind !== 'directory')) return undefined;
    if (entry === undefined && !this.#showsBase(real)) return undefined;
    const below = entry?.opaque ? [] : this.#base.list(real);
    if (below === undefined) return undefined;
    const changed = this.#names.get(real);
    if (changed === undefined) return below;
    const names = new Set(below);
    for (const name of changed) {
      if (this.#entries.get(join(real, name)) === null) names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  /** The entry of what is there, ready to be changed; undefined where nothing is. */
  changeable(real: string): Entry | undefined {
    const known = this.#entries.get(real);
    if (known !== undefined) return known ?? undefined;
    const stat = this.statReal(real);
    if (stat === undefined) return undefined;
    const entry: Entry = { ...stat };
    if (stat.kind === 'file') entry.content = real;
    if (stat.kind === 'link') entry.target = this.#base.link(real)!;
    this.set(real, entry);
    return entry;
  }

  set(real: string, entry: Entry | null): void {
    this.#entries.set(real, entry);
    const parent = parentOf(real);
    const names = this.#names.get(parent);
    if (names === undefined) this.#names.set(parent, new Set([baseOf(real)]));
    else names.add(baseOf(real));
    this.#folders.clear();
  }

  remove(real: string): void {
    for (const below of this.#changedBelow(real)) this.#entries.delete(below);
    this.set(real, null);
  }

  /** Moves a whole tree; nothing is at `to`, or something that goes. */
  move(from: string, to: string): void {
    const moved: [string, Entry][] = [];
    const collect = (at: string): void => {
      const entry = this.changeable(at)!;
      moved.push([to + at.slice(from.length), entry]);
      if (entry.kind !== 'directory') return;
      for (const name of this.listReal(at) ?? []) collect(join(at, name));
      entry.opaque = true;
    };
    collect(from);
    this.remove(from);
    this.remove(to);
    for (const [path, entry] of moved) this.set(path, entry);
  }

  /** The kernel goes down a path and complains about the first part that is no folder. */
  #whatStops(real: string): 'ENOENT' | 'ENOTDIR' {
    let at = parentOf(real);
    while (at !== '/' && this.statReal(at) === undefined) at = parentOf(at);
    return this.statReal(at)?.kind === 'directory' ? 'ENOENT' : 'ENOTDIR';
  }

  /** Whether the base still counts at a path without an entry of its own. */
  #showsBase(real: string): boolean {
    for (let at = real; at !== '/'; ) {
      at = parentOf(at);
      const entry = this.#entries.get(at);
      if (entry === null) return false;
      if (entry !== undefined) {
        if (entry.kind !== 'directory' || entry.opaque) return false;
      }
    }
    return true;
  }

  *#changedBelow(real: string): Iterable<string> {
    for (const name of this.#names.get(real) ?? []) {
      const below = join(real, name);
      yield* this.#changedBelow(below);
      yield below;
    }
    this.#names.delete(real);
  }
}

/** What chown(2) of a program does to its setuid and setgid bits. */
export function modeAfterChown(entry: { kind: string; mode: number }): number {
  if (entry.kind !== 'file') return entry.mode;
  const kept = entry.mode & ~0o4000;
  return kept & 0o010 ? kept & ~0o2000 : kept;
}

export function refuse(reason: string): never {
  throw new HostTrouble(reason);
}

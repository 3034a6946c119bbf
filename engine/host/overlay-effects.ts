/** What the effects on files would do, modelled on the tree of a dry run as effects.ts does it for real. */
import { type FileEffect, HostTrouble, type Reader } from '../core/host.ts';
import { parentOf } from '../core/path.ts';
import { idsOf } from './effects.ts';
import { type Entry, modeAfterChown, type OverlayTree, refuse } from './overlay-tree.ts';
import { trustOf, untrusted } from './spot.ts';
import { troubleOf } from './trouble.ts';

type Of<K extends FileEffect['kind']> = Extract<FileEffect, { kind: K }>;

export interface Model {
  readonly tree: OverlayTree;
  readonly accounts: Pick<Reader, 'user' | 'group'>;
  readonly self: Reader['self'];
  readonly umask: number;
  /** Time that new entries get: milliseconds since the epoch. */
  readonly now: number;
}

/** Throws HostTrouble with the sentence the real host would fail with. */
export function predict(effect: FileEffect, model: Model): void {
  switch (effect.kind) {
    case 'write':
      write(effect, model);
      break;
    case 'directory':
      directory(effect, model);
      break;
    case 'link':
      link(effect, model);
      break;
    case 'copy':
      copy(effect, model);
      break;
    case 'move':
      move(effect, model);
      break;
    case 'remove':
      remove(effect, model);
      break;
    case 'attributes':
      attributes(effect, model);
      break;
    case 'node':
      node(effect, model);
      break;
  }
}

/** A new entry belongs to us, or to the group of a folder with setgid. */
function fresh(
  kind: Entry['kind'],
  real: string,
  owned: { uid?: number; gid?: number; mode: number },
  model: Model,
): Entry {
  const folder = model.tree.statReal(parentOf(real))!;
  const inherits = (folder.mode & 0o2000) !== 0;
  return {
    kind,
    mode: owned.mode,
    uid: owned.uid ?? model.self.uid,
    gid: owned.gid ?? (inherits ? folder.gid : model.self.gid),
    mtime: model.now,
    atime: model.now,
    inode: model.tree.nextInode(),
    size: 0,
  };
}

/** Where a change with `follow` ends. */
function followed(path: string, model: Model): string {
  const { tree } = model;
  const real = tree.placeForChange(path);
  const link = tree.statReal(real);
  if (link?.kind !== 'link') return real;
  const target = tree.resolve(path);
  const trust = trustOf({ link, folder: tree.statReal(parentOf(real))! }, model.self.uid);
  if (trust !== 'yes') {
    const there = tree.statReal(target) ?? tree.statReal(parentOf(target));
    if (trust === 'no' || there?.uid !== link.uid) throw untrusted(path, path);
  }
  return tree.placeForChange(target);
}

function refuseDirectory(real: string, path: string, model: Model): void {
  if (model.tree.statReal(real)?.kind === 'directory') refuse(`${path} is a directory.`);
}

function write(effect: Of<'write'>, model: Model): void {
  const { tree } = model;
  const real = effect.follow ? followed(effect.path, model) : tree.placeForChange(effect.path);
  refuseDirectory(real, effect.path, model);
  const ids = idsOf(effect, model.accounts);
  const before = tree.statReal(real);
  const old = before?.kind === 'file' ? before : undefined;
  if (old && effect.backup && 'suffix' in effect.backup) {
    tree.set(real + effect.backup.suffix, { ...tree.changeable(real)!, inode: tree.nextInode() });
  }
  const owned = {
    uid: ids.uid ?? old?.uid,
    gid: ids.gid ?? old?.gid,
    mode: effect.mode ?? old?.mode ?? 0o666 & ~model.umask,
  };
  const entry = fresh('file', real, owned, model);
  entry.content = effect.content;
  entry.size = effect.content.length;
  tree.set(real, entry);
}

function directory(effect: Of<'directory'>, model: Model): void {
  const { tree } = model;
  const real = tree.placeForChange(effect.path);
  const ids = idsOf(effect, model.accounts);
  const old = tree.statReal(real);
  if (old !== undefined && old.kind !== 'directory') {
    refuse(`${effect.path} is a ${old.kind}, not a directory.`);
  }
  if (old !== undefined) {
    const entry = tree.changeable(real)!;
    entry.uid = ids.uid ?? entry.uid;
    entry.gid = ids.gid ?? entry.gid;
    entry.mode = effect.mode ?? entry.mode;
    return;
  }
  const inherited = tree.statReal(parentOf(real))!.mode & 0o2000;
  const mode = effect.mode ?? (0o777 & ~model.umask) | inherited;
  const entry = fresh('directory', real, { ...ids, mode }, model);
  entry.opaque = true;
  tree.set(real, entry);
}

function link(effect: Of<'link'>, model: Model): void {
  const { tree } = model;
  const real = tree.placeForChange(effect.path);
  const ids = idsOf(effect, model.accounts);
  refuseDirectory(real, effect.path, model);
  if (effect.hard) {
    const target = tree.changeable(tree.placeForChange(effect.target));
    if (target === undefined) throw troubleOf('ENOENT', `${effect.path} cannot be linked`);
    if (target.kind === 'directory') throw troubleOf('EPERM', `${effect.path} cannot be linked`);
    changeOwner(target, ids);
    tree.set(real, target);
    return;
  }
  const entry = fresh('link', real, { ...ids, mode: 0o777 }, model);
  entry.target = effect.target;
  entry.size = Buffer.byteLength(effect.target);
  tree.set(real, entry);
}

function changeOwner(entry: Entry, ids: { uid?: number; gid?: number }): void {
  const uid = ids.uid ?? entry.uid;
  const gid = ids.gid ?? entry.gid;
  if (uid === entry.uid && gid === entry.gid) return;
  entry.uid = uid;
  entry.gid = gid;
  entry.mode = modeAfterChown(entry);
}

function copy(effect: Of<'copy'>, model: Model): void {
  const { tree } = model;
  const from = tree.placeForChange(effect.from);
  const real = tree.placeForChange(effect.path);
  const ids = idsOf(effect, model.accounts);
  const source = tree.statReal(from);
  if (source === undefined) throw new HostTrouble(`${effect.from} cannot be copied: it does not exist.`);
  refuseDirectory(from, effect.from, model);
  refuseDirectory(real, effect.path, model);
  if (source.kind !== 'file' && source.kind !== 'link') {
    refuse(`${effect.from} cannot be copied: it is a ${source.kind}.`);
  }
  const keep = effect.preserve ? source : undefined;
  const before = tree.statReal(real);
  const old = source.kind === 'file' && before?.kind === 'file' ? before : undefined;
  const owned = {
    uid: ids.uid ?? keep?.uid ?? old?.uid,
    gid: ids.gid ?? keep?.gid ?? old?.gid,
    mode: source.kind === 'link' ? 0o777 : (effect.mode ?? keep?.mode ?? old?.mode ?? 0o666 & ~model.umask),
  };
  const entry = fresh(source.kind, real, owned, model);
  entry.size = source.size;
  if (keep) {
    entry.mtime = keep.mtime;
    entry.atime = keep.atime;
  }
  if (source.kind === 'link') entry.target = tree.linkReal(from)!;
  else entry.content = tree.changeable(from)!.content!;
  tree.set(real, entry);
}

function move(effect: Of<'move'>, model: Model): void {
  const { tree } = model;
  const from = tree.placeForChange(effect.from);
  const real = tree.placeForChange(effect.path);
  const source = tree.statReal(from);
  if (source === undefined) throw new HostTrouble(`${effect.from} cannot be moved: it does not exist.`);
  if (real === from) return;
  const target = tree.statReal(real);
  const attempt = `${effect.path} cannot be moved`;
  if (real.startsWith(`${from}/`)) throw troubleOf('EINVAL', attempt);
  if (from.startsWith(`${real}/`)) throw troubleOf('ENOTEMPTY', attempt);
  if (target?.kind === 'directory') {
    if (source.kind !== 'directory') throw troubleOf('EISDIR', attempt);
    if ((tree.listReal(real) ?? []).length > 0) throw troubleOf('ENOTEMPTY', attempt);
  } else if (target !== undefined && source.kind === 'directory') throw troubleOf('ENOTDIR', attempt);
  tree.move(from, real);
}

function remove(effect: Of<'remove'>, model: Model): void {
  const { tree } = model;
  if (tree.stat(effect.path) === undefined) return;
  const real = tree.placeForChange(effect.path);
  if (real === '/') refuse(`${effect.path} is never removed.`);
  tree.remove(real);
}

function attributes(effect: Of<'attributes'>, model: Model): void {
  const { tree } = model;
  const real = effect.follow ? followed(effect.path, model) : tree.placeForChange(effect.path);
  const ids = idsOf(effect, model.accounts);
  const entry = tree.changeable(real);
  if (entry === undefined) refuse(`${effect.path} cannot be changed: it does not exist.`);
  changeOwner(entry, ids);
  if (effect.mode !== undefined && entry.kind !== 'link') entry.mode = effect.mode;
  entry.mtime = effect.mtime ?? entry.mtime;
  entry.atime = effect.atime ?? entry.atime;
}

function node(effect: Of<'node'>, model: Model): void {
  const { tree } = model;
  const real = tree.placeForChange(effect.path);
  const ids = idsOf(effect, model.accounts);
  refuseDirectory(real, effect.path, model);
  const entry = fresh(effect.type, real, { ...ids, mode: effect.mode ?? 0o666 & ~model.umask }, model);
  if (effect.type !== 'fifo') entry.device = { major: effect.major ?? 0, minor: effect.minor ?? 0 };
  tree.set(real, entry);
}

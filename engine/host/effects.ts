/** Performs the effects that concern files, on this machine or below a root. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { type Command, type FileEffect, HostTrouble, type Outcome, type Performed } from '../core/host.ts';
import { parentOf } from '../core/path.ts';
import { copyExtended, copyFile, createFile, replace } from './atomic.ts';
import { keepBackup } from './backups.ts';
import { checkContent } from './check.ts';
import { type Files, statOf } from './files.ts';
import type { Accounts } from './passwd.ts';
import { removeTree } from './remove.ts';
import { O_PATH, openSpot, type Spot, trustOf, untrusted } from './spot.ts';
import { codeOf, failed, failedBecause, troubleBecause, troubleSaid } from './trouble.ts';

type Of<K extends FileEffect['kind']> = Extract<FileEffect, { kind: K }>;

export interface Workshop {
  readonly files: Files;
  readonly accounts: Accounts;
  readonly self: { readonly uid: number; readonly gid: number };
  readonly umask: number;
  readonly backupDir: string | undefined;
  run(command: Command): Promise<Outcome>;
}

const done: Performed = { became: 'done' };
const attempts: { readonly [K in FileEffect['kind']]: string } = {
  write: 'cannot be written',
  directory: 'cannot be made',
  link: 'cannot be linked',
  copy: 'cannot be copied',
  move: 'cannot be moved',
  remove: 'cannot be removed',
  attributes: 'cannot be changed',
  node: 'cannot be made',
};

/** Never throws for what the machine refuses: that is a Failed with one sentence. */
export async function performOnFiles(effect: FileEffect, shop: Workshop): Promise<Performed> {
  try {
    switch (effect.kind) {
      case 'write':
        return await write(effect, shop);
      case 'directory':
        return directory(effect, shop);
      case 'link':
        return link(effect, shop);
      case 'copy':
        return copy(effect, shop);
      case 'move':
        return move(effect, shop);
      case 'remove':
        return remove(effect, shop);
      case 'attributes':
        return attributes(effect, shop);
      case 'node':
        return node(effect, shop);
    }
  } catch (error) {
    return failedBecause(error, `${effect.path} ${attempts[effect.kind]}`, placeOf(effect, shop));
  } finally {
    forget(effect, shop);
  }
}

/** Where a path really lies. A folder that cannot be looked at keeps that to itself. */
function placeOf(effect: FileEffect, { files }: Workshop): string | undefined {
  try {
    return files.outside('follow' in effect && effect.follow ? files.resolve(effect.path) : effect.path);
  } catch {
    return undefined;
  }
}

function forget({ kind, path }: FileEffect, { files, accounts }: Workshop): void {
  files.forget();
  // Asking for accounts anew can be slow (LDAP).
  if (kind !== 'write' || path.startsWith('/etc/')) accounts.forget();
}

interface Ids {
  readonly uid?: number;
  readonly gid?: number;
}

/** Names are looked up only now. A number needs no entry in /etc/passwd, as for chown(1). */
export function idsOf(
  owned: { readonly user?: string | number; readonly group?: string | number },
  accounts: Pick<Accounts, 'user' | 'group'>,
): Ids {
  function id(
    what: 'user' | 'group',
    name: string | number,
    found: (name: string | number) => number | undefined,
  ) {
    const known = found(name) ?? (/^\d+$/.test(String(name)) ? Number(name) : undefined);
    if (known === undefined) throw new HostTrouble(`There is no ${what} "${name}".`);
    return known;
  }
  return {
    uid: owned.user === undefined ? undefined : id('user', owned.user, (n) => accounts.user(n)?.uid),
    gid: owned.group === undefined ? undefined : id('group', owned.group, (n) => accounts.group(n)?.gid),
  };
}

function lstat(at: string): fs.Stats | undefined {
  return fs.lstatSync(at, { throwIfNoEntry: false });
}

function spotOf(path: string, shop: Workshop): Spot {
  return openSpot(path, shop.files.root, shop.self.uid);
}

/** Where writing to a path with `follow` ends; a link there has to be trusted. */
function writeTarget(path: string, shop: Workshop): string {
  using spot = spotOf(path, shop);
  const link = lstat(spot.at);
  if (!link?.isSymbolicLink()) return path;
  const real = shop.files.resolve(path);
  const trust = trustOf({ link, folder: fs.lstatSync(spot.beside('.')) }, shop.self.uid);
  if (trust === 'yes') return real;
  const target = shop.files.stat(real) ?? shop.files.stat(parentOf(real));
  if (trust === 'no' || target?.uid !== link.uid) throw untrusted(path, path);
  return real;
}

/** Owner and mode of a file that replaces `old`: what is not asked for stays as it was. */
function ownership(
  effect: { readonly mode?: number },
  ids: Ids,
  old: fs.Stats | undefined,
  shop: Workshop,
): { uid?: number; gid?: number; mode: number } {
  const before = old?.isFile() ? old : undefined;
  const uid = ids.uid ?? before?.uid;
  const gid = ids.gid ?? before?.gid;
  const { self } = shop;
  return {
    uid: uid === self.uid ? undefined : uid,
    gid: gid === self.gid && before === undefined && ids.gid === undefined ? undefined : gid,
    mode: effect.mode ?? (before ? before.mode & 0o7777 : 0o666 & ~shop.umask),
  };
}

function refuseDirectory(stats: fs.Stats | undefined, path: string): void {
  if (stats?.isDirectory()) throw new HostTrouble(`${path} is a directory.`);
}

async function write(effect: Of<'write'>, shop: Workshop): Promise<Performed> {
  using spot = spotOf(effect.follow ? writeTarget(effect.path, shop) : effect.path, shop);
  const old = lstat(spot.at);
  refuseDirectory(old, effect.path);
  const owned = ownership(effect, idsOf(effect, shop.accounts), old, shop);
  function create(at: string, child: string): void {
    createFile(
      at,
      effect.content,
      owned,
      old?.isFile() ? () => copyExtended(spot.forChild(), child) : undefined,
    );
  }
  if (effect.check !== undefined) {
    return await checkContent({ ...effect, check: effect.check }, spot, create, shop.run, () => backup());
  }
  function backup(): void {
    if (effect.backup === undefined || !old?.isFile()) return;
    try {
      keepBackup(effect.backup, spot, shop.backupDir);
    } catch (error) {
      const store = 'suffix' in effect.backup ? placeOf(effect, shop) : shop.backupDir;
      throw troubleBecause(error, `${effect.path} is left as it is, for its backup cannot be written`, store);
    }
  }
  replace(spot, (at, name) => {
    create(at, spot.forChild(name));
    backup();
  });
  return done;
}

function directory(effect: Of<'directory'>, shop: Workshop): Performed {
  using spot = spotOf(effect.path, shop);
  const ids = idsOf(effect, shop.accounts);
  const old = lstat(spot.at);
  if (old !== undefined && !old.isDirectory()) {
    return failed(`${effect.path} is a ${statOf(old).kind}, not a directory.`);
  }
  // Not for others before it has its owner.
  if (old === undefined)
    fs.mkdirSync(spot.at, Object.values(ids).some(Number.isInteger) ? 0o700 : effect.mode);
  try {
    // A folder with setgid hands its group and the bit down (mkdir(2)); asking for no mode keeps that.
    const inherited = lstat(spot.at)!.mode & 0o2000;
    const mode = effect.mode ?? (old === undefined ? (0o777 & ~shop.umask) | inherited : undefined);
    changeOwner(spot, ids, lstat(spot.at)!);
    if (mode !== undefined) changeMode(spot, mode);
  } catch (error) {
    if (old === undefined) fs.rmdirSync(spot.at);
    throw error;
  }
  spot.sync();
  return done;
}

/** Of the thing itself, a link included. Nothing is done where all is so already: chown(2) clears setuid. */
function changeOwner(spot: Spot, { uid, gid }: Ids, now: fs.Stats): void {
  if ((uid === undefined || uid === now.uid) && (gid === undefined || gid === now.gid)) return;
  fs.lchownSync(spot.at, uid ?? -1, gid ?? -1);
}

/** chmod(2) would follow a link put there meanwhile; an O_PATH descriptor cannot be swapped. */
function changeMode(spot: Spot, mode: number): void {
  const fd = fs.openSync(spot.at, O_PATH | fs.constants.O_NOFOLLOW);
  try {
    if (!fs.fstatSync(fd).isSymbolicLink()) fs.chmodSync(`/proc/self/fd/${fd}`, mode);
  } finally {
    fs.closeSync(fd);
  }
}

function link(effect: Of<'link'>, shop: Workshop): Performed {
  using spot = spotOf(effect.path, shop);
  const ids = idsOf(effect, shop.accounts);
  refuseDirectory(lstat(spot.at), effect.path);
  if (effect.hard) {
    using target = spotOf(effect.target, shop);
    replace(spot, (at) => fs.linkSync(target.at, at));
    changeOwner(spot, ids, lstat(spot.at)!);
    return done;
  }
  replace(spot, (at) => {
    fs.symlinkSync(effect.target, at);
    if (ids.uid !== undefined || ids.gid !== undefined) fs.lchownSync(at, ids.uid ?? -1, ids.gid ?? -1);
  });
  return done;
}

function copy(effect: Of<'copy'>, shop: Workshop): Performed {
  using from = spotOf(effect.from, shop);
  using spot = spotOf(effect.path, shop);
  const ids = idsOf(effect, shop.accounts);
  const source = lstat(from.at);
  if (source === undefined) return failed(`${effect.from} cannot be copied: it does not exist.`);
  refuseDirectory(source, effect.from);
  const old = lstat(spot.at);
  refuseDirectory(old, effect.path);
  const keep = effect.preserve ? source : undefined;
  const wanted = { uid: ids.uid ?? keep?.uid, gid: ids.gid ?? keep?.gid };
  if (source.isSymbolicLink()) {
    replace(spot, (at) => {
      fs.symlinkSync(fs.readlinkSync(from.at), at);
      if (wanted.uid !== undefined || wanted.gid !== undefined) {
        fs.lchownSync(at, wanted.uid ?? -1, wanted.gid ?? -1);
      }
      if (keep) fs.lutimesSync(at, keep.atimeMs / 1000, keep.mtimeMs / 1000);
    });
    return done;
  }
  if (!source.isFile()) return failed(`${effect.from} cannot be copied: it is a ${statOf(source).kind}.`);
  const mode = effect.mode ?? (keep ? keep.mode & 0o7777 : undefined);
  const owned = ownership({ mode }, wanted, old, shop);
  replace(spot, (at) => copyFile(from.at, at, owned, keep));
  return done;
}

function move(effect: Of<'move'>, shop: Workshop): Performed {
  using from = spotOf(effect.from, shop);
  using spot = spotOf(effect.path, shop);
  const source = lstat(from.at);
  if (source === undefined) return failed(`${effect.from} cannot be moved: it does not exist.`);
  const target = lstat(spot.at);
  if (target?.ino === source.ino && target.dev === source.dev) {
    // Two names of one file: rename(2) would leave both.
    if (from.folder() !== spot.folder() || from.name !== spot.name) fs.unlinkSync(from.at);
    return done;
  }
  try {
    fs.renameSync(from.at, spot.at);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV' || source.isDirectory()) throw error;
    const result = copy({ kind: 'copy', from: effect.from, path: effect.path, preserve: true }, shop);
    if (result.became === 'failed') return result;
    fs.unlinkSync(from.at);
  }
  spot.sync();
  from.sync();
  return done;
}

function remove(effect: Of<'remove'>, shop: Workshop): Performed {
  if (shop.files.stat(effect.path) === undefined) return done;
  using spot = spotOf(effect.path, shop);
  if (spot.name === '.') return failed(`${effect.path} is never removed.`);
  return removeTree(spot) ?? done;
}

function attributes(effect: Of<'attributes'>, shop: Workshop): Performed {
  using spot = spotOf(effect.follow ? writeTarget(effect.path, shop) : effect.path, shop);
  const ids = idsOf(effect, shop.accounts);
  const now = lstat(spot.at);
  if (now === undefined) return failed(`${effect.path} cannot be changed: it does not exist.`);
  changeOwner(spot, ids, now);
  if (effect.mode !== undefined) changeMode(spot, effect.mode);
  if (effect.atime !== undefined || effect.mtime !== undefined) {
    fs.lutimesSync(spot.at, (effect.atime ?? now.atimeMs) / 1000, (effect.mtime ?? now.mtimeMs) / 1000);
  }
  return done;
}

/** Node has no mknod(2), so mknod(1) makes it under a temporary name. */
function node(effect: Of<'node'>, shop: Workshop): Performed {
  using spot = spotOf(effect.path, shop);
  const ids = idsOf(effect, shop.accounts);
  refuseDirectory(lstat(spot.at), effect.path);
  const letter = { fifo: 'p', block: 'b', char: 'c' }[effect.type];
  replace(spot, (at, name) => {
    const numbers = effect.type === 'fifo' ? [] : [String(effect.major ?? 0), String(effect.minor ?? 0)];
    const words = ['-m', '600', '--', spot.forChild(name), letter, ...numbers];
    const made = spawnSync('mknod', words, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    if (made.error !== undefined && codeOf(made.error) === 'ENOENT') {
      throw new HostTrouble(`${effect.path} cannot be made: mknod is not installed.`, 'Install coreutils.');
    }
    if (made.error !== undefined) throw made.error;
    if (made.status !== 0)
      throw troubleSaid(made.stderr, `${effect.path} cannot be made`, placeOf(effect, shop));
    if (ids.uid !== undefined || ids.gid !== undefined) fs.lchownSync(at, ids.uid ?? -1, ids.gid ?? -1);
    fs.chmodSync(at, effect.mode ?? 0o666 & ~shop.umask);
  });
  return done;
}

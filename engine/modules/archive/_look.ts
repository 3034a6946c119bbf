/** What archive.extracted reads: what is in the directory, what was unpacked there before, and what is to be. */
import type { Reader, Stat } from '../../core/host.ts';
import { baseOf, join, parentOf } from '../../core/path.ts';
import type { Place, Refusal } from '../../core/state.ts';
import { Unreadable } from './_entries.ts';
import { type Choice, type Member, membersOf, refusal } from './_members.ts';
import { findSource, type SourceArguments } from './_source.ts';
import { type Listed, missingAbove, readStamp, type Stamp, stampPath } from './_stamp.ts';
import { unpack } from './_unpack.ts';

export interface Request extends SourceArguments, Choice {
  readonly directory: string;
  readonly user?: string | number;
  readonly group?: string | number;
  readonly ifMissing: readonly string[];
  readonly ownershipOn?: string;
  /** Replace what differs, whatever was unpacked before. */
  readonly overwrite: boolean;
  readonly clean: boolean;
  readonly cleanParent: boolean;
}

export interface Now {
  readonly refusal?: Refusal;
  /** A path of `if_missing` is there: nothing is done. */
  readonly skipped?: string;
  /** Without links. */
  readonly directory: string;
  readonly stat?: Stat | undefined;
  readonly missingFolders: readonly string[];
  readonly stampPath: string;
  readonly stampFolders: readonly string[];
  /** What shall be remembered, where that is not so already. */
  readonly stamp?: Stamp;
  /** What has to be put into the directory. */
  readonly put: readonly Member[];
  /** Files that are there, but hold something else than the archive, and stay. */
  readonly differing: readonly string[];
  /** A directory where a file belongs, or the other way round. */
  readonly obstacles: readonly string[];
  /** Members, and the directory itself, that belong to somebody else. */
  readonly misowned: readonly string[];
  readonly owner: { readonly uid?: number; readonly gid?: number };
  /** Where members are unpacked before they are moved. */
  readonly workshop: string;
  readonly leftovers: boolean;
  /** Whether whole folders can be moved from there. */
  readonly sameDevice: boolean;
  /** What is removed before: by `clean` what is at the top of the archive, by `clean_parent` all that is there. */
  readonly cleared: readonly string[];
}

export async function look(request: Request, reader: Reader, place: Place): Promise<Now> {
  const directory = reader.resolve(request.directory);
  const stat = reader.stat(directory);
  const at = stampPath(directory, place.id, reader);
  const base = {
    directory,
    stat,
    missingFolders: missingAbove(directory, reader),
    stampPath: at,
    stampFolders: missingAbove(at, reader),
    put: [],
    differing: [],
    obstacles: [],
    misowned: [],
    cleared: [],
    owner: {},
    ...workshopFor(directory, stat, at, reader),
  } satisfies Now;
  const refused = (why: Refusal): Now => ({ ...base, refusal: why });
  const skipped = request.ifMissing.find((path) => reader.stat(path) !== undefined);
  if (skipped !== undefined) return { ...base, skipped };
  if (stat !== undefined && stat.kind !== 'directory') {
    return refused({ refused: `${directory} is a ${stat.kind}, not a directory.`, hint: 'Remove it first.' });
  }
  const owner = ownerOf(request, reader);
  if ('refused' in owner) return refused(owner);
  const stamp = readStamp(at, reader);
  const shape = shapeOf(request);
  const known = stamp?.shape === shape ? stamp : undefined;
  const isWhole =
    known?.members.every(([path, kind]) => isThere(join(directory, path), kind, reader)) ?? false;
  const source = await findSource(request, known, !isWhole, reader);
  if ('refused' in source) return refused(source);
  const unchanged = known?.hashes.some((hash) => source.hashes.includes(hash)) ?? false;
  if (unchanged && isWhole) {
    return { ...base, owner, misowned: misownedOf(request, known!.members, directory, owner, reader) };
  }
  const members = await read(source.bytes!, request, reader);
  if (!Array.isArray(members)) return refused(members as Refusal);
  const list = members as Member[];
  const replace = request.overwrite || (stamp !== undefined && !unchanged);
  const compared = compare(list, directory, replace, reader);
  const afresh = (request.cleanParent || request.clean) && !unchanged && compared.put.length > 0;
  const judged = afresh ? { put: list, differing: [], obstacles: [] } : compared;
  const listed = list.map(({ path, kind }): Listed => [path, kind]);
  return {
    ...base,
    ...judged,
    // What was changed here since it was unpacked is nobody's mistake.
    differing: stamp === undefined ? judged.differing : [],
    owner,
    stamp: { url: source.url, hashes: source.hashes, shape, members: listed },
    misowned: afresh ? [] : misownedOf(request, listed, directory, owner, reader),
    cleared: afresh ? clearedBy(request, list, base, reader) : [],
  };
}

function clearedBy(
  { cleanParent }: Request,
  members: readonly Member[],
  { directory, workshop }: Pick<Now, 'directory' | 'workshop'>,
  reader: Reader,
): string[] {
  const top = new Set(members.map(({ path }) => path.split('/', 1)[0]!));
  return (reader.list(directory) ?? [])
    .filter((name) => cleanParent || top.has(name))
    .map((name) => join(directory, name))
    .filter((path) => path !== workshop);
}

async function read(bytes: Buffer, request: Request, reader: Reader): Promise<Member[] | Refusal> {
  try {
    return membersOf(await unpack(bytes, reader), request);
  } catch (error) {
    if (error instanceof Unreadable) return refusal(error);
    throw error;
  }
}

function shapeOf({ strip, excludes }: Request): string {
  return JSON.stringify({ strip, excludes });
}

/** Salt: a link to a file or directory is as good as that. */
function isThere(path: string, kind: Member['kind'], reader: Reader): boolean {
  const found = reader.stat(path)?.kind;
  if (found === kind) return true;
  return found === 'link' && kind !== 'link' && reader.stat(reader.resolve(path))?.kind === kind;
}

function compare(
  members: readonly Member[],
  directory: string,
  replace: boolean,
  reader: Reader,
): Pick<Now, 'put' | 'differing' | 'obstacles'> {
  const put: Member[] = [];
  const differing: string[] = [];
  const obstacles: string[] = [];
  for (const member of members) {
    const path = join(directory, member.path);
    const found = reader.stat(path);
    if (found === undefined) put.push(member);
    else if (isThere(path, member.kind, reader)) {
      if (member.kind === 'directory' || isSame(member, path, reader)) continue;
      if (replace) put.push(member);
      else differing.push(member.path);
    } else {
      put.push(member);
      if (found.kind === 'directory' || member.kind === 'directory') obstacles.push(path);
    }
  }
  return { put, differing, obstacles };
}

function isSame({ kind, content, target }: Member, path: string, reader: Reader): boolean {
  if (kind === 'link') return reader.link(path) === target;
  return reader.content(path)?.equals(content!) === true;
}

function ownerOf({ user, group }: Request, reader: Reader): { uid?: number; gid?: number } | Refusal {
  const uid = user === undefined ? undefined : (reader.user(user)?.uid ?? digits(user));
  const gid = group === undefined ? undefined : (reader.group(group)?.gid ?? digits(group));
  const unknown =
    user !== undefined && uid === undefined
      ? `user "${user}"`
      : group !== undefined && gid === undefined
        ? `group "${group}"`
        : undefined;
  if (unknown) return { refused: `There is no ${unknown}.`, hint: 'Require the state that makes it.' };
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}

function digits(name: string | number): number | undefined {
  return /^\d+$/.test(String(name)) ? Number(name) : undefined;
}

/** With `enforce_ownership_on` that path speaks for all. */
function misownedOf(
  { ownershipOn }: Request,
  listed: readonly Listed[],
  directory: string,
  { uid, gid }: { readonly uid?: number; readonly gid?: number },
  reader: Reader,
): string[] {
  if (uid === undefined && gid === undefined) return [];
  const isWrong = (path: string): boolean => {
    const stat = reader.stat(path);
    return (
      stat !== undefined &&
      ((uid !== undefined && stat.uid !== uid) || (gid !== undefined && stat.gid !== gid))
    );
  };
  if (ownershipOn !== undefined && !isWrong(ownershipOn)) return [];
  return listed.map(([path]) => join(directory, path)).filter(isWrong);
}

/**
 * Members are unpacked where nobody but us can put anything in the way: beside or inside the directory where that is
 * ours alone, else among the stamps. Moved from there, each is seen whole or not at all.
 */
function workshopFor(
  directory: string,
  stat: Stat | undefined,
  stamp: string,
  reader: Reader,
): Pick<Now, 'workshop' | 'leftovers' | 'sameDevice'> {
  const name = '.converge-extract';
  let parent = parentOf(directory);
  // Folders that we make ourselves are ours.
  while (stat === undefined && parent !== '/' && reader.stat(parent) === undefined) parent = parentOf(parent);
  const goal = deviceOf(stat ?? reader.stat(parent));
  const beside = { folder: parent, path: join(parentOf(directory), `.${baseOf(directory)}${name}`) };
  const inside = { folder: directory, path: join(directory, name) };
  const fits = [beside, ...(stat ? [inside] : [])].find(({ folder }) => {
    const found = reader.stat(folder);
    return found !== undefined && isOurs(found, reader) && deviceOf(found) === goal;
  });
  if (directory !== '/' && fits) {
    return { workshop: fits.path, leftovers: reader.stat(fits.path) !== undefined, sameDevice: true };
  }
  const workshop = stamp.replace(/json$/, 'extract');
  let above = parentOf(workshop);
  while (above !== '/' && reader.stat(above) === undefined) above = parentOf(above);
  return {
    workshop,
    leftovers: reader.stat(workshop) !== undefined,
    sameDevice: deviceOf(reader.stat(above)) === goal,
  };
}

function isOurs({ uid, mode, kind }: Stat, { self }: Reader): boolean {
  return kind === 'directory' && uid === self.uid && (mode & 0o022) === 0;
}

/** What only exists in a dry run has none yet. */
function deviceOf(stat: Stat | undefined): string | undefined {
  return stat && /^\d+/.exec(stat.inode)?.[0];
}

/** What converge remembers of an archive it unpacked, so that nothing is fetched or read where nothing changed. */
import { createHash } from 'node:crypto';
import type { Effect, Reader } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';
import type { Member } from './_members.ts';
import type { Known } from './_source.ts';

export interface Stamp extends Known {
  /** How it was unpacked: with other arguments it is another archive. */
  readonly shape: string;
  readonly members: readonly Listed[];
}

/** Path and kind of a member. */
export type Listed = readonly [path: string, kind: Member['kind']];

/** Where stamps lie: below a root as on a machine of its own. */
export function stampFolder(reader: Reader): string {
  if (reader.rooted || reader.self.uid === 0) return '/var/lib/converge/archives';
  const home = reader.user(reader.self.uid)?.home ?? '/';
  return join(home, '.local/state/converge/archives');
}

/** Several archives may be unpacked into one directory: each state has a stamp of its own. */
export function stampPath(directory: string, id: string, reader: Reader): string {
  const name = createHash('sha256').update(`${directory}\0${id}`).digest('hex').slice(0, 32);
  return `${stampFolder(reader)}/${name}.json`;
}

/** A stamp that cannot be read is none: the archive is looked at again. */
export function readStamp(path: string, reader: Reader): Stamp | undefined {
  const text = reader.content(path)?.toString();
  if (text === undefined) return undefined;
  try {
    const stamp = JSON.parse(text) as Partial<Stamp>;
    const isWhole =
      typeof stamp.url === 'string' &&
      typeof stamp.shape === 'string' &&
      Array.isArray(stamp.hashes) &&
      Array.isArray(stamp.members);
    return isWhole ? (stamp as Stamp) : undefined;
  } catch {
    return undefined;
  }
}

export function stampEffect(path: string, directory: string, stamp: Stamp): Effect {
  const content = Buffer.from(`${JSON.stringify({ directory, ...stamp })}\n`);
  return { kind: 'write', path, content, mode: 0o644 };
}

/** Folders above a path that are missing, outermost first. */
export function missingAbove(path: string, reader: Reader): string[] {
  const missing: string[] = [];
  for (let at = parentOf(path); at !== '/' && reader.stat(at) === undefined; at = parentOf(at)) {
    missing.unshift(at);
  }
  return missing;
}

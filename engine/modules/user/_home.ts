/** A home directory: what is missing, and the effects that make it as useradd(8) does. */
import { type AccountSettings, numberOf } from '../../core/accounts.ts';
import type { FileEffect, Reader } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';

interface SkeletonEntry {
  /** Below the skeleton. */
  readonly at: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly mode: number;
}

/** A home that is not there. */
export interface MissingHome {
  readonly path: string;
  /** Missing directories above it, outermost first. */
  readonly parents: readonly string[];
  readonly mode: number;
  readonly skeleton: string;
  readonly entries: readonly SkeletonEntry[];
}

export function isThere(path: string, reader: Reader): boolean {
  return path.startsWith('/') && reader.stat(reader.resolve(path)) !== undefined;
}

export function missingHome(
  path: string,
  { defs, defaults }: { readonly defs: AccountSettings; readonly defaults: AccountSettings },
  reader: Reader,
): MissingHome {
  const parents: string[] = [];
  for (let above = parentOf(path); above !== '/' && !isThere(above, reader); above = parentOf(above)) {
    parents.unshift(above);
  }
  const skeleton = defaults.get('SKEL') || '/etc/skel';
  return {
    path,
    parents,
    mode: numberOf(defs, 'HOME_MODE', 0o777 & ~numberOf(defs, 'UMASK', 0o022)),
    skeleton,
    entries: [...entriesOf(skeleton, '', reader)],
  };
}

function* entriesOf(folder: string, at: string, reader: Reader): Generator<SkeletonEntry> {
  for (const name of reader.list(folder) ?? []) {
    const path = join(folder, name);
    const stat = reader.stat(path);
    if (stat?.kind !== 'file' && stat?.kind !== 'directory' && stat?.kind !== 'link') continue;
    const below = at === '' ? name : `${at}/${name}`;
    yield { at: below, kind: stat.kind, mode: stat.mode };
    if (stat.kind === 'directory') yield* entriesOf(path, below, reader);
  }
}

/** Owners are ids: the user may not be there yet when they are foretold. */
export function homeEffects(home: MissingHome, user: number, group: number): FileEffect[] {
  const owner = { user, group };
  return [
    ...home.parents.map((path): FileEffect => ({ kind: 'directory', path, user: 0, group: 0, mode: 0o755 })),
    { kind: 'directory', path: home.path, ...owner, mode: home.mode },
    ...home.entries.map(({ at, kind, mode }): FileEffect => {
      const path = join(home.path, at);
      if (kind === 'directory') return { kind, path, ...owner, mode };
      const from = join(home.skeleton, at);
      return { kind: 'copy', from, path, ...owner, ...(kind === 'file' && { mode }) };
    }),
  ];
}

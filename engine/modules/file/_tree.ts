/** Walks a directory of the host without ever leaving it through a symbolic link. */
import type { Reader, Stat } from '../../core/host.ts';
import { join } from '../../core/path.ts';

/** An entry below a directory. */
export interface Entry {
  readonly path: string;
  /** Relative to the directory walked. */
  readonly relative: string;
  /** Of the entry itself. */
  readonly stat: Stat;
}

export interface Walk {
  /** How many directories deep to go: 0 is the directory's own entries. */
  readonly depth?: number;
  /** Descend into directories that links lead to as well. */
  readonly followLinks?: boolean;
}

/** Everything below a directory, each directory before what it holds. Entries that vanish meanwhile are left out. */
export function treeBelow(directory: string, reader: Reader, walk: Walk = {}): Entry[] {
  const found: Entry[] = [];
  const seen = new Set<string>();
  function into(path: string, relative: string, depth: number): void {
    for (const name of reader.list(path) ?? []) {
      const entry = { path: join(path, name), relative: relative === '' ? name : `${relative}/${name}` };
      const stat = reader.stat(entry.path);
      if (stat === undefined) continue;
      found.push({ ...entry, stat });
      if (walk.depth !== undefined && depth >= walk.depth) continue;
      if (stat.kind === 'directory') into(entry.path, entry.relative, depth + 1);
      else if (stat.kind === 'link' && walk.followLinks) followInto(entry, depth);
    }
  }
  function followInto(entry: { path: string; relative: string }, depth: number): void {
    const real = reader.resolve(entry.path);
    // A link to a directory above itself would never end.
    if (seen.has(real) || reader.stat(real)?.kind !== 'directory') return;
    seen.add(real);
    into(entry.path, entry.relative, depth + 1);
  }
  seen.add(reader.resolve(directory));
  into(directory, '', 0);
  return found;
}

/** `clean`: the steps that remove what nobody keeps from a directory. */
import type { Reader } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import { pathOf } from './_path.ts';
import type { Entry } from './_tree.ts';

/** Names of the states that a cleaning state requires: those that are paths are kept, with all they hold. */
export const keepProperty = {
  type: 'array',
  items: { type: 'string' },
  description:
    'Set by the engine: the names of the states that this one requires; `clean` keeps what lies at those that are paths.',
} as const;

/** The paths among the names of required states. */
export function keptPaths(names: readonly string[] | undefined, reader: Reader): string[] {
  return (names ?? []).filter((name) => name.startsWith('/')).map((name) => pathOf(name, reader));
}

export interface Kept {
  /** Kept with all they hold. */
  readonly paths: Iterable<string>;
  /** Directories that stay, while what they hold is looked at. */
  readonly folders?: Iterable<string>;
  /** Kept by their path below the directory. */
  readonly excluded?: (relative: string) => boolean;
}

/** What has to go, topmost only: removing a directory removes what it holds. Directories above what is kept stay. */
export function uncleanEntries(entries: readonly Entry[], { paths, folders, excluded }: Kept): Entry[] {
  const kept = new Set(paths);
  const above = new Set(folders);
  for (const { path, relative } of entries) if (excluded?.(relative)) kept.add(path);
  for (const path of kept) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      above.add(path.slice(0, cut));
    }
  }
  const gone: Entry[] = [];
  let settled: string | undefined;
  for (const entry of entries) {
    if (settled !== undefined && entry.path.startsWith(settled)) continue;
    settled = `${entry.path}/`;
    if (kept.has(entry.path)) continue;
    const holdsKept =
      above.has(entry.path) && (entry.stat.kind === 'directory' || entry.stat.kind === 'link');
    if (holdsKept) settled = undefined;
    else gone.push(entry);
  }
  return gone;
}

export function removeStep(path: string, what: string): Step {
  return { change: { subject: path, old: what }, effect: { kind: 'remove', path } };
}

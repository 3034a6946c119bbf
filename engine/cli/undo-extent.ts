/** How much of a run can be taken back, in words. */
import type { PathUndo, RunUndo } from '../journal/undo-read.ts';

/** "12 paths, 1 unit". */
export function extentOf({ paths, units, commands }: RunUndo): string {
  const counts = [
    [paths.size, 'path', 'paths'],
    [units.length, 'unit', 'units'],
    [commands.length, 'command', 'commands'],
  ] as const;
  const told = counts.flatMap(([count, one, more]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : more}`],
  );
  return told.join(', ') || 'nothing that can be taken back';
}

/** Sentences about what cannot. */
export function staysOf({ paths, lost }: RunUndo): string[] {
  const unable = [...paths.values()].flatMap((path) => {
    const why = reasonAgainst(path);
    return why === undefined ? [] : [`${path.label} is not put back: ${why}.`];
  });
  return [...unable, ...lost];
}

/** Why a path cannot be put back, as the end of a sentence; undefined where it can. */
export function reasonAgainst({ was, part }: PathUndo): string | undefined {
  if (was.kind === 'socket') return 'it was a socket';
  if (part === 'attributes') return undefined;
  return was.unkept ?? (was.kind === 'file' && was.hash === undefined ? 'it was not kept' : undefined);
}

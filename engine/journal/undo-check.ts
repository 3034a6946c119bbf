/** Finds what something else changed since a run left it: putting that back would undo more than the run. */
import { existsSync, readFileSync } from 'node:fs';
import type { Trace } from '../core/undo.ts';
import { hashOf, readObject } from './objects.ts';
import { isSame, look } from './trace.ts';
import { type PathUndo, readUndo, undoneRuns } from './undo-read.ts';

export interface ChangedSince {
  readonly undo: PathUndo;
  /** The run that changed it, where it was one. */
  readonly by: string | undefined;
}

/** `run`: the last that is to be taken back; those after it may have changed the same. */
export function changedSince(undoes: Iterable<PathUndo>, folder: string, run: string): ChangedSince[] {
  const changed = [...undoes].filter((undo) => isChanged(undo, folder));
  if (changed.length === 0) return [];
  const runs = undoneRuns(folder);
  const later = runs.slice(runs.indexOf(run) + 1).map((one) => readUndo(folder, one));
  return changed.map((undo) => ({
    undo,
    by: later.findLast((one) => one?.paths.has(undo.path))?.run,
  }));
}

function isChanged({ path, part, was, left, leftRecords }: PathUndo, folder: string): boolean {
  // The run was ended right there: nobody knows what it left.
  if (left === undefined) return false;
  if (typeof part === 'object') {
    const before = was.hash === undefined ? '' : readObject(folder, was.hash);
    const now = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    return [...part].some((key) => {
      const is = recordHash(now, key);
      const left = leftRecords.get(key);
      return left !== undefined && is !== left && is !== recordHash(Buffer.from(before), key);
    });
  }
  const reads = part === 'all' && (left.hash ?? was.hash) !== undefined;
  const now = look(path, reads ? 'hash' : 'leave', () => undefined);
  return !isAs(left, now, part) && !isAs(was, now, part);
}

/** Where the bytes were not read, the time of the last change speaks for them. */
function isAs(before: Trace, now: Trace, part: PathUndo['part']): boolean {
  if (part === 'attributes') return isSame({ ...now, hash: undefined }, { ...before, hash: undefined });
  if (before.kind !== 'file' || before.hash !== undefined) return isSame(now, before);
  return isSame({ ...now, hash: undefined }, before) && now.mtime === before.mtime;
}

function recordHash(file: Buffer, key: string): string | null {
  const lines = file.toString('latin1').split('\n');
  const line = lines.find((one) => one.startsWith(`${key}:`));
  return line === undefined ? null : hashOf(Buffer.from(line, 'latin1'));
}

/** `converge restore`: puts back paths as they were before a run. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Trouble } from '../../core/diagnostic.ts';
import { readHistory } from '../../journal/history.ts';
import { changedSince } from '../../journal/undo-check.ts';
import { joinedUndo, type PathUndo, type RunUndo, readUndo, undoneRuns } from '../../journal/undo-read.ts';
import type { Command } from '../arguments.ts';
import { findRun } from '../find-run.ts';
import { onCommandLine, type Streams } from '../main.ts';
import { runStates } from '../running.ts';
import { requireJournal } from '../settings.ts';
import { changedTrouble, hideSecrets, nothingKept, takingBack } from '../taking-back.ts';
import { reasonAgainst } from '../undo-extent.ts';
import { createWorld } from '../world.ts';

type RestoreCommand = Extract<Command, { verb: 'restore' }>;

export async function restoreCommand(
  { paths: words, run: name, test, force, options }: RestoreCommand,
  streams: Streams,
): Promise<number> {
  const world = await createWorld(options, streams, { treeless: true });
  const journal = requireJournal(world.settings);
  const from = name === undefined ? undefined : findRun(name, readHistory(journal));
  const paths = words.map((word) => realPlace(resolve(streams.cwd, word)));
  const order = async () => {
    const runs = undoneRuns(journal);
    const known = runs.flatMap((run) => readUndo(journal, run) ?? []);
    const since = from && known.filter(({ began }) => began >= from.began);
    const found = paths.map((path) => undoesBelow(path, since ?? fromLast(path, known)));
    const undoes = found.flat();
    hideSecrets(undoes, world, journal);
    refuse(paths, found, { from: from?.run, force });
    // Where nothing is, nothing of anybody's is lost.
    const overwritten = force ? [] : undoes.filter(({ path }) => isThere(path));
    const changed = changedSince(overwritten, journal, runs.at(-1)!);
    if (changed.length > 0) throw changedTrouble(changed, 'converge left it');
    return takingBack({ paths: undoes, units: [], commands: [] }, journal);
  };
  return runStates({ verb: 'restore', words: ['restore', ...paths], test, order }, world, streams);
}

/** Links of the folders it lies in are followed, as far as those are there; the log has paths without. */
function realPlace(path: string): string {
  if (path === '/') return path;
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return join(realPlace(dirname(path)), basename(path));
  }
}

function isIn(path: string, top: string): boolean {
  return path === top || path.startsWith(top === '/' ? top : `${top}/`);
}

/** From the last run on that replaced or removed it: before one that only made it there is nothing to go back to. */
function fromLast(path: string, runs: readonly RunUndo[]): readonly RunUndo[] {
  const last = runs.findLastIndex((run) =>
    [...run.paths.values()].some((undo) => isIn(undo.path, path) && undo.was.kind !== 'absent'),
  );
  return last === -1 ? [] : runs.slice(last);
}

/** What lay at and below a path before the first of these runs, and what the last of them left there. */
function undoesBelow(top: string, runs: readonly RunUndo[]): PathUndo[] {
  const found = new Map<string, PathUndo>();
  for (const run of runs) {
    for (const undo of run.paths.values()) {
      if (!isIn(undo.path, top) && !isMissingFolder(undo, top)) continue;
      const earlier = found.get(undo.path);
      found.set(undo.path, earlier ? joinedUndo(earlier, undo) : undo);
    }
  }
  return [...found.values()];
}

/** One on the way to it that went together with it. */
function isMissingFolder({ path, was }: PathUndo, top: string): boolean {
  return was.kind === 'directory' && isIn(top, path) && !isThere(path);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

interface Wish {
  readonly from: string | undefined;
  readonly force: boolean;
}

/** A path that cannot be restored as asked stops all of them. */
function refuse(
  paths: readonly string[],
  found: readonly (readonly PathUndo[])[],
  { from, force }: Wish,
): void {
  const diagnostics = paths.flatMap((path, index) => {
    const undoes = found[index]!;
    if (undoes.length === 0) {
      const why =
        from === undefined ? 'no run replaced or removed it' : `no run changed it since, ${from} included`;
      return [nothingKept(`There is no copy of ${path}: ${why}, as far as is still known.`)];
    }
    const own = undoes.find((undo) => undo.path === path);
    if (own?.was.kind === 'absent' && !force) {
      return [
        {
          code: 'nothing-kept' as const,
          message: `${path} was not there before run ${from}.`,
          hint: 'Remove it, or add --force to have that done.',
          origin: onCommandLine(),
        },
      ];
    }
    return undoes.flatMap((undo) => {
      const why = reasonAgainst(undo);
      return why === undefined ? [] : [nothingKept(`${undo.label} cannot be put back: ${why}.`)];
    });
  });
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
}

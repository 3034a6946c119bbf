/** The steps that put members into a directory: unpacked aside, then moved, so that each is whole wherever it is seen. */
import type { Effect, FileEffect, Settled } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Change, Step } from '../../core/state.ts';
import type { Now } from './_look.ts';
import type { Member } from './_members.ts';
import { type Ids, tarball } from './_tarball.ts';

export interface Putting {
  readonly now: Now;
  readonly change: Change;
  readonly ids: Ids;
  readonly isRoot: boolean;
}

export function putSteps(putting: Putting): Step[] {
  const { now, change, ids, isRoot } = putting;
  const { stat, workshop, leftovers } = now;
  const parents = now.missingFolders.map(
    (path): Step => ({ change: { subject: path, new: 'directory' }, effect: { kind: 'directory', path } }),
  );
  const before: Step[] = [
    ...parents,
    ...(leftovers ? [step({ kind: 'remove', path: workshop })] : []),
    step({ kind: 'directory', path: workshop, mode: 0o700 }),
    { change, effect: unpacking(putting) },
    // Nothing may be missing when the moves have reached the disk.
    step({
      kind: 'exec',
      command: { argv: ['sync', '-f', '.'], cwd: workshop, belowRoot: true },
      foreseen: true,
    }),
  ];
  const after: Step = { effect: { kind: 'remove', path: workshop }, cleanup: true };
  if (stat === undefined && now.sameDevice) return [...before, ...wholeSteps(now, ids, isRoot), after];
  return [
    ...before,
    ...(stat === undefined ? [step(directoryEffect(now, ids, isRoot))] : []),
    ...[...now.cleared, ...now.obstacles].map((path) => step({ kind: 'remove', path })),
    ...moves(now, ids, isRoot),
    after,
  ];
}

function step(effect: Effect): Step {
  return { effect };
}

function owned(ids: Ids, isRoot: boolean): { readonly user?: number; readonly group?: number } {
  return isRoot ? { user: ids.uid, group: ids.gid } : {};
}

function directoryEffect({ directory }: Now, ids: Ids, isRoot: boolean): FileEffect {
  return { kind: 'directory', path: directory, mode: 0o755, ...owned(ids, isRoot) };
}

/** The workshop itself becomes the directory. */
function wholeSteps({ directory, workshop }: Now, ids: Ids, isRoot: boolean): Step[] {
  return [
    step({ kind: 'attributes', path: workshop, mode: 0o755, ...owned(ids, isRoot) }),
    step({ kind: 'move', from: workshop, path: directory }),
  ];
}

/** A folder that is put is one that is not there yet: it is moved with all that is in it. */
function moves({ directory, workshop, sameDevice, put }: Now, ids: Ids, isRoot: boolean): Step[] {
  const steps: Step[] = [];
  const moved = new Set<string>();
  for (const { path, kind, mode } of put) {
    const isMoved = moved.has(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
    if (kind === 'directory' && sameDevice) moved.add(path);
    if (isMoved) continue;
    const to = join(directory, path);
    // A folder cannot be moved to another file system, a file can.
    if (kind === 'directory' && !sameDevice) {
      steps.push(step({ kind: 'directory', path: to, mode, ...owned(ids, isRoot) }));
    } else steps.push(step({ kind: 'move', from: join(workshop, path), path: to }));
  }
  return steps;
}

/** tar gets nothing but what was checked, written anew: neither names nor owners of the archive count any more. */
function unpacking({ now, ids, isRoot }: Putting): Effect {
  const { workshop, put } = now;
  const words = ['-x', '-p', '-f', '-', '--numeric-owner', ...(isRoot ? [] : ['--no-same-owner'])];
  return {
    kind: 'exec',
    command: { argv: ['tar', ...words], cwd: workshop, stdin: tarball(put, ids), belowRoot: true },
    settles: settled(workshop, put, ids, isRoot),
    foreseen: true,
  };
}

function settled(workshop: string, put: readonly Member[], ids: Ids, isRoot: boolean): Settled[] {
  const made = new Set(['']);
  const effects: FileEffect[] = [];
  const owner = owned(ids, isRoot);
  function folder(path: string, mode: number): void {
    if (made.has(path)) return;
    const cut = path.lastIndexOf('/');
    folder(cut === -1 ? '' : path.slice(0, cut), 0o755);
    made.add(path);
    effects.push({ kind: 'directory', path: join(workshop, path), mode, ...owner });
  }
  for (const { path, kind, mode, content, target } of put) {
    const cut = path.lastIndexOf('/');
    if (kind === 'directory') {
      folder(path, mode);
      continue;
    }
    folder(cut === -1 ? '' : path.slice(0, cut), 0o755);
    const at = join(workshop, path);
    if (kind === 'link') effects.push({ kind: 'link', path: at, target: target!, ...owner });
    else effects.push({ kind: 'write', path: at, content: content!, mode, ...owner });
  }
  return effects.map((effect) => ({ about: 'file', effect }));
}

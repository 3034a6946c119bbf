/** What was kept of a run as states that put it back, in an order in which that can be done. */
import { dirname } from 'node:path';
import type { Runnable, RunOrder } from '../core/chunk.ts';
import { type Diagnostic, Trouble } from '../core/diagnostic.ts';
import type { Sls } from '../core/sls.ts';
import type { AnyState } from '../core/state.ts';
import type { Trace } from '../core/undo.ts';
import { readFormer } from '../journal/former.ts';
import { createHeldSecrets } from '../journal/held.ts';
import { objectFile } from '../journal/objects.ts';
import { look } from '../journal/trace.ts';
import type { ChangedSince } from '../journal/undo-check.ts';
import type { CommandUndo, PathUndo, UnitUndo } from '../journal/undo-read.ts';
import { readAgain } from '../modules/undo/_again.ts';
import { commandBack } from '../modules/undo/_command.ts';
import { pathBack } from '../modules/undo/_path.ts';
import { unitBack } from '../modules/undo/_unit.ts';
import { onCommandLine } from './main.ts';
import { reasonAgainst } from './undo-extent.ts';
import type { World } from './world.ts';

export interface TakingBack {
  readonly paths: Iterable<PathUndo>;
  readonly units: readonly UnitUndo[];
  readonly commands: readonly CommandUndo[];
}

const unitFolders = /^\/(?:etc|run|usr\/lib|usr\/local\/lib|lib)\/systemd\/system\//;

/**
 * Units are taken down while their files are still there; what the run made goes, the innermost first; what it replaced
 * comes, the outermost first; then all that reads those files.
 */
export function takingBack({ paths, units, commands }: TakingBack, folder: string): RunOrder {
  const all = [...paths].filter((undo) => reasonAgainst(undo) === undefined && !isGone(undo));
  const held = createHeldSecrets(folder);
  const sorted = all.sort((one, other) => (one.path < other.path ? -1 : 1));
  const above = foldersOf(sorted.filter(({ from }) => from !== undefined));
  const isLate = ({ path, from }: PathUndo) => from !== undefined || above.has(path);
  const gone = sorted.filter(({ was }) => was.kind === 'absent').reverse();
  const back = sorted.filter(({ was, part }) => was.kind !== 'absent' && part !== 'attributes');
  const dressed = sorted.filter(({ was, part }) => was.kind !== 'absent' && part === 'attributes').reverse();
  const reads = all.some((undo) => unitFolders.test(undo.path));
  const states: Runnable[] = [];
  function add(definition: AnyState, fun: string, name: string, args: object): Runnable {
    const state = runnable(definition, fun, states.length, { ...args, name });
    states.push(state);
    return state;
  }
  const turned = [...units].reverse();
  for (const { name, enabled, active } of turned)
    add(unitBack, 'unit', name, { enabled, active, down: true });
  const placed = new Map<string, Runnable>();
  const [early, late] = [gone.filter((undo) => !isLate(undo)), gone.filter(isLate)];
  for (const undo of [...early, ...back, ...late, ...dressed]) {
    const args = pathArguments(undo, folder, held.has(undo.path));
    const state = add(pathBack, 'path', undo.label, args);
    placed.set(undo.path, state);
    // The only one of it there is goes when it is back in its place, and not before.
    const source = undo.from === undefined ? undefined : placed.get(undo.from);
    if (source) state.requisites = { require: [source] };
  }
  for (const { label, hash } of [...commands].reverse()) {
    add(commandBack, 'command', label, { object: objectFile(folder, hash), hash });
  }
  if (reads) add(readAgain, 'again', 'systemd', { verb: 'daemon-reload' });
  for (const { name, enabled, active } of units) add(unitBack, 'unit', name, { enabled, active, up: true });
  for (const { name, renewed } of units) if (renewed) add(readAgain, 'again', name, { verb: renewed });
  return { states, listenings: [] };
}

/** It came and went with the run. */
function isGone({ path, was }: PathUndo): boolean {
  return was.kind === 'absent' && look(path, 'leave', () => undefined).kind === 'absent';
}

/** All folders that these lie in. */
function foldersOf(undoes: readonly PathUndo[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of undoes) {
    for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  }
  return folders;
}

/**
 * Without the pillar, secrets are known by what earlier runs kept of them. Paths that hold one are hidden whole: which
 * part of them it is was known to the run.
 */
export function hideSecrets(undoes: Iterable<PathUndo>, { secrets }: World, folder: string): void {
  secrets.addFormer(readFormer(folder));
  for (const { path, label } of undoes) if (path !== label) secrets.add('path', path);
}

export function nothingKept(message: string): Diagnostic {
  return {
    code: 'nothing-kept',
    message,
    hint: 'converge history lists the runs.',
    origin: onCommandLine(),
  };
}

/** At most so many are told one by one. */
const listed = 20;

export function changedTrouble(changed: readonly ChangedSince[], since: string): Trouble {
  const told = changed.slice(0, listed).map(({ undo, by }): Diagnostic => {
    const who = by === undefined ? 'something else' : `run ${by}`;
    return {
      code: 'changed-since',
      message: `${undo.label} was changed since ${since}, by ${who}.`,
      hint: 'Look at it first; --force puts it back all the same.',
      origin: onCommandLine(),
    };
  });
  const more = changed.length - told.length;
  if (more > 0) {
    told.push({ code: 'changed-since', message: `So were ${more} more.`, origin: onCommandLine() });
  }
  return new Trouble(told);
}

function pathArguments({ path, was, left, part }: PathUndo, folder: string, isHeld: boolean): object {
  const { kind, mode, uid, gid, mtime, device, target, hash } = was;
  const now = look(path, 'leave', () => undefined);
  return {
    path,
    kind,
    mode,
    uid,
    gid,
    target,
    ...device,
    hash,
    ...(part === 'attributes' && isTimeOfOther(now, left) ? {} : { mtime }),
    ...(hash === undefined ? {} : { object: objectFile(folder, hash) }),
    attributes: part === 'attributes',
    ...(typeof part === 'object' ? { records: [...part] } : {}),
    texts: !isHeld && isPublic(was) && (now.kind === 'absent' || isPublic(now)) && isInPublic(path),
  };
}

/** A time that something else set: the content is newer. */
function isTimeOfOther(now: Trace, left: Trace | undefined): boolean {
  return left?.mtime !== now.mtime;
}

/** What not everybody may read may be a secret, and nobody knows any more which ones there were. */
function isPublic({ mode = 0 }: Trace): boolean {
  return (mode & 0o004) !== 0;
}

/** Whether everybody may enter the folders it lies in; of those that are missing nobody knows. */
function isInPublic(path: string): boolean {
  for (let at = dirname(path); at !== '/'; at = dirname(at)) {
    if (((look(at, 'leave', () => undefined).mode ?? 0) & 0o001) === 0) return false;
  }
  return true;
}

const nowhere: Sls = {
  name: 'undo',
  file: 'command line',
  isInit: false,
  value: new Map(),
  locate: () => onCommandLine(),
  ambiguous: () => undefined,
  trail: [],
};

function runnable(definition: AnyState, fun: string, order: number, args: Runnable['args']): Runnable {
  const { name } = args;
  const declaration = { state: 'undo', fun, args: [], sls: nowhere, path: [], index: order };
  const common = { id: name, state: 'undo', fun, name, sls: nowhere.name, order };
  return {
    chunk: { ...common, written: new Map(), declaration },
    definition,
    args,
    requisites: {},
    prerequired: [],
    conditions: {},
    shell: {},
    // What can be put back is, whatever else cannot.
    failhard: false,
    dry: false,
  };
}

/** Reads what runs replaced, and makes of it what each path, unit and command was like before. */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Note, Trace, UnitBefore } from '../core/undo.ts';
import { readObject } from './objects.ts';
import { undoFolder } from './undo-log.ts';

/** What a run did to a path, from the first touch to the last. */
export interface PathUndo {
  readonly path: string;
  /** As it may be shown. */
  readonly label: string;
  readonly was: Trace;
  /** Only owner, mode and times; only the lines with these keys; or all of it. */
  readonly part: 'all' | 'attributes' | ReadonlySet<string>;
  /** What was put there came from this path, and was the only one of it. */
  readonly from?: string;
  /** Undefined where the run was ended in the middle of it. */
  readonly left: Trace | undefined;
  /** Of records, by key: the hash of their line, null where it is gone. */
  readonly leftRecords: ReadonlyMap<string, string | null>;
}

/** What a run did to a unit: as it was before, and how it was told of new files. */
export interface UnitUndo extends UnitBefore {
  readonly renewed: 'restart' | 'reload' | undefined;
}

export interface CommandUndo {
  readonly label: string;
  /** Its object. */
  readonly hash: string;
}

/** How a run can be taken back. */
export interface RunUndo {
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly began: number;
  /** In the order in which they were first touched. */
  readonly paths: ReadonlyMap<string, PathUndo>;
  readonly units: readonly UnitUndo[];
  readonly commands: readonly CommandUndo[];
  /** Sentences about what cannot be undone. */
  readonly lost: readonly string[];
}

/** Runs of which it is known how to take them back, the oldest first. */
export function undoneRuns(folder: string): string[] {
  const at = undoFolder(folder);
  if (!existsSync(at)) return [];
  const runs = readdirSync(at)
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => name.slice(0, -'.ndjson'.length));
  const began = new Map(runs.map((run) => [run, beganAt(join(at, `${run}.ndjson`))]));
  return runs.sort((one, other) => began.get(one)! - began.get(other)! || (one < other ? -1 : 1));
}

/** Of a log without its first line: as if at the beginning of time. */
function beganAt(file: string): number {
  const head = Buffer.alloc(64);
  const fd = openSync(file, 'r');
  const length = readSync(fd, head);
  closeSync(fd);
  const told = /^\{"about":"run","began":(\d+)\}\n/.exec(head.toString('latin1', 0, length));
  return Number(told?.[1] ?? 0);
}

/** Undefined where nothing is known of it. Lines that were damaged are passed over, and told. */
export function readUndo(folder: string, run: string): RunUndo | undefined {
  const file = join(undoFolder(folder), `${run}.ndjson`);
  if (!existsSync(file)) return undefined;
  const paths = new Map<string, PathUndo>();
  const units = new Map<string, UnitUndo>();
  const commands: CommandUndo[] = [];
  const lost: string[] = [];
  let began = 0;
  const { lines, damaged } = linesIn(readFileSync(file, 'utf8'));
  for (const one of lines) {
    const { line, label } = unveiled(one, folder);
    const note = soundNote(line);
    switch (note?.about) {
      case 'run':
        began = note.began;
        break;
      case 'path':
        paths.set(note.path, withNote(paths.get(note.path), note, label ?? note.path));
        break;
      case 'left': {
        const { path } = note;
        const known = paths.get(path);
        if (!known) break;
        const leftRecords = new Map([...known.leftRecords, ...Object.entries(note.records ?? {})]);
        paths.set(path, { ...known, left: withBytes(note.now, known.left), leftRecords });
        break;
      }
      case 'unit':
        units.set(note.name, withUnit(units.get(note.name), note));
        break;
      case 'command':
        commands.push({ label: note.label, hash: note.object });
        break;
      case 'lost':
        lost.push(note.what);
    }
  }
  if (damaged > 0) {
    const many = damaged === 1 ? '1 line of the log is' : `${damaged} lines of the log are`;
    lost.push(`${many} damaged; what was told there stays as it is.`);
  }
  return { run, began, paths, units: [...units.values()], commands, lost: [...new Set(lost)] };
}

interface Lines {
  readonly lines: readonly unknown[];
  readonly damaged: number;
}

/** The last line of a run that was killed may be cut off: then it changed nothing yet. */
function linesIn(text: string): Lines {
  const lines: unknown[] = [];
  let damaged = 0;
  const all = text.split('\n');
  all.forEach((line, index) => {
    if (line === '') return;
    try {
      lines.push(JSON.parse(line));
    } catch {
      if (index < all.length - 1) damaged += 1;
    }
  });
  return { lines, damaged };
}

type Of<K extends Note['about']> = Extract<Note, { about: K }>;

const kinds = new Set(['absent', 'file', 'directory', 'link', 'fifo', 'socket', 'block', 'char']);

/** A line is only as good as the disk it comes from. */
function soundNote(found: unknown): Note | undefined {
  if (found === null || typeof found !== 'object') return undefined;
  const line = found as { readonly [key: string]: unknown };
  const isTrace = (value: unknown) =>
    typeof value === 'object' && value !== null && 'kind' in value && kinds.has(String(value.kind));
  const texts = (...keys: string[]) => keys.every((key) => typeof line[key] === 'string');
  const sound = {
    run: () => typeof line['began'] === 'number',
    path: () => texts('path') && isTrace(line['was']),
    left: () => texts('path') && isTrace(line['now']),
    unit: () => texts('name', 'verb', 'enabled', 'active'),
    command: () => texts('label', 'object'),
    lost: () => texts('what'),
  }[line['about'] as Note['about']]?.();
  return sound ? (found as Note) : undefined;
}

/** A line that holds a secret is an object: what is shown of it stands beside its hash. */
function unveiled(line: unknown, folder: string): { readonly line: unknown; readonly label?: string } {
  if (typeof line !== 'object' || line === null) return { line };
  const { note, label } = line as { readonly [key: string]: unknown };
  if (typeof note !== 'string' || typeof label !== 'string') return { line };
  const bytes = readObject(folder, note);
  if (typeof bytes !== 'string') return { line: JSON.parse(bytes.toString()), label };
  return {
    line: { about: 'lost', what: `${label} was changed, but its name holds a secret, and ${bytes}.` },
  };
}

function withNote(known: PathUndo | undefined, note: Of<'path'>, label: string): PathUndo {
  const part: PathUndo['part'] =
    note.part === undefined ? 'all' : note.part === 'attributes' ? note.part : new Set(note.part.records);
  if (!known) {
    const { path, was, from } = note;
    const source = from === undefined ? {} : { from };
    return { path, label, was, part, ...source, left: undefined, leftRecords: new Map() };
  }
  return joinedUndo(known, { ...known, was: note.was, part, left: undefined });
}

/** Of an earlier change and a later one: as it was before the first, and as the last left it. */
export function joinedUndo(earlier: PathUndo, later: PathUndo): PathUndo {
  const isKnown = earlier.was.hash !== undefined || earlier.was.unkept !== undefined;
  const { hash, unkept } = later.was;
  const bytes = isKnown
    ? {}
    : { ...(hash === undefined ? {} : { hash }), ...(unkept === undefined ? {} : { unkept }) };
  return {
    ...earlier,
    was: earlier.was.kind === 'file' ? { ...earlier.was, ...bytes } : earlier.was,
    part: joined(earlier.part, later.part),
    left: later.left,
    leftRecords: new Map([...earlier.leftRecords, ...later.leftRecords]),
  };
}

/** Of what only got another owner, mode or time the bytes were not looked at again. */
function withBytes(now: Trace, before: Trace | undefined): Trace {
  const known = before?.kind === 'file' && now.kind === 'file' && now.hash === undefined;
  return known && before.hash !== undefined ? { ...now, hash: before.hash } : now;
}

function joined(one: PathUndo['part'], other: PathUndo['part']): PathUndo['part'] {
  if (typeof one === 'object' && typeof other === 'object') return new Set([...one, ...other]);
  return one === other ? one : 'all';
}

function withUnit(known: UnitUndo | undefined, { name, verb, enabled, active }: Of<'unit'>): UnitUndo {
  const before = known ?? { name, enabled, active, renewed: undefined };
  const renewed = verb === 'restart' || verb === 'reload' ? verb : undefined;
  // A restart does what a reload does, and more.
  return { ...before, renewed: before.renewed === 'restart' ? 'restart' : (renewed ?? before.renewed) };
}

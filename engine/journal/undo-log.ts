/** Writes down what a run replaces, before it does: a line per path, unit and command, and the bytes as objects. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Keeper, type Note, Unkept } from '../core/undo.ts';
import { causeOf, makeFolder, syncPath } from './file.ts';
import { createObjects, hashOf, type Objects, objectsFolder } from './objects.ts';
import { look } from './trace.ts';

export interface UndoLogOptions {
  readonly folder: string;
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly began: number;
  /** Bytes that all copies may take. */
  readonly size: number;
  /** Runs of which it is known how to take them back. */
  readonly runs: number;
  readonly strict: boolean;
  /** A text as it may be written down. */
  readonly mask: (text: string) => string;
  readonly onTrouble: (message: string) => void;
}

export interface UndoLog extends Keeper, Disposable {}

/** Named by time, so that the oldest come first. */
export function undoFolder(folder: string): string {
  return join(folder, 'undo');
}

/** With the run, which is over, what is too much is dropped. */
export function createUndoLog(options: UndoLogOptions): UndoLog {
  const { folder, run, began, size, strict, mask, onTrouble } = options;
  let objects: Objects | undefined;
  let log: number | undefined;
  let troubled = false;
  /** Whether the last line may have been cut off. */
  let torn = false;
  let waiting = '';
  function store(): Objects {
    objects ??= createObjects(folder, size);
    return objects;
  }
  function open(): number {
    makeFolder(undoFolder(folder));
    const fd = openSync(join(undoFolder(folder), `${run}.ndjson`), 'a', 0o600);
    writeFileSync(fd, `${JSON.stringify({ about: 'run', began })}\n`);
    if (strict) syncPath(undoFolder(folder));
    return fd;
  }
  /** A line that holds a secret is kept as an object: the log says only what it may. */
  function line(note: Note): string {
    const text = JSON.stringify(note);
    if (mask(text) === text) return text;
    if (note.about === 'lost') return JSON.stringify({ ...note, what: mask(note.what) });
    const label = mask('label' in note ? note.label : 'path' in note ? note.path : note.about);
    if (note.about === 'command') return JSON.stringify({ ...note, label });
    return JSON.stringify({ about: note.about, label, note: keep(Buffer.from(text)) });
  }
  function linesOf(notes: readonly Note[]): string {
    return notes.map((note) => `${line(note)}\n`).join('');
  }
  function keep(bytes: Buffer): string {
    const hash = store().keep(bytes);
    if (hash === undefined) throw new Unkept('undo_size leaves no room for it');
    return hash;
  }
  return {
    strict,
    look: (at, bytes) => look(at, bytes, (fd) => store().keepFile(fd)),
    room: () => objects?.room() ?? size,
    keep,
    hashOf,
    write(notes) {
      const lines = waiting + linesOf(notes);
      objects?.settle();
      log ??= open();
      const before = torn ? '\n' : '';
      torn = true;
      writeFileSync(log, before + lines);
      torn = false;
      waiting = '';
      if (strict) fsyncSync(log);
    },
    add(notes) {
      waiting += linesOf(notes);
    },
    trouble(why) {
      if (!troubled) onTrouble(`Not all that this run changes can be undone: ${why.replace(/\.$/, '')}.`);
      troubled = true;
    },
    [Symbol.dispose]() {
      if (log === undefined && waiting === '') return;
      try {
        this.write([]);
        prune(options);
      } catch (error) {
        if (!troubled) onTrouble(`What this run changes cannot be noted in ${folder}: ${causeOf(error)}.`);
      } finally {
        if (log !== undefined) closeSync(log);
      }
    },
  };
}

/** The oldest runs go first, with the objects that no other run needs; the latest stays. */
function prune({ folder, size, runs }: UndoLogOptions): void {
  const sizes = sizesIn(objectsFolder(folder));
  const logs = [...sizesIn(undoFolder(folder))].sort();
  const total = [...sizes, ...logs].reduce((sum, [, one]) => sum + one, 0);
  if (total <= size && logs.length <= runs) return;
  /** From the latest run to the oldest; an object counts for the latest run that names it. */
  let bytes = 0;
  let kept = 0;
  const needed = new Set<string>();
  for (const [name, length] of logs.reverse()) {
    const at = join(undoFolder(folder), name);
    const named = kept < runs && bytes <= size ? namedIn(readFileSync(at, 'latin1')) : new Set<string>();
    bytes += length;
    for (const hash of named) if (!needed.has(hash)) bytes += sizes.get(hash) ?? 0;
    if (kept > 0 && (bytes > size || kept >= runs)) {
      rmSync(at);
      continue;
    }
    for (const hash of named) needed.add(hash);
    kept += 1;
  }
  for (const name of sizes.keys()) if (!needed.has(name)) rmSync(join(objectsFolder(folder), name));
}

function sizesIn(folder: string): Map<string, number> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(names.map((name) => [name, statSync(join(folder, name)).size]));
}

function namedIn(log: string): Set<string> {
  return new Set(log.match(/[0-9a-f]{64}/g));
}

/** What was last applied: the states that held, what they own, and what is left of states that are declared no more. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Owned } from '../core/state.ts';
import { writeText } from './file.ts';

/** Something that is owned. */
export interface Thing extends Owned {
  /** It was not there before a state of ours brought it, as far as is known. */
  readonly made?: true;
}

export interface Author {
  readonly state: string;
  readonly fun: string;
  readonly id: string;
  readonly name: string;
  readonly sls: string;
}

/** A state, as it was when it last held. */
export interface Applied extends Author {
  /** Digest of its arguments. Undefined: it did something once, and never held since. */
  readonly intent?: string;
  /** Digests of what it took from elsewhere, by digests of where that lies. */
  readonly inputs?: { readonly [source: string]: string };
  readonly owns: readonly Thing[];
  /** Milliseconds since the epoch: when it last changed something, or was first seen to hold. */
  readonly at: number;
  /** When it was corrected within the last day, oldest first. */
  readonly corrected?: readonly number[];
  /** A highstate declared it; what only `apply` named is nobody's orphan. */
  readonly top?: true;
}

/** What is left of a state that is declared no more. */
export interface Leftover extends Author {
  readonly thing: Thing;
  readonly at: number;
  /** Milliseconds since the epoch: when a run found it declared no more. */
  readonly since: number;
}

/** What is known of one tree: its file roots name it, as states of another tree are others though named alike. */
export interface TreeMemory {
  readonly roots: readonly string[];
  /** Runs that need not be written down again, because all of them is here: their digests, newest first. */
  settled: string[];
  readonly states: Map<string, Applied>;
  leftovers: Leftover[];
}

export interface Head {
  readonly roots: readonly string[];
  readonly settled: readonly string[];
  readonly leftovers: number;
}

/** Files of other versions are as good as none. */
const version = 1;
/** Trees that are remembered, the ones that were written last. */
const trees = 8;
/** What is left of states, of one tree. */
const mostLeftovers = 1000;
/** States that only `apply` named, of one tree. */
const mostApplied = 5000;

function fileIn(folder: string): string {
  return join(folder, 'applied.ndjson');
}

export function stateKey({ state, id, name }: Pick<Author, 'state' | 'id' | 'name'>): string {
  return JSON.stringify([state, id, name]);
}

export function sameTree(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((root, index) => root === other[index]);
}

/**
 * The first line alone, which is all that a run needs in which nothing changes. Undefined: there is no file;
 * `damaged`: there is one that tells nothing.
 */
export function readHead(folder: string): readonly Head[] | 'damaged' | undefined {
  let line: string;
  try {
    line = firstLine(fileIn(folder));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'damaged';
  }
  return headsIn(line) ?? 'damaged';
}

function firstLine(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(16 * 1024);
    let text = '';
    for (;;) {
      const size = readSync(fd, buffer);
      text += buffer.toString('latin1', 0, size);
      const end = text.indexOf('\n');
      if (end >= 0 || size === 0)
        return Buffer.from(end < 0 ? text : text.slice(0, end), 'latin1').toString();
    }
  } finally {
    closeSync(fd);
  }
}

function headsIn(line: string): Head[] | undefined {
  const head = parsed(line);
  if (head?.['version'] !== version || !Array.isArray(head['trees'])) return undefined;
  const found = head['trees'] as Head[];
  return found.every(
    (one) => isTexts(one?.roots) && isTexts(one.settled) && typeof one.leftovers === 'number',
  )
    ? found
    : undefined;
}

/** The file as it was last read or written, and what it holds: who is awake between runs need not read it again. */
let last: { readonly identity: string; readonly memories: TreeMemory[] } | undefined;

function identityOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${file} ${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

function keep(folder: string, memories: TreeMemory[]): TreeMemory[] {
  const identity = identityOf(fileIn(folder));
  last = identity === undefined ? undefined : { identity, memories };
  return memories;
}

/** Newest first; lines that make no sense are passed over. What is changed of it has to be written. */
export function readMemory(folder: string): TreeMemory[] {
  if (last && last.identity === identityOf(fileIn(folder))) return last.memories;
  return keep(folder, memoriesIn(folder));
}

function memoriesIn(folder: string): TreeMemory[] {
  let lines: string[];
  try {
    lines = readFileSync(fileIn(folder), 'utf8').split('\n');
  } catch {
    return [];
  }
  const memories = (headsIn(lines[0] ?? '') ?? []).map(
    ({ roots, settled }): TreeMemory => ({ roots, settled: [...settled], states: new Map(), leftovers: [] }),
  );
  for (const line of lines.slice(1)) {
    const { tree, ...entry } = parsed(line) ?? {};
    const memory = memories[tree as number];
    if (!memory || !isAuthor(entry)) continue;
    if (isApplied(entry)) memory.states.set(stateKey(entry), entry);
    else if (isLeftover(entry)) memory.leftovers.push(entry);
  }
  return memories;
}

/** Throws what the file system says. */
export function writeMemory(folder: string, memories: readonly TreeMemory[]): void {
  last = undefined;
  const kept = memories.slice(0, trees);
  const lines: object[] = [];
  for (const [tree, memory] of kept.entries()) {
    memory.leftovers = memory.leftovers.slice(-mostLeftovers);
    for (const key of excess(memory)) memory.states.delete(key);
    for (const one of memory.states.values()) lines.push({ tree, ...one });
    for (const one of memory.leftovers) lines.push({ tree, ...one });
  }
  const heads = kept.map(
    ({ roots, settled, leftovers }): Head => ({ roots, settled, leftovers: leftovers.length }),
  );
  const text = [{ version, trees: heads }, ...lines].map((one) => `${JSON.stringify(one)}\n`).join('');
  writeText(fileIn(folder), text, { lasting: false });
  keep(folder, kept);
}

function excess({ states }: TreeMemory): string[] {
  const applied = [...states].filter(([, { top }]) => !top);
  if (applied.length <= mostApplied) return [];
  applied.sort(([, one], [, other]) => one.at - other.at);
  return applied.slice(0, applied.length - mostApplied).map(([key]) => key);
}

type Line = { readonly [key: string]: unknown };

function parsed(line: string): Line | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === 'object' ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isAuthor(value: Line): value is Line & Author {
  return ['state', 'fun', 'id', 'name', 'sls'].every((key) => typeof value[key] === 'string');
}

function isApplied(value: Line & Author): value is Line & Applied {
  const { at, owns, corrected, intent, inputs } = value;
  return (
    typeof at === 'number' &&
    Array.isArray(owns) &&
    owns.every(isThing) &&
    (intent === undefined || typeof intent === 'string') &&
    (inputs === undefined || (typeof inputs === 'object' && inputs !== null)) &&
    (corrected === undefined || (Array.isArray(corrected) && corrected.every(Number.isFinite)))
  );
}

function isLeftover(value: Line & Author): value is Line & Leftover {
  return typeof value['at'] === 'number' && typeof value['since'] === 'number' && isThing(value['thing']);
}

function isThing(value: unknown): value is Thing {
  const { kind, name, absent } = (value ?? {}) as Partial<Thing>;
  if (typeof kind !== 'string' || typeof name !== 'string') return false;
  if (absent === undefined) return true;
  return typeof absent?.state === 'string' && typeof absent.args === 'object' && absent.args !== null;
}

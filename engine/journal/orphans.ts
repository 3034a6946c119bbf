/** What was declared once and is no more: found by what earlier runs owned and this one does not. */
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import type { Runnable } from '../core/chunk.ts';
import type { Orphan } from '../core/event.ts';
import type { Owned } from '../core/state.ts';
import type { Leftover, Thing, TreeMemory } from './applied.ts';
import { intentText } from './intent.ts';

const pathKinds = new Set(['file', 'directory', 'tree', 'link']);

/** Kinds that `all` does not mean: what goes with them is lost, or needed by what nobody declared. */
const precious = new Set(['user', 'group', 'package']);

export function isPath({ kind }: Pick<Owned, 'kind'>): boolean {
  return pathKinds.has(kind);
}

/** The same for a file and a link of the same path: one took the place of the other. */
export function thingKey({ kind, name }: Pick<Owned, 'kind' | 'name'>): string {
  return pathKinds.has(kind) ? `path\0${tidy(name)}` : `${kind}\0${name}`;
}

function tidy(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

export function owned({ definition, args, chunk }: Runnable): readonly Owned[] {
  return definition.owns?.(args, { id: chunk.id, sls: chunk.sls }) ?? [];
}

export interface Search {
  readonly memories: readonly TreeMemory[];
  /** The one of this tree. */
  readonly memory: TreeMemory;
  readonly declared: readonly Runnable[];
  readonly keyOf: (runnable: Runnable) => string;
  readonly now: number;
  /** With every symbolic link followed. */
  readonly resolve: (path: string) => string;
}

/** In the order in which they were applied; whether they are still there is not looked at. */
export function findLeftovers({ memories, memory, declared, keyOf, now, resolve }: Search): Leftover[] {
  const keys = new Set(declared.map(keyOf));
  // Also of states that are declared still: they may own less than they did.
  const lost: Leftover[] = [];
  for (const { state, fun, id, name, sls, at, top, owns } of memory.states.values()) {
    if (top) for (const thing of owns) lost.push({ state, fun, id, name, sls, at, since: now, thing });
  }
  const found = [...memory.leftovers, ...lost];
  if (found.length === 0) return [];
  const real = (path: string): string => posix.join(resolve(posix.dirname(tidy(path))), posix.basename(path));
  const things = declared.flatMap(owned);
  // What another tree, or an SLS that is only applied by name, answers for is not left behind.
  for (const other of memories) {
    if (other !== memory && !other.roots.every((root) => existsSync(root))) continue;
    for (const [key, { owns, top }] of other.states) {
      if (other !== memory || (!top && !keys.has(key))) things.push(...owns);
    }
  }
  const claimed = new Set(things.map(thingKey));
  const paths = new Set<string>();
  const trees: string[] = [];
  if (found.some(({ thing }) => isPath(thing))) {
    for (const one of things.filter(isPath)) {
      paths.add(real(one.name));
      if (one.kind === 'tree') trees.push(`${real(one.name)}/`);
    }
  }
  const seen = new Set<string>();
  return found.filter(({ thing }) => {
    const key = thingKey(thing);
    if (claimed.has(key) || seen.has(key)) return false;
    seen.add(key);
    if (!isPath(thing)) return true;
    const path = real(thing.name);
    return !paths.has(path) && !trees.some((tree) => path.startsWith(tree));
  });
}

/** Forgets states that are declared no more; `left` is what they leave. Whether that changed anything. */
export function keepLeftovers(
  memory: TreeMemory,
  declared: ReadonlySet<string>,
  left: readonly Leftover[],
): boolean {
  const lost = [...memory.states].filter(([key, { top }]) => top && !declared.has(key));
  for (const [key] of lost) memory.states.delete(key);
  const before = memory.leftovers.map(({ thing }) => thingKey(thing)).join('\n');
  memory.leftovers = [...left];
  return lost.length > 0 || left.map(({ thing }) => thingKey(thing)).join('\n') !== before;
}

/** Whether things of this kind are to be removed. */
export function isWanted({ kind }: Pick<Owned, 'kind'>, prune: readonly string[]): boolean {
  return prune.includes(kind) || (prune.includes('all') && !precious.has(kind));
}

/** Whether it is ours, and there is a state that removes it. */
export function isRemovable({ absent, made }: Thing): boolean {
  return absent !== undefined && made === true;
}

/** Why something must not be removed though nobody declares it any more; undefined: nothing speaks against it. */
export function staysBecause({ thing }: Leftover, declared: readonly Runnable[]): string | undefined {
  if (!thing.absent) return 'no state removes such things';
  if (!thing.made) return 'it was there before';
  if (!isPath(thing) && !precious.has(thing.kind)) return undefined;
  const mention = new RegExp(`(?<![\\w.-])${escaped(tidy(thing.name))}(?![\\w-]|\\.\\w)`);
  const other = declared.find((runnable) => mention.test(intentText(runnable)));
  return other && `${other.chunk.state}.${other.chunk.fun} of ID "${other.chunk.id}" names it`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Cron and units before files, files before the directories they lie in, accounts last. */
export function removalOrder(one: Leftover, other: Leftover): number {
  return rankOf(one) - rankOf(other) || depthOf(other) - depthOf(one);
}

const ranks: { readonly [kind: string]: number } = {
  file: 1,
  link: 1,
  directory: 2,
  tree: 2,
  package: 3,
  user: 4,
  group: 5,
};

function rankOf({ thing: { kind } }: Leftover): number {
  return ranks[kind] ?? 0;
}

function depthOf({ thing }: Leftover): number {
  return isPath(thing) ? tidy(thing.name).split('/').length : 0;
}

export function orphanOf({ thing, state, fun, id, sls, since }: Leftover, stays?: string): Orphan {
  const { kind, name } = thing;
  return { kind, name, state: `${state}.${fun}`, id, sls, since, ...(stays !== undefined && { stays }) };
}

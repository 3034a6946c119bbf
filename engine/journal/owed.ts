/** The ledger of owed reactions: a small file that is replaced as a whole whenever a debt is made or paid. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity, Ledger, Way } from '../core/owed.ts';
import { readState, unwritable, writeState } from './file.ts';

/** One reaction that is owed, with all it has to react to. */
export interface Owed {
  readonly debtor: Identity;
  readonly way: Way;
  readonly sources: readonly Identity[];
  /** Milliseconds since the epoch: when the first of them was about to change. */
  readonly since: number;
  readonly run: string;
  /** The file roots of that run: states of another tree are others, though they may be named alike. */
  readonly tree: readonly string[];
}

interface Entry extends Owed {
  readonly sources: Identity[];
}

export interface OwedLedger extends Ledger {
  list(): readonly Owed[];
}

export interface LedgerOptions {
  readonly folder: string;
  /** The present run. */
  readonly run: string;
  /** Its file roots. */
  readonly tree: readonly string[];
  readonly now: () => number;
  /** The name of a state, as it may be kept: a command may have a secret in its name. */
  readonly mask?: (text: string) => string;
  /** A ledger that cannot be written stops nothing: told once. */
  readonly onTrouble: (message: string) => void;
}

/** What earlier runs owe, for those who only want to know. */
export function readLedger(
  folder: string,
  tree: readonly string[],
  mask?: (text: string) => string,
): OwedLedger {
  return createLedger({ folder, run: '', tree, now: Date.now, ...(mask && { mask }), onTrouble: () => {} });
}

export function createLedger({
  folder,
  run,
  tree,
  now,
  mask = (text) => text,
  onTrouble,
}: LedgerOptions): OwedLedger {
  const file = join(folder, 'owed.json');
  function keyOf({ state, id, name }: Identity, way: Way, roots = tree): string {
    return JSON.stringify([roots, way, state, id, name]);
  }
  const entries = new Map<string, Entry>();
  for (const entry of readState<Entry[]>(file, isEntries) ?? []) {
    // Nobody will ever pay for a tree that is gone.
    if (entry.tree.every((root) => existsSync(root)))
      entries.set(keyOf(entry.debtor, entry.way, entry.tree), entry);
  }
  function known({ id, state, fun, name, sls }: Identity): Identity {
    return { id: mask(id), state, fun, name: mask(name), sls };
  }
  let troubled = false;
  function save(): void {
    try {
      writeState(file, [...entries.values()], { lasting: true });
    } catch (error) {
      if (!troubled) onTrouble(unwritable(folder, error));
      troubled = true;
    }
  }
  return {
    reason(debtor, way) {
      const entry = entries.size === 0 ? undefined : entries.get(keyOf(known(debtor), way));
      // What this run itself is about to change is told by the requisites.
      if (entry === undefined || entry.run === run) return undefined;
      const names = entry.sources.map(({ state, name }) => `${state} ${name}`);
      return `Owed since ${new Date(entry.since).toISOString()}: ${names.join(', ')} changed then, and this did not follow.`;
    },
    owe(debts) {
      let fresh = false;
      for (const { way, ...ends } of debts) {
        const debtor = known(ends.debtor);
        const source = known(ends.source);
        const entry = entries.get(keyOf(debtor, way));
        if (!entry) {
          entries.set(keyOf(debtor, way), { debtor, way, sources: [source], since: now(), run, tree });
          fresh = true;
        } else if (!entry.sources.some((one) => same(one, source))) entry.sources.push(source);
      }
      // One more source of a debt that is noted already need not be kept: the debt is.
      if (fresh) save();
    },
    withdraw(debts) {
      let gone = false;
      for (const { debtor, way, source } of debts) {
        const key = keyOf(known(debtor), way);
        const entry = entries.get(key);
        if (entry?.run !== run) continue;
        const left = entry.sources.filter((one) => !same(one, known(source)));
        entry.sources.splice(0, entry.sources.length, ...left);
        if (left.length === 0) gone = entries.delete(key);
      }
      if (gone) save();
    },
    pay(debtor, way) {
      if (entries.size === 0) return;
      if (entries.delete(keyOf(known(debtor), way))) save();
    },
    list: () => [...entries.values()],
  };
}

function same(one: Identity, other: Identity): boolean {
  return one.state === other.state && one.id === other.id && one.name === other.name;
}

function isEntries(value: unknown): value is Entry[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        one &&
        typeof one === 'object' &&
        'debtor' in one &&
        Array.isArray(one.sources) &&
        Array.isArray(one.tree),
    )
  );
}

/** Which states looked at what, so that whoever hears of it knows whom it concerns. */
import type { Runnable } from '../core/chunk.ts';
import type { Notice } from '../core/watch.ts';
import type { Looked, OnLook } from '../host/looks.ts';

export class Looks {
  readonly #states = new Map<string, Set<Runnable>>();
  readonly #seen = new Map<Runnable, ReadonlySet<string>>();
  #present: { readonly runnable: Runnable; readonly seen: Set<string> } | undefined;
  #paths: ReadonlySet<string> | undefined;
  #units: ReadonlySet<string> | undefined;

  /** The state whose turn it is: what it looks at takes the place of what it looked at before. */
  begin(runnable: Runnable | undefined): void {
    this.#present = runnable && { runnable, seen: new Set() };
  }

  readonly note: OnLook = (kind, name) => {
    this.#present?.seen.add(keyOf(kind, name));
  };

  end(): void {
    if (!this.#present) return;
    const { runnable, seen } = this.#present;
    this.#present = undefined;
    this.#replace(runnable, seen);
  }

  /** Of states that are compiled anew, and are the same. */
  carry(pairs: Iterable<readonly [former: Runnable, present: Runnable]>): Looks {
    const next = new Looks();
    for (const [former, present] of pairs) {
      const seen = this.#seen.get(former);
      if (seen) next.#replace(present, seen);
    }
    return next;
  }

  /** States that looked at what the notice names. */
  *of({ beacon, name }: Notice): Generator<Runnable> {
    switch (beacon) {
      case 'files':
      case 'cert':
        yield* this.#states.get(keyOf('path', name)) ?? [];
        return;
      case 'service':
        yield* this.#states.get(keyOf('unit', name)) ?? [];
        return;
      case 'network':
        yield* this.#states.get(keyOf('program', 'ip')) ?? [];
        return;
    }
  }

  /** States that took something from the tree, grains or the pillar when they looked. */
  ofTree(): Iterable<Runnable> {
    return this.#states.get(keyOf('tree', '')) ?? [];
  }

  /** The same object as long as nothing has changed. */
  paths(): ReadonlySet<string> {
    this.#paths ??= this.#names('path');
    return this.#paths;
  }

  units(): ReadonlySet<string> {
    this.#units ??= this.#names('unit');
    return this.#units;
  }

  #names(kind: Looked): ReadonlySet<string> {
    const prefix = keyOf(kind, '');
    const keys = [...this.#states.keys()].filter((key) => key.startsWith(prefix));
    return new Set(keys.map((key) => key.slice(prefix.length)));
  }

  #replace(runnable: Runnable, seen: ReadonlySet<string>): void {
    const before = this.#seen.get(runnable);
    if (before && before.size === seen.size && [...seen].every((key) => before.has(key))) return;
    for (const key of before ?? []) {
      const states = this.#states.get(key)!;
      states.delete(runnable);
      if (states.size === 0) this.#states.delete(key);
    }
    this.#seen.set(runnable, seen);
    for (const key of seen) {
      const states = this.#states.get(key) ?? new Set();
      this.#states.set(key, states.add(runnable));
    }
    this.#paths = undefined;
    this.#units = undefined;
  }
}

function keyOf(kind: Looked, name: string): string {
  return `${kind} ${name}`;
}

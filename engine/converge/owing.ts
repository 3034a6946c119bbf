/** Keeps account of reactions: owed before something is changed, paid when they took place, maybe by a later run. */
import type { RequisiteKind, Runnable, RunOrder } from '../core/chunk.ts';
import type { Debt, Ledger, Way } from '../core/owed.ts';

/** Requisites by which one state makes another do something. */
const ways: { readonly [kind in RequisiteKind]?: Way } = {
  watch: 'watch',
  watch_any: 'watch',
  onchanges: 'onchanges',
  onchanges_any: 'onchanges',
};

interface Reaction {
  readonly debtor: Runnable;
  readonly way: Way;
}

export class Owing {
  readonly #order: RunOrder;
  readonly #ledger: Ledger;
  #reactions: Map<Runnable, Reaction[]> | undefined;
  /** States that were about to change something, with the debts noted for it. */
  readonly #noted = new Map<Runnable, readonly Debt[]>();

  constructor(order: RunOrder, ledger: Ledger) {
    this.#order = order;
    this.#ledger = ledger;
  }

  /** Why it has to react though nothing it watches changes in this run; undefined: it owes nothing. */
  reason({ chunk }: Runnable, way: Way): string | undefined {
    return this.#ledger.reason(chunk, way);
  }

  /** Before the first effect of a state: whatever happens from here on, what depends on it is not forgotten. */
  note(source: Runnable, effects: number): void {
    if (this.#noted.has(source)) return;
    this.#reactions ??= reactionsOf(this.#order);
    const reactions = [...(this.#reactions.get(source) ?? [])];
    // It may be cut off between its own effects: the file of the unit is written, and the restart is to come.
    if (effects > 1 && source.definition.react) reactions.push({ debtor: source, way: 'watch' });
    const debts = reactions.map(({ debtor, way }) => ({
      debtor: debtor.chunk,
      way,
      source: source.chunk,
    }));
    this.#noted.set(source, debts);
    if (debts.length > 0) this.#ledger.owe(debts);
  }

  /**
   * The turn of a state is over: what it owed is paid unless it failed, and nobody owes it for nothing. Where it reacted,
   * others that answer for the same thing (a service, under another ID) need not do that again.
   */
  conclude(
    runnable: Runnable,
    { failed, moved, reacted }: { failed: boolean; moved: boolean; reacted: boolean },
  ): void {
    const debts = this.#noted.get(runnable) ?? [];
    if (!moved && debts.length > 0) this.#ledger.withdraw(debts);
    if (failed) return;
    for (const way of ['watch', 'onchanges'] as const) this.#ledger.pay(runnable.chunk, way);
    const { definition, args } = runnable;
    if (!reacted || !moved || !definition.owns) return;
    for (const other of this.#order.states)
      if (other.definition === definition && other.args.name === args.name)
        this.#ledger.pay(other.chunk, 'watch');
  }

  heard(listener: Runnable): void {
    this.#ledger.pay(listener.chunk, 'listen');
  }
}

function reactionsOf({ states, listenings }: RunOrder): Map<Runnable, Reaction[]> {
  const found = new Map<Runnable, Reaction[]>();
  function add(source: Runnable, reaction: Reaction): void {
    const list = found.get(source);
    if (list) list.push(reaction);
    else found.set(source, [reaction]);
  }
  for (const debtor of states) {
    for (const kind in debtor.requisites) {
      const way = ways[kind as RequisiteKind];
      if (way) for (const source of debtor.requisites[kind as RequisiteKind]!) add(source, { debtor, way });
    }
  }
  for (const { listener, source } of listenings) add(source, { debtor: listener, way: 'listen' });
  return found;
}

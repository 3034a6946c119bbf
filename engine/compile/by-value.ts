/** Finds declarations by the values of their arguments, which Salt takes for names where no ID fits. */
import type { Argument, High, StateDeclaration } from '../core/high.ts';

export interface Holder {
  readonly id: string;
  readonly declaration: StateDeclaration;
}

/** Made at the first question, since most trees never ask. */
export class ByValue {
  readonly #high: High;
  #holders: Map<string, Set<Holder>> | undefined;
  readonly #known = new Map<StateDeclaration, Holder>();

  constructor(high: High) {
    this.#high = high;
  }

  /** Declarations that have, or once had, an argument of this value; in the order they were declared. */
  holders(value: string): readonly Holder[] {
    if (!this.#holders) {
      this.#holders = new Map();
      for (const { id, states } of this.#high.values())
        for (const declaration of states.values()) this.add(id, declaration, declaration.args);
    }
    return [...(this.#holders.get(value) ?? [])];
  }

  /** An extension gave a declaration further arguments. */
  add(id: string, declaration: StateDeclaration, args: readonly Argument[]): void {
    if (!this.#holders) return;
    for (const { value } of args) {
      if (typeof value !== 'string') continue;
      let holder = this.#known.get(declaration);
      if (!holder) {
        holder = { id, declaration };
        this.#known.set(declaration, holder);
      }
      const known = this.#holders.get(value);
      if (known) known.add(holder);
      else this.#holders.set(value, new Set([holder]));
    }
  }
}

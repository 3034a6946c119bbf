/** What a node makes of what the others tell it. */
import type { CouchNode } from './cluster.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { type Hello, type Items, settingsOf, takeSettings, type Welcome } from './messages.ts';

export interface Listener {
  readonly node: CouchNode;
  readonly ledger: Ledger;
  readonly journal: Journal | undefined;
  /** Of this process; what was heard in another one says nothing. */
  readonly life: string;
  /** Another node, as it is known here. */
  readonly shadow: (name: string) => CouchNode;
  /** Somebody is there that was not. */
  readonly onCall: () => void;
  /** Has another node, which is there, counted as such. */
  readonly meet: (name: string) => Promise<void>;
  /** Does what another node was asked for. */
  readonly perform: (told: never) => Promise<unknown>;
}

export class Hearing {
  readonly #is: Listener;
  /** How much of the logs of others, by their lives. */
  readonly #heard = new Map<string, number>();

  constructor(is: Listener) {
    this.#is = is;
  }

  heardOf(life: string): number {
    return this.#heard.get(life) ?? 0;
  }

  async hear(what: string, told: never): Promise<unknown> {
    const { from } = told as { from: string };
    if (what === 'hello') return this.#welcome(told);
    if (!isMember(this.#is.node, from)) throw new Error(`${from} is no member.`);
    if (what === 'offer') {
      const { offers } = told as { offers: [string, string][] };
      return offers.filter(([key, digest]) => this.#is.ledger.digest(key) !== digest).map(([key]) => key);
    }
    if (what === 'items') return this.#take(told);
    // Else this one would say that it is alone.
    await this.#is.meet(from);
    return await this.#is.perform(told);
  }

  #welcome({ from, life, members }: Hello): Welcome {
    const { node, ledger } = this.#is;
    const own = node.common.members.get(from);
    // Whoever names this one as a seed, and has the cookie, is a member.
    if (own === undefined || own % 2 === 1) this.learn(members);
    const isOne = isMember(node, from);
    if (isOne && !this.#is.shadow(from).alive) setTimeout(this.#is.onCall, 0);
    return {
      isMember: isOne,
      members: isOne ? [...node.common.members] : [],
      life: this.#is.life,
      length: ledger.length,
      heard: this.heardOf(life),
      settings: isOne ? settingsOf(node) : {},
    };
  }

  #take({ from, items, settings, upTo, life }: Items): true {
    for (const [key, item] of items) this.#is.ledger.merge(key, item);
    keep(this.#is);
    if (settings) takeSettings(this.#is.shadow(from), settings);
    if (upTo !== undefined && life !== undefined) this.#heard.set(life, upTo);
    return true;
  }

  learn(members: Hello['members']): void {
    for (const [name, revision] of members) this.#is.ledger.merge(`member ${name}`, { revision });
    keep(this.#is);
  }
}

export function isMember({ common }: CouchNode, name: string): boolean {
  return (common.members.get(name) ?? 0) % 2 === 1;
}

/** What was touched, which is on disk now. */
export function keep({ ledger, journal }: Pick<Listener, 'ledger' | 'journal'>): string[] {
  const keys = ledger.taken();
  journal?.write(keys);
  return keys;
}

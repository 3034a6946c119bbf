/** Reactions that one run owes and a later one may pay: a restart that a crash, a failure or a reboot prevented. */

/** The state by which a reaction is found again in the next run. */
export interface Identity {
  readonly id: string;
  readonly state: string;
  readonly fun: string;
  readonly name: string;
  readonly sls: string;
}

export type Way = 'watch' | 'onchanges' | 'listen';

export interface Debt {
  /** The state that has to react. */
  readonly debtor: Identity;
  readonly way: Way;
  /** The state whose change it has to react to. */
  readonly source: Identity;
}

/** What is owed, kept beyond the run. */
export interface Ledger {
  /** A sentence for the report: what it has to react to, and since when. Undefined: it owes nothing. */
  reason(debtor: Identity, way: Way): string | undefined;
  /** Lasting when it returns, even if the power fails right afterwards. */
  owe(debts: readonly Debt[]): void;
  /** Their sources changed nothing after all. */
  withdraw(debts: readonly Debt[]): void;
  /** The reaction took place. */
  pay(debtor: Identity, way: Way): void;
}

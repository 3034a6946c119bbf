/** The contract of a beacon: settings with a schema, and something that watches until it is stopped. */
import type { Command, Outcome, Reached, Target } from '../core/host.ts';
import type { ArgumentsOf, Properties } from '../core/schema.ts';
import type { Clock, Targets } from '../core/watch.ts';

/** What beacons ask of the machine. */
export interface Machine {
  /** Starts a program that runs on, and hands over each line that it prints; `end` is told once, unless it is disposed of. */
  follow(argv: readonly string[], on: Following): Disposable;
  /** Never rejects; ends the command after its `timeout`. */
  run(command: Command): Promise<Outcome>;
  /** Asks once, and waits so many seconds at most. Never rejects. */
  reach(target: Target, timeout: number): Promise<Reached>;
  /** Undefined where there is no file that can be read. */
  content(path: string): Buffer | undefined;
  /** Asks the DNS for services that runs asked for, and names those with other members than the last run had. Never rejects. */
  changedServices(): Promise<readonly string[]>;
  /** Tells the names of units of systemd whose state changes. `end` is told once, unless it is disposed of. */
  unitSignals(on: UnitListening): Disposable;
}

export interface Following {
  line(text: string): void;
  end(reason: string): void;
}

export interface UnitListening {
  /** By every name that it has. */
  unit(name: string): void;
  /** Any of them may have changed. Also told once it can hear. */
  all(): void;
  end(reason: string): void;
}

export interface Means {
  readonly clock: Clock;
  readonly machine: Machine;
  /** Something of this name may have changed. */
  notify(name: string): void;
  /** Says it in the log. */
  warn(message: string): void;
  /** Of this node: what is to be spread over nodes is spread by it, not by chance. */
  readonly id: string;
}

/** One that is on. */
export interface Beacon extends Disposable {
  /** What runs looked at, now and whenever that changes. */
  aim?(targets: Targets): void;
  /** Looks now instead of when it is due; for `converge watch --once`. */
  look?(): Promise<void>;
  /** One line for `converge status`: "2 checks, web is down". */
  tell(): string;
}

export interface BeaconDefinition<P extends Properties = Properties, R extends string = string> {
  /** One sentence fragment: "files that states look at, and the tree". */
  readonly summary: string;
  /** Further paragraphs for the docs (Markdown). */
  readonly description?: string;
  /** JSON Schema of its settings, all described. */
  readonly properties: P;
  readonly required?: readonly R[];
  /** The user names entries (`health: {web: {…}}`), each with these settings; each is started as a beacon of its own. */
  readonly named?: true;
  /** It is on unless the pillar says `false`; with names: these entries are there unless the pillar says otherwise. */
  readonly standard: boolean | { readonly [name: string]: ArgumentsOf<P, R> };
  /** What its notices lead to unless the reactor says otherwise. */
  readonly reaction: 'affected' | 'highstate';
  /** `name`: of the entry, where entries are named. */
  readonly start: (settings: ArgumentsOf<P, R>, means: Means, name: string) => Beacon;
}

/** Gives a definition its types. */
export function defineBeacon<const P extends Properties, const R extends string = never>(
  definition: BeaconDefinition<P, R>,
): BeaconDefinition<P, R> {
  return definition;
}

/** One of which only the contract matters. */
// biome-ignore lint/suspicious/noExplicitAny: settings were checked against the schema before any beacon sees them
export type AnyBeacon = BeaconDefinition<any, any>;

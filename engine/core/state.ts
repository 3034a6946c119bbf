/** The contract of a state: a schema, what to read, and a pure plan of the steps that close the difference. */
import type { Place as SourcePlace } from './diagnostic.ts';
import type { Effect, Need, Outcome, Reader } from './host.ts';
import type { ArgumentsOf, Properties } from './schema.ts';
import type { Plain } from './value.ts';

/**
 * One named difference between the host and the description, for the report and the JSON `changes`.
 * `subject` is what differs in the user's words: `mode`, `user`, `content`, a path, a package name.
 * With `text`, old and new are whole texts, shown as a unified diff; undefined means "not there".
 */
export interface Change {
  readonly subject: string;
  readonly old?: unknown;
  readonly new?: unknown;
  readonly text?: boolean;
}

/** One difference and the one effect that closes it. */
export interface Step {
  /** Left out where the difference is only known once the effect was performed (`cmd.run`). */
  readonly change?: Change;
  /** Further differences that the same effect closes: one command that installs several packages. */
  readonly also?: readonly Change[];
  readonly effect: Effect;
  /** Where in the user's source a line of the written content came from; for what a validator complains about. */
  readonly locate?: (line: number) => SourcePlace | undefined;
  /** Takes away what the state only needed for itself, so it is done after a failure too. */
  readonly cleanup?: true;
}

/** The state cannot be reached from here: why, in one sentence, and what the user can do about it. */
export interface Refusal {
  readonly refused: string;
  readonly hint?: string;
  /** Nothing that an earlier state does to the host could help: a failure in a dry run too. */
  readonly certain?: boolean;
  /** What it would have changed; told with the failure. */
  readonly wanted?: readonly Change[];
}

/** What a plan may add to its steps: a comment for the report, shown instead of the standard sentence. */
export interface Planned {
  readonly steps: readonly Step[];
  readonly comment?: string;
  /** Said on stderr and in the report whatever becomes of the steps. */
  readonly warnings?: readonly string[];
}

/** No steps: the host already matches. */
export type Plan = readonly Step[] | Planned | Refusal;

/** What a command's output says of itself. */
export interface Verdict {
  readonly failed?: boolean;
  readonly comment?: string;
  /** Replaces the standard changes (pid, retcode, stdout, stderr); empty: nothing changed. */
  readonly changes?: { readonly [subject: string]: unknown };
}

/** An SLS snippet that compiles and dry-runs in the tests and is printed in the docs. */
export interface Example {
  /** What the snippet shows, as a sentence fragment: "a file from a template". */
  readonly title: string;
  readonly sls: string;
  /** Files of the file roots that the snippet refers to: path → text. */
  readonly files?: { readonly [path: string]: string };
  readonly pillar?: { readonly [key: string]: unknown };
}

/** What every state receives beside its own arguments. */
export interface Common {
  /** The `name` argument, or the ID where there is none. */
  readonly name: string;
}

/** What the engine tells a state about where it was declared; for backups, stamps and `{{ sls }}` in templates. */
export interface Place {
  readonly id: string;
  readonly sls: string;
}

/** Something on the host that a state answers for, found again by kind and name. */
export interface Owned {
  /** `file`, `directory`, `link`, `unit`, `cron`, `user`, `group`, `package`, `firewall`… */
  readonly kind: string;
  /** A path, or the name of a unit, a user… */
  readonly name: string;
  /** The state that removes it. Undefined: it is never removed for not being declared any more. */
  readonly absent?: {
    /** `file.absent`. */
    readonly state: string;
    readonly args: { readonly [name: string]: Plain };
  };
}

export interface StateDefinition<
  P extends Properties = Properties,
  R extends string = string,
  Now = unknown,
> {
  /** One present-tense sentence without full stop, true when the state holds: "the file has this content". */
  readonly summary: string;
  /** Further paragraphs for the docs page (Markdown). */
  readonly description?: string;
  /** JSON Schema of each argument, all described. `name` need not be listed unless described specially. */
  readonly properties: P;
  readonly required?: readonly R[];
  readonly examples: readonly Example[];
  /** What `read` will ask of the host, so that all states of a run are served by one batched look. */
  readonly needs?: (args: ArgumentsOf<P, R> & Common) => readonly Need[];
  /**
   * All that `plan` needs. Looks only. Must succeed on an empty host: absence is a value.
   * May be synchronous (and should be, where files tell all: awaiting costs time on a converged host).
   */
  readonly read: (args: ArgumentsOf<P, R> & Common, reader: Reader, place: Place) => Now | Promise<Now>;
  /** Pure and synchronous. */
  readonly plan: (args: ArgumentsOf<P, R> & Common, now: Now) => Plan;
  /**
   * What to do when something watched changed (Salt: mod_watch). `taken` are the steps the state itself just
   * took. Salt: a state that changed something itself does not react too, so most return [] unless
   * `taken` is empty; a service restarts unless `taken` already started it.
   */
  readonly react?: (args: ArgumentsOf<P, R> & Common, now: Now, taken: readonly Step[]) => Plan;
  /** Reads the outcome of an exec effect, where more than its exit status counts (`stateful` commands). */
  readonly judge?: (args: ArgumentsOf<P, R> & Common, outcome: Outcome) => Verdict;
  /** What it answers for while it is declared; with it, things that are declared no more are found. Pure. */
  readonly owns?: (args: ArgumentsOf<P, R> & Common, place: Place) => readonly Owned[];
  /** Several states of this kind can be done in one batch: one transaction of a package manager. */
  readonly aggregate?: {
    /** States with the same key can be joined; undefined: this one stays alone. */
    readonly key: (args: ArgumentsOf<P, R> & Common) => string | undefined;
    /** Arguments that ask for what all of these (two or more, of one key) ask for. */
    readonly join: (all: readonly (ArgumentsOf<P, R> & Common)[]) => ArgumentsOf<P, R> & Common;
  };
  /** Accepts any argument beside its own (`test.nop`). */
  readonly anyArguments?: true;
  /** Cannot see its own result (`cmd.run`), so it is not planned a second time to prove it. */
  readonly repeats?: true;
  /** Has something to do from time to time though nothing drifted: a certificate has to be renewed. */
  readonly renews?: true;
  /** Uses the conditions itself instead of the engine: `check_cmd` of file.managed validates before writing. */
  readonly ownChecks?: true;
}

/** Gives a definition its types: arguments from the schema, `now` from `read`. */
export function defineState<const P extends Properties, const R extends string = never, Now = unknown>(
  definition: StateDefinition<P, R, Now>,
): StateDefinition<P, R, Now> {
  return definition;
}

/** A state of which only the contract matters, as the engine holds it. */
// biome-ignore lint/suspicious/noExplicitAny: arguments were checked against the schema before any state sees them
export type AnyState = StateDefinition<any, any, any>;

export function isRefusal(plan: Plan): plan is Refusal {
  return 'refused' in plan;
}

/** The steps of a plan that is not a refusal. */
export function stepsOf(plan: readonly Step[] | Planned): readonly Step[] {
  return 'steps' in plan ? plan.steps : plan;
}

/** Everything that can happen in a run. Reporters switch over this union exhaustively. */
import type { Diagnostic } from './diagnostic.ts';
import type { Effect, Outcome } from './host.ts';
import type { Change } from './state.ts';
import type { Plain } from './value.ts';

/** What a state came to. `unknown`: a dry run cannot tell before something earlier is applied. */
export type Verdict = 'unchanged' | 'changed' | 'would-change' | 'unknown' | 'failed' | 'skipped';

/** The result of one state of a run. */
export interface ChunkResult {
  /** Place in the run, from 0. */
  readonly run_num: number;
  readonly id: string;
  readonly sls: string;
  readonly state: string;
  readonly fun: string;
  readonly name: string;
  /** Salt: true: holds; false: failed; null: would change (dry run). */
  readonly result: boolean | null;
  readonly verdict: Verdict;
  /** Salt's `changes`: subject → {old, new}, {diff} or what a command reported. */
  readonly changes: { readonly [subject: string]: Plain };
  /** The same as data for reports, in the order they were made. */
  readonly differences: readonly Change[];
  readonly comment: string;
  readonly warnings: readonly string[];
  /** It held by itself, and did only what something it watches or listens to called for. */
  readonly reaction?: true;
  /** Undefined where nothing changed, and where nothing is remembered. */
  readonly motive?: Motive;
  readonly flapping?: Flapping;
  /** Where in the user's files the failure comes from. */
  readonly diagnostics: readonly Diagnostic[];
  /** Local time as ISO 8601 with offset. */
  readonly started: string;
  readonly duration_ms: number;
}

/**
 * Why a state changed something. `first`: it was never applied here before; `intended`: its arguments, or what they
 * refer to, are others than when it last held; `corrective`: they are the same, so the host has drifted.
 */
export type Motive = 'first' | 'intended' | 'corrective';

/** A state that is corrected again and again: something else keeps changing what it changes back. */
export interface Flapping {
  /** Corrections within the last day, this one included. */
  readonly times: number;
  /** Sentences about who it may be. */
  readonly suspects: readonly string[];
}

/** Something that was declared once and is no more, and is still on the host. */
export interface Orphan {
  readonly kind: string;
  readonly name: string;
  /** The state that made it. */
  readonly state: string;
  readonly id: string;
  readonly sls: string;
  /** Milliseconds since the epoch: when a run found it declared no more. */
  readonly since: number;
  /** Why it stays although its kind is to be removed. */
  readonly stays?: string;
}

export interface Summary {
  readonly total: number;
  readonly unchanged: number;
  readonly changed: number;
  /** Includes `unknown`. */
  readonly would_change: number;
  readonly unknown: number;
  readonly failed: number;
  readonly skipped: number;
  /** Changed or would change only because the host had drifted; 0 is left out. */
  readonly corrected?: number;
  /** What earlier runs made, and no state declares any more; none is left out. */
  readonly orphans?: readonly Orphan[];
  /** States that never had their turn: the run was stopped, by `failhard` or from outside. */
  readonly not_tried: number;
  /** What stopped the run from outside: the name of a signal, or `timeout`. */
  readonly stopped_by?: string;
  readonly duration_ms: number;
}

export type Event =
  /** The order is known; the walk begins. `dry`: nothing will be touched. */
  | { readonly kind: 'run-started'; readonly total: number; readonly dry: boolean }
  | {
      readonly kind: 'state-started';
      readonly run_num: number;
      readonly id: string;
      readonly state: string;
      readonly fun: string;
      readonly name: string;
    }
  /** A process was started, for an effect, a look or a guard. */
  | { readonly kind: 'process-started'; readonly argv: readonly string[]; readonly pid: number }
  | {
      readonly kind: 'effect-performed';
      readonly effect: Effect;
      readonly became: string;
      readonly outcome?: Outcome;
    }
  /** A failing state is tried again. `seconds` until then. */
  | {
      readonly kind: 'retrying';
      readonly id: string;
      readonly attempt: number;
      readonly of: number;
      readonly seconds: number;
    }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'state-finished'; readonly result: ChunkResult }
  | { readonly kind: 'run-finished'; readonly summary: Summary };

export type Emit = (event: Event) => void;

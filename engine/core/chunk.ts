/** A low chunk: one state of the run, with its place in the order and what it waits for. */
import type { Confirmation } from './confirm.ts';
import type { Argument, StateDeclaration } from './high.ts';
import type { Sls } from './sls.ts';
import type { AnyState } from './state.ts';
import type { Dict, Plain } from './value.ts';

/** The requisites that decide, when a state's turn comes, whether and how it runs. */
export const requisiteKinds = [
  'require',
  'require_any',
  'watch',
  'watch_any',
  'prereq',
  'onfail',
  'onfail_any',
  'onfail_all',
  'onchanges',
  'onchanges_any',
] as const;

export type RequisiteKind = (typeof requisiteKinds)[number];

export interface Chunk {
  readonly id: string;
  readonly state: string;
  fun: string;
  readonly name: string;
  readonly sls: string;
  /** Salt's order: the automatic number from 10000 on, or what the user asked for. */
  order: number;
  /** All arguments as written, requisites too. Later ones of the same key have replaced earlier ones. */
  readonly written: Map<string, Argument>;
  readonly declaration: StateDeclaration;
}

/** What a state waits for, by kind. */
export type Requisites = { readonly [kind in RequisiteKind]?: readonly Runnable[] };

/** `onlyif`, `unless`, `creates` and `check_cmd` as lists, with where and how their commands run. */
export interface Conditions {
  readonly onlyif?: readonly Condition[];
  readonly unless?: readonly Condition[];
  readonly creates?: readonly string[];
  readonly check_cmd?: readonly string[];
}

/** A command for the shell, or a look-up (`fun: file.file_exists` and its arguments). */
export type Condition = string | Dict;

export interface Retry {
  /** Total number of runs. */
  readonly attempts: number;
  readonly until: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly splay: number;
}

/** A chunk that is known to be right: its state exists, its arguments are accepted, its requisites found. */
export interface Runnable {
  readonly chunk: Chunk;
  readonly definition: AnyState;
  /** What the state receives: plain values, defaults filled in. */
  readonly args: { readonly [name: string]: Plain | Dict; readonly name: string };
  requisites: Requisites;
  /** States whose `prereq` names this one: they have to run before it. */
  prerequired: readonly Runnable[];
  readonly conditions: Conditions;
  /** Where condition commands run. */
  readonly shell: {
    readonly cwd?: string;
    readonly user?: string;
    readonly shell?: string;
    readonly env?: { [name: string]: string | null };
  };
  readonly failhard?: boolean;
  readonly retry?: Retry;
  /** Whether it may be joined with states of its kind: with those further down too, or never. Adjacent ones unless told. */
  readonly aggregate?: boolean;
  /** `test: true`: planned, never performed. */
  readonly dry: boolean;
}

/** The listener reacts at the end of the run if the source changed something. */
export interface Listening {
  readonly listener: Runnable;
  readonly source: Runnable;
}

/** The states of a run, in the order they are looked at, and then the listeners in theirs. */
export interface RunOrder {
  readonly states: readonly Runnable[];
  readonly listenings: readonly Listening[];
  /** All that the states were compiled from, the SLS files that declare none themselves among it. */
  readonly files?: readonly Sls[];
  /** What decides whether a run with `--confirm` may stay; undefined: a person does. */
  readonly confirm?: Confirmation;
}

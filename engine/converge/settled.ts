/** What became of a state, and how it reads where no step was taken. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Change, Step } from '../core/state.ts';
import type { Plain } from '../core/value.ts';

/** What became of a state. */
export interface Settled {
  /** Salt: true: holds; false: failed; null: would change. */
  readonly result: boolean | null;
  /** Something was changed, or would be: what watch, onchanges and listen go by. */
  readonly moved: boolean;
  /** Something would happen that cannot be known before it is done. */
  readonly presumed: boolean;
  /** Something was only predicted or presumed. */
  readonly dry: boolean;
  /** It cannot be told what would happen, because something earlier was only presumed. */
  readonly unknown: boolean;
  readonly changes: { readonly [subject: string]: Plain };
  readonly differences: readonly Change[];
  readonly comment: string;
  readonly warnings: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** The state itself held: all that moved is its reaction to something it watches. */
  readonly reaction?: true;
  /** Steps that were taken, for a reaction to see what is already done. */
  readonly taken: readonly Step[];
}

export function withHint(message: string, hint: string | undefined): string {
  return hint ? `${message}\n${hint}` : message;
}

const nothing = {
  moved: false,
  presumed: false,
  dry: false,
  unknown: false,
  changes: {},
  differences: [],
  warnings: [],
  taken: [],
};

export function failed(comment: string, diagnostics: readonly Diagnostic[] = []): Settled {
  return { ...nothing, result: false, comment, diagnostics };
}

export function unchanged(comment: string): Settled {
  return { ...nothing, result: true, comment, diagnostics: [] };
}

export function unknownUntilApplied(reason: string): Settled {
  return {
    ...nothing,
    result: null,
    moved: true,
    presumed: true,
    dry: true,
    unknown: true,
    comment: `Unknown until applied: ${reason}`,
    diagnostics: [],
  };
}

export function joined(first: string, second: string): string {
  return [first, second].filter((text) => text !== '').join('\n');
}

/** Salt's shape: a diff for texts, old and new otherwise. */
export function plainChange(change: Change): Plain {
  const pair: { [key: string]: Plain } = {};
  if (change.old !== undefined) pair['old'] = plain(change.old);
  if (change.new !== undefined) pair['new'] = plain(change.new);
  return pair;
}

export function plain(value: unknown): Plain {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return (value ?? null) as Plain;
}

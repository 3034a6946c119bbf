/** Brings one state about: read, plan, perform, and read again to prove that nothing is left to do. */
import type { Runnable } from '../core/chunk.ts';
import { type Diagnostic, type Place, Trouble } from '../core/diagnostic.ts';
import type { Emit } from '../core/event.ts';
import {
  type Effect,
  type Failed,
  type Host,
  HostTrouble,
  type Outcome,
  type Performed,
} from '../core/host.ts';
import {
  type Change,
  isRefusal,
  type Plan,
  type Planned,
  type Refusal,
  type Step,
  stepsOf,
} from '../core/state.ts';
import type { Plain } from '../core/value.ts';

/** What became of a state. */
export interface Settled {
  /** Salt: true: holds; false: failed; null: would change. */
  readonly result: boolean | null;
  /** Something was changed, or would be: what watch, onchanges and listen go by. */
  readonly moved: boolean;
  /** Something would happen that cannot be known before it is done. */
  readonly presumed: boolean;
  /** It cannot be told what would happen, because something earlier was only presumed. */
  readonly unknown: boolean;
  readonly changes: { readonly [subject: string]: Plain };
  readonly differences: readonly Change[];
  readonly comment: string;
  readonly warnings: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Steps that were taken, for a reaction to see what is already done. */
  readonly taken: readonly Step[];
}

export interface Settling {
  readonly host: Host;
  readonly emit: Emit;
  /** Whether an earlier effect of this run was only presumed. */
  readonly afterPresumed: boolean;
}

/**
 * The state itself. Never throws for anything the user or the host did. Answers at once where nothing has to be waited
 * for: thousands of states that already hold cost no promise each.
 */
export function settle(runnable: Runnable, settling: Settling): Settled | Promise<Settled> {
  const { definition, args } = runnable;
  let now: unknown;
  try {
    now = look(runnable, settling.host);
    if (!(now instanceof Promise)) {
      const plan: Plan = definition.plan(args, now);
      return held(plan) ?? guarded(settling, () => carryOut(runnable, plan, settling));
    }
  } catch (error) {
    return troubled(error, settling);
  }
  return guarded(settling, async () => carryOut(runnable, definition.plan(args, await now), settling));
}

/** What is to be said of a state that already holds; undefined where there is something to do or to warn of. */
function held(plan: Plan): Settled | undefined {
  if (isRefusal(plan) || stepsOf(plan).length > 0) return undefined;
  if (!('steps' in plan)) return unchanged('');
  return plan.warnings ? undefined : unchanged(plan.comment ?? '');
}

async function carryOut(runnable: Runnable, plan: Plan, settling: Settling): Promise<Settled> {
  if (isRefusal(plan)) return refused(plan, settling);
  const settled = await take(runnable, plan, settling);
  if (settled.result !== true || settled.taken.length === 0 || runnable.definition.repeats) return settled;
  return await proved(runnable, settled, settling);
}

/** What the state does because something it watches or listens to changed. */
export async function react(
  runnable: Runnable,
  taken: readonly Step[],
  settling: Settling,
): Promise<Settled> {
  const { definition, args } = runnable;
  return guarded(settling, async () => {
    const now = await look(runnable, settling.host);
    const plan: Plan = definition.react?.(args, now, taken) ?? [];
    if (isRefusal(plan)) return refused(plan, settling);
    return await take(runnable, plan, settling);
  });
}

function look(runnable: Runnable, host: Host): unknown {
  const { id, sls } = runnable.chunk;
  return runnable.definition.read(runnable.args, host, { id, sls });
}

/** Trouble of the host or of a template fails the state; after something presumed, it only leaves it unknown. */
export async function guarded<T>(settling: Settling, work: () => Promise<T>): Promise<T | Settled> {
  try {
    return await work();
  } catch (error) {
    return troubled(error, settling);
  }
}

function troubled(error: unknown, settling: Settling): Settled {
  if (error instanceof HostTrouble) {
    if (settling.afterPresumed) return unknown(error.message);
    return failed(withHint(error.message, error.hint), error.diagnostics);
  }
  if (error instanceof Trouble) {
    return failed(error.diagnostics.map((one) => one.message).join('\n'), error.diagnostics);
  }
  throw error;
}

function refused(refusal: Refusal, settling: Settling): Settled {
  if (settling.afterPresumed && !refusal.certain) return unknown(refusal.refused);
  const differences = refusal.wanted ?? [];
  return {
    ...failed(withHint(refusal.refused, refusal.hint)),
    differences,
    changes: Object.fromEntries(differences.map((change) => [change.subject, plainChange(change)])),
  };
}

function withHint(message: string, hint: string | undefined): string {
  return hint ? `${message}\n${hint}` : message;
}

const nothing = {
  moved: false,
  presumed: false,
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

function unknown(reason: string): Settled {
  return {
    ...nothing,
    result: null,
    moved: true,
    presumed: true,
    unknown: true,
    comment: `Unknown until applied: ${reason}`,
    diagnostics: [],
  };
}

/** Performs the steps of a plan one by one and stops at the first that fails. */
async function take(
  runnable: Runnable,
  plan: readonly Step[] | Planned,
  settling: Settling,
): Promise<Settled> {
  const steps = stepsOf(plan);
  const planned: Partial<Planned> = 'steps' in plan ? plan : {};
  if (steps.length === 0 && !planned.warnings) return unchanged(planned.comment ?? '');
  const report = new Report(runnable);
  for (const [index, step] of steps.entries()) {
    const performed = await perform(step.effect, settling);
    report.add(step, performed);
    if (performed.became === 'failed') {
      if (settling.afterPresumed) return unknown(performed.reason);
      return report.failure(step, performed, steps.slice(index + 1), planned.warnings ?? []);
    }
  }
  return report.success(planned.comment, planned.warnings ?? []);
}

async function perform(effect: Effect, { host, emit }: Settling): Promise<Performed> {
  const performed = await host.perform(effect);
  emit({
    kind: 'effect-performed',
    effect,
    became: performed.became,
    ...('outcome' in performed && performed.outcome ? { outcome: performed.outcome } : {}),
  });
  return performed;
}

/** Gathers what the steps of one state came to. */
class Report {
  readonly #runnable: Runnable;
  readonly #taken: Step[] = [];
  readonly #differences: Change[] = [];
  #changes: { [subject: string]: Plain } = {};
  #comments: string[] = [];
  #dry = false;
  #presumed = false;
  #judgedFailed = false;
  #unmoved = false;

  constructor(runnable: Runnable) {
    this.#runnable = runnable;
  }

  add(step: Step, performed: Performed): void {
    if (performed.became === 'failed') {
      // Salt: a command that fails still reports what it did, one that could not be started did nothing.
      if (performed.outcome && performed.outcome.pid !== 0 && step.effect.kind === 'exec')
        this.#addOutcome(step, performed.outcome);
      return;
    }
    // What is left for a later state of the run is no change of the host.
    if (step.effect.kind === 'remember') return;
    this.#taken.push(step);
    if (performed.became !== 'done') this.#dry = true;
    if (performed.became === 'presumed') this.#presumed = true;
    if (performed.became === 'done') {
      if (performed.comment) this.#comments.push(performed.comment);
      if (performed.outcome && step.effect.kind === 'exec') this.#addOutcome(step, performed.outcome);
    }
    this.#addChange(step, performed.became !== 'done');
  }

  #addChange({ change, also = [], effect }: Step, dry: boolean): void {
    for (const one of change ? [change, ...also] : also) {
      this.#differences.push(one);
      // Salt: a dry run reports no changes of copies and renames, though they would be made.
      if (dry && (effect.kind === 'copy' || effect.kind === 'move')) continue;
      this.#changes[one.subject] = plainChange(one);
    }
  }

  /** A command without a change of its own: its outcome is what changed. */
  #addOutcome(step: Step, outcome: Outcome): void {
    const verdict = this.#runnable.definition.judge?.(this.#runnable.args, outcome);
    if (step.change) {
      // What was foretold is in the report already; what the output adds to it is not.
      if (verdict?.comment) this.#comments.push(verdict.comment);
      return;
    }
    const standard = {
      pid: outcome.pid,
      retcode: outcome.status,
      stdout: outcome.stdout.replace(/\n$/, ''),
      stderr: outcome.stderr.replace(/\n$/, ''),
    };
    const found = (verdict?.changes ?? standard) as { [subject: string]: Plain };
    Object.assign(this.#changes, found);
    if (Object.keys(found).length === 0) this.#unmoved = true;
    for (const [subject, value] of Object.entries(found)) this.#differences.push({ subject, new: value });
    if (verdict?.comment) this.#comments.push(verdict.comment);
    if (verdict?.failed) this.#judgedFailed = true;
  }

  success(comment: string | undefined, warnings: readonly string[]): Settled {
    const comments = this.#comments.length > 0 ? this.#comments : comment ? [comment] : [];
    return {
      result: this.#judgedFailed ? false : this.#dry ? null : true,
      moved: this.#taken.length > 0 && !(this.#unmoved && this.#differences.length === 0),
      presumed: this.#presumed,
      unknown: false,
      changes: this.#changes,
      differences: this.#differences,
      comment: comments.join('\n'),
      warnings,
      diagnostics: [],
      taken: this.#taken,
    };
  }

  failure(step: Step, why: Failed, untried: readonly Step[], warnings: readonly string[]): Settled {
    const lines = [withHint(why.reason, why.hint)];
    if (this.#taken.length > 0) lines.push(`Done before: ${named(this.#taken)}.`);
    if (untried.length > 0) lines.push(`Not tried: ${named(untried)}.`);
    return {
      result: false,
      moved: Object.keys(this.#changes).length > 0,
      presumed: false,
      unknown: false,
      changes: this.#changes,
      differences: this.#differences,
      comment: [...this.#comments, ...lines].join('\n'),
      warnings,
      diagnostics: complaints(step, why),
      taken: this.#taken,
    };
  }
}

function named(steps: readonly Step[]): string {
  return [...new Set(steps.map(({ change, effect }) => change?.subject ?? deed(effect)))].join(', ');
}

/** What an effect does, in a word or two. */
function deed(effect: Effect): string {
  if (effect.kind === 'exec') return effect.command.argv[0]?.trim().split(/\s/, 1)[0] ?? effect.kind;
  return effect.kind === 'unit' ? `${effect.verb} ${effect.unit}` : effect.kind;
}

/** Lines a validator complained about, as places in the template they were rendered from. */
function complaints(step: Step, why: Failed): Diagnostic[] {
  const places = (why.lines ?? [])
    .map((line) => step.locate?.(line))
    .filter((place): place is Place => !!place);
  const seen = new Set<string>();
  return places
    .filter((place) => {
      const key = `${place.file}:${place.line}`;
      return !seen.has(key) && seen.add(key);
    })
    .map((place) => ({
      code: 'check-failed',
      message: 'The check of the new content complains about what this line rendered to.',
      origin: { place: () => place },
    }));
}

/** Salt's shape: a diff for texts, old and new otherwise. */
function plainChange(change: Change): Plain {
  const pair: { [key: string]: Plain } = {};
  if (change.old !== undefined) pair['old'] = plain(change.old);
  if (change.new !== undefined) pair['new'] = plain(change.new);
  return pair;
}

function plain(value: unknown): Plain {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return (value ?? null) as Plain;
}

/** HOUSE rule: every change is proved. What is still to do after doing it is a failure, with the remainder. */
async function proved(runnable: Runnable, settled: Settled, settling: Settling): Promise<Settled> {
  const now = await look(runnable, settling.host);
  const plan: Plan = runnable.definition.plan(runnable.args, now);
  if (isRefusal(plan)) {
    return { ...settled, result: false, comment: `It did not settle: ${withHint(plan.refused, plan.hint)}` };
  }
  const left = stepsOf(plan);
  if (left.length === 0) return settled;
  const remainder = left.map(({ change, effect }) =>
    change
      ? `${change.subject}${change.text ? '' : `: ${String(plain(change.old))} → ${String(plain(change.new))}`}`
      : effect.kind,
  );
  return {
    ...settled,
    result: false,
    comment: `It did not settle: everything was done, yet this is still to do: ${remainder.join('; ')}.`,
    diagnostics: [
      ...settled.diagnostics,
      {
        code: 'did-not-settle',
        message: `${runnable.chunk.state}.${runnable.chunk.fun} of ID "${runnable.chunk.id}" did not settle.`,
        hint: 'Something else changes it back, or the state is wrong; please report it then.',
      },
    ],
  };
}

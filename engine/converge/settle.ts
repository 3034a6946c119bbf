/** Brings one state about: read, plan, perform, and read again to prove that nothing is left to do. */
import type { Runnable } from '../core/chunk.ts';
import { Trouble } from '../core/diagnostic.ts';
import type { Emit } from '../core/event.ts';
import {
  ArgumentTrouble,
  type Effect,
  type Failed,
  type Host,
  HostTrouble,
  type Performed,
} from '../core/host.ts';
import { isRefusal, type Plan, type Planned, type Refusal, type Step, stepsOf } from '../core/state.ts';
import {
  failed,
  plain,
  plainChange,
  type Settled,
  unchanged,
  unknownUntilApplied,
  withHint,
} from './settled.ts';
import { StepReport } from './step-report.ts';

export interface Settling {
  readonly host: Host;
  readonly emit: Emit;
  /** Whether an earlier effect of this run was only presumed. */
  readonly afterPresumed: boolean;
  /** Told before the first effect of a state, with how many there are to be. */
  readonly before?: (runnable: Runnable, effects: number) => void | Promise<void>;
  /** What stopped the run from outside: then no further effect is begun. */
  readonly stoppedBy?: () => string | undefined;
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
    if (settling.afterPresumed && !(error instanceof ArgumentTrouble))
      return unknownUntilApplied(error.message);
    return failed(withHint(error.message, error.hint), error.diagnostics);
  }
  if (error instanceof Trouble) {
    return failed(error.diagnostics.map((one) => one.message).join('\n'), error.diagnostics);
  }
  throw error;
}

function refused(refusal: Refusal, settling: Settling): Settled {
  if (settling.afterPresumed && !refusal.certain) return unknownUntilApplied(refusal.refused);
  const differences = refusal.wanted ?? [];
  return {
    ...failed(withHint(refusal.refused, refusal.hint)),
    differences,
    changes: Object.fromEntries(differences.map((change) => [change.subject, plainChange(change)])),
  };
}

/** Performs the steps of a plan one by one and stops at the first that fails. */
export async function take(
  runnable: Runnable,
  plan: readonly Step[] | Planned,
  settling: Settling,
): Promise<Settled> {
  const steps = stepsOf(plan);
  const planned: Partial<Planned> = 'steps' in plan ? plan : {};
  if (steps.length === 0 && !planned.warnings) return unchanged(planned.comment ?? '');
  const report = new StepReport(runnable);
  for (const [index, step] of steps.entries()) {
    const stopped = settling.stoppedBy?.();
    if (stopped !== undefined) {
      const why: Failed = { became: 'failed', reason: `The run was stopped (${stopped}).` };
      const left = index === 0 ? steps : await cleanedUp(steps.slice(index), settling);
      return report.failure(step, why, left, planned.warnings ?? []);
    }
    if (index === 0) await settling.before?.(runnable, steps.length);
    const performed = await perform(step.effect, settling);
    report.add(step, performed);
    if (performed.became === 'failed') {
      if (settling.afterPresumed) return unknownUntilApplied(performed.reason);
      const left = await cleanedUp(steps.slice(index + 1), settling);
      return report.failure(step, performed, left, planned.warnings ?? []);
    }
  }
  return report.success(planned.comment, planned.warnings ?? []);
}

/** Does what is done after a failure too, as well as it can be, and gives back what is not tried. */
async function cleanedUp(steps: readonly Step[], settling: Settling): Promise<readonly Step[]> {
  for (const { cleanup, effect } of steps) if (cleanup) await perform(effect, settling);
  return steps.filter(({ cleanup }) => !cleanup);
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

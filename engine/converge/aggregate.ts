/** Joins states of one kind whose turns are next, so that one transaction does the work of all (Salt: aggregate). */
import type { Runnable } from '../core/chunk.ts';
import { HostTrouble, type Performed } from '../core/host.ts';
import { isRefusal, type Plan, type Planned, type Step, stepsOf } from '../core/state.ts';
import { gate, type Standing } from './gate.ts';
import { type Settling, take } from './settle.ts';
import { joined, type Settled } from './settled.ts';
import { StepReport } from './step-report.ts';

/** What a state will have come to if it finds nothing left to do at its turn. */
export type Foreseen = ReadonlyMap<Runnable, Settled>;

/** A state that has something to do, and what. */
interface Member {
  readonly runnable: Runnable;
  readonly plan: readonly Step[] | Planned;
}

/**
 * Unlike Salt: package states right behind each other are installed by one transaction without being told, and
 * `aggregate: true` lets a state be joined with those further down; states that wait for something that has not had its
 * turn are never joined, and if the transaction fails each state tries by itself.
 *
 * The states that can be joined with the one at `index`, itself included: those right behind it, or anywhere behind it
 * where both say `aggregate: true`. Whatever a state waits for must be there already, and nothing but that may decide
 * whether it runs.
 */
export function candidates(
  states: readonly Runnable[],
  index: number,
  standingOf: (target: Runnable) => Standing | undefined,
): Runnable[] {
  const first = states[index]!;
  const key = keyOf(first);
  if (key === undefined || !isReady(first, standingOf)) return [first];
  const found = [first];
  for (let at = index + 1, adjacent = true; at < states.length; at++) {
    const other = states[at]!;
    const matches = keyOf(other) === key && isReady(other, standingOf);
    if (!matches) adjacent = false;
    else if (adjacent || (first.aggregate && other.aggregate)) found.push(other);
    if (!adjacent && !first.aggregate) break;
  }
  return found;
}

function keyOf({ definition, args, chunk, aggregate, dry, conditions, retry, prerequired }: Runnable) {
  if (!definition.aggregate || aggregate === false || dry || retry || prerequired.length > 0)
    return undefined;
  for (const _ in conditions) return undefined;
  const key = definition.aggregate.key(args);
  return key === undefined ? undefined : `${chunk.state}.${chunk.fun} ${key}`;
}

function isReady(runnable: Runnable, standingOf: (target: Runnable) => Standing | undefined): boolean {
  const { requisites } = runnable;
  for (const kind in requisites) if (!/^(require|watch)(_any)?$/.test(kind)) return false;
  for (const targets of Object.values(requisites))
    if (!targets.every((target) => standingOf(target))) return false;
  const passage = gate(runnable, standingOf, () => {
    throw new Error('prereq is not looked at here');
  });
  return passage.passes && !passage.reacts;
}

/**
 * Does the work of all in one go. Each state still has its own turn, in which it is looked at again: what is not there
 * then, it does by itself, so a failure of the whole hurts only the state to blame, which is named by its own failure.
 */
export async function aggregate(runnables: readonly Runnable[], settling: Settling): Promise<Foreseen> {
  const members: Member[] = [];
  for (const runnable of runnables) {
    const plan = await planned(runnable, runnable.args, settling);
    if (plan && !isRefusal(plan) && stepsOf(plan).length > 0) members.push({ runnable, plan });
  }
  const [first] = members;
  if (first === undefined || members.length < 2) return new Map();
  const args = first.runnable.definition.aggregate!.join(members.map(({ runnable }) => runnable.args));
  const whole = { ...first.runnable, args };
  const plan = await planned(whole, args, settling);
  if (!plan || isRefusal(plan)) return new Map();
  const before = async () => {
    for (const { runnable } of members) await settling.before?.(runnable, 1);
  };
  const settled = await take(whole, plan, { ...settling, before });
  const ids = members.map(({ runnable }) => `"${runnable.chunk.id}"`);
  return new Map(
    members.map((member) => {
      const others = ids.filter((id) => id !== `"${member.runnable.chunk.id}"`).join(', ');
      return [
        member.runnable,
        shareOf(member, settled, `Done in one go with the states of the IDs ${others}.`),
      ];
    }),
  );
}

async function planned(
  { definition, chunk }: Runnable,
  args: Runnable['args'],
  { host }: Settling,
): Promise<Plan | undefined> {
  try {
    return definition.plan(args, await definition.read(args, host, { id: chunk.id, sls: chunk.sls }));
  } catch (error) {
    // Whatever the trouble is, the state tells of it at its own turn.
    if (error instanceof HostTrouble) return undefined;
    throw error;
  }
}

/** The steps a state would have taken alone, as if it had taken them. */
function shareOf({ runnable, plan }: Member, whole: Settled, comment: string): Settled {
  const report = new StepReport(runnable);
  const became: Performed = !whole.dry
    ? { became: 'done' }
    : { became: whole.presumed ? 'presumed' : 'predicted' };
  for (const step of stepsOf(plan)) report.add(step, became);
  const own: Partial<Planned> = 'steps' in plan ? plan : {};
  const settled = report.success(own.comment, own.warnings ?? []);
  return { ...settled, comment: joined(settled.comment, comment) };
}

/** `converge apply-plan`: does exactly what a dry run has shown, or nothing. */
import { resolve } from 'node:path';
import type { RunOrder } from '../../core/chunk.ts';
import { Trouble } from '../../core/diagnostic.ts';
import type { Emit } from '../../core/event.ts';
import { type Plan, staleness } from '../../core/plan.ts';
import { readPlan } from '../../journal/plan.ts';
import { maskEvent } from '../../report/masked.ts';
import type { Command } from '../arguments.ts';
import { compilePlanned, wordsOf } from '../compilation.ts';
import type { Options } from '../given.ts';
import type { Streams } from '../main.ts';
import { extentOf } from '../ownership.ts';
import { createPlanner } from '../plan.ts';
import { foresee, runStates } from '../running.ts';
import { createWorld, type World } from '../world.ts';

type ApplyPlanCommand = Extract<Command, { verb: 'apply-plan' }>;

export async function applyPlanCommand(command: ApplyPlanCommand, streams: Streams): Promise<number> {
  const plan = openPlan(resolve(streams.cwd, command.file), command.file);
  const world = await createWorld(withOptionsOf(plan, command.options), streams);
  const { undertaking } = plan;
  return runStates(
    {
      verb: 'apply-plan',
      words: ['apply-plan', ...wordsOf(undertaking)],
      test: false,
      extent: extentOf(undertaking),
      async order() {
        const order = await compilePlanned(undertaking, world);
        await refuseStale(plan, order, world, command.file);
        return order;
      },
    },
    world,
    streams,
  );
}

function openPlan(path: string, name: string): Plan {
  let plan: Plan | string;
  try {
    plan = readPlan(path);
  } catch (error) {
    plan = (error as Error).message;
  }
  if (typeof plan !== 'string') return plan;
  throw new Trouble([
    {
      code: 'bad-plan',
      message: `The plan ${name} cannot be used: ${plan}.`,
      hint: 'converge highstate --test --out FILE makes one.',
    },
  ]);
}

/** The plan says what is converged, unless the command line does. */
function withOptionsOf({ options }: Plan, given: Options): Options {
  const { states, pillar, ...others } = options as Partial<Options>;
  return {
    ...others,
    ...given,
    states: given.states.length > 0 ? given.states : (states ?? []),
    pillar: given.pillar.length > 0 ? given.pillar : (pillar ?? []),
  };
}

/** The dry run is made once more, now that nobody else converges, and has to come to the same. */
async function refuseStale(plan: Plan, order: RunOrder, world: World, file: string): Promise<void> {
  const planner = createPlanner(plan.undertaking, world);
  const masking = { secrets: world.secrets, heldSecrets: () => false };
  const witness: Emit = (event) => planner.witness(event, maskEvent(event, masking));
  await foresee(order, world, witness, extentOf(plan.undertaking));
  const reasons = staleness(plan, await planner.plan(order));
  if (reasons.length === 0) return;
  const shown = reasons.slice(0, 10);
  if (reasons.length > shown.length) shown.push(`And ${reasons.length - shown.length} more.`);
  throw new Trouble([
    {
      code: 'stale-plan',
      message: [`The plan ${file} no longer holds.`, ...shown].join('\n'),
      hint: 'Make a new one, and look at it: --test --out FILE.',
    },
  ]);
}

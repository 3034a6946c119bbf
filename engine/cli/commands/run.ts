/** `converge highstate`, `apply` and `single`: compiles and converges. */
import { resolve } from 'node:path';
import { Trouble } from '../../core/diagnostic.ts';
import type { PlannedRun } from '../../core/plan.ts';
import type { Command } from '../arguments.ts';
import { compilePlanned, wordsOf } from '../compilation.ts';
import { exitCodes, onCommandLine, type Streams } from '../main.ts';
import { extentOf } from '../ownership.ts';
import { runStates, type Undertaking } from '../running.ts';
import { createWorld, type World } from '../world.ts';

type RunCommand = Extract<Command, { verb: 'highstate' | 'apply' | 'single' }>;

export async function runCommand(command: RunCommand, streams: Streams): Promise<number> {
  let world: World | undefined;
  try {
    world = await createWorld(command.options, streams);
    return await undertake(command, world, streams);
  } catch (error) {
    const wanted = world ? world.settings.junit : command.options.junit;
    if (error instanceof Trouble && wanted !== undefined) {
      const { writeTrouble } = await import('../junit.ts');
      writeTrouble(error, command.options, world, streams);
    }
    throw error;
  }
}

async function undertake(command: RunCommand, world: World, streams: Streams): Promise<number> {
  const what = whatOf(command);
  const undertaking: Undertaking = {
    verb: command.verb,
    words: wordsOf(what),
    test: command.test,
    extent: extentOf(what),
    order: () => compilePlanned(what, world),
  };
  const { out } = command.options;
  if (out === undefined) return runStates(undertaking, world, streams);
  return runAndSave(undertaking, what, resolve(streams.cwd, out), world, streams);
}

function whatOf(command: RunCommand): PlannedRun {
  switch (command.verb) {
    case 'highstate':
      return { verb: command.verb };
    case 'apply':
      return { verb: command.verb, sls: command.sls };
    case 'single':
      return { verb: command.verb, fun: command.fun, args: [...command.args] };
  }
}

/** A dry run of which the plan is kept. */
async function runAndSave(
  undertaking: Undertaking,
  what: PlannedRun,
  file: string,
  world: World,
  streams: Streams,
): Promise<number> {
  const { createPlanner } = await import('../plan.ts');
  const { writePlan } = await import('../../journal/plan.ts');
  try {
    const planner = createPlanner(what, world);
    const order = await undertaking.order(undefined);
    const exit = await runStates(
      { ...undertaking, order: async () => order, witness: planner.witness },
      world,
      streams,
    );
    if (exit !== exitCodes.converged && exit !== exitCodes.pending) {
      streams.stderr.write(`converge: no plan is saved in ${file}: the dry run did not go well.\n`);
      return exit;
    }
    if (what.verb === 'single' && world.secrets.holds(JSON.stringify(what.args)))
      throw new Error('the arguments hold a secret');
    writePlan(file, await planner.plan(order));
    return exit;
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble([
      {
        code: 'bad-plan',
        message: `The plan cannot be saved in ${file}: ${(error as Error).message}.`,
        origin: onCommandLine(),
      },
    ]);
  }
}

/** `converge highstate`, `apply` and `single`: compiles and converges. */
import type { RunOrder } from '../../core/chunk.ts';
import type { Command } from '../arguments.ts';
import { compileNames, compileSingle } from '../compilation.ts';
import type { Streams } from '../main.ts';
import { runStates } from '../running.ts';
import { createWorld, type World } from '../world.ts';

type RunCommand = Extract<Command, { verb: 'highstate' | 'apply' | 'single' }>;

export async function runCommand(command: RunCommand, streams: Streams): Promise<number> {
  const { verb, test } = command;
  const world = await createWorld(command.options, streams);
  const order = () => compiled(command, world);
  return runStates({ verb, words: wordsOf(command), test, order }, world, streams);
}

async function compiled(command: RunCommand, world: World): Promise<RunOrder> {
  if (command.verb === 'single') return compileSingle(world, command.fun, command.args);
  return compileNames(world, command.verb === 'apply' ? command.sls : undefined);
}

function wordsOf(command: RunCommand): string[] {
  switch (command.verb) {
    case 'highstate':
      return [command.verb];
    case 'apply':
      return [command.verb, ...command.sls];
    case 'single':
      // Arguments may be anybody's secret.
      return [command.verb, command.fun];
  }
}

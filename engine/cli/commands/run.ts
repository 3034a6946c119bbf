/** `converge highstate`, `apply` and `single`: compiles and converges. */

import { converge } from '../../converge/converge.ts';
import type { RunOrder } from '../../core/chunk.ts';
import type { Emit, Event, Summary } from '../../core/event.ts';
import type { Host } from '../../core/host.ts';
import type { Reporter } from '../../report/reporter.ts';
import type { Command } from '../arguments.ts';
import { compileNames, compileSingle } from '../compilation.ts';
import { createLog } from '../log.ts';
import { exitCodes, readSource, type Streams } from '../main.ts';
import type { Settings } from '../settings.ts';
import { createWorld, type World } from '../world.ts';

type RunCommand = Extract<Command, { verb: 'highstate' | 'apply' | 'single' }>;

export async function runCommand(command: RunCommand, streams: Streams): Promise<number> {
  const world = await createWorld(command.options, streams);
  const order = await compiled(command, world);
  const { settings } = world;
  const reporter = await createReporter(settings, streams);
  const log = createLog(settings.logLevel, streams.stderr);
  log('info', `${order.states.length} states to converge`);
  const emit: Emit = (event: Event) => {
    if (event.kind === 'process-started') log('debug', `started ${event.argv.join(' ')} (pid ${event.pid})`);
    reporter.handle(event);
  };
  let summary: Summary;
  try {
    summary = await performed(order, world, emit, command.test, streams);
  } finally {
    reporter.flush();
  }
  if (summary.failed > 0) return exitCodes.failed;
  if (command.test && settings.detailedExitcode && summary.would_change > 0) return exitCodes.pending;
  return exitCodes.converged;
}

async function compiled(command: RunCommand, world: World): Promise<RunOrder> {
  if (command.verb === 'single') return compileSingle(world, command.fun, command.args);
  return compileNames(world, command.verb === 'apply' ? command.sls : undefined);
}

async function performed(
  order: RunOrder,
  world: World,
  emit: Emit,
  dry: boolean,
  streams: Streams,
): Promise<Summary> {
  const local = await world.host(emit);
  const { createOverlay } = await import('../../host/overlay.ts');
  const host: Host = dry ? createOverlay(local) : local;
  world.lookThrough(host);
  const summary = await converge(order, {
    host,
    shadow: () => createOverlay(host),
    emit,
    call: (fun, args, kwargs) => world.call(fun, args, kwargs),
    // Salt: neither failhard nor retry has a part in a dry run.
    failhard: dry ? undefined : world.settings.failhard,
    wait: dry ? undefined : (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    dry,
  });
  if (order.states.length === 0)
    streams.stderr.write('converge: there is nothing to do: no state was declared.\n');
  return summary;
}

async function createReporter(settings: Settings, { stdout, stderr, env }: Streams): Promise<Reporter> {
  const write = (text: string): void => stdout.write(text);
  switch (settings.output) {
    case 'json':
      return (await import('../../report/json.ts')).createJsonReporter({ write });
    case 'ndjson':
      return (await import('../../report/ndjson.ts')).createNdjsonReporter({ write });
    default: {
      const { createHumanReporter } = await import('../../report/human.ts');
      const { speaksUtf8, wantsColour } = await import('../../report/colour.ts');
      return createHumanReporter({
        write,
        color: wantsColour(settings.color, { isTTY: stdout.isTTY === true, env }),
        unicode: speaksUtf8(env),
        stateOutput: settings.stateOutput,
        quiet: settings.output === 'quiet',
        context: settings.context,
        readSource,
        ...(stderr.isTTY && settings.output !== 'quiet'
          ? { progress: { write: (text: string) => stderr.write(text), columns: stderr.columns ?? 80 } }
          : {}),
      });
    }
  }
}

/** The part of `state.ts` that runs inside a node: each line is a job as JSON, and is answered by what came of it. */
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { createWorld } from '../../engine/cli/world.ts';
import { isRefusal, stepsOf } from '../../engine/core/state.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo, argumentsOf } from '../helpers/apply.ts';
import type { AppliedState } from './state.ts';

interface Job {
  readonly state: string;
  readonly args: Record<string, unknown>;
  readonly dry: boolean;
}

/** As a run that has just been started: of the jobs before this one nothing is known. */
async function apply({ state, args, dry }: Job): Promise<AppliedState> {
  forgetProcess();
  const definition = await loadState(state);
  // What is said on stdout is the answer.
  const streams = { stdout: process.stderr, stderr: process.stderr, cwd: '/', env: process.env, uid: 0 };
  const options = { states: ['/srv/states'], pillar: ['/srv/pillar'], cache: false as const };
  const world = await createWorld(options, streams);
  const processes: string[] = [];
  const host = await world.host((event) => {
    if (event.kind === 'process-started') processes.push(event.argv.join(' '));
  });
  const { plan, steps, again, refused, failed, outcome } = await applyTo(
    dry ? createOverlay(host) : host,
    definition,
    args,
  );
  const planned = isRefusal(plan) || !('steps' in plan) ? undefined : plan;
  const changes = steps.flatMap(({ change, also = [] }) => (change ? [change, ...also] : []));
  return {
    refused,
    failed,
    explained: outcome && definition.judge?.(argumentsOf(definition, args), outcome).comment,
    comment: planned?.comment,
    warnings: planned?.warnings ?? [],
    changes: Object.fromEntries(changes.map((change) => [change.subject, [change.old, change.new]])),
    commands: steps.flatMap(({ effect }) => (effect.kind === 'exec' ? [effect.command.argv.join(' ')] : [])),
    processes,
    left:
      again &&
      (isRefusal(again)
        ? again.refused
        : stepsOf(again).map(({ change, effect }) => change?.subject ?? effect.kind)),
  };
}

/** What Node.js itself keeps: the time zone, and connections of `fetch`, whose server may be another one by now. */
function forgetProcess(): void {
  delete process.env['TZ'];
  const place = Symbol.for('undici.globalDispatcher.1');
  const { [place]: dispatcher } = globalThis as { [place]?: { constructor: new () => object } };
  if (dispatcher) Object.assign(globalThis, { [place]: new dispatcher.constructor() });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await apply(JSON.parse(line)))}\n`);
  // At its end, with that of the node, it is too late.
  flushCompileCache();
}

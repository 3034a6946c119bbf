/** The part of `state.ts` that runs inside a node: a job as JSON on stdin, what came of it on stdout. */
import { readFileSync } from 'node:fs';
import { createWorld } from '../../engine/cli/world.ts';
import { isRefusal, stepsOf } from '../../engine/core/state.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo, argumentsOf } from '../helpers/apply.ts';
import type { AppliedState } from './state.ts';

const { state, args, dry } = JSON.parse(readFileSync(0, 'utf8'));
const definition = await loadState(state);
const streams = { stdout: process.stdout, stderr: process.stderr, cwd: '/', env: process.env, uid: 0 };
const world = await createWorld({ states: ['/srv/states'], pillar: ['/srv/pillar'], cache: false }, streams);
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
const result: AppliedState = {
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
process.stdout.write(JSON.stringify(result));

/** Applies firewall.ruleset again and again inside a node, in one process: jobs as JSON on stdin, what came of each on stdout. */
import { readFileSync } from 'node:fs';
import { createWorld } from '../../engine/cli/world.ts';
import { isRefusal, stepsOf } from '../../engine/core/state.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo } from '../helpers/apply.ts';
import { subjectsOf } from '../helpers/state-tester.ts';
import type { Done, Job } from './firewall-jobs.ts';

const jobs: Job[] = JSON.parse(readFileSync(0, 'utf8'));
const definition = await loadState('firewall.ruleset');
const streams = { stdout: process.stdout, stderr: process.stderr, cwd: '/', env: process.env, uid: 0 };
const world = await createWorld({ states: ['/srv/states'], pillar: ['/srv/pillar'], cache: false }, streams);
const all: Done[] = [];
for (const { args, dry } of jobs) {
  const processes: string[] = [];
  // A host of its own for each, as each would be a run of its own.
  const host = await world.host((event) => {
    if (event.kind === 'process-started') processes.push(event.argv.join(' '));
  });
  const { steps, again, refused, failed } = await applyTo(dry ? createOverlay(host) : host, definition, args);
  const changes = steps.flatMap(({ change, also = [] }) => (change ? [change, ...also] : []));
  all.push({
    failed: refused ?? failed,
    changes: Object.fromEntries(changes.map((change) => [change.subject, [change.old, change.new]])),
    left: again && (isRefusal(again) ? [again.refused] : subjectsOf(stepsOf(again))),
    processes,
  });
}
process.stdout.write(JSON.stringify(all));

/** Replaces the firewall of a node again and again, in one process: pairs of arguments as JSON on stdin. */
import { readFileSync } from 'node:fs';
import { createWorld } from '../../engine/cli/world.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo } from '../helpers/apply.ts';
import { subjectsOf } from '../helpers/state-tester.ts';

const { times, rulesets } = JSON.parse(readFileSync(0, 'utf8'));
const definition = await loadState('firewall.ruleset');
const streams = { stdout: process.stdout, stderr: process.stderr, cwd: '/', env: process.env, uid: 0 };
const world = await createWorld({ states: ['/srv/states'], pillar: ['/srv/pillar'], cache: false }, streams);
const host = await world.host(() => {});
const all: { changes: readonly string[]; failed?: string }[] = [];
for (let at = 0; at < times; at++) {
  const { steps, refused, failed } = await applyTo(host, definition, rulesets[at % rulesets.length]);
  all.push({ changes: subjectsOf(steps), failed: refused ?? failed });
}
process.stdout.write(JSON.stringify(all));

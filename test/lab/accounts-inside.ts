/** Runs inside a node: what a dry run and then a real one leave of the files named, or only why states are refused. */
import { readFileSync } from 'node:fs';
import { createWorld } from '../../engine/cli/world.ts';
import type { Host, Reader } from '../../engine/core/host.ts';
import { isRefusal } from '../../engine/core/state.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo, planOf } from '../helpers/apply.ts';

interface Job {
  readonly calls: readonly { readonly state: string; readonly args: Record<string, unknown> }[];
  /** Left out: nothing is applied, and the answer is why each state is refused. */
  readonly paths?: readonly string[];
}

const { calls, paths }: Job = JSON.parse(readFileSync(0, 'utf8'));
const streams = { stdout: process.stdout, stderr: process.stderr, cwd: '/', env: process.env, uid: 0 };
const world = await createWorld({ states: ['/srv/states'], pillar: ['/srv/pillar'], cache: false }, streams);
const local = await world.host(() => {});

async function apply(host: Host): Promise<Record<string, unknown>> {
  for (const { state, args } of calls) {
    const { refused, failed, outcome } = await applyTo(host, await loadState(state), args);
    if (refused ?? failed) throw new Error(`${state}: ${refused ?? failed} ${outcome?.stderr ?? ''}`);
  }
  return Object.fromEntries(paths!.flatMap((path) => [...looks(path, host)]));
}

/** A path and all below it: kind, owner, mode and content. */
function* looks(path: string, reader: Reader): Generator<[string, unknown]> {
  const stat = reader.stat(path);
  const { kind, mode, uid, gid } = stat ?? {};
  const content = kind === 'file' ? reader.content(path)!.toString() : reader.link(path);
  yield [path, stat && { kind, mode: kind === 'link' ? undefined : mode, uid, gid, content }];
  if (kind !== 'directory') return;
  for (const name of reader.list(path)!) yield* looks(`${path}/${name}`, reader);
}

async function refusals(): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for (const { state, args } of calls) {
    const { plan } = await planOf(await loadState(state), args, local);
    found.push(isRefusal(plan) ? plan.refused : null);
  }
  return found;
}

const answer = paths
  ? { foretold: await apply(createOverlay(local)), done: await apply(local) }
  : await refusals();
process.stdout.write(JSON.stringify(answer));

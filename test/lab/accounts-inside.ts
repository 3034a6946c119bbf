/** Runs inside a node: applies states in a dry run and then for real, and tells what either leaves of the files named. */
import { readFileSync } from 'node:fs';
import { createWorld } from '../../engine/cli/world.ts';
import type { Host, Reader } from '../../engine/core/host.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { applyTo } from '../helpers/apply.ts';

interface Job {
  readonly calls: readonly { readonly state: string; readonly args: Record<string, unknown> }[];
  readonly paths: readonly string[];
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
  return Object.fromEntries(paths.flatMap((path) => [...looks(path, host)]));
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

const foretold = await apply(createOverlay(local));
const done = await apply(local);
process.stdout.write(JSON.stringify({ foretold, done }));

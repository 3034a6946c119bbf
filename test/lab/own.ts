/** What this test process makes on the machine, all of it named after its pid, and how that is taken away again. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { cacheFolder } from './cache.ts';
import { hold } from './hold.ts';

/** Names of network namespaces and machines begin with this. */
export const prefix = prefixOf(process.pid);

const runs = `${cacheFolder}/run`;

/** Overlays and logs of this process's nodes. */
export const folder = `${runs}/${process.pid}`;

/** Where the nodes' control groups go: the unified hierarchy and, on a hybrid machine, systemd's own. */
const hierarchies = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? ['/sys/fs/cgroup']
  : ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].filter(existsSync);

function prefixOf(pid: string | number): string {
  return `cvl${pid}`;
}

let claim: Promise<void> | undefined;

/** Takes the names of this pid, and first clears away what dead test processes left behind. */
export function claimNames(): Promise<void> {
  claim ??= claimOnce();
  return claim;
}

async function claimOnce(): Promise<void> {
  mkdirSync(runs, { recursive: true });
  // One after the other: a lock file that is made but not locked yet would look like a dead process's.
  using _turn = await hold(`${runs}/turn`, { wait: true });
  for (const name of readdirSync(runs)) {
    const pid = /^(\d+)\.lock$/.exec(name)?.[1];
    if (pid === undefined || pid === String(process.pid)) continue;
    using dead = await hold(`${runs}/${name}`, { wait: false });
    if (dead) sweep(pid);
  }
  if (!(await hold(`${folder}.lock`, { wait: false })))
    throw new Error(`${folder}.lock is held by another process.`);
  // An earlier process of the same pid may have died.
  clear(String(process.pid));
  mkdirSync(folder);
  process.once('exit', () => sweep(String(process.pid)));
}

function sweep(pid: string): void {
  clear(pid);
  rmSync(`${runs}/${pid}.lock`, { force: true });
}

function clear(pid: string): void {
  for (const node of existsSync(`${runs}/${pid}`) ? readdirSync(`${runs}/${pid}`) : []) clearNode(node, pid);
  for (const group of groupsOf('', pid)) removeGroup(group);
  for (const name of namespaces())
    if (name.startsWith(`${prefixOf(pid)}-`)) execFileSync('ip', ['netns', 'del', name]);
  rmSync(`${runs}/${pid}`, { recursive: true, force: true });
}

/** Ends every process of a node and removes all that was made for it. Its network is the caller's. */
export function clearNode(node: string, pid: string = String(process.pid)): void {
  for (const group of groupsOf(node, pid)) killGroup(group);
  const place = `${runs}/${pid}/${node}`;
  // Fails where it is not mounted (any more), which is what is wanted.
  spawnSync('umount', ['--quiet', `${place}/root`]);
  if (isMounted(`${place}/root`)) throw new Error(`${place}/root cannot be unmounted.`);
  for (const group of groupsOf(node, pid)) removeGroup(group);
  rmSync(place, { recursive: true, force: true });
}

/** Makes the control groups of a node: `systemd-nspawn --keep-unit` puts the guest below the group it is in itself. */
export function makeGroups(node: string): string[] {
  const groups = groupsOf(node, String(process.pid));
  for (const group of groups) mkdirSync(group, { recursive: true });
  return groups;
}

/**
 * The systemd of a node takes five inotify instances, of which a user has 128. With many nodes it needs more,
 * where the machine allows that; it is a setting of the machine, so it stays.
 */
export function makeRoom(): void {
  const file = '/proc/sys/fs/inotify/max_user_instances';
  const enough = 1024;
  const processes = readdirSync(runs).filter((name) => /^\d+$/.test(name));
  const nodes = processes.flatMap((pid) => unlessGone(() => readdirSync(`${runs}/${pid}`)) ?? []);
  if (nodes.length < 12 || Number(readFileSync(file, 'utf8')) >= enough) return;
  try {
    writeFileSync(file, String(enough));
  } catch {
    // Not allowed in here; the units that lack instances will say so.
  }
}

export function namespaces(): string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
}

function groupsOf(node: string, pid: string): string[] {
  return hierarchies.map((hierarchy) => `${hierarchy}/${prefixOf(pid)}${node && `/${node}`}`);
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${path} `);
}

function killGroup(group: string): void {
  until(`the processes of ${group} are gone`, () => {
    const pids = processesOf(group);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    return pids.length === 0;
  });
}

function processesOf(group: string): number[] {
  const own = unlessGone(() => readFileSync(`${group}/cgroup.procs`, 'utf8')) ?? '';
  return [...own.split('\n').filter(Boolean).map(Number), ...groupsBelow(group).flatMap(processesOf)];
}

function removeGroup(group: string): void {
  until(`${group} can be removed`, () => {
    for (const below of groupsBelow(group)) removeGroup(below);
    try {
      unlessGone(() => rmdirSync(group));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      return false;
    }
  });
}

function groupsBelow(group: string): string[] {
  const entries = unlessGone(() => readdirSync(group, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${group}/${entry.name}`);
}

/** The systemd of a node removes groups of its own while they are looked at. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}

/** Blocks, because this also runs while the process exits. */
function until(what: string, holds: () => boolean): void {
  // On a busy machine a process takes its time even to be killed.
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

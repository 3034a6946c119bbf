/** Clears away temporary files of runs that were killed, in folders where something is written anyway. */
import * as fs from 'node:fs';
import type { Spot } from './spot.ts';

/** As `temporaryName` makes them (with one number in older versions); nothing else is touched. */
const ours = /^\.converge-(?:[0-9a-f]{16}|([0-9a-f]{8}-\d+-\d+)-[0-9a-f]{8})$/;

/** Says which process made it, so that what a killed one leaves is known at once for what it is. */
export function temporaryName(): string {
  // Loaded on demand: a run that changes nothing needs no randomness, and this module takes milliseconds.
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  self ??= `${here()}-${process.pid}-${startOf('self')}`;
  return `.converge-${self}-${randomBytes(4).toString('hex')}`;
}

/** "place-pid-start" of this process. */
let self: string | undefined;

/** Process numbers mean something within one boot of one machine, and there within one namespace (pid_namespaces(7)). */
function here(): string {
  const { hash, randomBytes } = process.getBuiltinModule('node:crypto');
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
    return hash('sha256', `${boot}${fs.readlinkSync('/proc/self/ns/pid')}`).slice(0, 8);
  } catch {
    // Like no other place: only its age tells what is left over.
    return randomBytes(4).toString('hex');
  }
}

/** When a process was started, in ticks since the boot (proc_pid_stat(5)); 0 where there is none. */
function startOf(pid: number | string): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0;
  }
}

/** Whether its process is known to be gone. Of other machines and namespaces nothing is known. */
function isOrphan(maker: string): boolean {
  const [place, pid, start] = maker.split('-');
  return place === here() && startOf(pid!) !== Number(start);
}

/** Milliseconds. What is older belongs to no run that still writes: validators, which take longest, end before. */
const longest = 2 * 3600 * 1000;

export interface Moments {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the machine (or the container) was started: nothing from before is still being written. */
  readonly started: number;
}

/** Folders that were looked through: each once in a process, so that many writes into one cost one listing. */
const seen = new Set<string>();

/** Never fails: what cannot be cleared away now will be another time. */
export function sweepOnce(spot: Spot): void {
  try {
    const { dev, ino } = fs.statSync(spot.beside('.'));
    const key = `${dev}:${ino}`;
    if (seen.has(key)) return;
    seen.add(key);
    sweep(spot, { now: Date.now(), started: startOfMachine() });
  } catch {
    // The folder may be gone, or not to be listed.
  }
}

export function sweep(spot: Spot, moments: Moments): void {
  const user = process.getuid!();
  const folder = fs.statSync(spot.beside('.'));
  // Elsewhere somebody could have given one of our folders this name, to have us empty it.
  const trusted = [0, user].includes(folder.uid) && (folder.mode & 0o022) === 0;
  for (const name of fs.readdirSync(spot.beside('.'))) {
    const [known, maker] = ours.exec(name) ?? [];
    if (known === undefined) continue;
    const at = spot.beside(name);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    // Of a machine that has been started since, no process is left that could be asked for.
    const orphan = maker !== undefined && (isOrphan(maker) || stat.ctimeMs < moments.started);
    // Ours until it was given its owner, right before the end.
    if (stat.uid !== user && !(orphan && stat.isFile())) continue;
    if (!orphan && !isStale(stat.ctimeMs, moments)) continue;
    if (!stat.isDirectory()) fs.unlinkSync(at);
    else if (trusted) fs.rmSync(at, { recursive: true, force: true });
  }
}

function isStale(changed: number, { now, started }: Moments): boolean {
  return changed < started || changed < now - longest;
}

/** Milliseconds by which the two clocks may be apart: then it errs on the safe side. */
const doubt = 100;

/** proc_uptime(5) and proc_pid_stat(5), both in hundredths. 0 where they tell nothing. */
function startOfMachine(): number {
  const uptime = Number.parseFloat(fs.readFileSync('/proc/uptime', 'latin1'));
  return Date.now() - uptime * 1000 + startOf(1) * 10 - doubt || 0;
}

/** Clears away temporary files of runs that were killed, in folders where something is written anyway. */
import * as fs from 'node:fs';
import type { Spot } from './spot.ts';

/** As `temporaryName` of atomic.ts makes them; nothing else is touched. */
const ours = /^\.converge-[0-9a-f]{16}$/;

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
  const self = process.getuid!();
  const folder = fs.statSync(spot.beside('.'));
  // Elsewhere somebody could have given one of our folders this name, to have us empty it.
  const trusted = [0, self].includes(folder.uid) && (folder.mode & 0o022) === 0;
  for (const name of fs.readdirSync(spot.beside('.'))) {
    if (!ours.test(name)) continue;
    const at = spot.beside(name);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined || stat.uid !== self || !isStale(stat.ctimeMs, moments)) continue;
    if (!stat.isDirectory()) fs.unlinkSync(at);
    else if (trusted) fs.rmSync(at, { recursive: true, force: true });
  }
}

function isStale(changed: number, { now, started }: Moments): boolean {
  return changed < started || changed < now - longest;
}

/**
 * proc_stat(5), whole seconds, so up to one too early, which errs on the safe side; proc_pid_stat(5), hundredths. 0
 * where they tell nothing.
 */
function startOfMachine(): number {
  const [, boot] = /^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'latin1')) ?? [];
  const first = fs.readFileSync('/proc/1/stat', 'latin1');
  const ticks = Number(first.slice(first.lastIndexOf(')') + 2).split(' ')[19]);
  return (Number(boot) + ticks / 100) * 1000 || 0;
}

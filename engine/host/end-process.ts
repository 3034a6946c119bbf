/** Ends a run that hangs: politely, then by force with all it has started. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds that a run has to end its commands and to write its report. */
const patience = 8000;

/** `isAlive` tells whether the process is still the one that is meant. */
export async function endProcess(pid: number, isAlive: () => boolean): Promise<void> {
  // The first makes it stop after the present step, the second at once.
  for (const wait of [100, patience]) {
    if (!isAlive()) return;
    signal(pid, 'SIGTERM');
    const end = performance.now() + wait;
    while (isAlive() && performance.now() < end) await pause(20);
  }
  if (!isAlive()) return;
  // It must not start others while it is ended.
  signal(pid, 'SIGSTOP');
  const others = descendants(pid);
  for (const one of [pid, ...others]) signal(one, 'SIGKILL');
  while (isAlive()) await pause(20);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

function descendants(of: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(name);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] => (parents.get(pid) ?? []).flatMap((one) => [one, ...below(one)]);
  return below(of);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

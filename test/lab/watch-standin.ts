/** Stands for `converge watch` where only its dealings with systemd count: what it is told to run is in a file. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { notifySystemd, watchdogInterval } from '../../engine/host/notify.ts';
import { keepInStep } from '../../engine/host/watch-unit.ts';

const job = '/tmp/job';
let running = false;
let ending = false;

function settle(): void {
  if (running) return;
  if (ending) process.exit(0);
  keepInStep(process.env);
}

/** Its step is finished, whatever comes. */
function run(): void {
  if (running || !existsSync(job)) return;
  const script = readFileSync(job, 'utf8');
  rmSync(job);
  running = true;
  spawn('/bin/sh', ['-c', script], { stdio: 'inherit', detached: true }).on('close', () => {
    running = false;
    settle();
  });
}

process.on('SIGTERM', () => {
  ending = true;
  settle();
});
process.on('SIGHUP', settle);
setInterval(run, 20);
const interval = watchdogInterval(process.env);
if (interval !== undefined) setInterval(() => notifySystemd('WATCHDOG=1'), interval / 2);
notifySystemd('READY=1');

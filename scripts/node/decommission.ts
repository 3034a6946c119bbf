/** Takes this node out of the cluster, in the order in which nobody notices. */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { confirmed } from './ask.ts';
import { command } from './command.ts';
import { couchdbMembers } from './couchdb-members.ts';
import { at, type Mapping } from './data.ts';
import { write } from './files.ts';
import type { Options } from './options.ts';
import { leftFile } from './places.ts';
import { patience, readGrains, readPillar, run } from './program.ts';
import { readRole } from './settings.ts';
import { Trouble } from './trouble.ts';

const defaultWait = 600;

export async function decommission(options: Options): Promise<number> {
  const role = readRole();
  if (role === undefined) throw new Trouble('This machine is no node of ours: its grains tell no role.');
  const seconds = options.wait === undefined ? defaultWait : Number(options.wait);
  if (!Number.isInteger(seconds) || seconds < 0)
    throw new Trouble(`--wait takes seconds, not "${options.wait}".`);
  const pillar = readPillar();
  const id = String(at(readGrains(), 'id'));
  if (!options.yes && !(await confirmed(`Shall ${id} leave the cluster for good?`))) return 1;

  // First of all: whatever converges by itself would bring back what is taken away.
  say('No run begins by itself any more.');
  write(leftFile, 'This node was decommissioned.\n');
  if (run(['pause', '--reason', 'decommissioned']) !== 0) throw new Trouble('Runs could not be paused.');
  if (role === 'app') {
    say('The addresses are withdrawn.');
    stopRoutes();
  } else await leaveDatabase(pillar, seconds);
  say('The records of this node are removed.');
  const status = run(['apply', 'dns.leaving', ...patience]);
  if (status !== 0)
    throw new Trouble('The records could not be removed.', 'Run this again: what is done stays done.');
  // A run that was going on has ended now, and may have started any of these.
  for (const unit of ownUnits()) must('systemctl', 'disable', '--now', unit);
  if (role === 'app') stopRoutes();
  await drained(pillar, Math.min(seconds, 120));
  for (const unit of role === 'app' ? ['haproxy', 'api'] : ['haproxy', 'couchdb']) stop(unit);
  say(
    `${id} has left. Should it ever converge again, name it in dns:leaving of the pillar, or bootstrap it anew.`,
  );
  return 0;
}

function stopRoutes(): void {
  stop('bird-health');
  stop('bird');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The watch, and the timers of schedule.present. */
function ownUnits(): string[] {
  const folder = '/etc/systemd/system';
  return readdirSync(folder).filter((name) => /^converge-(?:watch\.service|.*\.timer)$/.test(name));
}

function must(...argv: [string, ...string[]]): void {
  if (command(...argv).status !== 0) throw new Trouble(`${argv.join(' ')} failed.`);
}

/** Disabled, too: a reboot brings nothing back. What is not installed is stopped. */
function stop(unit: string): void {
  if (command('systemctl', 'cat', `${unit}.service`).status !== 0) return;
  must('systemctl', 'disable', '--now', `${unit}.service`);
}

/** Clients that found this node before its records were gone finish what they began. */
async function drained(pillar: Mapping, seconds: number): Promise<void> {
  const port = Number(at(pillar, 'haproxy:https_port') ?? 443);
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const { status, stdout } = command('ss', '-Htn', 'state', 'established', `( sport = :${port} )`);
    const open = stdout.trim() === '' ? 0 : stdout.trim().split('\n').length;
    if (status !== 0 || open === 0) return;
    if (Date.now() > deadline) return say(`${open} connections to port ${port} are still open, and end now.`);
    await pause(500);
  }
}

/**
 * Maps of shards are changed by one node only, and that is never the one that leaves. So it says in the DNS that it is
 * about to, and waits until the others have taken over its data.
 */
async function leaveDatabase(pillar: Mapping, seconds: number): Promise<void> {
  if (command('systemctl', 'is-active', '--quiet', 'couchdb').status !== 0) {
    throw new Trouble(
      'CouchDB does not run here, so nobody can tell whether its data is elsewhere.',
      'systemctl start couchdb',
    );
  }
  const port = Number(at(pillar, 'couchdb:port') ?? 5984);
  const user = String(at(pillar, 'couchdb:username') ?? 'admin');
  const own = await couchdbMembers(port, user);
  if (own.others.length === 0)
    throw new Trouble(
      'This is the only member of its cluster: its data would be gone.',
      'There is no decommissioning of the last one.',
    );
  if (!own.isMember) return;
  say('The others are told by the DNS that this node is about to leave.');
  if (run(['apply', 'dns.parting', ...patience]) !== 0)
    throw new Trouble('The record of this node could not be changed.', 'Run this again.');
  say(
    `Waiting up to ${seconds} seconds for them to take over the data. They do so by themselves where they watch; elsewhere by their next highstate.`,
  );
  const deadline = Date.now() + seconds * 1000;
  while (await isStillMember(port, user)) {
    if (Date.now() > deadline)
      throw new Trouble(
        'This node is a member of the cluster of CouchDB still.',
        `Look at the others (converge status on ${own.others.join(', ')}), and run this again: what is done stays done.`,
        'To stay instead: ./bootstrap.sh db',
      );
    await pause(1000);
  }
}

/** The others restart when they learn of it, and then nobody may answer for a while. */
async function isStillMember(port: number, user: string): Promise<boolean> {
  try {
    return (await couchdbMembers(port, user)).isMember;
  } catch (error) {
    if (error instanceof Trouble) return true;
    throw error;
  }
}

/** Who may have changed something that has to be corrected again and again: hints, found within a second. */
import { execFile } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { basename } from 'node:path';
import { createAccounts } from './passwd.ts';

/** Milliseconds that all looking may take. */
const patience = 900;
/** Bytes of a log, from its end. */
const tail = 128 * 1024;
/** Files of one folder that are looked into, and bytes beyond which one is not. */
const most = 300;
const small = 64 * 1024;

/** Places in which others say what they do regularly. */
const jobs = [
  '/etc/crontab',
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
  '/var/spool/cron',
  '/var/spool/cron/crontabs',
  '/etc/systemd/system',
  '/etc/NetworkManager/dispatcher.d',
  '/etc/network/if-up.d',
  '/etc/dhcp/dhclient-exit-hooks.d',
  '/etc/tmpfiles.d',
];

/** Programs that keep a host as somebody else wants it, by the names of their processes. */
const managers = new Set([
  'puppet',
  'chef-client',
  'salt-minion',
  'cf-agent',
  'cf-execd',
  'ansible-pull',
  'cloud-init',
  'unattended-upgr',
  'packagekitd',
]);

/** Those that only care for the network, and which of its files are theirs. */
const networkers = new Set(['NetworkManager', 'systemd-resolve', 'resolvconf', 'dhclient', 'dhcpcd']);
const ofNetwork =
  /^\/etc\/(resolv\.conf|hosts|hostname|network|netplan|NetworkManager|systemd\/(network|resolved))/;

/**
 * Sentences about `name`, a path or the name of something else, and about what happened since then (milliseconds since
 * the epoch). Asked before anything is corrected: afterwards its times would be our own.
 */
export async function suspectsOf(name: string, since: number): Promise<string[]> {
  const end = performance.now() + patience;
  const found: string[] = [];
  for (const look of [ofFile, ofPackages, ofJobs, ofManagers]) {
    if (performance.now() < end) found.push(...safely(() => look(name, since)));
  }
  const left = end - performance.now();
  if (left > 100) found.push(...(await ofJournal(name, since, left)));
  return found;
}

function safely(look: () => string[]): string[] {
  try {
    return look();
  } catch {
    return [];
  }
}

function ofFile(name: string): string[] {
  if (!name.startsWith('/')) return [];
  const stat = lstatSync(name, { throwIfNoEntry: false });
  if (!stat) return [`${name} is gone.`];
  const { user } = createAccounts(contentOf, false);
  const owner = user(stat.uid)?.name ?? String(stat.uid);
  const times = [`its content dates from ${timeText(stat.mtimeMs)}`];
  if (stat.ctimeMs - stat.mtimeMs > 1000) times.push(`its attributes from ${timeText(stat.ctimeMs)}`);
  return [`${name} belongs to ${owner}; ${times.join(', ')}.`];
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** dpkg(1): "2026-11-23 02:10:59 upgrade nginx:amd64 1.26 1.27"; dnf: "2026-11-23T02:10:59+0000 SUBDEBUG Upgrade: …". */
function ofPackages(_: string, since: number): string[] {
  const done = new Set<string>();
  // Logs tell seconds.
  const from = Math.floor(since / 1000) * 1000;
  for (const line of lastLines('/var/log/dpkg.log')) {
    const [, time, name] = /^(\S+ \S+) (?:install|upgrade|remove) ([^\s:]+)/.exec(line) ?? [];
    if (time && name && new Date(time.replace(' ', 'T')).getTime() >= from) done.add(name);
  }
  for (const line of lastLines('/var/log/dnf.rpm.log')) {
    const [, time, name] = /^(\S+) \S+ (?:Installed|Upgraded?|Removed|Erased): (\S+)/.exec(line) ?? [];
    const iso = time?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
    if (iso && name && new Date(iso).getTime() >= from) done.add(name);
  }
  if (done.size === 0) return [];
  return [`Packages were installed, upgraded or removed since it was last right: ${few([...done])}.`];
}

function lastLines(file: string): string[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const buffer = Buffer.alloc(tail);
    const start = Math.max(0, fstatSync(fd).size - tail);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, tail, start)).split('\n');
  } finally {
    closeSync(fd);
  }
}

function ofJobs(name: string): string[] {
  const mention = name.startsWith('/') ? name : basename(name);
  if (mention.length < 4) return [];
  const found = jobs
    .flatMap((place) => filesIn(place))
    .filter((file) => file !== name && contentOf(file)?.includes(mention));
  return found.length === 0 ? [] : [`It is named in ${few([...new Set(found)])}.`];
}

function filesIn(place: string): string[] {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (!stat) return [];
  const files = stat.isFile()
    ? [place]
    : readdirSync(place)
        .slice(0, most)
        .map((name) => `${place}/${name}`);
  return files.filter((file) => {
    const one = statSync(file, { throwIfNoEntry: false });
    return one?.isFile() && one.size <= small;
  });
}

function ofManagers(name: string): string[] {
  const isOfNetwork = ofNetwork.test(name);
  const found = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const comm = contentOf(`/proc/${pid}/comm`)?.toString().trim() ?? '';
    if (managers.has(comm) || (isOfNetwork && networkers.has(comm))) found.add(comm);
  }
  return found.size === 0 ? [] : [`Others that manage this machine are running: ${few([...found])}.`];
}

function ofJournal(name: string, since: number, timeout: number): Promise<string[]> {
  const words = basename(name).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  if (words.length < 4 || words.includes('\0')) return Promise.resolve([]);
  const argv = ['--no-pager', '-q', '-o', 'short-iso', '-n', '3', '-g', words];
  const from = ['--since', `@${Math.floor(since / 1000)}`];
  return new Promise((resolve) => {
    execFile(
      'journalctl',
      [...argv, ...from],
      { timeout: Math.floor(timeout), killSignal: 'SIGKILL' },
      (_, stdout) => {
        const lines = String(stdout ?? '')
          .split('\n')
          // What this program says of it is no hint.
          .filter((line) => line !== '' && !/\bconverge\b/.test(line));
        resolve(lines.map((line) => `The journal: ${line.slice(0, 200)}`));
      },
    ).on('error', () => resolve([]));
  });
}

function few(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What apt and dpkg print: versions on offer, what would be or was changed, who is to blame. */
import type { Outcome } from '../../core/host.ts';
import type { Change } from '../../core/state.ts';
import { type Complaint, firstOf } from './_complaint.ts';
import type { Versions } from './_manager.ts';

/** Name → versions on offer, newest first, from the output of `madison`. */
export function readMadison(output: string): Map<string, string[]> {
  const offered = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [name, version, where] = line.split('|').map((part) => part.trim());
    if (!name || !version || where?.endsWith(' Sources')) continue;
    const versions = offered.get(name) ?? [];
    if (!versions.includes(version)) versions.push(version);
    offered.set(name, versions);
  }
  return offered;
}

/** What a simulation would change: `Inst name [old] (new …)`, `Remv name [old]`. */
export function readSimulation({ status, stdout }: Outcome): Change[] | undefined {
  if (status !== 0) return undefined;
  return stdout.split('\n').flatMap((line) => {
    const [, verb, subject, old = '', version = ''] =
      /^(Inst|Remv|Purg) (\S+)(?: \[(\S+)\])?(?: \((\S+))?/.exec(line) ?? [];
    return subject === undefined ? [] : [{ subject, old, new: verb === 'Inst' ? version : '' }];
  });
}

/** What a real run changed, by dpkg's messages. */
export function readChanges(output: string): Versions {
  const changes: { [name: string]: { old: string; new: string } } = {};
  for (const line of output.split('\n')) {
    const unpacked = /^Unpacking (\S+) \((\S+)\)(?: over \((\S+)\))?/.exec(line);
    if (unpacked) changes[plain(unpacked[1]!)] = { old: unpacked[3] ?? '', new: unpacked[2]! };
    const removed = /^(?:Removing|Purging configuration files for) (\S+) \((\S+)\)/.exec(line);
    if (removed) changes[plain(removed[1]!)] ??= { old: removed[2]!, new: '' };
  }
  return changes;
}

/** dpkg names the architecture of some packages of the machine's own too. */
function plain(name: string): string {
  return name.replace(/:.*/, '');
}

/** Who is to blame, from what apt and dpkg print when they give up. */
const complaints: readonly Complaint[] = [
  [
    /^E: Unable to locate package (\S+)/m,
    ([, name]) => `There is no package "${name}" in the package sources.`,
  ],
  [
    /^E: Version '(.+)' for '(.+)' was not found/m,
    ([, version, name]) => `The package sources do not offer version ${version} of ${name}.`,
  ],
  [
    /^E: Package '(.+)' has no installation candidate/m,
    ([, name]) => `The package sources do not offer ${name}.`,
  ],
  [
    /^E: Could not get lock (\S+?)\. It is held by process (.+)$/m,
    ([, , who]) => `Process ${who} holds the package database.`,
  ],
  [
    /^dpkg: error processing (?:package|archive) (\S+).*:\n +(.+)$/m,
    ([, name, why]) =>
      `The package ${name!.replace(/.*\//, '')} could not be installed or removed: ${why!.trim()}.`,
  ],
  [
    /^ (\S+) : (?:Pre)?Depends: (.+)$/m,
    ([, name, what]) => `${name} cannot be installed: it depends on ${what}.`,
  ],
  [
    /^ (\S+) : (Conflicts|Breaks): (.+)$/m,
    ([, name, , what]) => `${name} cannot be installed beside ${what}.`,
  ],
  [/^E: Failed to fetch (\S+)\s+(.*)$/m, ([, url, why]) => `${url} could not be fetched: ${why}`],
  [
    /^E: Unable to correct problems, you have held broken packages/m,
    () => 'Packages that are held, or not on offer, are in the way of what it needs.',
  ],
  [
    /^E: dpkg was interrupted/m,
    () => 'An earlier run of dpkg was interrupted; `dpkg --configure -a` finishes it.',
  ],
  [/^E: (Held packages were changed).*/m, () => 'It would change a package that is held.'],
  [/^E: (.+)$/m, ([, message]) => message!],
];

export function complain(outcome: Outcome): string | undefined {
  return firstOf(complaints, outcome);
}

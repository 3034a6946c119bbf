/** The commands of apt and dpkg as argument lists, and what their output says. */
import type { Command, Outcome } from '../../core/host.ts';
import type { Change, Verdict } from '../../core/state.ts';

/** Nobody is there to answer questions; messages are read by `readChanges`, so they must be English. */
const env = {
  DEBIAN_FRONTEND: 'noninteractive',
  APT_LISTCHANGES_FRONTEND: 'none',
  APT_LISTBUGS_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
};

/** Configuration files that were changed here stay as they are: states decide what they hold. */
const keepConfiguration = ['--force-confdef', '--force-confold'];

const aptGet = [
  'apt-get',
  '-q',
  '-y',
  ...keepConfiguration.flatMap((option) => ['-o', `DPkg::Options::=${option}`]),
  // Somebody else's apt (unattended-upgrades) is waited for, in seconds.
  '-o',
  'DPkg::Lock::Timeout=120',
];

export interface InstallOptions {
  readonly fromrepo?: string;
  readonly install_recommends?: boolean;
  readonly only_upgrade?: boolean;
  readonly reinstall?: boolean;
  readonly skip_verify?: boolean;
  readonly update_holds?: boolean;
  readonly downgrade?: boolean;
}

/** `targets`: names, `name=version` or absolute paths of .deb files. */
export function install(targets: readonly string[], options: InstallOptions): Command {
  const { fromrepo, install_recommends: recommends } = options;
  const argv = [
    ...aptGet,
    'install',
    ...(fromrepo === undefined ? [] : ['-t', fromrepo]),
    ...(recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(options.only_upgrade ? ['--only-upgrade'] : []),
    ...(options.reinstall ? ['--reinstall'] : []),
    ...(options.skip_verify ? ['--allow-unauthenticated'] : []),
    ...(options.update_holds ? ['--allow-change-held-packages'] : []),
    ...(options.downgrade ? ['--allow-downgrades'] : []),
    '--',
    ...targets,
  ];
  return { argv, env };
}

export function remove(names: readonly string[], { purge }: { readonly purge: boolean }): Command {
  return { argv: [...aptGet, purge ? 'purge' : 'remove', '--', ...names], env };
}

export function upgrade({ dist, skip_verify }: { dist?: boolean; skip_verify?: boolean }): Command {
  const verb = dist ? 'dist-upgrade' : 'upgrade';
  return { argv: [...aptGet, verb, ...(skip_verify ? ['--allow-unauthenticated'] : [])], env };
}

/** Without Error-Mode apt-get says 0 where not one list could be fetched. */
export const refresh: Command = { argv: [...aptGet, '-o', 'APT::Update::Error-Mode=any', 'update'], env };

/** Finishes what an interrupted dpkg left half way. */
export const configureAll: Command = { argv: ['dpkg', ...keepConfiguration, '--configure', '-a'], env };

export function mark(verb: 'hold' | 'unhold', names: readonly string[]): Command {
  return { argv: ['apt-mark', verb, '--', ...names], env };
}

/** The same command as a look: says what it would do, needs no lock and touches nothing. */
export function simulated(command: Command): Command {
  const [program, ...rest] = command.argv;
  return { ...command, argv: [program!, '--simulate', ...rest] };
}

/** One line per version of a package that the package sources offer. */
export function madison(names: readonly string[]): Command {
  return { argv: ['apt-cache', 'madison', '--', ...names], env };
}

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
export function readSimulation(output: string): Change[] {
  return output.split('\n').flatMap((line) => {
    const [, verb, subject, old = '', version = ''] =
      /^(Inst|Remv|Purg) (\S+)(?: \[(\S+)\])?(?: \((\S+))?/.exec(line) ?? [];
    return subject === undefined ? [] : [{ subject, old, new: verb === 'Inst' ? version : '' }];
  });
}

/** What a real run changed, by dpkg's messages. */
export function readChanges(output: string): { [name: string]: { old: string; new: string } } {
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

/** Reads the outcome of any command of this file for the report: the real versions, or who is to blame. */
export function judge(_args: unknown, outcome: Outcome): Verdict {
  const changes = readChanges(outcome.stdout);
  if (outcome.status !== 0) return { failed: true, comment: explain(outcome), changes };
  const sentences = Object.entries(changes).map(([name, { old, new: version }]) =>
    version === '' ? `${name} removed` : `${name} ${version} installed${old === '' ? '' : ` over ${old}`}`,
  );
  return { changes, ...(sentences.length > 0 && { comment: `${sentences.join(', ')}.` }) };
}

/** Who is to blame, from what apt and dpkg print when they give up. */
const complaints: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
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
    /^dpkg: error processing (?:package|archive) (\S+)/m,
    ([, name]) => `The package ${name} could not be installed or removed.`,
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
  [/^E: (Held packages were changed).*/m, () => 'It would change a package that is held.'],
  [/^E: (.+)$/m, ([, message]) => message!],
];

export function explain({ stdout, stderr, status }: Outcome): string {
  for (const [pattern, sentence] of complaints) {
    const match = pattern.exec(stderr) ?? pattern.exec(stdout);
    if (match) return sentence(match);
  }
  return `apt ended with status ${status}.`;
}

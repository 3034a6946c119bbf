/** The commands of dnf as argument lists. Measured with dnf 4 (CentOS Stream 9). */
import type { Command, Effect, Reader, Settled } from '../../core/host.ts';
import { complain, notes, readChanges, readOffers, readSimulation } from './_dnf-output.ts';
import type { Holding, InstallOptions, Manager, UpgradeOptions, Word } from './_manager.ts';
import { compareRpmVersions } from './_rpm-version.ts';
import { readLocks, withLocks, withoutLocks } from './_versionlock.ts';

/** Messages are read, so they must be English. dnf waits by itself while another one holds its lock. */
const env = { LC_ALL: 'C.UTF-8' };

const architectures = /^(noarch|x86_64|i[3-6]86|aarch64|armv7hl|ppc64le|s390x|riscv64|src)$/;

function all(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : [...value];
}

function repositories({ fromrepo, enablerepo, disablerepo }: InstallOptions): string[] {
  // Salt: fromrepo stands for this repository and no other.
  const off = fromrepo === undefined ? all(disablerepo) : ['*'];
  const on = fromrepo === undefined ? all(enablerepo) : all(fromrepo);
  return [...off.map((name) => `--disablerepo=${name}`), ...on.map((name) => `--enablerepo=${name}`)];
}

function flags(options: InstallOptions): string[] {
  const { install_recommends: weak, disableexcludes } = options;
  return [
    ...repositories(options),
    ...(disableexcludes === undefined ? [] : [`--disableexcludes=${disableexcludes}`]),
    ...all(options.setopt).map((one) => `--setopt=${one}`),
    ...(weak === undefined ? [] : [`--setopt=install_weak_deps=${weak ? 'True' : 'False'}`]),
    ...(options.skip_verify ? ['--nogpgcheck'] : []),
    // Otherwise it takes every other version for one that is not there.
    ...(options.update_holds ? ['--disableplugin=versionlock'] : []),
  ];
}

function dnfWith(verb: readonly string[], words: readonly string[], options: InstallOptions): Command {
  return { argv: ['dnf', '-y', ...verb, ...flags(options), '--', ...words], env };
}

/** `install` also upgrades and downgrades to a version that is named; only `reinstall` installs the same again. */
function install(words: readonly Word[], options: InstallOptions, verb: readonly string[] = []): Command[] {
  return [
    { name: 'install', words: words.filter(({ again }) => !again) },
    { name: 'reinstall', words: words.filter(({ again }) => again) },
  ].flatMap(({ name, words: some }) =>
    some.length === 0
      ? []
      : [
          dnfWith(
            [name, ...verb],
            some.map(({ text }) => text),
            options,
          ),
        ],
  );
}

function upgrade(options: UpgradeOptions, names: readonly string[] = []): Command {
  return dnfWith(['upgrade', ...(options.security ? ['--security'] : [])], names, options);
}

function offers(names: readonly string[], options: InstallOptions): Command {
  const format = '%{name}\\t%{epoch}\\t%{version}-%{release}\\t%{arch}\\n';
  const argv = ['dnf', '-q', '-C', 'repoquery', '--qf', format, ...repositories(options), '--', ...names];
  return { argv, env };
}

/** By the lists at hand (-C): a look must not fetch any. */
function simulated({ argv, ...command }: Command): Command {
  return {
    ...command,
    argv: argv.flatMap((word, index) => (word === '-y' && index === 1 ? ['-C', '--assumeno'] : [word])),
  };
}

function holding({ verb, packages, locks }: Holding): Effect[] {
  const { path, text } = locks!;
  const known = [...packages].filter((one): one is [string, string] => one[1] !== undefined);
  const unknown = [...packages.keys()].filter((name) => packages.get(name) === undefined);
  const free = withoutLocks(text, [...packages.keys()]);
  const next = verb === 'hold' ? withLocks(free, known) : free;
  const command = { argv: ['dnf', '-q', '-C', 'versionlock', 'add', '--', ...unknown], env };
  // For a dry run, which does not know the version either.
  const after = withLocks(
    next,
    unknown.map((name) => [name, '0:*-*']),
  );
  const settles: Settled[] = [
    { about: 'file', effect: { kind: 'write', path, content: Buffer.from(after) } },
  ];
  return [
    ...(next === text ? [] : [{ kind: 'write' as const, path, content: Buffer.from(next), follow: true }]),
    ...(verb === 'hold' && unknown.length > 0 ? [{ kind: 'exec' as const, command, settles }] : []),
  ];
}

/** The index of each repository in dnf's cache. */
function listFiles(reader: Reader): string[] {
  return (reader.list('/var/cache/dnf') ?? [])
    .map((name) => `/var/cache/dnf/${name}/repodata/repomd.xml`)
    .filter((path) => reader.stat(path));
}

export const dnf: Manager = {
  program: 'dnf',
  compare: compareRpmVersions,
  /** Names, with or without architecture, and capabilities such as `perl(JSON)`. */
  isName: (name) => /^[A-Za-z0-9_][A-Za-z0-9_.+-]*(\([A-Za-z0-9_.+:/-]*\)){0,2}$/.test(name),
  split(name) {
    const dot = name.lastIndexOf('.');
    const arch = name.slice(dot + 1);
    return dot > 0 && architectures.test(arch) ? [name.slice(0, dot), arch] : [name, undefined];
  },
  word(name, version) {
    const [bare, arch] = dnf.split(name);
    return `${bare}-${version}${arch === undefined ? '' : `.${arch}`}`;
  },
  install,
  download: (words, options) => install(words, options, ['--downloadonly']),
  /** Unlike Salt: `pkg.removed` never removes what was a dependency only: another state may count on it. */
  remove: (names) => dnfWith(['remove', '--noautoremove'], names, {}),
  upgrade,
  refresh: { argv: ['dnf', '-q', '-y', 'makecache', '--refresh'], env },
  listFiles,
  offers,
  readOffers,
  simulated,
  readSimulation,
  readChanges,
  complain,
  notes,
  locks: readLocks,
  holding,
  /** The older of two versions goes, and the newer is installed again, for files of it may be missing. */
  repair: () => [
    {
      kind: 'exec',
      command: { argv: ['dnf', '-y', 'remove', '--duplicates'], env },
      success: [0, 1],
    },
  ],
};

/** The commands of apt and dpkg as argument lists, and what their output says. */
import type { Command, Effect } from '../../core/host.ts';
import { complain, readChanges, readMadison, readSimulation } from './_apt-output.ts';
import { compareDebVersions } from './_dpkg-version.ts';
import type { Holding, InstallOptions, Manager, UpgradeOptions, Word } from './_manager.ts';

/** Nobody is there to answer questions; messages are read, so they must be English. */
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

const settings = [
  // Somebody else's apt (unattended-upgrades) is waited for, in seconds.
  '-o',
  'DPkg::Lock::Timeout=120',
  // Its output comes as lines, and errors on stderr, instead of as for a terminal.
  '-o',
  'Dpkg::Use-Pty=0',
];

const aptGet = aptWith(keepConfiguration);

function aptWith(forces: readonly string[]): string[] {
  return [
    'apt-get',
    '-q',
    '-y',
    ...forces.flatMap((option) => ['-o', `DPkg::Options::=${option}`]),
    ...settings,
  ];
}

function install(words: readonly Word[], options: InstallOptions): Command[] {
  const { fromrepo, install_recommends: recommends } = options;
  const argv = [
    ...(options.force_conf_new ? aptWith(['--force-confnew']) : aptGet),
    'install',
    ...(fromrepo === undefined ? [] : ['-t', fromrepo]),
    ...(recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(options.only_upgrade ? ['--only-upgrade'] : []),
    ...(words.some(({ again }) => again) ? ['--reinstall'] : []),
    ...(options.skip_verify ? ['--allow-unauthenticated'] : []),
    ...(options.update_holds ? ['--allow-change-held-packages'] : []),
    ...(options.downgrade ? ['--allow-downgrades'] : []),
    '--',
    ...words.map(({ text }) => text),
  ];
  const others = { ...env, UCF_FORCE_CONFFOLD: null, UCF_FORCE_CONFFNEW: '1' };
  return [{ argv, env: options.force_conf_new ? others : env }];
}

/** Without --reinstall apt-get does not fetch what is installed. */
function download(words: readonly Word[], options: InstallOptions): Command[] {
  const [{ argv }] = install(words, options) as [Command];
  const at = argv.indexOf('install') + 1;
  return [{ argv: [...argv.slice(0, at), '--download-only', '--reinstall', ...argv.slice(at)], env }];
}

function remove(names: readonly string[], { purge }: { readonly purge: boolean }): Command {
  return { argv: [...aptGet, purge ? 'purge' : 'remove', '--', ...names], env };
}

function upgrade(options: UpgradeOptions, names?: readonly string[]): Command {
  if (names) {
    const words = names.map((text) => ({ text, again: false }));
    return install(words, { ...options, only_upgrade: true })[0]!;
  }
  const verb = options.dist ? 'dist-upgrade' : 'upgrade';
  return { argv: [...aptGet, verb, ...(options.skip_verify ? ['--allow-unauthenticated'] : [])], env };
}

/** Without Error-Mode apt-get says 0 where not one list could be fetched. */
const refresh: Command = { argv: [...aptGet, '-o', 'APT::Update::Error-Mode=any', 'update'], env };

function simulated(command: Command): Command {
  const [program, ...rest] = command.argv;
  return { ...command, argv: [program!, '--simulate', ...rest] };
}

/** Any of it may still fail where a package itself is at fault; what is done then says more about it. */
function repair(incomplete: readonly string[]): Effect[] {
  const again = install(
    incomplete.map((text) => ({ text, again: true })),
    {},
  );
  const commands = [
    { argv: ['dpkg', ...keepConfiguration, '--configure', '-a'], env },
    // apt takes what was not even unpacked to the end for installed, unless it is told.
    ...(incomplete.length > 0 ? again : []),
    { argv: [...aptGet, '--fix-broken', 'install'], env },
  ];
  return commands.map((command) => ({ kind: 'exec', command, success: [0, 1, 100] }));
}

function holding({ verb, packages }: Holding): Effect[] {
  const command = { argv: ['apt-mark', verb, '--', ...packages.keys()], env };
  const held = verb === 'hold';
  const settles = [...packages].flatMap(([name, version]) =>
    version === undefined ? [] : [{ about: 'package' as const, name, version, held }],
  );
  return [{ kind: 'exec', command, settles, foreseen: true }];
}

export const apt: Manager = {
  program: 'apt',
  compare: compareDebVersions,
  /** Debian policy 5.6.7, optionally with an architecture. */
  isName: (name) => /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]+)?$/.test(name),
  split(name) {
    const [bare, arch] = name.split(':');
    return [bare!, arch];
  },
  /** `name-` removes, `name=1` and `name/testing` choose a version, `./name` is a file. */
  word: (name, version) => `${name}=${version}`,
  install,
  download,
  remove,
  upgrade,
  refresh,
  listFiles(reader) {
    const fetched = (reader.list('/var/lib/apt/lists') ?? []).some((name) =>
      /_(Packages|InRelease|Release)/.test(name),
    );
    return fetched ? ['/var/lib/apt/lists', '/var/cache/apt/pkgcache.bin'] : [];
  },
  offers: (names) => ({ argv: ['apt-cache', 'madison', '--', ...names], env }),
  readOffers: readMadison,
  simulated,
  readSimulation,
  readChanges,
  complain,
  notes: () => [],
  locks: () => undefined,
  holding,
  repair,
};

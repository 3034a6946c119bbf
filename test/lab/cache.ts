/** The systems that nodes boot from and the packages they may install: built once, kept by the hash of the recipe. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { hold } from './hold.ts';
import { rpmBase, rpmFinish } from './rpm-family.ts';

export const cacheFolder = process.env['CONVERGE_LAB_CACHE'] || '/var/cache/converge-lab';

/** Debian 12, Debian 13, and a CentOS Stream 9 in everything that rpm, dnf and /etc tell. */
export type Family = 'debian' | 'trixie' | 'rpm';

export interface Cache {
  /** Lower layer of every node; never written to. */
  readonly rootfs: string;
  /** A flat package repository (sources.list(5)) of real Debian packages; empty for rpm. */
  readonly repository: string;
}

interface Recipe {
  readonly suite: 'bookworm' | 'trixie';
  /** What a freshly installed node has. */
  readonly base: readonly string[];
  /** What it may install, where that is Debian's. */
  readonly installable: readonly string[];
  /** Run in the rootfs when everything is installed. */
  readonly finish: string;
}

const base = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'procps', 'curl'];

/** What tests install inside nodes, with whatever that depends on. Add to it what a test needs. */
const installable = [
  ...[
    'haproxy',
    'hello',
    'tree',
    'git',
    'rsync',
    'gnupg',
    'openssh-server',
    'openssh-client',
    'sudo',
    'cron',
  ],
  ...[
    'logrotate',
    'locales',
    'unzip',
    'zip',
    'xz-utils',
    'bzip2',
    'zstd',
    'kmod',
    'ifupdown',
    'network-manager',
  ],
  ...['systemd-resolved', 'tzdata', 'acl', 'e2fsprogs', 'nftables', 'libpam-modules'],
  ...['ufw', 'firewalld'],
  ...['bind9', 'bind9-dnsutils', 'knot', 'pdns-server', 'pdns-backend-sqlite3'],
  'bird2',
  ...['systemd-timesyncd', 'unattended-upgrades', 'postfix', 'libsasl2-modules', 'ca-certificates'],
];

/** Timers and password agents would only disturb tests and use up inotify instances. */
const finish = `
systemctl mask -q console-getty.service systemd-ask-password-console.path systemd-ask-password-wall.path
systemctl disable -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/hostname /etc/resolv.conf
echo 'deb [trusted=yes] file:/srv/repository ./' > /etc/apt/sources.list.d/lab.list
: > /etc/machine-id
mkdir -p /srv/repository /opt/converge /srv/states /srv/pillar
`;

const recipes: { readonly [family in Family]: Recipe } = {
  debian: { suite: 'bookworm', base, installable: [...installable, 'pebble'], finish },
  // Cronie and BIRD 3 are in Debian since 13, and cannot be beside Debian's cron and BIRD 2.
  trixie: { suite: 'trixie', base, installable: installable.map(newer), finish },
  rpm: { suite: 'bookworm', base: [...base, ...rpmBase], installable: [], finish: finish + rpmFinish },
};

function newer(name: string): string {
  return { cron: 'cronie', bird2: 'bird3' }[name] ?? name;
}

const caches = new Map<Family, Promise<Cache>>();

/** The cache of a family, built first where it is not there yet. Several processes may ask at once. */
export function prepareCache(family: Family): Promise<Cache> {
  const cache = caches.get(family) ?? prepare(family);
  caches.set(family, cache);
  return cache;
}

async function prepare(family: Family): Promise<Cache> {
  const recipe = recipes[family];
  const text = JSON.stringify([recipe, mirror(recipe.suite)]);
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const folder = `${cacheFolder}/${family}-${key}`;
  if (!existsSync(folder)) {
    mkdirSync(cacheFolder, { recursive: true });
    using _lock = await hold(`${cacheFolder}/build-${family}.lock`, { wait: true });
    if (!existsSync(folder)) await build(folder, recipe);
  }
  return { rootfs: `${folder}/rootfs`, repository: `${folder}/repository` };
}

/** The machine's own package sources where they are of the same suite: perhaps a mirror nearby. */
function mirror(suite: string): string[] {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!release.includes(`VERSION_CODENAME=${suite}\n`)) return [];
  return ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter(existsSync).slice(0, 1);
}

async function build(folder: string, { suite, base, installable, finish }: Recipe): Promise<void> {
  const work = `${folder}.building`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(`${work}/repository`, { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  await execa(
    'mmdebstrap',
    [
      '--mode=root',
      '--format=directory',
      '--variant=minbase',
      `--include=${base.join(',')}`,
      ...(existsSync(keyring) ? [`--keyring=${keyring}`] : []),
      ...(installable.length > 0 ? [`--customize-hook=${downloaded(installable, work)}`] : []),
      `--customize-hook=chroot "$1" sh -ec "$FINISH"`,
      suite,
      `${work}/rootfs`,
      ...mirror(suite),
    ],
    { env: { FINISH: finish } },
  );
  const index = await execa('dpkg-scanpackages', ['-m', '.', '/dev/null'], { cwd: `${work}/repository` });
  writeFileSync(`${work}/repository/Packages`, `${index.stdout}\n`);
  renameSync(work, folder);
}

function downloaded(packages: readonly string[], work: string): string {
  const options = '-y -q --no-install-recommends --download-only';
  const download = `chroot "$1" apt-get install ${options} ${packages.join(' ')}`;
  return `${download} && cp "$1"/var/cache/apt/archives/*.deb '${work}/repository/'`;
}

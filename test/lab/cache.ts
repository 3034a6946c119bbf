/** The Debian that nodes boot from and the packages they may install: built once, kept by the hash of the recipe. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { hold } from './hold.ts';

export const cacheFolder = process.env['CONVERGE_LAB_CACHE'] || '/var/cache/converge-lab';

export interface Cache {
  /** Lower layer of every node; never written to. */
  readonly rootfs: string;
  /** A flat package repository (sources.list(5)) of real Debian packages. */
  readonly repository: string;
}

const suite = 'bookworm';

/** What a freshly installed Debian node has. */
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
];

/** Run in the finished rootfs. Timers and password agents would only disturb tests and use up inotify instances. */
const finish = `
systemctl mask -q console-getty.service systemd-ask-password-console.path systemd-ask-password-wall.path
systemctl disable -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/hostname /etc/resolv.conf
echo 'deb [trusted=yes] file:/srv/repository ./' > /etc/apt/sources.list.d/lab.list
: > /etc/machine-id
mkdir -p /srv/repository /opt/converge /srv/states /srv/pillar
`;

let cache: Promise<Cache> | undefined;

/** The cache, built first where it is not there yet. Several processes may ask at once. */
export function prepareCache(): Promise<Cache> {
  cache ??= prepare();
  return cache;
}

async function prepare(): Promise<Cache> {
  const recipe = JSON.stringify([suite, base, installable, finish, mirror()]);
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const folder = `${cacheFolder}/${suite}-${key}`;
  if (!existsSync(folder)) {
    mkdirSync(cacheFolder, { recursive: true });
    using _lock = await hold(`${cacheFolder}/build.lock`, { wait: true });
    if (!existsSync(folder)) await build(folder);
  }
  return { rootfs: `${folder}/rootfs`, repository: `${folder}/repository` };
}

/** The machine's own package sources where they are of the same suite: perhaps a mirror nearby. */
function mirror(): string[] {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!release.includes(`VERSION_CODENAME=${suite}\n`)) return [];
  return ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter(existsSync).slice(0, 1);
}

async function build(folder: string): Promise<void> {
  const work = `${folder}.building`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(`${work}/repository`, { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const download = `chroot "$1" apt-get install -y -q --no-install-recommends --download-only ${installable.join(' ')}`;
  await execa(
    'mmdebstrap',
    [
      '--mode=root',
      '--format=directory',
      '--variant=minbase',
      `--include=${base.join(',')}`,
      ...(existsSync(keyring) ? [`--keyring=${keyring}`] : []),
      `--customize-hook=${download} && cp "$1"/var/cache/apt/archives/*.deb '${work}/repository/'`,
      `--customize-hook=chroot "$1" sh -ec "$FINISH"`,
      suite,
      `${work}/rootfs`,
      ...mirror(),
    ],
    { env: { FINISH: finish } },
  );
  const index = await execa('dpkg-scanpackages', ['-m', '.', '/dev/null'], { cwd: `${work}/repository` });
  writeFileSync(`${work}/repository/Packages`, `${index.stdout}\n`);
  renameSync(work, folder);
}

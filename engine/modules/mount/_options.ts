/** Which of the options a mount should have it lacks, as far as the kernel shows them. */
import type { Reader } from '../../core/host.ts';
import type { Mount } from './_mounts.ts';

/** Read by mount(8), systemd or a helper program, and not shown by the kernel. */
const invisible = new Set(
  (
    '_netdev auto noauto nofail nobootwait user nouser users group owner defaults comment bind rbind loop helper ' +
    'uhelper bg fg intr nointr retry actimeo credentials password password2 port secretfile direct-io-mode ' +
    'delay_connect reconnect nonempty transform_symlinks backup-volfile-servers private rprivate shared rshared ' +
    'slave rslave unbindable runbindable quota noquota usrquota grpquota atime silent loud'
  ).split(' '),
);

/** Options that only say what a file system does anyway; it does not show them then. */
const usual: { readonly [fstype: string]: string } = {
  tmpfs: 'mode=1777 uid=0 gid=0',
  ext4: 'acl user_xattr barrier barrier=1 data=ordered delalloc commit=5 auto_da_alloc',
  ext3: 'acl user_xattr barrier=1 data=ordered',
  ext2: 'acl user_xattr',
  xfs: 'attr2 barrier inode64',
  btrfs: 'acl barrier datacow datasum treelog',
};

/** Opposites of what the kernel shows: they hold where it does not show that. */
const opposites: { readonly [option: string]: readonly string[] } = {
  suid: ['nosuid'],
  dev: ['nodev'],
  exec: ['noexec'],
  async: ['sync'],
  diratime: ['nodiratime'],
  strictatime: ['noatime', 'relatime'],
  nolazytime: ['lazytime'],
  norelatime: ['relatime'],
};

const readOnlyKinds = new Set(['iso9660', 'squashfs', 'erofs', 'cramfs']);

export interface Wanted {
  readonly options: readonly string[];
  readonly bind: boolean;
  /** Names of users and groups in `uid=` and `gid=` → numbers. */
  readonly ids: ReadonlyMap<string, string>;
  readonly fstype: string;
  readonly hidden: ReadonlySet<string>;
  readonly translated: { readonly [option: string]: string };
}

interface Given {
  readonly opts: string | readonly string[];
  readonly fstype: string;
  readonly hidden_opts?: string | readonly string[] | null;
  readonly extra_mount_invisible_options?: readonly string[] | null;
  readonly extra_mount_invisible_keys?: readonly string[] | null;
  readonly extra_mount_ignore_fs_keys?: { readonly [fstype: string]: unknown } | null;
  readonly extra_mount_translate_options?: { readonly [option: string]: unknown } | null;
}

export function optionList(opts: string | readonly string[]): string[] {
  const list = [opts].flat().flatMap((one) => one.split(','));
  return list.map((one) => one.trim()).filter(Boolean);
}

export function wantedOf(given: Given, reader: Pick<Reader, 'user' | 'group'>): Wanted {
  const options = optionList(given.opts);
  const ids = new Map<string, string>();
  for (const option of options) {
    const [, key, value] = /^([ug]id)=(.*)$/.exec(option) ?? [];
    const id =
      key === 'uid' ? reader.user(value!)?.uid : key === 'gid' ? reader.group(value!)?.gid : undefined;
    if (id !== undefined) ids.set(option, `${key}=${id}`);
  }
  const ofKind = given.extra_mount_ignore_fs_keys?.[given.fstype];
  return {
    options,
    bind: options.includes('bind') || options.includes('rbind'),
    ids,
    fstype: given.fstype,
    hidden: new Set([
      ...optionList(given.hidden_opts ?? []),
      ...(given.extra_mount_invisible_options ?? []),
      ...(given.extra_mount_invisible_keys ?? []),
      ...(given.fstype === 'ramfs' ? ['size'] : []),
      ...(Array.isArray(ofKind) ? ofKind.map(String) : []),
    ]),
    translated: {
      tcp: 'proto=tcp',
      udp: 'proto=udp',
      ...Object.fromEntries(
        Object.entries(given.extra_mount_translate_options ?? {}).map(([key, value]) => [key, String(value)]),
      ),
    },
  };
}

/** In the order given; `rw`, `suid`, `dev` and `exec` also where only `defaults` asks for them. */
export function lackingOptions(wanted: Wanted, mount: Mount): string[] {
  const { options, bind } = wanted;
  const shown = new Set([...mount.options, ...(bind ? [] : mount.superOptions)]);
  if (shown.has('ro')) shown.delete('rw');
  const restricted = options.some((one) => ['user', 'users', 'owner', 'group'].includes(one));
  const implied = [
    ...(options.includes('ro') || readOnlyKinds.has(mount.fstype) ? [] : ['rw']),
    ...(options.includes('defaults') && !restricted ? ['suid', 'dev', 'exec'] : []),
  ].filter((one) => !options.includes(one) && !options.includes(`no${one}`));
  return [...implied, ...options].filter((option) => !holds(option, shown, wanted));
}

function holds(
  given: string,
  shown: ReadonlySet<string>,
  { ids, hidden, translated, fstype }: Wanted,
): boolean {
  const option = ids.get(given) ?? translated[given] ?? given;
  const key = option.split('=')[0]!;
  if (/^x-/i.test(option) || invisible.has(key) || hidden.has(key) || hidden.has(option)) return true;
  if (option in opposites) return !opposites[option]!.some((one) => shown.has(one));
  if (shown.has(option) || (usual[fstype]?.split(' ') ?? []).includes(option)) return true;
  if (!option.includes('=')) return false;
  const value = comparable(option);
  // A share of the memory is shown as the bytes it came to.
  if (value.endsWith('%')) return true;
  const isUsual = (usual[fstype]?.split(' ') ?? []).some((one) => comparable(one) === value);
  const names = synonyms[key] ?? [key];
  const sameKey = [...shown].filter((one) => names.some((name) => one.startsWith(`${name}=`)));
  if (sameKey.length === 0) return isUsual || silent.has(key);
  const wanted = value.slice(value.indexOf('=') + 1);
  return sameKey.every((one) => isValue(comparable(one).replace(/^[^=]*=/, ''), wanted));
}

/** More exact than it was asked for is right: version 4 is shown as 4.2, compression by zstd as zstd:3. */
function isValue(shown: string, wanted: string): boolean {
  return (
    shown === wanted ||
    shown.startsWith(`${wanted}:`) ||
    (/^\d$/.test(wanted) && shown.startsWith(`${wanted}.`))
  );
}

/** Shown under other names than they are given. */
const synonyms: { readonly [key: string]: readonly string[] } = {
  user: ['username', 'user'],
  nfsvers: ['vers'],
  umask: ['fmask', 'dmask'],
};

/** Not shown where a file system has the value by itself. */
const silent = new Set(['errors', 'data']);

const units: { readonly [unit: string]: number } = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30, t: 2 ** 40 };

/** Numbers may be written in several ways: 512M is 524288k, 0755 is 755. */
function comparable(option: string): string {
  const [, key, value] = /^([^=]*)=(.*)$/s.exec(option) ?? [];
  if (key === undefined) return option;
  if (/^(size|nr_inodes|nr_blocks)$/.test(key)) {
    const [, number, unit] = /^(\d+)([kmgt]?)$/i.exec(value!) ?? [];
    if (number !== undefined) return `${key}=${Number(number) * units[unit!.toLowerCase()]!}`;
  }
  if (/mode$|mask$/.test(key) && /^[0-7]+$/.test(value!)) return `${key}=${Number.parseInt(value!, 8)}`;
  if (key === 'subvol') return `subvol=/${value!.replace(/^\/+/, '')}`;
  return option;
}

/** How a dry run shows the options of a new mount: all that this file looks at. */
export function shownOptions(wanted: Wanted): string[] {
  const { options, ids, translated } = wanted;
  const positive = new Set([...Object.keys(opposites), 'rw', 'defaults']);
  const visible = options
    .filter((one) => !positive.has(one))
    .map((one) => ids.get(one) ?? translated[one] ?? one);
  return [...(options.includes('ro') ? [] : ['rw']), ...visible];
}

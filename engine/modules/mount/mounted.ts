/** mount.mounted: a file system is mounted with these options, now and after a boot. */
import { asBytes, fromBytes } from '../../core/byte-text.ts';
import type { Reader } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import {
  configProperty,
  type Entry,
  entrySteps,
  type Fstab,
  keysOf,
  matchProperty,
  readFstab,
  refuseFields,
} from './_fstab.ts';
import { liveSteps, type Now, notRemounted, pointSteps } from './_live.ts';
import { type Mounting, mountSteps, remountSteps, unmountSteps } from './_mounting.ts';
import { mountAt, readDevice, readMounts } from './_mounts.ts';
import { wantedOf } from './_options.ts';

const strings = { type: ['array', 'null'], items: { type: 'string' } } as const;

const properties = {
  name: { type: 'string', minLength: 1, description: 'Absolute path of the mount point.' },
  device: {
    type: 'string',
    minLength: 1,
    description:
      'What is mounted: a device, `UUID=…`, `LABEL=…`, `host:/path`, the directory of a bind mount, or a name such as `tmpfs`.',
  },
  fstype: { type: 'string', minLength: 1, description: 'Type of the file system; `none` for a bind mount.' },
  mkmnt: { type: 'boolean', default: false, description: 'Make the mount point where it is missing.' },
  opts: {
    type: ['string', 'array'],
    items: { type: 'string' },
    default: 'defaults',
    description: 'Options, as a list or with commas between them.',
  },
  dump: { type: 'integer', minimum: 0, default: 0, description: 'Fifth field of fstab.' },
  pass_num: {
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'When it is checked at boot: sixth field of fstab.',
  },
  config: configProperty,
  persist: { type: 'boolean', default: true, description: 'Mount it at boot, by a line in `config`.' },
  mount: { type: 'boolean', default: true, description: 'Mount it now; false: only at the next boot.' },
  user: { type: ['string', 'null'], description: 'User who runs mount and umount.' },
  match_on: matchProperty,
  device_name_regex: {
    ...strings,
    description: 'Regular expressions of device names that the kernel may show instead of `device`.',
  },
  extra_mount_invisible_options: { ...strings, description: 'Options that the kernel does not show.' },
  extra_mount_invisible_keys: {
    ...strings,
    description: 'Options with a value that the kernel does not show.',
  },
  extra_mount_ignore_fs_keys: {
    type: ['object', 'null'],
    description: 'Type of file system → options that are not compared there.',
  },
  extra_mount_translate_options: {
    type: ['object', 'null'],
    description: 'Option → what the kernel shows instead.',
  },
  hidden_opts: {
    type: ['string', 'array', 'null'],
    items: { type: 'string' },
    description: 'Options that are no reason to mount anew.',
  },
  bind_mount_copy_active_opts: {
    type: 'boolean',
    default: true,
    description: 'Accepted for Salt trees: a bind mount has the options it is given.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'device' | 'fstype'> & Common;

interface Read extends Now {
  readonly fstab: Fstab;
}

function read(args: Arguments, reader: Reader): Read {
  const name = trimmed(args.name);
  const mounts = readMounts(reader);
  const point = name.startsWith('/') ? reader.resolve(name) : name;
  const source = mountAt(mounts, asBytes(point))?.source ?? '';
  const missing: string[] = [];
  if (name.startsWith('/')) {
    for (let at = parentOf(point); at !== '/' && !reader.stat(at); at = parentOf(at)) missing.unshift(at);
  }
  return {
    rooted: reader.rooted,
    mounts,
    point,
    pointKind: name.startsWith('/') ? reader.stat(point)?.kind : undefined,
    missing,
    device: readDevice(args.device, reader),
    liveSource: sourcePath(fromBytes(source), reader),
    wanted: wantedOf(args, reader),
    fstab: readFstab(args.config, reader),
    tool: ['/usr/bin/mount', '/bin/mount'].some((path) => reader.stat(path) !== undefined),
  };
}

/** The file behind a loop device, or where links of the path lead. */
function sourcePath(source: string, reader: Reader): string {
  const loop = /^\/dev\/(loop\d+)$/.exec(source)?.[1];
  const behind = loop && reader.content(`/sys/block/${loop}/loop/backing_file`)?.toString().trim();
  return behind || (source.startsWith('/') ? reader.resolve(source) : source);
}

function trimmed(name: string): string {
  return name.length > 1 ? name.replace(/(?<=.)\/+$/, '') : name;
}

function plan(args: Arguments, now: Read): Plan {
  const name = trimmed(args.name);
  if (!name.startsWith('/'))
    return { refused: `The mount point "${name}" is no absolute path.`, certain: true };
  const entry: Entry = {
    device: args.device,
    name,
    fstype: args.fstype,
    opts: now.wanted.options.join(',') || 'defaults',
    dump: String(args.dump),
    pass_num: String(args.pass_num),
  };
  const unfit = refuseFields(entry);
  if (unfit) return unfit;
  const keys = keysOf(args.match_on, entry);
  if ('refused' in keys) return keys;
  const made = pointSteps(args, now);
  if ('refused' in made) return made;
  const live = args.mount && !now.rooted ? liveSteps(args, now) : [];
  if ('refused' in live) return live;
  return [...made, ...live, ...(args.persist ? entrySteps(now.fstab, entry, keys) : [])];
}

export default defineState({
  summary: 'the file system is mounted with these options, now and after a boot',
  description: `
It is mounted first and gets its line in \`/etc/fstab\` then, so that what cannot be mounted never hinders a boot. Of the
file only that line changes, and in it only the fields that differ; systemd is told, because it makes units of the lines.

Only options that the kernel shows are compared; it is remounted where one is missing, and unmounted first where another
device is mounted there. \`defaults\` means that it is not read-only, \`nosuid\`, \`nodev\` or \`noexec\`, unless another
option says so.

Unlike Salt: mount.mounted recognises a line of fstab by its mount point whatever the file system, compares a bind mount
by what is really seen there, and never copies options of the mount below into fstab.`,
  properties,
  required: ['device', 'fstype'],
  examples: [
    {
      title: 'a disk',
      sls: `/srv/data:
  mount.mounted:
    - device: UUID=066e0200-2867-4ebe-b9e6-f30026ca2314
    - fstype: ext4
    - opts: noatime,nofail
    - pass_num: 2
    - mkmnt: true
    - mount: false
`,
    },
    {
      title: 'a file system in memory',
      sls: `/var/cache/app:
  mount.mounted:
    - device: tmpfs
    - fstype: tmpfs
    - opts:
      - size=64M
      - mode=0750
      - nosuid
      - nodev
    - mkmnt: true
`,
    },
    {
      title: 'a directory that is seen in a second place, read-only',
      sls: `/srv/public:
  mount.mounted:
    - device: /opt
    - fstype: none
    - opts: bind,ro
    - mkmnt: true
`,
    },
  ],
  owns: ({ name, config }) => [
    {
      kind: 'mount',
      name: name,
      absent: { state: 'mount.unmounted', args: { name, config, persist: true } },
    },
  ],
  read,
  plan,
  /** Salt: what is watched changed, so it is mounted anew with its options. */
  react(args, now, taken) {
    if (taken.length > 0 || !args.mount || now.rooted) return [];
    const live = mountAt(now.mounts, asBytes(now.point));
    if (live === undefined) return [];
    const mounting: Mounting = {
      point: now.point,
      device: args.device,
      fstype: args.fstype,
      wanted: now.wanted,
      user: args.user,
      mounts: now.mounts,
      number: live.device,
      root: live.root,
    };
    if (!notRemounted.has(live.fstype)) return remountSteps(mounting, live, []).steps;
    const away = unmountSteps(asBytes(now.point), now.mounts, args.user);
    return [...away.steps, ...mountSteps({ ...mounting, mounts: away.mounts }).steps];
  },
});

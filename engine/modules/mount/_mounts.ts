/** What is mounted, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)), and how a dry run changes that. */
import type { Reader, Settled, Stat } from '../../core/host.ts';

export const mountinfo = '/proc/self/mountinfo';

/** Text of these is latin1: one character a byte. */
export interface Mount {
  readonly point: string;
  /** Which part of the file system is seen there: not `/` for a bind mount. */
  readonly root: string;
  /** Major and minor number of the file system. */
  readonly device: string;
  /** Of this mount. */
  readonly options: readonly string[];
  readonly fstype: string;
  readonly source: string;
  /** Of the file system. */
  readonly superOptions: readonly string[];
}

/** Blanks and backslashes are written in octal, here as in fstab(5). */
export function escaped(text: string): string {
  return text.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

export function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export function mountsIn(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const [, , device, root, point, options] = left!.split(' ');
    const [fstype, source, superOptions] = right?.split(' ') ?? [];
    if (options === undefined || source === undefined) return [];
    return [
      {
        point: unescaped(point!),
        root: unescaped(root!),
        device: device!,
        options: options.split(','),
        fstype: fstype!,
        source: unescaped(source),
        superOptions: (superOptions ?? '').split(',').filter(Boolean),
      },
    ];
  });
}

/** Enough of a line for these states. */
function lineOf({ point, root, device, options, fstype, source, superOptions }: Mount): string {
  const left = `1 1 ${device} ${escaped(root)} ${escaped(point)} ${options.join(',')}`;
  return `${left} - ${fstype} ${escaped(source)} ${superOptions.join(',') || 'rw'}\n`;
}

export function settleMounts(mounts: readonly Mount[]): Settled {
  const content = Buffer.from(mounts.map(lineOf).join(''), 'latin1');
  return { about: 'file', effect: { kind: 'write', path: mountinfo, content } };
}

export function readMounts(reader: Reader): Mount[] {
  return reader.rooted ? [] : mountsIn(reader.content(mountinfo)?.toString('latin1') ?? '');
}

/** The one that is seen where several lie on top of each other. */
export function mountAt(mounts: readonly Mount[], point: string): Mount | undefined {
  return mounts.findLast((mount) => mount.point === point);
}

export function withoutTop(mounts: readonly Mount[], point: string): Mount[] {
  const top = mountAt(mounts, point);
  return mounts.filter((mount) => mount !== top);
}

/** The file system a path lies in, and where it is there. */
export function placeOf(
  mounts: readonly Mount[],
  path: string,
): { device: string; root: string } | undefined {
  const around = mounts.filter(
    ({ point }) => point === '/' || point === path || path.startsWith(`${point}/`),
  );
  const longest = Math.max(...around.map(({ point }) => point.length));
  const mount = around.findLast(({ point }) => point.length === longest);
  if (mount === undefined) return undefined;
  const rest = path.slice(mount.point === '/' ? 0 : mount.point.length);
  const root = mount.root === '/' ? rest || '/' : mount.root + (rest === '/' ? '' : rest);
  return { device: mount.device, root };
}

/** What a mounted device can be compared by. */
export interface Device {
  /** As the user names it. */
  readonly name: string;
  /** Where links of its path lead; undefined where a tag such as UUID= names no device of this machine. */
  readonly path: string | undefined;
  /** Of a block device: `8:1`. */
  readonly number: string | undefined;
  readonly kind: Stat['kind'] | undefined;
}

const tags: { readonly [tag: string]: string } = {
  UUID: 'by-uuid',
  LABEL: 'by-label',
  PARTUUID: 'by-partuuid',
  PARTLABEL: 'by-partlabel',
  ID: 'by-id',
};

/** udev(7) writes what is unsafe in a file name as \x20. */
function udevName(text: string): string {
  return text.replace(
    /[^\w#+\-.:=@\u0080-\uffff]/g,
    (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function readDevice(name: string, reader: Reader): Device {
  const [, tag, value] = /^([A-Za-z]+)=(.+)$/.exec(name) ?? [];
  const folder = tags[tag?.toUpperCase() ?? ''];
  let path = name;
  if (folder) {
    const bare = value!.replace(/^"(.*)"$/, '$1');
    path = `/dev/disk/${folder}/${udevName(folder === 'by-uuid' ? bare.toLowerCase() : bare)}`;
    // The UUIDs of FAT and NTFS are written in capitals.
    if (folder === 'by-uuid' && !reader.stat(path))
      path = `/dev/disk/${folder}/${udevName(bare.toUpperCase())}`;
    if (!reader.stat(path)) return { name, path: undefined, number: undefined, kind: undefined };
  }
  if (!path.startsWith('/')) return { name, path, number: undefined, kind: undefined };
  const real = reader.resolve(path);
  const stat = reader.stat(real);
  const number =
    stat?.kind === 'block' && stat.device ? `${stat.device.major}:${stat.device.minor}` : undefined;
  return { name, path: real, number, kind: stat?.kind };
}

export function isDevice(mount: Mount, device: Device, sourcePath: string): boolean {
  return (
    mount.source === device.name ||
    mount.source === device.path ||
    sourcePath === device.path ||
    (device.number !== undefined && mount.device === device.number)
  );
}

/** The tag by which fstab can name a device whatever order the machine finds its disks in; undefined: it has none. */
export function tagOf(name: string, by: string, reader: Reader): string | undefined {
  const tag = by.toUpperCase();
  const folder = `/dev/disk/${tags[tag]}`;
  const path = readDevice(name, reader).path;
  const found = reader.list(folder)?.find((one) => reader.resolve(`${folder}/${one}`) === path);
  if (found === undefined) return undefined;
  return `${tag}=${found.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))}`;
}

/** What is to be done so that a mount is there now: its mount point, and the file system on it. */
import { asBytes } from '../../core/byte-text.ts';
import type { Stat } from '../../core/host.ts';
import { pythonRegex } from '../../core/regex.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { type Mounting, mountSteps, noTool, remountSteps, unmountSteps } from './_mounting.ts';
import { type Device, isDevice, type Mount, mountAt, placeOf } from './_mounts.ts';
import { lackingOptions, type Wanted } from './_options.ts';

interface Given {
  readonly device: string;
  readonly fstype: string;
  readonly mkmnt: boolean;
  readonly mount: boolean;
  readonly user?: string | null;
  readonly device_name_regex?: readonly string[] | null;
}

export interface Now {
  readonly rooted: boolean;
  readonly mounts: readonly Mount[];
  readonly point: string;
  readonly pointKind: Stat['kind'] | undefined;
  /** Missing directories above the mount point, outermost first. */
  readonly missing: readonly string[];
  readonly device: Device;
  /** Where the path that the kernel shows as the source leads. */
  readonly liveSource: string;
  readonly wanted: Wanted;
  readonly tool: boolean;
}

export function pointSteps(args: Given, now: Now): Step[] | Refusal {
  const { point, missing } = now;
  if (now.pointKind !== undefined) return [];
  if (!args.mkmnt) {
    if (!args.mount || now.rooted) return [];
    return {
      refused: `The mount point ${point} does not exist.`,
      hint: 'Make it first, or set `mkmnt: true`.',
    };
  }
  const folders = missing.map(
    (path): Step => ({ change: { subject: path, new: 'directory' }, effect: { kind: 'directory', path } }),
  );
  // Only a file can be bound to a file.
  const file = now.wanted.bind && now.device.kind === 'file';
  const effect = file
    ? ({ kind: 'write', path: point, content: Buffer.alloc(0) } as const)
    : ({ kind: 'directory', path: point } as const);
  return [
    ...folders,
    { change: { subject: `mount point ${point}`, new: file ? 'file' : 'directory' }, effect },
  ];
}

/** Changes of options do not reach these without mounting anew. */
export const notRemounted = new Set(['nfs', 'nfs4', 'cvfs', 'vboxsf']);

export function liveSteps(args: Given, now: Now): readonly Step[] | Refusal {
  const { wanted, mounts } = now;
  const point = asBytes(now.point);
  const live = mountAt(mounts, point);
  const place = wanted.bind && now.device.path ? placeOf(mounts, asBytes(now.device.path)) : undefined;
  const mounting: Mounting = {
    point: now.point,
    device: args.device,
    fstype: args.fstype,
    wanted,
    user: args.user,
    mounts,
    number: place?.device ?? now.device.number ?? `0:${100_000 + mounts.length}`,
    root: place?.root ?? '/',
  };
  if (live !== undefined && isWanted(args, now, live, place)) {
    const lacking = lackingOptions(wanted, live);
    if (lacking.length === 0) return [];
    if (!now.tool) return noTool;
    if (!notRemounted.has(live.fstype)) return remountSteps(mounting, live, lacking).steps;
  }
  if (!now.tool) return noTool;
  const unfit = refuseDevice(now);
  if (unfit) return unfit;
  if (live === undefined) return mountSteps(mounting).steps;
  if (point === '/') {
    return {
      refused: `Something else is mounted at /: ${live.source} (${live.fstype}).`,
      hint: 'Nothing can replace it while the machine runs; set `mount: false`.',
    };
  }
  const away = unmountSteps(point, mounts, args.user);
  return [...away.steps, ...mountSteps({ ...mounting, mounts: away.mounts }).steps];
}

function isWanted(args: Given, now: Now, live: Mount, place: ReturnType<typeof placeOf>): boolean {
  if (now.wanted.bind) {
    return place !== undefined && live.device === place.device && live.root === place.root;
  }
  const named = (args.device_name_regex ?? []).some((pattern) => matches(pattern, live.source));
  return isKind(live.fstype, args.fstype) && (named || isDevice(live, now.device, now.liveSource));
}

function matches(pattern: string, source: string): boolean {
  try {
    return pythonRegex(`^(?:${pattern})$`, {}).test(source);
  } catch {
    return pattern === source;
  }
}

/** The kernel says nfs4 for nfs and fuse.sshfs for sshfs. */
function isKind(live: string, wanted: string): boolean {
  return (
    wanted === 'auto' ||
    live === wanted ||
    live === `${wanted}4` ||
    live.startsWith(`${wanted}.`) ||
    live.endsWith(`.${wanted}`) ||
    (live.startsWith('fuse') && wanted === 'fuseblk')
  );
}

function refuseDevice({ device, wanted }: Now): Refusal | undefined {
  if (device.path === undefined) {
    return {
      refused: `There is no device with ${device.name}.`,
      hint: 'Compare with the output of `blkid`.',
    };
  }
  if (
    device.path.startsWith('/') &&
    (device.path.startsWith('/dev/') || wanted.bind) &&
    device.kind === undefined
  ) {
    return { refused: `${device.name} does not exist.` };
  }
  return undefined;
}

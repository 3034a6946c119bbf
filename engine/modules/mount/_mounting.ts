/** The steps that mount, remount and unmount, each with what a dry run sees of it afterwards. */
import { asBytes, fromBytes } from '../../core/byte-text.ts';
import type { Command } from '../../core/host.ts';
import type { Refusal, Step } from '../../core/state.ts';
import { masked } from './_fstab.ts';
import { type Mount, mountAt, settleMounts, withoutTop } from './_mounts.ts';
import { shownOptions, type Wanted } from './_options.ts';

export interface Mounting {
  readonly point: string;
  readonly device: string;
  readonly fstype: string;
  readonly wanted: Wanted;
  readonly user: string | null | undefined;
  readonly mounts: readonly Mount[];
  /** What it will be seen as. */
  readonly number: string;
  readonly root: string;
}

export interface Moved {
  readonly steps: readonly Step[];
  readonly mounts: readonly Mount[];
}

export const noTool: Refusal = {
  refused: 'Nothing can be mounted: there is no mount here.',
  hint: 'Install the package mount (util-linux).',
};

/** New, whole: after it the device is on top. */
export function mountSteps(mounting: Mounting, old?: string): Moved {
  const { point, device, fstype, wanted, mounts } = mounting;
  const kind = wanted.bind || fstype === 'none' ? [] : ['-t', fstype];
  const options = wanted.options.join(',');
  const mount: Mount = {
    point: asBytes(point),
    root: mounting.root,
    device: mounting.number,
    options: shownOptions(wanted),
    fstype: fstype === 'none' ? 'bind' : fstype,
    source: asBytes(device),
    superOptions: [],
  };
  const after = [...mounts, mount];
  const argv = ['mount', ...kind, ...(options ? ['-o', options] : []), '--', device, point];
  return {
    mounts: after,
    steps: [step(mounting, argv, after, { subject: point, old, new: `${device} (${masked(options)})` })],
  };
}

/** The same file system with other options; those of it that are lacking are told. */
export function remountSteps(mounting: Mounting, live: Mount, lacking: readonly string[]): Moved {
  const { point, device, fstype, wanted, mounts } = mounting;
  const bind = wanted.bind ? ['bind'] : [];
  const cleared = lacking.filter((one) => !wanted.options.includes(one));
  const options = wanted.options.filter((one) => !['bind', 'rbind', 'defaults'].includes(one));
  const words = ['remount', ...bind, ...cleared, ...options].join(',');
  const kind = wanted.bind || fstype === 'none' ? [] : ['-t', fstype];
  const after = mounts.map((one) =>
    one === live ? { ...one, options: shownOptions(wanted), superOptions: [] } : one,
  );
  const change = {
    subject: `options of ${point}`,
    old: masked([...new Set([...live.options, ...live.superOptions])].join(',')),
    new: masked(lacking.join(',')) || 'set anew',
  };
  return {
    mounts: after,
    steps: [step(mounting, ['mount', ...kind, '-o', words, '--', device, point], after, change)],
  };
}

/** All that lies there, one on top of the other; the text of the point is latin1, as that of the mounts. */
export function unmountSteps(
  point: string,
  mounts: readonly Mount[],
  user: string | null | undefined,
  only?: (mount: Mount) => boolean,
): Moved {
  const steps: Step[] = [];
  let left = mounts;
  for (let top = mountAt(left, point); top && (only?.(top) ?? true); top = mountAt(left, point)) {
    left = withoutTop(left, point);
    const change = { subject: `${fromBytes(top.source)} at ${fromBytes(point)}`, old: 'mounted' };
    steps.push(step({ user }, ['umount', '--', fromBytes(point)], left, change));
  }
  return { steps, mounts: left };
}

function step(
  { user }: { readonly user: string | null | undefined },
  argv: readonly string[],
  after: readonly Mount[],
  change: Step['change'],
): Step {
  const command: Command = user ? { argv, user } : { argv };
  return { change, effect: { kind: 'exec', command, settles: [settleMounts(after)], foreseen: true } };
}

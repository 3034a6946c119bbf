/** mount.swap: a device or file is swapped to, now and after a boot. */
import { asBytes, byteLines } from '../../core/byte-text.ts';
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import {
  configProperty,
  type Entry,
  entryOf,
  entrySteps,
  type Fstab,
  keysOf,
  readFstab,
  refuseFields,
} from './_fstab.ts';
import { type Device, readDevice } from './_mounts.ts';
import { isSize, kibibytesOf, readSwaps, type Swap, settleSwaps, swapAt, swapoff } from './_swaps.ts';

const properties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'The device or file: an absolute path, or `UUID=…` or `LABEL=…` of a device.',
  },
  size: {
    type: ['string', 'integer'],
    description:
      'Make a file of this size: `512M`, `2G`, or bytes. A swap file of another size is made anew. Without it the device or file must be there.',
  },
  priority: {
    type: 'integer',
    minimum: 0,
    maximum: 32_767,
    description: 'The one with the highest priority is used first; the kernel decides unless given.',
  },
  persist: { type: 'boolean', default: true, description: 'Swap to it at boot, by a line in `config`.' },
  config: configProperty,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly rooted: boolean;
  readonly device: Device;
  readonly swaps: readonly Swap[];
  /** Bytes of the file, where there is one. */
  readonly size: number | undefined;
  /** What a file that is not swapped to holds; only looked at where a size is asked for. */
  readonly holds: string | undefined;
  readonly fstab: Fstab;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const device = readDevice(args.name, reader);
  const swaps = readSwaps(reader);
  const path = device.path?.startsWith('/') ? device.path : undefined;
  const stat = path === undefined ? undefined : reader.stat(path);
  const idle = args.size !== undefined && !reader.rooted && stat?.kind === 'file' && !swapAt(swaps, path!);
  const argv = ['blkid', '-p', '-o', 'value', '-s', 'TYPE', '--', path ?? ''];
  return {
    rooted: reader.rooted,
    device,
    swaps,
    size: stat?.kind === 'file' ? stat.size : undefined,
    holds: idle ? (await reader.probe({ argv })).stdout.trim() : undefined,
    fstab: readFstab(args.config, reader),
  };
}

function plan(args: Arguments, now: Now): Plan {
  const entry: Entry = {
    device: args.name,
    name: 'none',
    fstype: 'swap',
    // Without a priority the options of a line that is there are no business of this state.
    opts:
      args.priority === undefined ? (optionsIn(now.fstab, args.name) ?? 'defaults') : `pri=${args.priority}`,
    dump: '0',
    pass_num: '0',
  };
  if (!/^\/[^\n\0]*$|^[A-Za-z]+=./.test(args.name)) {
    return { refused: `"${args.name}" is neither an absolute path nor a tag such as UUID=….`, certain: true };
  }
  const unfit = refuseFields(entry);
  if (unfit) return unfit;
  const live = now.rooted ? [] : liveSteps(args, now);
  if ('refused' in live) return live;
  const keys = keysOf('device', entry);
  if ('refused' in keys) return keys;
  return args.persist ? [...live, ...entrySteps(now.fstab, entry, keys)] : live;
}

function optionsIn({ text }: Fstab, device: string): string | undefined {
  return byteLines(text ?? '')
    .map(entryOf)
    .findLast((entry) => entry?.device === device)?.opts;
}

function liveSteps(args: Arguments, now: Now): Step[] | Refusal {
  const { path, kind } = now.device;
  if (path === undefined)
    return { refused: `There is no device with ${args.name}.`, hint: 'Compare with the output of `blkid`.' };
  const kibibytes = args.size === undefined ? undefined : kibibytesOf(args.size);
  if (args.size !== undefined && kibibytes === undefined) {
    return {
      refused: `"${args.size}" is not the size of a swap file.`,
      hint: 'Write it as 512M or 2G.',
      certain: true,
    };
  }
  const active = swapAt(now.swaps, path);
  const fits =
    kibibytes === undefined || (active ? isSize(active, kibibytes) : now.size === kibibytes * 1024);
  if (active && fits && (args.priority ?? active.priority) === active.priority) return [];
  const others = now.swaps.filter((swap) => swap !== active);
  const off: Step[] = active ? [swapoff(path, others, active)] : [];
  if (kibibytes !== undefined && kind !== undefined && kind !== 'file') {
    return { refused: `${path} is no file: its size cannot be set.`, hint: 'Leave out `size` for a device.' };
  }
  if (now.holds !== undefined && now.holds !== 'swap') {
    return {
      refused: `${path} is a file that was never made for swapping.`,
      hint: 'Remove it, or choose another name.',
    };
  }
  if (kibibytes === undefined && kind === undefined) {
    return { refused: `${path} does not exist.`, hint: 'Set `size` to have a file made.' };
  }
  const make = fits ? [] : makeSteps(path, kibibytes!, now.size);
  const size = kibibytes ?? active?.kibibytes ?? 0;
  return [...off, ...make, swapon(now.device, others, size, args.priority)];
}

/** Made beside the file and moved into its place when it is whole, so a swap file is never half made. */
function makeSteps(path: string, kibibytes: number, old: number | undefined): Step[] {
  const draft = `${path}.converge`;
  const sized = `${kibibytes * 1024}`;
  const bytes = { subject: `size of ${path}`, ...(old !== undefined && { old }), new: kibibytes * 1024 };
  return [
    {
      change: bytes,
      effect: {
        kind: 'exec',
        // Written out, because a file with holes cannot be swapped to.
        command: {
          argv: [
            'dd',
            'if=/dev/zero',
            `of=${draft}`,
            'bs=1M',
            `count=${sized}`,
            'iflag=count_bytes',
            'conv=fsync',
            'status=none',
          ],
          umask: 0o177,
        },
        settles: [
          { about: 'file', effect: { kind: 'write', path: draft, content: Buffer.alloc(0), mode: 0o600 } },
        ],
        foreseen: true,
      },
    },
    {
      change: { subject: `format of ${path}`, new: 'swap' },
      effect: { kind: 'exec', command: { argv: ['mkswap', '--', draft] }, foreseen: true },
    },
    { effect: { kind: 'move', from: draft, path } },
  ];
}

function swapon(
  device: Device,
  others: readonly Swap[],
  kibibytes: number,
  priority: number | undefined,
): Step {
  const path = device.path!;
  const type = device.kind === 'block' ? 'partition' : 'file';
  const after = [...others, { path: asBytes(path), type, kibibytes, priority: priority ?? -2 }];
  return {
    change: { subject: `swapping to ${path}`, old: false, new: true },
    effect: {
      kind: 'exec',
      command: { argv: ['swapon', ...(priority === undefined ? [] : ['-p', String(priority)]), '--', path] },
      settles: [settleSwaps(after)],
      foreseen: true,
    },
  };
}

export default defineState({
  summary: 'the device or file is swapped to, now and after a boot',
  description: `
With \`size\` a file is made: written out without holes, readable for root only, and put in its place when it is whole. To
change its size it is taken out of use first, which fails where the memory cannot take back what was swapped out. On btrfs
a file cannot be made this way.

A file that was not made for swapping is never overwritten, and no device is ever formatted.

Nodes of the tests cannot swap: making the file and the line in fstab were proved on them, taking it into use by hand on
a machine.`,
  properties,
  examples: [
    { title: 'a swap file', sls: '/swapfile:\n  mount.swap:\n    - size: 512M\n' },
    { title: 'a partition', sls: 'LABEL=swap:\n  mount.swap:\n    - priority: 10\n' },
  ],
  owns: ({ name, config }) => [
    { kind: 'swap', name: name, absent: { state: 'mount.swap_absent', args: { name, config } } },
  ],
  read,
  plan,
});

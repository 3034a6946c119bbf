/** mount.swap_absent: a device or file is not swapped to. */
import { defineState, type Plan, type Step } from '../../core/state.ts';
import { configProperty, entryOf, readFstab, removalSteps } from './_fstab.ts';
import { readDevice } from './_mounts.ts';
import { readSwaps, swapAt, swapoff } from './_swaps.ts';

export default defineState({
  summary: 'the device or file is not swapped to, now nor after a boot',
  description: `
It is taken out of use, which fails where the memory cannot take back what was swapped out.

Unlike Salt: mount.swap_absent exists.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The device or file, as in `mount.swap`.' },
    remove_file: { type: 'boolean', default: false, description: 'Remove the swap file, too.' },
    persist: { type: 'boolean', default: true, description: 'Remove its line from `config`, too.' },
    config: configProperty,
  },
  examples: [
    { title: 'a swap file that goes', sls: '/swapfile:\n  mount.swap_absent:\n    - remove_file: true\n' },
  ],
  read: (args, reader) => ({
    device: readDevice(args.name, reader),
    swaps: readSwaps(reader),
    fstab: readFstab(args.config, reader),
  }),
  plan(args, { device, swaps, fstab }): Plan {
    const active = device.path === undefined ? undefined : swapAt(swaps, device.path);
    const steps: Step[] = active
      ? [
          swapoff(
            device.path!,
            swaps.filter((swap) => swap !== active),
            active,
          ),
        ]
      : [];
    if (args.persist) {
      const is = (line: string) => {
        const entry = entryOf(line);
        return entry?.fstype === 'swap' && entry.device === args.name;
      };
      steps.push(...removalSteps(fstab, is));
    }
    if (args.remove_file && device.kind === 'file') {
      steps.push({
        change: { subject: device.path!, old: 'file' },
        effect: { kind: 'remove', path: device.path! },
      });
    }
    return steps;
  },
});

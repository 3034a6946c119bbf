/** mount.unmounted: nothing is mounted here. */
import { asBytes, fromBytes } from '../../core/byte-text.ts';
import { defineState, type Plan } from '../../core/state.ts';
import { configProperty, entryOf, readFstab, removalSteps } from './_fstab.ts';
import { noTool, unmountSteps } from './_mounting.ts';
import { isDevice, type Mount, mountAt, readDevice, readMounts } from './_mounts.ts';

export default defineState({
  summary: 'nothing is mounted here',
  description: `
Where several file systems lie on top of each other, all of them go. One that is in use cannot be unmounted: the state
fails then and changes nothing else.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the mount point.' },
    device: {
      type: ['string', 'null'],
      description: 'Only where this device is mounted there; anything unless given.',
    },
    config: configProperty,
    persist: { type: 'boolean', default: false, description: 'Remove its line from `config`, too.' },
    user: { type: ['string', 'null'], description: 'User who runs umount.' },
  },
  examples: [
    {
      title: 'a share that is no longer used',
      sls: '/mnt/share:\n  mount.unmounted:\n    - persist: true\n',
    },
  ],
  read(args, reader) {
    const name = args.name.replace(/(?<=.)\/+$/, '');
    const device = args.device ? readDevice(args.device, reader) : undefined;
    const point = name.startsWith('/') ? reader.resolve(name) : name;
    const mounts = readMounts(reader);
    const isIt = (mount: Mount) =>
      device === undefined ||
      isDevice(
        mount,
        device,
        mount.source.startsWith('/') ? reader.resolve(fromBytes(mount.source)) : mount.source,
      );
    return {
      name,
      point,
      mounts,
      device,
      matching: new Set(mounts.filter(isIt)),
      fstab: readFstab(args.config, reader),
      tool: ['/usr/bin/umount', '/bin/umount'].some((path) => reader.stat(path) !== undefined),
    };
  },
  plan(args, now): Plan {
    if (!now.name.startsWith('/') || now.name.includes('\0')) {
      return { refused: `The mount point "${now.name}" is no absolute path.`, certain: true };
    }
    const point = asBytes(now.point);
    const top = mountAt(now.mounts, point);
    const mounted = top !== undefined && now.matching.has(top);
    if (mounted && point === '/') return { refused: 'The root cannot be unmounted.', certain: true };
    if (mounted && !now.tool) return noTool;
    const away = mounted
      ? unmountSteps(point, now.mounts, args.user, (mount) => now.matching.has(mount)).steps
      : [];
    if (!args.persist) return away;
    const is = (line: string) => {
      const entry = entryOf(line);
      if (entry === undefined || entry.name.replace(/(?<=.)\/+$/, '') !== now.name) return false;
      return !args.device || entry.device === args.device;
    };
    return [...away, ...removalSteps(now.fstab, is)];
  },
});

/** mount.fstab_absent: the table of file systems has no such line. */
import { defineState } from '../../core/state.ts';
import { configProperty, entryOf, mountByProperty, readFstab, removalSteps } from './_fstab.ts';
import { tagOf } from './_mounts.ts';

export default defineState({
  summary: 'the table of file systems has no line with this device and mount point',
  description: 'Nothing is unmounted: that is what `mount.unmounted` does.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'The device: the first field.' },
    fs_file: { type: 'string', minLength: 1, description: 'The mount point.' },
    mount_by: mountByProperty,
    config: configProperty,
  },
  required: ['fs_file'],
  examples: [{ title: 'no swap at boot', sls: '/swapfile:\n  mount.fstab_absent:\n    - fs_file: none\n' }],
  read: ({ name, mount_by, config }, reader) => ({
    device: mount_by && !mount_by.startsWith('dev') ? tagOf(name, mount_by, reader) : name,
    fstab: readFstab(config, reader),
  }),
  plan({ fs_file }, { device, fstab }) {
    const point = (name: string) => name.replace(/(?<=.)\/+$/, '');
    return removalSteps(fstab, (line) => {
      const entry = entryOf(line);
      return entry?.device === device && point(entry?.name ?? '') === point(fs_file);
    });
  },
});

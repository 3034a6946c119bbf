/** mount.fstab_present: the table of file systems has this line. */
import { defineState, type Plan } from '../../core/state.ts';
import {
  configProperty,
  type Entry,
  entrySteps,
  keysOf,
  matchProperty,
  mountByProperty,
  readFstab,
  refuseFields,
} from './_fstab.ts';
import { tagOf } from './_mounts.ts';
import { optionList } from './_options.ts';

export default defineState({
  summary: 'the table of file systems has this line',
  description: `
Nothing is mounted: that is what \`mount.mounted\` does. Of the file only this line changes, and systemd is told.

Unlike Salt: mount.fstab_present recognises a line by its mount point, or by its device where it has none, unless
\`match_on\` says otherwise.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The device: the first field.' },
    fs_file: { type: 'string', minLength: 1, description: 'The mount point; `none` for swap.' },
    fs_vfstype: { type: 'string', minLength: 1, description: 'Type of the file system.' },
    fs_mntops: {
      type: ['string', 'array'],
      items: { type: 'string' },
      default: 'defaults',
      description: 'Options, as a list or with commas between them.',
    },
    fs_freq: { type: 'integer', minimum: 0, default: 0, description: 'Fifth field: whether it is dumped.' },
    fs_passno: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Sixth field: when it is checked at boot.',
    },
    mount_by: mountByProperty,
    config: configProperty,
    mount: {
      type: 'boolean',
      default: true,
      description: 'Accepted for Salt trees; has no effect on Linux.',
    },
    fs_mount: {
      type: 'boolean',
      default: true,
      description: 'Accepted for Salt trees; has no effect on Linux.',
    },
    match_on: matchProperty,
    not_change: {
      type: 'boolean',
      default: false,
      description: 'Leave a line that is there as it is, whatever else it says.',
    },
  },
  required: ['fs_file', 'fs_vfstype'],
  examples: [
    {
      title: 'a share that is mounted when somebody looks at it',
      sls: `nas.example.org:/export/home:
  mount.fstab_present:
    - fs_file: /home
    - fs_vfstype: nfs
    - fs_mntops: _netdev,noauto,x-systemd.automount
`,
    },
  ],
  owns({ name, fs_file, config, mount_by }) {
    const args = { name, fs_file, config, ...(mount_by && { mount_by }) };
    return [{ kind: 'mount', name: fs_file, absent: { state: 'mount.fstab_absent', args } }];
  },
  read: ({ name, mount_by, config }, reader) => ({
    device: mount_by && !mount_by.startsWith('dev') ? tagOf(name, mount_by, reader) : name,
    fstab: readFstab(config, reader),
  }),
  plan(args, { device, fstab }): Plan {
    if (device === undefined) {
      return {
        refused: `${args.name} has no ${args.mount_by}.`,
        hint: 'Compare with the output of `blkid`.',
      };
    }
    const entry: Entry = {
      device,
      name: args.fs_file.replace(/(?<=.)\/+$/, ''),
      fstype: args.fs_vfstype,
      opts: optionList(args.fs_mntops).join(',') || 'defaults',
      dump: String(args.fs_freq),
      pass_num: String(args.fs_passno),
    };
    const keys = keysOf(args.match_on, entry);
    if ('refused' in keys) return keys;
    return refuseFields(entry) ?? entrySteps(fstab, entry, keys, args.not_change);
  },
});

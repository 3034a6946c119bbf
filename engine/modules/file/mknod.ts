/** The state file.mknod: a device or a named pipe. */

import type { Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { modeSchema, modeText } from './_mode.ts';
import { type OwnerLookup, owned, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { type Parents, parentSteps, parentsOf } from './_parents.ts';
import { kindName, pathOf } from './_path.ts';

interface Now {
  readonly path: string;
  readonly stat: Stat | undefined;
  readonly parents?: Parents;
  readonly owner: OwnerLookup;
}

const types = { b: 'block', c: 'char', p: 'fifo' } as const;

export default defineState({
  summary: 'the path is this device or named pipe',
  description:
    'Makes a block device, a character device or a named pipe. Something else at the path, or other device numbers, are never replaced.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path.' },
    ntype: {
      type: 'string',
      enum: ['b', 'c', 'p'],
      description: '`b` for a block device, `c` for a character device, `p` for a named pipe.',
    },
    major: { type: 'integer', minimum: 0, default: 0, description: 'Major number of the device.' },
    minor: { type: 'integer', minimum: 0, default: 0, description: 'Minor number of the device.' },
    user: ownerProperties.user,
    group: ownerProperties.group,
    mode: { ...modeSchema("Permissions as octal digits; '0600' unless given."), default: '0600' },
  },
  required: ['ntype'],
  examples: [
    {
      title: 'a named pipe',
      sls: `/run/app:
  file.directory:
    - makedirs: true
/run/app/pipe:
  file.mknod:
    - ntype: p
    - mode: '0660'
    - require:
      - file: /run/app
`,
    },
  ],

  owns: ({ name }) => ownedPath('file', name),
  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    const stat = reader.stat(path);
    const owner = ownerOf({ user: args.user, group: args.group, mode: args.mode ?? '0600' }, reader);
    return { path, stat, owner, parents: stat ? undefined : parentsOf(path, reader) };
  },

  plan(args, { path, stat, owner, parents }) {
    const type = types[args.ntype];
    const numbers = type === 'fifo' ? '' : ` ${args.major}:${args.minor}`;
    if (stat !== undefined) {
      const device = stat.device;
      const found = device ? ` ${device.major}:${device.minor}` : '';
      if (stat.kind === type && found === numbers) return ownerSteps({ path, stat, owner });
      return {
        refused: `${path} is ${kindName(stat.kind)}${found}, not ${kindName(type)}${numbers}.`,
        hint: 'Remove it first (file.absent).',
      };
    }
    const above = parentSteps(parents!, false, {});
    if ('refused' in above)
      return { refused: above.refused, hint: 'Require a file.directory that makes it.' };
    return [
      {
        change: { subject: path, new: `${kindName(type)}${numbers} ${modeText(owner.mode!)}` },
        effect: {
          kind: 'node',
          path,
          type,
          ...(type !== 'fifo' && { major: args.major, minor: args.minor }),
          ...owned(owner),
        },
      },
    ];
  },
});

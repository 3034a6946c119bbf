/** The state file.hardlink: a second name of a file. */
import { ownedPath } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { ownerProperties } from './_owner.ts';
import { pairOf } from './_pair.ts';
import { makedirsProperty, parentSteps } from './_parents.ts';
import { kindName } from './_path.ts';

export default defineState({
  summary: 'the path is a hard link of its target',
  description: `Gives a file a second name.

Unlike Salt: file.hardlink replaces another file's hard link only with \`force\`, like any other file.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the new name.' },
    target: { type: 'string', minLength: 1, description: 'Absolute path of the file, which must exist.' },
    force: {
      type: 'boolean',
      default: false,
      description: 'Replace a file or a symbolic link that is in the way.',
    },
    makedirs: makedirsProperty,
    user: {
      ...ownerProperties.user,
      description: 'Owner of directories made by `makedirs`. A hard link shares its owner with the file.',
    },
    group: { ...ownerProperties.group, description: 'Group of directories made by `makedirs`.' },
    dir_mode: modeSchema('Mode of directories made by `makedirs`.'),
  },
  required: ['target'],
  examples: [
    {
      title: 'a second name of a file',
      sls: `/srv/app/config.yaml:
  file.managed:
    - contents: 'port: 80'
    - makedirs: true
/srv/app/config.yml:
  file.hardlink:
    - target: /srv/app/config.yaml
    - require:
      - file: /srv/app/config.yaml
`,
    },
  ],

  owns: ({ name }) => ownedPath('file', name),
  read: (args, reader) => pairOf(args.name, args.target, reader),

  plan(args, now) {
    const { path, from: target, stat, fromStat: targetStat } = now;
    if (targetStat === undefined) {
      return { refused: `The target ${target} does not exist.`, hint: 'Require the state that makes it.' };
    }
    if (targetStat.kind === 'directory') {
      return {
        refused: `${target} is a directory, which can have no hard links.`,
        hint: 'Use file.symlink.',
      };
    }
    if (stat?.inode === targetStat.inode) return [];
    if (stat?.kind === 'directory')
      return { refused: `${path} is a directory.`, hint: 'Remove it first (file.absent).' };
    if (stat !== undefined && !args.force) {
      return {
        refused: `${path} is ${kindName(stat.kind)} already.`,
        hint: 'Set force: true to replace it.',
      };
    }
    const owner = {
      user: args.user ?? undefined,
      group: args.group ?? undefined,
      mode: modeOf(args.dir_mode, 'dir_mode'),
    };
    const parents = stat === undefined ? parentSteps(now.parents!, args.makedirs, owner) : [];
    if ('refused' in parents) return parents;
    const old = stat === undefined ? {} : { old: kindName(stat.kind) };
    return [
      ...parents,
      {
        change: { subject: 'target', ...old, new: target },
        effect: { kind: 'link', path, target, hard: true },
      },
    ];
  },
});

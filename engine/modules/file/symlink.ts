/** The state file.symlink: a symbolic link and where it points. */

import type { Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { type Backup, backupBeside, backupnameProperty, moveAside } from './_aside.ts';
import { removeStep } from './_clean.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { type OwnerLookup, owned, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { makedirsProperty, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { kindName, pathOf } from './_path.ts';

interface Now {
  readonly path: string;
  readonly stat: Stat | undefined;
  readonly target: string | undefined;
  readonly parents?: Parents;
  readonly backup?: Backup;
  readonly owner: OwnerLookup;
}

export default defineState({
  summary: 'the symbolic link points to its target',
  description: `Makes a symbolic link. The target is written into the link as it stands, relative ones too, and need not exist.

Salt: a link that points elsewhere is only repointed with \`force\` (or \`atomic\`); a file in the way is only removed with \`force\`.

Unlike Salt: file.symlink leaves the owner of an existing link alone unless \`user\` or \`group\` is given.

Unlike Salt: file.symlink always replaces a link or a file in one step, so \`atomic\` only says that it may.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the link.' },
    target: { type: 'string', minLength: 1, description: 'Where it points.' },
    force: {
      type: 'boolean',
      default: false,
      description: 'Repoint a link that points elsewhere; remove a file or a directory that is in the way.',
    },
    atomic: {
      type: 'boolean',
      default: false,
      description: 'Replace a link or a file (never a directory) in one step.',
    },
    backupname: backupnameProperty,
    disallow_copy_and_unlink: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees: a backup is always a rename.',
    },
    makedirs: makedirsProperty,
    user: ownerProperties.user,
    group: ownerProperties.group,
    inherit_user_and_group: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees: an existing owner is always left alone.',
    },
    mode: modeSchema('Mode of directories made by `makedirs`. A symbolic link has none of its own.'),
    follow_symlinks: {
      type: 'boolean',
      default: true,
      description: 'Accepted for Salt trees; has no effect.',
    },
  },
  required: ['target'],
  examples: [
    {
      title: 'a link, with its directory',
      sls: `/srv/app/current:
  file.symlink:
    - target: releases/7
    - makedirs: true
    - force: true
`,
    },
  ],

  owns: ({ name }) => ownedPath('link', name),
  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    const stat = reader.stat(path);
    return {
      path,
      stat,
      target: stat?.kind === 'link' ? reader.link(path) : undefined,
      parents: stat === undefined ? parentsOf(path, reader) : undefined,
      backup: backupBeside(args.backupname, path, reader),
      owner: ownerOf({ user: args.user, group: args.group }, reader),
    };
  },

  plan(args, now) {
    const { path, stat, owner } = now;
    if (stat?.kind === 'link' && now.target !== undefined && normal(now.target) === normal(args.target)) {
      return ownerSteps({ path, stat, owner });
    }
    const room = makeRoom(args, now);
    if ('refused' in room) return room;
    return [
      ...room,
      {
        change: { subject: 'target', old: now.target, new: args.target },
        effect: { kind: 'link', path, target: args.target, ...owned(owner) },
      },
    ];
  },
});

interface Arguments {
  readonly force: boolean;
  readonly atomic: boolean;
  readonly makedirs: boolean;
  readonly mode?: string | number | null;
}

function makeRoom(args: Arguments, now: Now): Step[] | Refusal {
  const { path, stat, owner } = now;
  if (stat === undefined) {
    return parentSteps(now.parents!, args.makedirs, {
      user: owner.user,
      group: owner.group,
      mode: modeOf(args.mode),
    });
  }
  if (stat.kind === 'link') {
    if (args.force || args.atomic) return [];
    return {
      refused: `${path} is a symbolic link to ${now.target}.`,
      hint: 'Set force: true to let it be repointed.',
    };
  }
  if (now.backup !== undefined) return moveAside(path, now.backup, args.force);
  if (stat.kind === 'directory' && args.force) return [removeStep(path, 'directory')];
  if (args.force || (args.atomic && stat.kind !== 'directory')) return [];
  return {
    refused: `${path} is ${kindName(stat.kind)}.`,
    hint: 'Set force: true to remove it, or backupname to rename it.',
  };
}

/** Salt compares targets after tidying their text: `a//b/./c` is `a/b/c`. */
function normal(target: string): string {
  const parts: string[] = [];
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !target.startsWith('/')) parts.push(part);
  }
  return (target.startsWith('/') ? '/' : '') + parts.join('/');
}

/** git.present: a repository is there, made empty where there was none. */
import { ownedPath } from '../../core/owned.ts';
import { join } from '../../core/path.ts';
import { defineState, type Refusal } from '../../core/state.ts';
import { type Access, accessOf, accessProperties, judge } from './_access.ts';
import { gitEffect, siteSteps } from './_clone.ts';
import { type Site, siteOf } from './_look.ts';
import { pathOf } from './_path.ts';
import { settledHead, settledRepository } from './_settled.ts';

interface Now {
  readonly site: Site;
  readonly access: Access;
  /** Undefined: inside the directory itself. */
  readonly separate?: string;
}

export default defineState({
  summary: 'a repository is there',
  description: `Makes an empty repository. One that is there is left alone, whatever it holds. Whether it is there is read from
its files: where nothing is to be done no git runs.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the repository.' },
    bare: { type: 'boolean', default: true, description: 'Without a work tree: one to push to.' },
    force: {
      type: 'boolean',
      default: false,
      description:
        'Make a repository of a directory that holds other things; they stay. Otherwise that is a failure.',
    },
    template: { type: 'string', description: 'Folder whose files a new repository begins with.' },
    separate_git_dir: {
      type: 'string',
      description: 'Where the repository itself is kept, apart from its work tree (not with `bare`).',
    },
    shared: {
      type: ['string', 'boolean', 'integer'],
      description: 'Who may write to it: `group`, `all`, `umask`, or permissions such as 0660.',
    },
    user: accessProperties.user,
    output_encoding: accessProperties.output_encoding,
  },
  examples: [
    {
      title: 'a repository that a group pushes to',
      sls: `/srv/git/shop.git:
  git.present:
    - shared: group
    - user: deploy
`,
    },
  ],
  owns: ({ name }) => ownedPath('tree', name),
  read(args, reader): Now | Refusal {
    const site = siteOf(args.name, reader);
    if ('refused' in site) return site;
    const { found } = site;
    const there = found.kind === 'empty' || found.kind === 'other' ? found.stat : undefined;
    const access = accessOf(
      { user: args.user },
      undefined,
      args.user === undefined ? there : undefined,
      reader,
    );
    if ('refused' in access) return access;
    const separate = args.separate_git_dir === undefined ? undefined : pathOf(args.separate_git_dir, reader);
    return { site, access, ...(separate !== undefined && { separate }) };
  },
  plan(args, now) {
    if ('refused' in now) return now;
    const { site, access, separate } = now;
    const { path, found } = site;
    if (separate !== undefined && args.bare) {
      return {
        refused: 'A bare repository has no work tree to be kept apart from.',
        hint: 'Set bare: false.',
        certain: true,
      };
    }
    const shared = args.shared === undefined ? undefined : sharedOf(args.shared);
    if (shared === null) {
      return {
        refused: `"${args.shared}" does not say who may write to it.`,
        hint: 'Write group, all, umask or permissions such as 0660.',
        certain: true,
      };
    }
    if (found.kind === 'repository') {
      if (found.repository.bare === args.bare)
        return { steps: [], comment: `Repository ${path} already exists` };
      return {
        refused: `${path} is a repository ${found.repository.bare ? 'without' : 'with'} a work tree.`,
        hint: `Set bare: ${found.repository.bare}, or choose another path.`,
      };
    }
    const isFile = found.kind === 'other' && found.stat.kind !== 'directory';
    if (isFile || (found.kind === 'other' && !args.force)) {
      return {
        refused: isFile
          ? `${path} is a ${found.stat.kind}.`
          : `${path} holds other things than a repository.`,
        hint: isFile ? 'Choose another path.' : 'Set force: true to make one there; what is there stays.',
      };
    }
    const words = [
      'init',
      '--quiet',
      ...(args.bare ? ['--bare'] : []),
      ...(args.template === undefined ? [] : [`--template=${args.template}`]),
      ...(separate === undefined ? [] : [`--separate-git-dir=${separate}`]),
      ...(shared === undefined ? [] : [`--shared=${shared}`]),
    ];
    const change = { subject: 'repository', new: args.bare ? 'bare' : 'with a work tree' };
    // What git init makes is made again without harm, so it may happen in place where something is to stay.
    const inPlace = found.kind === 'other' || found.kind === 'remains' || separate !== undefined;
    const { place, before, after } = siteSteps(
      inPlace ? { ...site, workshop: undefined, leftovers: false } : site,
      access,
    );
    const gitDir = args.bare ? place : join(place, '.git');
    const settles = [
      ...settledRepository(gitDir, `[core]\n\tbare = ${args.bare}\n`, access),
      ...settledHead({ gitDir, commonDir: gitDir }, { branch: 'master', commit: undefined }, access),
    ];
    return [
      ...before,
      { change, effect: gitEffect([...words, '--', '.'], access, place, settles) },
      ...after,
    ];
  },
  judge,
});

/** git-init(1); null: it says nothing. */
function sharedOf(shared: string | boolean | number): string | null {
  const text = typeof shared === 'boolean' ? (shared ? 'group' : 'umask') : String(shared);
  // Salt: a number is a row of octal digits, however it is written.
  return /^(umask|group|all|world|everybody|0?[0-7]{3})$/.test(text) ? text : null;
}

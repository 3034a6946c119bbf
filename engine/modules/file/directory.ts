/** The state file.directory: a directory, its owner and mode, and on request those of all it holds. */

import type { Reader, Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { type Backup, backupBeside, backupnameProperty, moveAside } from './_aside.ts';
import { keepProperty, keptPaths, removeStep, uncleanEntries } from './_clean.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { type OwnerLookup, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { directoryStep, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { followed, kindName, pathOf } from './_path.ts';
import { matcherOf, patternSchema } from './_patterns.ts';
import { type Entry, treeBelow } from './_tree.ts';

interface Now {
  readonly path: string;
  /** Of the entry itself, and of what it leads to where it is a link. */
  readonly stat: Stat | undefined;
  readonly real: Stat | undefined;
  readonly parents?: Parents;
  readonly backup?: Backup;
  readonly owner: OwnerLookup;
  /** What it holds, where that is of interest; links followed where asked. */
  readonly entries: readonly Entry[];
  /** Paths that required states manage. */
  readonly keep: readonly string[];
}

const targets = ['user', 'group', 'mode', 'ignore_files', 'ignore_dirs', 'silent'] as const;

export default defineState({
  summary: 'the directory exists and has this owner and mode',
  description: `Makes a directory. With \`recurse\`, owner and modes hold for everything in it as well; with \`clean\`, whatever no other
state manages is removed from it: paths of states that this one requires (or that name it in \`require_in\`) are kept.

Unlike Salt: in file.directory \`clean\` never removes a directory that holds something kept by \`exclude_pat\`.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the directory.' },
    user: ownerProperties.user,
    group: ownerProperties.group,
    mode: modeSchema('The same as `dir_mode`.'),
    dir_mode: modeSchema(
      "Permissions of the directory, such as '0755'. Left as they are unless given; a new one follows the umask.",
    ),
    file_mode: modeSchema(
      'Permissions of the files in it where `recurse` holds `mode`; unless given those of the directory.',
    ),
    recurse: {
      type: ['array', 'null'],
      items: { type: 'string', enum: targets },
      description:
        'What to enforce below the directory too: `user`, `group`, `mode`; limited by `ignore_files` or `ignore_dirs`; `silent` reports one line for all.',
    },
    max_depth: {
      type: ['integer', 'null'],
      minimum: 0,
      description: 'How many directories deep `recurse` goes; 0: only what lies directly in it.',
    },
    makedirs: {
      type: ['boolean', 'object'],
      default: false,
      properties: {
        user: ownerProperties.user,
        group: ownerProperties.group,
        mode: modeSchema('Mode of the parents.'),
      },
      additionalProperties: false,
      description:
        'Make missing parents, with owner and mode of the directory; or a mapping of `user`, `group`, `mode` for them.',
    },
    clean: { type: 'boolean', default: false, description: 'Remove whatever no other state manages.' },
    exclude_pat: patternSchema(
      'What `clean` leaves alone: a shell pattern (or a list) matched with the path below the directory; after `E@` a regular expression.',
    ),
    follow_symlinks: {
      type: 'boolean',
      default: false,
      description: 'With `recurse`: change what symbolic links lead to, not the links.',
    },
    force: { type: 'boolean', default: false, description: 'Remove a file or a link that is in the way.' },
    backupname: backupnameProperty,
    allow_symlink: {
      type: 'boolean',
      default: true,
      description: 'Accept a symbolic link that leads to a directory.',
    },
    children_only: {
      type: 'boolean',
      default: false,
      description: 'Leave owner and mode of the directory itself alone.',
    },
    __keep__: keepProperty,
  },
  examples: [
    {
      title: 'a directory with its parents',
      sls: `/srv/app/releases:
  file.directory:
    - mode: '0750'
    - makedirs: true
`,
    },
    {
      title: 'a directory that holds only what the tree manages',
      sls: `/etc/app.d:
  file.directory:
    - clean: true
    - exclude_pat: '*.local'
    - require:
      - file: /etc/app.d/main.conf
/etc/app.d/main.conf:
  file.managed:
    - contents: 'on: true'
    - makedirs: true
`,
    },
    {
      title: 'modes of a whole folder',
      sls: `/srv/www:
  file.directory:
    - dir_mode: '0755'
    - file_mode: '0644'
    - recurse:
      - mode
`,
    },
  ],

  // What else lies in it may be anybody's, unless that is removed.
  owns: ({ name, clean }) => ownedPath(clean ? 'tree' : 'directory', name),
  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    const stat = reader.stat(path);
    const real = stat?.kind === 'link' ? followed(path, reader) : stat;
    const owner = ownerOf({ user: args.user, group: args.group, mode: args.dir_mode ?? args.mode }, reader);
    return {
      path,
      stat,
      real,
      owner,
      parents: stat === undefined ? parentsOf(path, reader) : undefined,
      backup: backupBeside(args.backupname, path, reader),
      entries: real?.kind === 'directory' ? entriesOf(args, path, reader) : [],
      keep: keptPaths(args.__keep__, reader),
    };
  },

  plan(args, now) {
    if (args.clean && args.max_depth !== undefined && args.max_depth !== null) {
      return {
        refused: 'clean and max_depth cannot be given together.',
        hint: 'Remove one of them.',
        certain: true,
      };
    }
    const recursive = recursionOf(args, now.owner);
    if ('refused' in recursive) return recursive;
    const { path, owner } = now;
    const inTheWay =
      now.stat !== undefined &&
      (now.real?.kind !== 'directory' || (now.stat.kind === 'link' && (!args.allow_symlink || args.force)));
    if (now.stat === undefined || inTheWay) {
      const room = now.stat === undefined ? roomAbove(args, now) : makeRoom(args, now, now.stat);
      const step = directoryStep(path, owner);
      if (!('refused' in room)) return [...room, step];
      // Salt: what it meant to make is told where the parent is missing, not where something else is in the way.
      return now.stat === undefined ? { ...room, wanted: [step.change!] } : room;
    }
    const steps: Step[] = [];
    if (!args.children_only) {
      steps.push(...ownerSteps({ path, stat: now.real!, owner, follow: now.stat.kind === 'link' }));
    }
    const gone = args.clean
      ? uncleanEntries(now.entries, { paths: now.keep, excluded: matcherOf(args.exclude_pat) })
      : [];
    const below = staying(now.entries, gone).flatMap((entry) => recursive(entry));
    steps.push(...(args.recurse?.includes('silent') ? silenced(below) : below));
    for (const entry of gone) steps.push(removeStep(entry.path, entry.stat.kind));
    return steps;
  },
});

interface Arguments {
  readonly recurse?: readonly (typeof targets)[number][] | null;
  readonly max_depth?: number | null;
  readonly clean?: boolean;
  readonly follow_symlinks?: boolean;
  readonly file_mode?: string | number | null;
  readonly makedirs?:
    | boolean
    | { user?: string | number | null; group?: string | number | null; mode?: string | number | null };
  readonly force?: boolean;
  readonly backupname?: string | null;
}

function entriesOf(args: Arguments, path: string, reader: Reader): Entry[] {
  if (!args.recurse && !args.clean) return [];
  const deepest = args.max_depth ?? undefined;
  const entries = treeBelow(path, reader, { depth: deepest }).filter(
    // Salt: at the deepest level files are looked at, but no directories.
    ({ stat, relative }) =>
      deepest === undefined || stat.kind !== 'directory' || relative.split('/').length <= deepest,
  );
  if (!args.recurse || !args.follow_symlinks) return entries;
  return entries.map((entry) => {
    const real = entry.stat.kind === 'link' ? followed(entry.path, reader) : undefined;
    return real ? { ...entry, through: real } : entry;
  });
}

/** What is left once some entries are gone with all they hold. A directory comes right before what it holds. */
function staying(entries: readonly Entry[], gone: readonly Entry[]): readonly Entry[] {
  if (gone.length === 0) return entries;
  const isGone = new Set(gone);
  let lost: string | undefined;
  return entries.filter((entry) => {
    if (lost !== undefined && entry.path.startsWith(lost)) return false;
    if (isGone.has(entry)) lost = `${entry.path}/`;
    return !isGone.has(entry);
  });
}

/** The steps for one entry below the directory, or why `recurse` asks for something that is not given. */
function recursionOf(
  args: Arguments,
  owner: OwnerLookup,
): ((entry: Entry & { through?: Stat }) => Step[]) | Refusal {
  const what = new Set(args.recurse ?? []);
  if (what.has('ignore_files') && what.has('ignore_dirs')) {
    return {
      refused: 'recurse holds both ignore_files and ignore_dirs.',
      hint: 'Remove one of them.',
      certain: true,
    };
  }
  for (const name of ['user', 'group'] as const) {
    if (what.has(name) && owner[name] === undefined) {
      return {
        refused: `recurse holds ${name}, but no ${name} is given.`,
        hint: `Give a ${name}, or take it out of recurse.`,
        certain: true,
      };
    }
  }
  if (what.size === 0) return () => [];
  const shared: OwnerLookup = {
    ...(what.has('user') && { user: owner.user, uid: owner.uid }),
    ...(what.has('group') && { group: owner.group, gid: owner.gid }),
  };
  const forDirectory = what.has('mode') ? { ...shared, mode: owner.mode } : shared;
  const forFile = what.has('mode')
    ? { ...shared, mode: modeOf(args.file_mode, 'file_mode') ?? owner.mode }
    : shared;
  return ({ path, stat, through }) => {
    const isDirectory = (through ?? stat).kind === 'directory';
    if (what.has(isDirectory ? 'ignore_dirs' : 'ignore_files')) return [];
    return ownerSteps({
      path,
      stat: through ?? stat,
      owner: isDirectory ? forDirectory : forFile,
      follow: through !== undefined,
      label: path,
    });
  };
}

/** `silent`: only the first step says something, for all of them. */
function silenced(steps: readonly Step[]): Step[] {
  return steps.map(({ effect }, index) =>
    index === 0 ? { change: { subject: 'recursion', new: 'Changes silenced' }, effect } : { effect },
  );
}

function roomAbove(args: Arguments, now: Now): Step[] | Refusal {
  const { makedirs } = args;
  const given = typeof makedirs === 'object' ? makedirs : undefined;
  const { user, group, mode } = now.owner;
  const owner = given
    ? { user: given.user ?? undefined, group: given.group ?? undefined, mode: modeOf(given.mode, 'makedirs') }
    : { user, group, mode };
  return parentSteps(now.parents!, Boolean(makedirs), owner);
}

/** Moves or removes what lies where the directory should be. */
function makeRoom(args: Arguments, now: Now, stat: Stat): Step[] | Refusal {
  const { path, backup } = now;
  if (backup !== undefined) return moveAside(path, backup, args.force === true);
  if (args.force) return [removeStep(path, stat.kind)];
  return {
    refused: `${path} is ${kindName(stat.kind)}, not a directory.`,
    hint: 'Set force: true to remove it, or backupname to rename it.',
  };
}

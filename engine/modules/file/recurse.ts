/** The state file.recurse: a folder of the file roots, copied to the host file by file. */

import type { Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { join } from '../../core/path.ts';
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { keepProperty, keptPaths, removeStep, uncleanEntries } from './_clean.ts';
import { templateProperties } from './_context.ts';
import { type Content, chosenEntries, contentsIn, folderOf, foldersIn } from './_folder.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { type OwnerLookup, owned, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { directoryStep, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { followed, kindName, lookAt, pathOf, type There } from './_path.ts';
import { matcherOf, type Patterns, patternSchema } from './_patterns.ts';
import { type Entry, treeBelow } from './_tree.ts';
import { backupOf, writeSteps } from './_write.ts';

interface Folder {
  readonly path: string;
  readonly stat: Stat | undefined;
}

interface File extends Content {
  readonly there: There;
}

interface Link {
  readonly path: string;
  readonly target: string;
  readonly stat: Stat | undefined;
  /** Where it points now. */
  readonly now: string | undefined;
}

interface Now {
  readonly path: string;
  readonly parents: Parents;
  readonly owner: OwnerLookup;
  readonly refusal?: Refusal;
  /** Outermost first; the directory itself is the first. */
  readonly folders: readonly Folder[];
  readonly files: readonly File[];
  readonly links: readonly Link[];
  /** What lies in the directory now, where `clean` asks. */
  readonly entries: readonly Entry[];
  /** Paths that required states manage. */
  readonly keep: readonly string[];
}

export default defineState({
  summary: 'the directory holds the files of a folder of the file roots',
  description: `Copies a folder of the file roots, with its folders, to a directory of the host. Missing parents are made. Files of the
source that are not there are written, those that differ are replaced; others stay, unless \`clean\` is set.

Salt: folders of the source that hold no file (or none that the patterns let through) are only made with \`include_empty\`.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the directory.' },
    source: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Folder of the file roots, as `salt://folder`. Of a list the first that exists is taken.',
    },
    keep_source: {
      type: 'boolean',
      default: true,
      description: 'Accepted for Salt trees; sources are kept for one run only.',
    },
    clean: {
      type: 'boolean',
      default: false,
      description: 'Remove whatever neither the source holds nor a required state manages.',
    },
    user: ownerProperties.user,
    group: ownerProperties.group,
    dir_mode: modeSchema('Permissions of the directories. Left as they are unless given.'),
    file_mode: modeSchema(
      "Permissions of the files, such as '0644', or `keep` for those of each source file. Left as they are unless given.",
    ),
    sym_mode: modeSchema('Accepted for Salt trees: the mode of a symbolic link means nothing on Linux.'),
    ...templateProperties,
    replace: {
      type: 'boolean',
      default: true,
      description: 'false: leave the content of existing files alone.',
    },
    include_empty: {
      type: 'boolean',
      default: false,
      description: 'Make folders of the source that hold no file, too.',
    },
    backup: {
      type: ['string', 'boolean', 'null'],
      description:
        'Keep replaced files: `minion` (or true) in the store of backups, a text such as `.bak` beside them under that suffix.',
    },
    include_pat: patternSchema(
      'Copy only what this matches: a shell pattern (or a list) matched with the path below the source; after `E@` a regular expression.',
    ),
    exclude_pat: patternSchema('Do not copy what this matches, and leave it alone when cleaning.'),
    maxdepth: {
      type: ['integer', 'null'],
      minimum: 0,
      description: 'How many folders deep to go; 0: only files directly in the source.',
    },
    keep_symlinks: {
      type: 'boolean',
      default: false,
      description: 'Make links of links, instead of copies of what they lead to.',
    },
    force_symlinks: {
      type: 'boolean',
      default: false,
      description: 'Remove what lies in the way of such links.',
    },
    show_changes: {
      type: 'boolean',
      default: true,
      description: 'false: report that contents change, but not how.',
    },
    __keep__: keepProperty,
  },
  required: ['source'],
  examples: [
    {
      title: 'a web site from the file roots',
      sls: `/srv/www:
  file.recurse:
    - source: salt://site
    - clean: true
    - dir_mode: '0755'
    - file_mode: '0644'
    - exclude_pat: '*.bak'
`,
      files: { 'site/index.html': '<h1>Hello</h1>\n', 'site/css/site.css': 'body { margin: 0 }\n' },
    },
    {
      title: 'templates with variables',
      sls: `/etc/app.d:
  file.recurse:
    - source: salt://app.d
    - template: jinja
    - context:
        port: 8080
`,
      files: { 'app.d/listen.conf': 'port = {{ port }}\n' },
    },
  ],

  owns: ({ name }) => ownedPath('tree', name),
  read(args, reader, place): Now | Promise<Now> {
    const path = pathOf(args.name, reader);
    const stat = reader.stat(path);
    const real = followed(path, reader);
    const nothing: Now = {
      path,
      parents: stat === undefined ? parentsOf(path, reader) : { missing: [] },
      owner: ownerOf({ ...args, mode: args.file_mode === 'keep' ? null : args.file_mode }, reader),
      folders: [],
      files: [],
      links: [],
      entries: args.clean && real ? treeBelow(path, reader) : [],
      keep: keptPaths(args.__keep__, reader),
    };
    if (stat !== undefined && real?.kind !== 'directory')
      return { ...nothing, refusal: noDirectory(path, real) };
    const source = folderOf(args.source, reader);
    if ('refused' in source) return { ...nothing, refusal: source };
    const chosen = chosenEntries(source.entries, args);
    const now: Now = {
      ...nothing,
      folders: foldersIn(chosen, args.include_empty).map((one) => {
        const folder = one === '' ? path : join(path, one);
        return { path: folder, stat: followed(folder, reader) };
      }),
      links: chosen
        .filter((entry) => entry.kind === 'link')
        .map((entry) => {
          const link = join(path, entry.path);
          return { path: link, target: entry.target!, stat: reader.stat(link), now: reader.link(link) };
        }),
    };
    function finish(contents: readonly Content[] | Refusal): Now {
      if ('refused' in contents) return { ...now, refusal: contents };
      return {
        ...now,
        files: contents.map((one) => ({ ...one, there: lookAt(join(path, one.path), reader, true) })),
      };
    }
    const contents = contentsIn({ url: source.url, chosen, args, path, place }, reader);
    return contents instanceof Promise ? contents.then(finish) : finish(contents);
  },

  plan(args, now) {
    if (now.refusal) return now.refusal;
    const { user, group, uid, gid } = now.owner;
    const folderOwner: OwnerLookup = { user, group, uid, gid, mode: modeOf(args.dir_mode, 'dir_mode') };
    const parents = parentSteps(now.parents, true, folderOwner);
    if ('refused' in parents) return parents;
    // What has to go may lie in the way of what has to come: a directory where the source has a file.
    const gone = args.clean ? unclean(now, args.exclude_pat) : [];
    const isGone = new Set(gone.map((entry) => entry.path));
    const steps = [...parents, ...gone.map((entry) => removeStep(entry.path, entry.stat.kind))];
    for (const { path, stat } of now.folders) {
      if (stat === undefined || isGone.has(path)) steps.push(directoryStep(path, folderOwner));
      else if (stat.kind !== 'directory') return inTheWay(path, stat, 'folder');
      else steps.push(...ownerSteps({ path, stat, owner: folderOwner, label: path, follow: true }));
    }
    for (const file of now.files) {
      const there = isGone.has(file.there.path)
        ? { path: file.there.path, stat: undefined, content: undefined, through: false }
        : file.there;
      const { path, stat } = there;
      if (stat !== undefined && stat.kind !== 'file' && stat.kind !== 'link')
        return inTheWay(path, stat, 'file');
      steps.push(
        ...writeSteps({
          there,
          content: stat !== undefined && args.replace === false ? undefined : file.content,
          owner: args.file_mode === 'keep' ? { ...now.owner, mode: file.mode } : now.owner,
          backup: backupOf(args.backup),
          showChanges: args.show_changes,
          subject: path,
          locate: file.locate,
        }),
      );
    }
    for (const link of now.links) {
      const there = isGone.has(link.path) ? { ...link, stat: undefined, now: undefined } : link;
      const { path, stat } = there;
      if (stat !== undefined && stat.kind !== 'link' && !args.force_symlinks)
        return inTheWay(path, stat, 'link');
      steps.push(...linkSteps(there, now.owner));
    }
    return steps;
  },
});

function noDirectory(path: string, real: Stat | undefined): Refusal {
  const what = real === undefined ? 'a symbolic link that leads nowhere' : kindName(real.kind);
  return { refused: `${path} is ${what}, not a directory.`, hint: 'Remove it first (file.absent).' };
}

function inTheWay(path: string, stat: Stat, wanted: 'folder' | 'file' | 'link'): Refusal {
  return {
    refused: `${path} is ${kindName(stat.kind)}, and the source has a ${wanted} there.`,
    hint: `Remove it first, or set ${wanted === 'link' ? 'force_symlinks' : 'clean'}: true.`,
  };
}

function unclean(now: Now, excludePat: Patterns): Entry[] {
  // A directory where the source has a file or a link is not kept: it lies in the way.
  const wanted = [...now.files.map((file) => file.there), ...now.links].filter(
    (one) => one.stat?.kind !== 'directory',
  );
  return uncleanEntries(now.entries, {
    paths: [...now.keep, ...wanted.map((one) => one.path)],
    folders: now.folders.map((folder) => folder.path),
    excluded: matcherOf(excludePat),
  });
}

function linkSteps({ path, target, stat, now }: Link, owner: OwnerLookup): Step[] {
  if (stat?.kind === 'link' && now === target) return ownerSteps({ path, stat, owner, label: path });
  const step: Step = {
    change: { subject: path, old: now, new: `→ ${target}` },
    effect: { kind: 'link', path, target, ...owned({ user: owner.user, group: owner.group }) },
  };
  return stat?.kind === 'directory' ? [removeStep(path, 'directory'), step] : [step];
}

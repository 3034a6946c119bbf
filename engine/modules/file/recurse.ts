/** The state file.recurse: a folder of the file roots, copied to the host file by file. */
import type { Reader, Rendered, SourceEntry, Stat } from '../../core/host.ts';
import { defineState, type Place, type Refusal, type Step } from '../../core/state.ts';
import type { Dict } from '../../core/value.ts';
import { keepProperty, keptPaths, removeStep, uncleanEntries } from './_clean.ts';
import { contextOf, templateProperties } from './_context.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { type OwnerLookup, owned, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { directoryStep, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { followed, join, kindName, lookAt, parentOf, pathOf, type There } from './_path.ts';
import { matcherOf, type Patterns, patternSchema } from './_patterns.ts';
import { candidatesOf } from './_source.ts';
import { type Entry, treeBelow } from './_tree.ts';
import { backupOf, writeSteps } from './_write.ts';

/** One file of the source, and what lies in its place on the host. */
interface Pair {
  readonly there: There;
  readonly content: Buffer;
  readonly mode: number;
  readonly locate?: Step['locate'];
}

interface Folder {
  readonly path: string;
  readonly stat: Stat | undefined;
}

interface Link {
  readonly path: string;
  readonly target: string;
  readonly stat: Stat | undefined;
  readonly now: string | undefined;
}

interface Now {
  readonly path: string;
  readonly parents: Parents;
  readonly owner: OwnerLookup;
  readonly refusal?: Refusal;
  /** Outermost first; the directory itself is one of them. */
  readonly folders: readonly Folder[];
  readonly files: readonly Pair[];
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

Salt: folders of the source that hold no file (or none that the patterns let through) are only made with \`include_empty\`.

Unlike Salt: file.recurse renders templates with the place of an error in the template file.`,
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

  read(args, reader, place): Now | Promise<Now> {
    const path = pathOf(args.name, reader);
    const keep = args.file_mode === 'keep';
    const owner = ownerOf({ user: args.user, group: args.group, mode: keep ? null : args.file_mode }, reader);
    const real = followed(path, reader);
    const parents = reader.stat(path) === undefined ? parentsOf(path, reader) : { missing: [] };
    const empty: Now = {
      path,
      parents,
      owner,
      folders: [],
      files: [],
      links: [],
      entries: [],
      keep: keptPaths(args.__keep__, reader),
    };
    if (real?.kind !== 'directory' && reader.stat(path) !== undefined) {
      const what = real === undefined ? 'a symbolic link that leads nowhere' : kindName(real.kind);
      return {
        ...empty,
        refusal: { refused: `${path} is ${what}, not a directory.`, hint: 'Remove it first (file.absent).' },
      };
    }
    const source = sourceOf(args.source, reader);
    if ('refused' in source) return { ...empty, refusal: source };
    const chosen = chosenEntries(source.entries, args);
    const folders = foldersOf(chosen, args.include_empty).map((one) => {
      const folder = one === '' ? path : join(path, one);
      return { path: folder, stat: followed(folder, reader) };
    });
    const links = chosen
      .filter((entry) => entry.kind === 'link')
      .map((entry) => {
        const link = join(path, entry.path);
        return { path: link, target: entry.target!, stat: reader.stat(link), now: reader.link(link) };
      });
    const entries = args.clean && real ? treeBelow(path, reader) : [];
    const now: Now = { ...empty, folders, links, entries };
    return withFiles(now, filesOf(chosen, source.url, path, args, reader, place));
  },

  plan(args, now) {
    if (now.refusal) return now.refusal;
    const { user, group, uid, gid } = now.owner;
    const folderOwner: OwnerLookup = { user, group, uid, gid, mode: modeOf(args.dir_mode, 'dir_mode') };
    const parents = parentSteps(now.parents, true, folderOwner);
    if ('refused' in parents) return parents;
    const steps: Step[] = [...parents];
    // What has to go may lie in the way of what has to come: a directory where the source has a file.
    if (args.clean) steps.push(...cleaning(now, args));
    const gone = new Set(
      steps
        .filter((step) => step.effect.kind === 'remove')
        .map((step) => (step.effect as { path: string }).path),
    );
    for (const { path, stat } of now.folders) {
      if (stat === undefined || gone.has(path)) steps.push(directoryStep(path, folderOwner));
      else if (stat.kind === 'directory')
        steps.push(...ownerSteps({ path, stat, owner: folderOwner, label: path, follow: true }));
      else
        return {
          refused: `${path} is ${kindName(stat.kind)}, and the source has a folder there.`,
          hint: 'Remove it first, or set clean: true.',
        };
    }
    for (const file of now.files) {
      const there = gone.has(file.there.path)
        ? { ...file.there, stat: undefined, content: undefined, through: false }
        : file.there;
      if (there.stat !== undefined && there.stat.kind !== 'file' && there.stat.kind !== 'link') {
        return {
          refused: `${there.path} is ${kindName(there.stat.kind)}, and the source has a file there.`,
          hint: 'Remove it first, or set clean: true.',
        };
      }
      steps.push(
        ...writeSteps({
          there,
          content: there.stat !== undefined && args.replace === false ? undefined : file.content,
          owner: args.file_mode === 'keep' ? { ...now.owner, mode: file.mode } : now.owner,
          backup: backupOf(args.backup),
          showChanges: args.show_changes,
          subject: there.path,
          locate: file.locate,
        }),
      );
    }
    for (const link of now.links) {
      const made = linkSteps(
        gone.has(link.path) ? { ...link, stat: undefined, now: undefined } : link,
        now.owner,
        args.force_symlinks,
      );
      if ('refused' in made) return made;
      steps.push(...made);
    }
    return steps;
  },
});

interface Arguments {
  readonly name: string;
  readonly source: string | readonly string[];
  readonly template?: 'jinja' | '' | null;
  readonly context?: unknown;
  readonly defaults?: unknown;
  readonly include_pat?: Patterns;
  readonly exclude_pat?: Patterns;
  readonly maxdepth?: number | null;
  readonly keep_symlinks?: boolean;
}

function sourceOf(
  source: unknown,
  reader: Reader,
): { url: string; entries: readonly SourceEntry[] } | Refusal {
  const urls = candidatesOf(source).map((one) => one.url.replace(/(?<=[^/])\/+$/, ''));
  for (const url of urls) {
    const entries = reader.sourceTree(url);
    if (entries !== undefined) return { url, entries };
  }
  return {
    refused: `There is no folder ${urls.join(' or ')} in the file roots.`,
    hint: 'Write the source as salt:// and a path below the file roots.',
  };
}

/** What of the source is meant by patterns and depth. A link (it has a `target`) counts as what it leads to, unless links are kept. */
function chosenEntries(entries: readonly SourceEntry[], args: Arguments): SourceEntry[] {
  const included = matcherOf(args.include_pat);
  const excluded = matcherOf(args.exclude_pat);
  const deepest = args.maxdepth ?? Number.POSITIVE_INFINITY;
  const chosen: SourceEntry[] = [];
  let link: string | undefined;
  for (const entry of entries) {
    const { path } = entry;
    if (link !== undefined && path.startsWith(link)) continue;
    if (args.keep_symlinks && entry.target !== undefined) link = `${path}/`;
    if (path.split('/').length - 1 > deepest || included?.(path) === false || excluded?.(path)) continue;
    chosen.push(link === `${path}/` ? { ...entry, kind: 'link' } : entry);
  }
  return chosen;
}

/** The folders to be made, outermost first, '' for the directory itself. */
function foldersOf(chosen: readonly SourceEntry[], includeEmpty: boolean): string[] {
  const folders = new Set(['']);
  function withAbove(path: string): void {
    if (path === '' || folders.has(path)) return;
    withAbove(path.includes('/') ? parentOf(path) : '');
    folders.add(path);
  }
  for (const { path, kind } of chosen) {
    if (kind !== 'directory') withAbove(path.includes('/') ? parentOf(path) : '');
    else if (includeEmpty) withAbove(path);
  }
  return [...folders];
}

/** Reads (and renders) each file; an array of promises only where a template has to wait for something. */
function filesOf(
  chosen: readonly SourceEntry[],
  url: string,
  path: string,
  args: Arguments,
  reader: Reader,
  place: Place,
): (Pair | Promise<Pair> | Refusal)[] {
  let context: Dict | undefined;
  const found: (Pair | Promise<Pair> | Refusal)[] = [];
  for (const entry of chosen) {
    if (entry.kind !== 'file') continue;
    const source = reader.source(`${url}/${entry.path}`);
    if ('missing' in source) {
      found.push({ refused: source.missing, hint: source.hint });
      continue;
    }
    const there = lookAt(join(path, entry.path), reader, false);
    if (!args.template) {
      const { file } = source;
      found.push({
        there,
        content: source.content,
        mode: entry.mode,
        locate: file === undefined ? undefined : (line) => ({ file, line, column: 1 }),
      });
      continue;
    }
    context ??= contextOf(args, path, reader);
    const output = reader.render({ engine: 'jinja', source, context, id: place.id, sls: place.sls });
    const pair = (one: Rendered): Pair => ({
      there,
      content: Buffer.from(one.text),
      mode: entry.mode,
      locate: (line) => one.place(line),
    });
    found.push(output instanceof Promise ? output.then(pair) : pair(output));
  }
  return found;
}

function withFiles(now: Now, files: (Pair | Promise<Pair> | Refusal)[]): Now | Promise<Now> {
  if (files.some((one) => one instanceof Promise)) {
    return Promise.all(files).then((settled) => withFiles(now, settled));
  }
  const refusal = files.find((one) => 'refused' in one) as Refusal | undefined;
  return refusal ? { ...now, refusal } : { ...now, files: files as Pair[] };
}

function cleaning(now: Now, args: Arguments): Step[] {
  // A directory where the source has a file or a link is not kept: it lies in the way.
  const files = [...now.files.map((file) => file.there), ...now.links].filter(
    (one) => one.stat?.kind !== 'directory',
  );
  const gone = uncleanEntries(now.entries, {
    paths: [...now.keep, ...files.map((one) => one.path)],
    folders: now.folders.map((folder) => folder.path),
    excluded: matcherOf(args.exclude_pat),
  });
  return gone.map((entry) => removeStep(entry.path, entry.stat.kind));
}

function linkSteps(link: Link, owner: OwnerLookup, force: boolean): Step[] | Refusal {
  const { path, target, stat } = link;
  const { user, group } = owner;
  if (stat?.kind === 'link' && link.now === target) return ownerSteps({ path, stat, owner, label: path });
  if (stat !== undefined && stat.kind !== 'link' && !force) {
    return {
      refused: `${path} is ${kindName(stat.kind)}, and the source has a link there.`,
      hint: 'Remove it first, or set force_symlinks: true.',
    };
  }
  const step: Step = {
    change: { subject: path, old: link.now, new: `→ ${target}` },
    effect: { kind: 'link', path, target, ...owned({ user, group }) },
  };
  return stat?.kind === 'directory' ? [removeStep(path, 'directory'), step] : [step];
}

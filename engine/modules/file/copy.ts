/** The state file.copy: a copy of a file or a directory of the host itself. */

import type { Reader, Stat } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { baseOf, join } from '../../core/path.ts';
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { removeStep } from './_clean.ts';
import { modeOf, modeSchema } from './_mode.ts';
import { type OwnerLookup, owned, ownerOf, ownerProperties, ownerSteps } from './_owner.ts';
import { makedirsProperty, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { followed, kindName, pathOf } from './_path.ts';
import { treeBelow } from './_tree.ts';

/** A source entry, and what lies where its copy belongs. */
interface Pair {
  readonly from: string;
  readonly path: string;
  readonly source: Stat;
  readonly stat: Stat | undefined;
  /** Whether both are of one kind and hold the same. */
  readonly same: boolean;
}

interface Now {
  readonly path: string;
  readonly source: string;
  readonly sourceStat: Stat | undefined;
  readonly stat: Stat | undefined;
  readonly parents?: Parents;
  readonly owner: OwnerLookup;
  readonly pairs: readonly Pair[];
  /** Entries of an existing target directory that the source lacks. */
  readonly extra: readonly string[];
}

export default defineState({
  summary: 'the path is a copy of the source',
  description: `Copies a file, a link or a whole directory of the host. An existing target is left alone, whatever it holds, unless \`force\`
is set: then it is made the same as the source, again whenever the source changes.

Salt: the copy gets the mode of the source unless \`mode\` is given.

Unlike Salt: with \`force\`, file.copy of a directory changes only what differs instead of removing the target first.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the copy.' },
    source: { type: 'string', minLength: 1, description: 'Absolute path of what is copied.' },
    force: {
      type: 'boolean',
      default: false,
      description: 'Make an existing target the same as the source.',
    },
    makedirs: makedirsProperty,
    preserve: {
      type: 'boolean',
      default: false,
      description: 'Keep owner, mode and times of the source; `user`, `group` and `mode` are ignored then.',
    },
    user: ownerProperties.user,
    group: ownerProperties.group,
    mode: modeSchema(
      'Permissions of the copied file, or of the topmost directory; unless given those of the source.',
    ),
    dir_mode: modeSchema('Mode of directories made by `makedirs`.'),
    subdir: {
      type: 'boolean',
      default: false,
      description: 'Where the path is a directory, copy into it under the name of the source.',
    },
  },
  required: ['source'],
  examples: [
    {
      title: 'a local configuration that starts as a copy of the packaged one',
      sls: `/usr/share/app/app.conf:
  file.managed:
    - contents: 'port: 80'
    - makedirs: true
/etc/app.local.conf:
  file.copy:
    - source: /usr/share/app/app.conf
    - makedirs: true
    - require:
      - file: /usr/share/app/app.conf
`,
    },
  ],

  // In a directory its name depends on the source.
  owns: ({ name, subdir }) => (subdir ? [] : ownedPath('file', name)),
  read(args, reader): Now {
    const source = pathOf(args.source, reader);
    let path = pathOf(args.name, reader);
    if (args.subdir && followed(path, reader)?.kind === 'directory') path = join(path, baseOf(source));
    const sourceStat = reader.stat(source);
    const stat = reader.stat(path);
    const owner = args.preserve ? {} : ownerOf(args, reader);
    const look = sourceStat !== undefined && (stat === undefined || args.force) && !holds(source, path);
    const pairs = look ? pairsOf(source, path, sourceStat, reader) : [];
    const wanted = new Set(pairs.map((pair) => pair.path));
    const extra =
      look && stat?.kind === 'directory' && sourceStat.kind === 'directory'
        ? treeBelow(path, reader)
            .map((one) => one.path)
            .filter((one) => !wanted.has(one))
        : [];
    return {
      path,
      source,
      sourceStat,
      stat,
      owner,
      pairs,
      extra,
      parents: stat ? undefined : parentsOf(path, reader),
    };
  },

  plan(args, now) {
    const { path, source, sourceStat, stat } = now;
    if (sourceStat === undefined)
      return { refused: `The source ${source} does not exist.`, hint: 'Require the state that makes it.' };
    if (path === source || holds(source, path)) {
      return { refused: `${source} cannot be copied into itself.`, hint: 'Choose a path outside of it.' };
    }
    if (stat !== undefined && !args.force) {
      return { steps: [], comment: `The target ${path} exists and will not be overwritten` };
    }
    if (stat !== undefined && holds(path, source)) {
      return {
        refused: `${path} holds ${source}, so it cannot be replaced by it.`,
        hint: 'Choose another path.',
      };
    }
    const odd = now.pairs.find((pair) => !['file', 'directory', 'link'].includes(pair.source.kind));
    if (odd) return { refused: `${odd.from} is ${kindName(odd.source.kind)}, which cannot be copied.` };
    const steps: Step[] | Refusal =
      stat === undefined
        ? parentSteps(now.parents!, args.makedirs, {
            user: now.owner.user,
            group: now.owner.group,
            mode: modeOf(args.dir_mode, 'dir_mode'),
          })
        : [];
    if ('refused' in steps) return steps;
    for (const pair of now.pairs) {
      const top = pair.path === path ? now.owner : { ...now.owner, mode: undefined };
      const owner = args.preserve ? ownerAs(pair.source) : { ...top, mode: top.mode ?? pair.source.mode };
      steps.push(...copySteps(pair, owner, args.preserve));
    }
    let last: string | undefined;
    for (const extra of now.extra) {
      if (last !== undefined && extra.startsWith(last)) continue;
      last = `${extra}/`;
      steps.push(removeStep(extra, 'not in the source'));
    }
    return steps;
  },
});

/** Whether a path lies below another. */
function holds(outer: string, inner: string): boolean {
  return inner.startsWith(outer === '/' ? '/' : `${outer}/`);
}

function ownerAs(stat: Stat): OwnerLookup {
  return { user: stat.uid, group: stat.gid, uid: stat.uid, gid: stat.gid, mode: stat.mode };
}

function pairsOf(source: string, path: string, sourceStat: Stat, reader: Reader): Pair[] {
  const pairs = [pairOf(source, path, sourceStat, reader)];
  if (sourceStat.kind !== 'directory') return pairs;
  for (const entry of treeBelow(source, reader)) {
    pairs.push(pairOf(entry.path, join(path, entry.relative), entry.stat, reader));
  }
  return pairs;
}

function pairOf(from: string, path: string, source: Stat, reader: Reader): Pair {
  const stat = reader.stat(path);
  return {
    from,
    path,
    source,
    stat,
    same: stat?.kind === source.kind && holdsSame(from, path, source, stat, reader),
  };
}

function holdsSame(from: string, path: string, source: Stat, stat: Stat, reader: Reader): boolean {
  if (source.kind === 'link') return reader.link(from) === reader.link(path);
  if (source.kind !== 'file') return true;
  return source.size === stat.size && reader.content(from)!.equals(reader.content(path)!);
}

function copySteps(pair: Pair, owner: OwnerLookup, preserve: boolean): Step[] {
  const { from, path, source, stat } = pair;
  if (pair.same) return ownerSteps({ path, stat: stat!, owner, label: path });
  const room =
    stat !== undefined && (stat.kind === 'directory' || source.kind === 'directory')
      ? [removeStep(path, stat.kind)]
      : [];
  const change = {
    subject: path,
    ...(stat && { old: kindName(stat.kind) }),
    new: source.kind === 'directory' ? 'directory' : `a copy of ${from}`,
  };
  if (source.kind === 'directory')
    return [...room, { change, effect: { kind: 'directory', path, ...owned(owner) } }];
  const given = source.kind === 'link' ? { user: owner.user, group: owner.group } : owner;
  return [
    ...room,
    { change, effect: { kind: 'copy', from, path, ...(preserve && { preserve }), ...owned(given) } },
  ];
}

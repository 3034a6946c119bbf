/** archive.extracted: the members of an archive are in a directory. */

import { ArgumentTrouble, type Outcome, type Reader } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { shellWords } from '../../core/shell-words.ts';
import { type Change, type Common, defineState, type Plan, type Step } from '../../core/state.ts';
import { look, type Now, type Request } from './_look.ts';
import { sourceProperties } from './_source.ts';
import { stampEffect } from './_stamp.ts';
import { putSteps } from './_steps.ts';

const properties = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Absolute path of the directory. It is made, with those above it, where it is missing.',
  },
  ...sourceProperties,
  archive_format: {
    type: 'string',
    enum: ['tar', 'zip'],
    description:
      'Accepted for Salt trees: the kind of an archive, and its compression, show in its first bytes.',
  },
  strip: {
    type: 'integer',
    minimum: 0,
    description: 'How many leading folders of the names in the archive are left out.',
  },
  options: {
    type: 'string',
    description:
      "Options of tar's command line: `--strip-components=1` and `--exclude=PATTERN` are understood; those for compression and output are needless.",
  },
  list_options: { type: 'string', description: 'Accepted for Salt trees: no command lists the archive.' },
  enforce_toplevel: {
    type: 'boolean',
    default: true,
    description: 'Refuse an archive that has more than a single directory at its top.',
  },
  user: {
    type: ['string', 'integer'],
    description: 'User, by name or id, to whom the members belong; the user that runs converge unless given.',
  },
  group: { type: ['string', 'integer'], description: 'Group of the members; that of `user` unless given.' },
  enforce_ownership_on: {
    type: 'string',
    description:
      'Only look at the owner of this path; where it is wrong, all members are given to `user` and `group`.',
  },
  if_missing: {
    type: ['string', 'array'],
    items: { type: 'string' },
    description: 'Where this path (or one of these) exists nothing is done, and nothing is looked at.',
  },
  overwrite: {
    type: 'boolean',
    default: false,
    description:
      'Replace files that differ from the archive when it is unpacked for the first time, or again. Otherwise they stay, unless the archive changed since.',
  },
  force: {
    type: 'boolean',
    default: false,
    description: 'Remove a directory where a file of the archive belongs, or the other way round.',
  },
  clean: {
    type: 'boolean',
    default: false,
    description: 'Before unpacking an archive that changed, remove what is at its top, with all in it.',
  },
  clean_parent: {
    type: 'boolean',
    default: false,
    description: 'Before unpacking, remove the whole directory.',
  },
  trim_output: {
    type: ['boolean', 'integer'],
    default: false,
    description: 'Report no more than so many files; 100 where it is true.',
  },
  password: {
    type: 'string',
    description: 'Not supported: an archive with a password is refused.',
  },
  use_cmd_unzip: { type: 'boolean', description: 'Accepted for Salt trees: no unzip is needed.' },
  extract_perms: {
    type: 'boolean',
    default: true,
    description: 'Accepted for Salt trees: permissions are always those of the archive.',
  },
  skip_files_list_verify: {
    type: 'boolean',
    default: false,
    description: 'Accepted for Salt trees: the list of files is remembered, so looking at it is cheap.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'source'> & Common;

/** Letters of tar that say what is known anyway: the compression, the file, and what is printed. */
const needless =
  /^(-?[zjJvxfa]+|--(gzip|bzip2|xz|zstd|lzip|verbose|extract|auto-compress|no-same-owner|same-permissions|preserve-permissions)|-[oq]+)$/;

function requestOf(args: Arguments, reader: Reader): Request {
  const { strip, excludes } = optionsOf(args.options);
  return {
    ...args,
    directory: pathOf(args.name),
    strip: args.strip ?? strip,
    excludes,
    enforceToplevel: args.enforce_toplevel,
    ...(args.user !== undefined &&
      args.group === undefined && { group: reader.user(args.user)?.gid ?? undefined }),
    ifMissing: [args.if_missing ?? []].flat().map(pathOf),
    ...(args.enforce_ownership_on !== undefined && { ownershipOn: pathOf(args.enforce_ownership_on) }),
    cleanParent: args.clean_parent,
  } as Request;
}

function pathOf(name: string): string {
  if (!name.startsWith('/') || name.includes('\0')) {
    throw new ArgumentTrouble(`"${name}" is not an absolute path.`, 'Write the path from the root: /opt/….');
  }
  const tidy = name.replace(/\/{2,}/g, '/');
  return tidy.length > 1 ? tidy.replace(/\/$/, '') : tidy;
}

/** Salt: options are words of tar's command line. Unlike Salt: archive.extracted takes only those it understands. */
function optionsOf(options: string | undefined): { strip: number; excludes: string[] } {
  let strip = 0;
  const excludes: string[] = [];
  const words = shellWords(options ?? '') ?? [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, name, value] = /^--(strip(?:-components)?|exclude)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      if (needless.test(word)) continue;
      throw new ArgumentTrouble(
        `The option "${word}" is not supported, in options.`,
        'Supported are --strip-components=N and --exclude=PATTERN.',
      );
    }
    const given = value ?? words[++i] ?? '';
    if (name === 'exclude') excludes.push(given);
    else if (/^\d+$/.test(given)) strip = Number(given);
    else throw new ArgumentTrouble(`"${given}" is no number of folders, in options.`);
  }
  return { strip, excludes };
}

interface Looked {
  readonly now: Now;
  readonly self: Reader['self'];
}

function plan(args: Arguments, { now, self }: Looked): Plan {
  if (now.refusal) return now.refusal;
  if (args.password !== undefined) {
    return {
      refused: 'Archives with a password are not supported.',
      hint: 'Pack it anew without one.',
      certain: true,
    };
  }
  if (now.skipped !== undefined) return { steps: [], comment: `Path ${now.skipped} exists` };
  const { put, stamp, directory, obstacles, differing } = now;
  if (obstacles.length > 0 && !args.force) {
    return {
      refused: `A file of the archive is in the way of a directory, or the other way round: ${obstacles.slice(0, 10).join(', ')}.`,
      hint: 'Set force: true to remove what is there.',
    };
  }
  const isRoot = self.uid === 0;
  const ids = { uid: now.owner.uid ?? self.uid, gid: now.owner.gid ?? self.gid };
  const steps: Step[] = stamp
    ? now.stampFolders.map((path) => ({ effect: { kind: 'directory', path, mode: 0o755 } }))
    : [];
  if (put.length > 0 || (now.stat === undefined && stamp)) {
    const change = {
      subject: 'extracted_files',
      new: shown(
        put.map(({ path }) => path),
        args.trim_output,
      ),
    };
    steps.push(...putSteps({ now, change, ids, isRoot }));
  }
  steps.push(...ownerSteps(now, new Set(put.map(({ path }) => `${directory}/${path}`)), args.trim_output));
  if (stamp) {
    const change: Change = { subject: 'remembered', new: stamp.hashes[0] };
    const effect = stampEffect(now.stampPath, directory, stamp);
    steps.push(put.length === 0 ? { change, effect } : { effect });
  }
  const warnings =
    differing.length === 0
      ? []
      : [
          `${differing.length} files in ${directory} differ from the archive and stay as they are: ${differing.slice(0, 5).join(', ')}. Set overwrite: true to replace them.`,
        ];
  if (steps.length === 0) return { steps, comment: `All files in archive are already present`, warnings };
  return { steps, warnings };
}

function shown(paths: readonly string[], trim: boolean | number): readonly string[] {
  const most = trim === true ? 100 : trim === false ? paths.length : trim;
  return paths.length > most ? [...paths.slice(0, most), `… and ${paths.length - most} more`] : paths;
}

function ownerSteps(now: Now, put: ReadonlySet<string>, trim: boolean | number): Step[] {
  const { uid, gid } = now.owner;
  const wrong = now.misowned.filter((path) => !put.has(path));
  return wrong.map((path, index): Step => {
    const change = { subject: 'updated ownership', new: shown(wrong, trim) };
    const owner = { ...(uid !== undefined && { user: uid }), ...(gid !== undefined && { group: gid }) };
    return { ...(index === 0 && { change }), effect: { kind: 'attributes', path, ...owner } };
  });
}

export default defineState({
  summary: 'the members of the archive are in the directory',
  description: `Unpacks tar archives (plain, gzip, zstd, and xz, bzip2 or lzip where their programs are installed) and zip
archives. What was unpacked is remembered below /var/lib/converge/archives. Where all its members are there, and the
archive is the same, nothing is fetched, read or run; a member that is missing is put back; an archive that changed is
unpacked again. Files that are changed by hand or by other states stay, until the archive changes.

Members are unpacked aside and moved into place: a power cut leaves nothing half written.

Archives are not trusted. One with absolute names, with \`..\`, with links that lead out of the directory, with devices,
or with more than 2 GiB is refused; setuid, setgid and sticky bits are dropped.

Unlike Salt: archive.extracted gives members to the user that runs converge, where Salt leaves them to whatever ids the archive names, and writes hard links as files of their own.

Unlike Salt: archive.extracted unpacks an archive again when it changed, without source_hash_update, and does not unpack one again and again because of overwrite.

Unlike Salt: archive.extracted refuses rar archives and zip archives with a password.`,
  properties,
  required: ['source'],
  examples: [
    {
      title: 'a release from the web, without the folder it is packed in',
      sls: `/opt/prometheus:
  archive.extracted:
    - source: https://releases.example/prometheus-2.53.0.linux-amd64.tar.gz
    - source_hash: sha256=4b2d1c8a9e0f3b7d6a5c4e3f2d1b0a9c8e7f6d5b4a3c2e1f0d9b8a7c6e5f4d3b
    - strip: 1
    - user: app
`,
    },
    {
      title: 'a site from the file roots',
      sls: `/srv/site:
  archive.extracted:
    - source: salt://site.zip
    - enforce_toplevel: false
    - user: www-data
    - group: www-data
`,
      files: { 'site.zip': 'PK\u0005\u0006'.padEnd(22, '\u0000') },
    },
  ],
  owns: ({ name }) => ownedPath('directory', name),
  async read(args, reader, place): Promise<Looked> {
    return { now: await look(requestOf(args as Arguments, reader), reader, place), self: reader.self };
  },
  plan: (args, looked) => plan(args as Arguments, looked),
  judge(_args, outcome: Outcome) {
    if (outcome.status === 0) return { changes: {} };
    return { failed: true, comment: outcome.stderr.trim().split('\n').slice(-5).join('\n'), changes: {} };
  },
});

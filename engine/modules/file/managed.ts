/** The state file.managed: one whole file, from a source, a template or text. */

import type { Reader, Rendered, Source } from '../../core/host.ts';
import { ownedPath } from '../../core/owned.ts';
import { defineState, type Place, type Refusal, type Step } from '../../core/state.ts';
import { checkProperties, validatorOf } from './_check.ts';
import { type ContentsArguments, contentsOf, encode } from './_contents.ts';
import { type ContextArguments, contextOf, templateProperties } from './_context.ts';
import { modeOf, modeSchema, searchable } from './_mode.ts';
import { type OwnerArguments, type OwnerLookup, ownerOf, ownerProperties } from './_owner.ts';
import { makedirsProperty, type Parents, parentSteps, parentsOf } from './_parents.ts';
import { lookAt, notAFile, pathOf, type There } from './_path.ts';
import { candidatesOf, chooseSource, type SourceArguments, sourceProperties } from './_source.ts';
import { backupOf, writeSteps } from './_write.ts';

interface Now {
  readonly there: There;
  /** Directories above it, where the file is not there. */
  readonly parents?: Parents;
  readonly owner: OwnerLookup;
  /** What the file should hold; undefined: its content is no business of this state. */
  readonly content?: Buffer;
  readonly locate?: Step['locate'];
  readonly refusal?: Refusal;
}

interface Arguments extends ContentsArguments, ContextArguments, SourceArguments, OwnerArguments {
  readonly name: string;
  readonly template?: 'jinja' | '' | null;
  readonly replace?: boolean;
  readonly create?: boolean;
  readonly follow_symlinks?: boolean;
  readonly encoding?: string | null;
  readonly encoding_errors?: string;
}

export default defineState({
  summary: 'the file has this content, owner and mode',
  description: `Writes a whole file: from a \`source\` of the file roots, of this machine or of the web, from \`contents\`, or from the pillar.
With neither, only owner and mode are managed, and an absent file is created empty.

A file is replaced in one step: readers see the old content or the new, never half of it. \`check_cmd\` validates the
new content under its real name before anything is replaced.

Unlike Salt: in file.managed \`check_cmd\` sees the new content in a file of the same base name, so \`tmp_dir\` and \`tmp_ext\` are accepted but needless.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'Absolute path of the file. `~` stands for the home directory.',
    },
    ...sourceProperties,
    keep_source: {
      type: 'boolean',
      default: true,
      description: 'Accepted for Salt trees; sources are kept for one run only.',
    },
    use_etag: { type: 'boolean', default: false, description: 'Accepted for Salt trees; has no effect.' },
    contents: {
      type: ['string', 'number', 'boolean', 'array', 'object', 'null'],
      ordered: true,
      description: 'The text of the file. The members of a list become lines.',
    },
    contents_pillar: {
      type: ['string', 'array', 'null'],
      items: { type: 'string' },
      description: 'Pillar path of the text, or a list of paths whose texts follow each other.',
    },
    contents_grains: {
      type: ['string', 'array', 'null'],
      items: { type: 'string' },
      description: 'Grain path of the text, or a list of paths whose texts follow each other.',
    },
    contents_delimiter: {
      type: 'string',
      default: ':',
      description: 'What separates the parts of `contents_pillar` and `contents_grains`.',
    },
    contents_newline: {
      type: 'boolean',
      default: true,
      description: 'End `contents` with a newline; false takes all newlines off its end.',
    },
    allow_empty: { type: 'boolean', default: true, description: 'false: empty `contents` are an error.' },
    ...templateProperties,
    user: ownerProperties.user,
    group: ownerProperties.group,
    mode: modeSchema(
      "Permissions as octal digits, such as '0644', or `keep` for those of the source. Left as they are unless given; a new file follows the umask.",
    ),
    dir_mode: modeSchema(
      'Mode of directories made by `makedirs`; unless given that of the file, with search permission wherever it permits anything.',
    ),
    makedirs: makedirsProperty,
    backup: {
      type: ['string', 'boolean', 'null'],
      description:
        'Keep the old file: `minion` (or true) in the store of backups, a text such as `.bak` beside it under that suffix.',
    },
    replace: {
      type: 'boolean',
      default: true,
      description: 'false: leave the content of an existing file alone; owner and mode are still managed.',
    },
    create: {
      type: 'boolean',
      default: true,
      description: 'false: do not create the file where it is absent.',
    },
    follow_symlinks: {
      type: 'boolean',
      default: true,
      description:
        'Where the path is a symbolic link, manage the file it leads to; false replaces the link by a file.',
    },
    ...checkProperties,
    show_changes: {
      type: 'boolean',
      default: true,
      description: 'false: report that the content changes, but not how.',
    },
    new_file_diff: {
      type: 'boolean',
      description: 'false: do not show the content of a file that is created.',
    },
    encoding: {
      type: ['string', 'null'],
      description:
        'Encoding of `contents` and rendered templates; UTF-8 unless given. Also utf-8-sig, utf-16-le, latin-1, ascii.',
    },
    encoding_errors: {
      type: 'string',
      enum: ['strict', 'ignore', 'replace'],
      default: 'strict',
      description: 'What to do with characters the encoding lacks.',
    },
  },
  examples: [
    {
      title: 'a file from a template, validated before it is replaced',
      sls: `/etc/motd:
  file.managed:
    - source: salt://motd.j2
    - template: jinja
    - context:
        greeting: Welcome
    - mode: '0644'
    - check_cmd: grep -q Welcome
`,
      files: { 'motd.j2': '{{ greeting }} to {{ grains.id }}.\n' },
    },
    {
      title: 'a secret from the pillar, with its directory',
      sls: `/etc/app/token:
  file.managed:
    - contents_pillar: app:token
    - mode: '0600'
    - makedirs: true
    - dir_mode: '0700'
    - show_changes: false
`,
      pillar: { app: { token: 'opensesame' } },
    },
    {
      title: 'a rule of sudo, which a mistake in it does not replace',
      sls: `/etc/sudoers.d/deploy:
  file.managed:
    - contents: 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl reload nginx'
    - mode: '0440'
    - makedirs: true
    - check_cmd: visudo -cf
`,
    },
    {
      title: 'a few lines',
      sls: `/etc/hosts.allow:
  file.managed:
    - contents:
      - 'sshd: 192.0.2.0/24'
      - 'ALL: LOCAL'
`,
    },
  ],
  ownChecks: true,

  owns: ({ name }) => ownedPath('file', name),
  read(args, reader, place): Now | Promise<Now> {
    const path = pathOf(args.name, reader);
    const there = lookAt(path, reader, args.follow_symlinks !== false);
    const owner = ownerOf(
      { user: args.user, group: args.group, mode: args.mode === 'keep' ? null : args.mode },
      reader,
    );
    const now: Now =
      there.stat === undefined
        ? { there, owner, parents: parentsOf(there.through ? reader.resolve(path) : path, reader) }
        : { there, owner };
    const absent = there.stat === undefined;
    if (absent ? args.create === false : notAFile(there) !== undefined) return now;
    // A mode to be kept has to be looked up in the source even where the content is left alone.
    if (!absent && args.replace === false && args.mode !== 'keep') return now;
    return withContent(now, args, reader, place);
  },

  plan(args, now) {
    const { there, owner } = now;
    const obstacle = notAFile(there) ?? now.refusal;
    if (obstacle !== undefined) return obstacle;
    const steps: Step[] = [];
    if (there.stat === undefined) {
      if (args.create === false) {
        return { steps, comment: `File ${there.path} is not present and is not set for creation` };
      }
      const mode =
        modeOf(args.dir_mode, 'dir_mode') ?? (owner.mode === undefined ? undefined : searchable(owner.mode));
      const made = parentSteps(now.parents!, args.makedirs, { user: owner.user, group: owner.group, mode });
      if ('refused' in made) return made;
      steps.push(...made);
    }
    const written = writeSteps({
      there,
      content: there.stat !== undefined && args.replace === false ? undefined : now.content,
      owner,
      backup: backupOf(args.backup),
      check: validatorOf(args.check_cmd),
      showChanges: args.show_changes !== false && !(args.new_file_diff === false && there.stat === undefined),
      locate: now.locate,
    });
    return steps.length === 0 ? written : [...steps, ...written];
  },
});

/** What the file should hold. A promise only where a source lies on the web or a template waits for something. */
function withContent(now: Now, args: Arguments, reader: Reader, place: Place): Now | Promise<Now> {
  const given = [args.contents, args.contents_pillar, args.contents_grains].filter(
    (one) => one !== undefined && one !== null,
  );
  const sourced = candidatesOf(args.source).length > 0;
  if (given.length > 1) {
    return refusing(
      now,
      'Only one of contents, contents_pillar and contents_grains can be given.',
      'Remove the others.',
    );
  }
  if (given.length > 0 && sourced) {
    return refusing(now, 'source and contents cannot be given together.', 'Remove one of them.');
  }
  if (args.mode === 'keep' && !sourced) {
    return refusing(
      now,
      'mode: keep needs a source whose mode can be kept.',
      "Write the mode as digits, such as '0644'.",
    );
  }
  const text = contentsOf(args, reader);
  if (typeof text === 'object') return { ...now, refusal: text };
  if (text !== undefined) {
    const source: Source = { url: `the contents of ${now.there.path}`, content: Buffer.from(text) };
    return args.template ? rendered(now, source, args, reader, place) : encoded(now, text, args);
  }
  if (!sourced) return now.there.stat !== undefined ? now : { ...now, content: Buffer.alloc(0) };
  const chosen = chooseSource(args, now.there.path, reader, args.template ? undefined : now.there.content);
  return chosen instanceof Promise
    ? chosen.then((source) => fromSource(now, source, args, reader, place))
    : fromSource(now, chosen, args, reader, place);
}

function fromSource(
  before: Now,
  source: Source | 'same' | Refusal,
  args: Arguments,
  reader: Reader,
  place: Place,
): Now | Promise<Now> {
  if (source === 'same') return { ...before, content: before.there.content };
  if ('refused' in source) return { ...before, refusal: source };
  const kept = args.mode === 'keep' && source.mode !== undefined;
  const now = kept ? { ...before, owner: { ...before.owner, mode: source.mode } } : before;
  if (args.template) return rendered(now, source, args, reader, place);
  const { file } = source;
  if (file === undefined) return { ...now, content: source.content };
  return { ...now, content: source.content, locate: (line) => ({ file, line, column: 1 }) };
}

function rendered(
  now: Now,
  source: Source,
  args: Arguments,
  reader: Reader,
  place: Place,
): Now | Promise<Now> {
  const context = contextOf(args, now.there.path, reader);
  const result = reader.render({ engine: 'jinja', source, context, id: place.id, sls: place.sls });
  return result instanceof Promise
    ? result.then((one) => fromTemplate(now, one, args))
    : fromTemplate(now, result, args);
}

function fromTemplate(now: Now, output: Rendered, args: Arguments): Now {
  return encoded({ ...now, locate: (line) => output.place(line) }, output.text, args);
}

function encoded(now: Now, text: string, args: Arguments): Now {
  const content = encode(text, args.encoding ?? undefined, args.encoding_errors);
  return Buffer.isBuffer(content) ? { ...now, content } : { ...now, refusal: content };
}

function refusing(now: Now, refused: string, hint: string): Now {
  return { ...now, refusal: { refused, hint } };
}

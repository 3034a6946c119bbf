/** file.line: one line of a file, by what it says and where it stands. */
import { defineState, type Plan } from '../../core/state.ts';
import {
  CannotEdit,
  editSteps,
  findFile,
  missingFile,
  showChangesProperty,
  textOfValue,
  textSchema,
} from './_edit.ts';
import { withLine } from './_insert.ts';
import { modeSchema } from './_mode.ts';
import { ownerOf, ownerProperties } from './_owner.ts';
import { parentSteps, parentsOf } from './_parents.ts';

export default defineState({
  summary: 'one line of this file is there, changed or gone',
  description: `
\`mode\` says what is done:

- \`ensure\`: the line stands right after the line that matches \`after\`, or right before the one that matches
  \`before\`. With both there may be at most one line between them, which is replaced.
- \`insert\`: the same, but with both any number of lines may stand between them; or at the \`location\` \`start\` or \`end\`.
- \`replace\`: lines that match \`match\` are replaced.
- \`delete\`: lines that match \`match\` (or, without it, \`content\`) are removed.

\`match\`, \`before\` and \`after\` are tried both as a pattern and as plain text; \`before\` and \`after\` must find one line.
\`file.replace\`, \`file.keyvalue\` and \`file.blockreplace\` are clearer in most cases.

Salt: with \`mode: insert\` and \`location: end\` a file that ends in a newline gets an empty line before the new one,
which has no newline itself.

Unlike Salt: file.line with \`mode: insert\` does nothing where the line stands at its place already; Salt adds it
again at every run for a \`location\`, or for \`before\` together with \`after\`.

Unlike Salt: file.line with \`mode: replace\` or \`mode: delete\` deals with all lines that match in one run; Salt deals
with one of them at every run.

Unlike Salt: file.line with \`backup: true\` keeps the old file in the store of backups.`,
  properties: {
    content: textSchema('The line. Needed unless `mode` is `delete`.'),
    match: textSchema('Finds the line that is replaced or deleted. Unless given, `content` does.'),
    mode: {
      type: 'string',
      enum: ['ensure', 'replace', 'delete', 'insert', 'Ensure', 'Replace', 'Delete', 'Insert'],
      description: 'What is done: `ensure`, `replace`, `delete` or `insert`.',
    },
    location: {
      type: ['string', 'null'],
      enum: ['start', 'end', '', null],
      description:
        'With `mode: insert`: at the `start` or at the `end` of the file. Wins over `before` and `after`.',
    },
    before: textSchema('Finds the line that follows.'),
    after: textSchema('Finds the line that precedes.'),
    show_changes: showChangesProperty,
    backup: {
      type: ['boolean', 'string', 'null'],
      default: false,
      description: 'Keep the old file in the store of backups.',
    },
    quiet: {
      type: 'boolean',
      default: false,
      description: 'A place that cannot be found is no failure: nothing is done then.',
    },
    indent: {
      type: 'boolean',
      default: true,
      description: 'Indent the line like its neighbour, or like the line it replaces.',
    },
    create: { type: 'boolean', default: false, description: 'Make the file if it does not exist.' },
    user: ownerProperties.user,
    group: ownerProperties.group,
    file_mode: modeSchema(
      "Permissions of the file as octal digits, such as '0644'. Left as they are unless given.",
    ),
  },
  required: ['mode'],
  examples: [
    {
      title: 'a line that follows another',
      sls: `/etc/app.conf:
  file.managed:
    - contents: |
        [server]
        port = 80
    - replace: false

listen:
  file.line:
    - name: /etc/app.conf
    - mode: ensure
    - content: listen = ::1
    - after: ^\\[server\\]
`,
    },
    {
      title: 'a line that goes',
      sls: `no root login from telnet:
  file.line:
    - name: /etc/securetty
    - mode: delete
    - match: pts/
    - create: true
`,
    },
  ],
  read(args, reader) {
    const there = findFile(args.name, reader);
    const owner = ownerOf({ user: args.user, group: args.group, mode: args.file_mode }, reader);
    return there.stat === undefined && args.create
      ? { there, owner, parents: parentsOf(there.path, reader) }
      : { there, owner };
  },
  plan(args, now): Plan {
    const { there, owner } = now;
    const mode = args.mode.toLowerCase();
    const content = textOfValue(args.content);
    const [before, after] = [textOfValue(args.before), textOfValue(args.after)];
    if (content === undefined && mode !== 'delete') {
      return { refused: `mode: ${mode} needs content.`, hint: 'Give the line as content.', certain: true };
    }
    if (before === undefined && after === undefined) {
      if (mode === 'ensure' || (mode === 'insert' && !args.location)) {
        const places = mode === 'insert' ? 'location, before or after' : 'before or after';
        return {
          refused: `mode: ${mode} does not say where the line belongs.`,
          hint: `Give ${places}.`,
          certain: true,
        };
      }
    }
    const edit = {
      mode,
      content,
      match: textOfValue(args.match) || (before === undefined && after === undefined ? content : undefined),
      location: args.location || undefined,
      before,
      after,
      indent: args.indent,
    };
    const parents = now.parents ? parentSteps(now.parents, false, {}) : [];
    if ('refused' in parents) return parents;
    return editSteps({
      there,
      change(text, own) {
        const foreign = { ...edit };
        for (const name of ['content', 'match', 'before', 'after'] as const) {
          const given = edit[name];
          if (given !== undefined) foreign[name] = own(given);
        }
        try {
          return withLine(text, foreign);
        } catch (error) {
          if (args.quiet && error instanceof CannotEdit) return text;
          throw error;
        }
      },
      ...(!args.create && { missing: missingFile(there, ', or set create: true') }),
      store: Boolean(args.backup),
      showChanges: args.show_changes,
      owner,
    });
  },
});

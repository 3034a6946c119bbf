/** file.append: text at the end of a file. */
import { defineState, type Plan } from '../../core/state.ts';
import { chunkSchema, chunksOf, holdsLines, holdsWords } from './_chunks.ts';
import { editSteps, findFile, showChangesProperty } from './_edit.ts';
import { ended, splitLines } from './_lines.ts';
import { makedirsProperty, parentSteps, parentsOf } from './_parents.ts';
import { textSourceProperties, textsOf } from './_texts.ts';

export default defineState({
  summary: 'this text stands in this file; it is added at the end where it is missing',
  description: `
Each text is added unless it stands in the file already, wherever that is. A missing file is made.

Salt: texts are compared by their words, so other blanks and other line ends are no difference, unless
\`ignore_whitespace: false\`.

Unlike Salt: file.append with \`ignore_whitespace: false\` looks for whole lines as they are written, where Salt takes
the text for a regular expression.`,
  properties: {
    text: { ...chunkSchema },
    ...textSourceProperties,
    makedirs: makedirsProperty,
    ignore_whitespace: {
      type: 'boolean',
      default: true,
      description: 'Blanks are no difference when looking whether a text is there already.',
    },
    show_changes: showChangesProperty,
  },
  examples: [
    {
      title: 'lines of a message',
      sls: `/etc/motd:
  file.append:
    - text:
      - Trust no one unless you have eaten much salt with him.
      - Maintenance on Sunday.
`,
    },
    {
      title: 'text from templates',
      sls: `/etc/motd:
  file.append:
    - sources:
      - salt://motd/rules.j2
      - salt://motd/contact.j2
`,
      files: { 'motd/rules.j2': 'Be kind to {{ grains.id }}.\n', 'motd/contact.j2': 'Call 112.\n' },
    },
  ],
  async read(args, reader, place) {
    const there = findFile(args.name, reader);
    const texts = await textsOf(args, there.path, reader, place);
    return there.stat === undefined
      ? { there, texts, parents: parentsOf(there.path, reader) }
      : { there, texts };
  },
  plan(args, now): Plan {
    if (now.texts !== undefined && 'refused' in now.texts) return now.texts;
    const chunks = now.texts ?? chunksOf(args.text);
    if (chunks === undefined)
      return { refused: 'There is no text to add.', hint: 'Give text, source or sources.' };
    const parents = now.parents ? parentSteps(now.parents, args.makedirs, {}) : [];
    if ('refused' in parents) return parents;
    const steps = editSteps({
      there: now.there,
      change(text, own) {
        const holds = args.ignore_whitespace ? holdsWords : holdsLines;
        const added = chunks
          .map(own)
          .filter((chunk) => !holds(text, chunk))
          .flatMap(splitLines);
        return added.length === 0 ? text : ended(text) + added.map((line) => `${line}\n`).join('');
      },
      showChanges: args.show_changes,
    });
    return 'refused' in steps ? steps : [...parents, ...steps];
  },
});

/** file.prepend: text at the start of a file. */
import { defineState, type Plan } from '../../core/state.ts';
import { chunkSchema, chunksOf, holdsWords } from './_chunks.ts';
import { editSteps, findFile, showChangesProperty } from './_edit.ts';
import { splitLines } from './_lines.ts';
import { makedirsProperty, parentSteps, parentsOf } from './_parents.ts';
import { textSourceProperties, textsOf } from './_texts.ts';

export default defineState({
  summary: 'this text stands in this file; it is added at the start where it is missing',
  description: `
Each text is added unless it stands in the file already, wherever that is; with \`header: true\`, unless the file
begins with all of the texts, line by line. A missing file is made.

Salt: texts are compared by their words, so other blanks and other line ends are no difference, unless
\`header: true\`.`,
  properties: {
    text: { ...chunkSchema },
    ...textSourceProperties,
    makedirs: makedirsProperty,
    header: {
      type: ['boolean', 'null'],
      default: false,
      description: 'The file has to begin with exactly these lines, even if they stand elsewhere in it, too.',
    },
    show_changes: showChangesProperty,
  },
  examples: [
    {
      title: 'a header',
      sls: `/etc/motd:
  file.prepend:
    - header: true
    - text: |
        ********************
        * Authorised only. *
        ********************
`,
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
        const wanted = chunks.map(own);
        const head = (args.header ? wanted : wanted.filter((chunk) => !holdsWords(text, chunk)))
          .flatMap(splitLines)
          .map((line) => `${line}\n`)
          .join('');
        return args.header && `${text}\n`.startsWith(head) ? text : head + text;
      },
      showChanges: args.show_changes,
    });
    return 'refused' in steps ? steps : [...parents, ...steps];
  },
});

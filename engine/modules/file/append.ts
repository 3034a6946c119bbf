/** file.append: text at the end of a file. */

import { splitLines } from '../../core/python-text.ts';
import { defineState } from '../../core/state.ts';
import { additionProperties, planAddition, readAddition } from './_addition.ts';
import { holdsLines, holdsWords } from './_chunks.ts';
import { ended } from './_lines.ts';

export default defineState({
  summary: 'this text stands in this file; it is added at the end where it is missing',
  description: `
Each text is added unless it stands in the file already, wherever that is. A missing file is made.

Salt: texts are compared by their words, so other blanks and other line ends are no difference, unless
\`ignore_whitespace: false\`.

Unlike Salt: file.append with \`ignore_whitespace: false\` looks for whole lines as they are written, where Salt takes
the text for a regular expression.`,
  properties: {
    ...additionProperties,
    ignore_whitespace: {
      type: 'boolean',
      default: true,
      description: 'Blanks are no difference when looking whether a text is there already.',
    },
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
  read: readAddition,
  plan: (args, now) =>
    planAddition(args, now, (text, chunks) => {
      const holds = args.ignore_whitespace ? holdsWords : holdsLines;
      const added = chunks.filter((chunk) => !holds(text, chunk)).flatMap((chunk) => splitLines(chunk));
      return added.length === 0 ? text : ended(text) + added.map((line) => `${line}\n`).join('');
    }),
});

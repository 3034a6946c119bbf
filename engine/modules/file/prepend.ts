/** file.prepend: text at the start of a file. */

import { splitLines } from '../../core/python-text.ts';
import { defineState } from '../../core/state.ts';
import { additionProperties, planAddition, readAddition } from './_addition.ts';
import { holdsWords } from './_chunks.ts';

export default defineState({
  summary: 'this text stands in this file; it is added at the start where it is missing',
  description: `
Each text is added unless it stands in the file already, wherever that is; with \`header: true\`, unless the file
begins with all of the texts, line by line. A missing file is made.

Salt: texts are compared by their words, so other blanks and other line ends are no difference, unless
\`header: true\`.`,
  properties: {
    ...additionProperties,
    header: {
      type: ['boolean', 'null'],
      default: false,
      description: 'The file has to begin with exactly these lines, even if they stand elsewhere in it, too.',
    },
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
  read: readAddition,
  plan: (args, now) =>
    planAddition(args, now, (text, chunks) => {
      const head = (args.header ? chunks : chunks.filter((chunk) => !holdsWords(text, chunk)))
        .flatMap((chunk) => splitLines(chunk))
        .map((line) => `${line}\n`)
        .join('');
      return args.header && `${text}\n`.startsWith(head) ? text : head + text;
    }),
});

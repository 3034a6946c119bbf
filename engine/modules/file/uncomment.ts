/** file.uncomment: lines of a file that are commented out are switched on. */

import { lstrip } from '../../core/python-text.ts';
import { defineState } from '../../core/state.ts';
import { findFile, patternOf } from './_edit.ts';
import { planSwitch, switchProperties } from './_switch.ts';

export default defineState({
  summary: 'the lines of this file that match a pattern are not commented out',
  description: `
The pattern says what follows the comment sign and the blanks after it; a leading \`^\` is ignored.

Salt: only comment signs at the very start of a line are taken away, and every character of \`char\` there is, in any
order; the blanks after them stay.

Unlike Salt: file.uncomment knows \`ignore_missing\`, as file.comment does.`,
  properties: switchProperties,
  required: ['regex'],
  examples: [
    {
      title: 'a locale that is to be generated',
      sls: `/etc/locale.gen:
  file.append:
    - text: '# de_DE.UTF-8 UTF-8'

german:
  file.uncomment:
    - name: /etc/locale.gen
    - regex: de_DE\\.UTF-8
    - backup: false
`,
    },
  ],
  read: (args, reader) => findFile(args.name, reader),
  plan: (args, there) =>
    planSwitch(args, there, (regex, char, mark) => {
      const bare = regex.replace(/^\^+/, '');
      return {
        open: `${mark}[ \\t]*${bare}`,
        done: `^[ \\t]*${bare}`,
        editor() {
          const end = bare.endsWith('$') ? '$' : '';
          const line = patternOf(`^${mark}\\s*(${bare.replace(/\$+$/, '')})${end}`, {});
          return (one) => (line.test(one) ? lstrip(one, char) : one);
        },
        nowhere: 'right after a comment sign that begins a line',
        hint: 'Correct the pattern, or use file.replace.',
      };
    }),
});

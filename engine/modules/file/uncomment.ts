/** file.uncomment: lines of a file that are commented out are switched on. */
import { escapeRegex } from '../../core/regex.ts';
import { defineState } from '../../core/state.ts';
import { CannotEdit, editSteps, findFile, missingFile, patternOf, suffixProperty } from './_edit.ts';
import { linesOf, lstrip } from './_lines.ts';

export default defineState({
  summary: 'the lines of this file that match a pattern are not commented out',
  description: `
The pattern says what follows the comment sign and the blanks after it; a leading \`^\` is ignored.

Salt: only comment signs at the very start of a line are taken away, and every character of \`char\` there is, in any
order; the blanks after them stay.

Unlike Salt: file.uncomment knows \`ignore_missing\`, as file.comment does.`,
  properties: {
    regex: {
      type: 'string',
      minLength: 1,
      description: "Finds the lines, in the language of Python's `re`.",
    },
    char: { type: 'string', minLength: 1, default: '#', description: 'What is taken away before a line.' },
    backup: suffixProperty,
    ignore_missing: {
      type: 'boolean',
      default: false,
      description: 'A pattern that matches nothing is no failure.',
    },
  },
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
  plan(args, there) {
    return editSteps({
      there,
      change(text, own) {
        const [regex, char] = [own(args.regex), own(args.char)];
        const bare = regex.replace(/^\^+/, '');
        const mark = escapeRegex(char);
        const search = (pattern: string) => patternOf(pattern, { multiline: true, ascii: true }).test(text);
        const isOn = () => search(`^[ \\t]*${bare}`);
        if (!search(`${mark}[ \\t]*${bare}`)) {
          if (isOn() || args.ignore_missing) return text;
          throw new CannotEdit(
            `The pattern "${args.regex}" matches nothing in ${there.path}.`,
            'Correct the pattern, or set ignore_missing: true.',
          );
        }
        const end = bare.endsWith('$') ? '$' : '';
        const line = patternOf(`^${mark}\\s*(${bare.replace(/\$+$/, '')})${end}`, {});
        const edited = linesOf(text)
          .map((one) => (line.test(one) ? lstrip(one, char) : one))
          .join('');
        if (edited === text && !isOn()) {
          throw new CannotEdit(
            `The pattern "${args.regex}" matches in ${there.path}, but not right after a comment sign that begins a line.`,
            'Correct the pattern, or use file.replace.',
          );
        }
        return edited;
      },
      missing: missingFile(there),
      suffix: args.backup,
    });
  },
});

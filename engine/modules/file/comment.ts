/** file.comment: lines of a file are commented out. */
import { escapeRegex } from '../../core/regex.ts';
import { defineState } from '../../core/state.ts';
import { CannotEdit, editSteps, findFile, missingFile, patternOf, suffixProperty } from './_edit.ts';
import { linesOf } from './_lines.ts';

export default defineState({
  summary: 'the lines of this file that match a pattern are commented out',
  description: `
Begin the pattern with \`^\`. Lines are matched from where they begin, so indented lines are not found unless the
pattern allows for blanks.

Salt: a pattern that is found neither as it is nor commented out is a failure, unless \`ignore_missing: true\`.

Unlike Salt: \`char\` of file.comment and file.uncomment is always plain text, never a pattern.`,
  properties: {
    regex: {
      type: 'string',
      minLength: 1,
      description: "Finds the lines, in the language of Python's `re`.",
    },
    char: { type: 'string', minLength: 1, default: '#', description: 'What is put before a line.' },
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
      title: 'a kernel module that is not to be loaded',
      sls: `/etc/modules:
  file.append:
    - text: pcspkr

no beeps:
  file.comment:
    - name: /etc/modules
    - regex: ^pcspkr
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
        const bare = unanchored(regex);
        const mark = escapeRegex(char);
        const search = (pattern: string) => patternOf(pattern, { multiline: true, ascii: true }).test(text);
        if (!search(`^(?!\\s*${mark})\\s*${bare}`)) {
          if (search(mark + bare) || args.ignore_missing) return text;
          throw new CannotEdit(
            `The pattern "${args.regex}" matches nothing in ${there.path}.`,
            'Correct the pattern, or set ignore_missing: true.',
          );
        }
        const line = patternOf(grouped(regex), { sticky: true });
        const edited = linesOf(text)
          .map((one) => (matches(line, one) ? char + one : one))
          .join('');
        if (edited === text && !search(mark + bare)) {
          throw new CannotEdit(
            `The pattern "${args.regex}" matches in ${there.path}, but not from where a line begins.`,
            'Let the pattern begin with `^`, and allow for blanks with `\\s*`.',
          );
        }
        return edited;
      },
      missing: missingFile(there),
      suffix: args.backup,
    });
  },
});

/** Python's re.match(). */
function matches(sticky: RegExp, text: string): boolean {
  sticky.lastIndex = 0;
  return sticky.test(text);
}

/** Without leading flags such as (?i), `^` and `$`. */
function unanchored(regex: string): string {
  return regex.replace(/^(\(\?[iLmsux]\))?\^?/, '').replace(/\$$/, '');
}

/** Leading `^` and trailing `$` stay where they are, the rest becomes a group. */
function grouped(regex: string): string {
  const start = regex.startsWith('^') ? '^' : '';
  const end = regex.endsWith('$') ? '$' : '';
  return `${start}(${regex.replace(/^\^+/, '').replace(/\$+$/, '')})${end}`;
}

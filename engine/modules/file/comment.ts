/** file.comment: lines of a file are commented out. */
import { defineState } from '../../core/state.ts';
import { findFile, patternOf } from './_edit.ts';
import { planSwitch, switchProperties } from './_switch.ts';

export default defineState({
  summary: 'the lines of this file that match a pattern are commented out',
  description: `
Begin the pattern with \`^\`. Lines are matched from where they begin, so indented lines are not found unless the
pattern allows for blanks.

Salt: a pattern that is found neither as it is nor commented out is a failure, unless \`ignore_missing: true\`.

Unlike Salt: \`char\` of file.comment and file.uncomment is always plain text, never a pattern.`,
  properties: switchProperties,
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
  plan: (args, there) =>
    planSwitch(args, there, (regex, char, mark) => {
      const bare = unanchored(regex);
      return {
        open: `^(?!\\s*${mark})\\s*${bare}`,
        done: mark + bare,
        editor() {
          const line = patternOf(grouped(regex), { sticky: true });
          return (one) => (matches(line, one) ? char + one : one);
        },
        nowhere: 'from where a line begins',
        hint: 'Let the pattern begin with `^`, and allow for blanks with `\\s*`.',
      };
    }),
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

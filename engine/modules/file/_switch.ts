/** What file.comment and file.uncomment share: lines that match a pattern are switched off and on. */
import { escapeRegex } from '../../core/regex.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common, Plan } from '../../core/state.ts';
import { CannotEdit, editSteps, missingFile, patternOf, suffixProperty } from './_edit.ts';
import { linesOf } from './_lines.ts';
import type { There } from './_path.ts';

export const switchProperties = {
  regex: {
    type: 'string',
    minLength: 1,
    description: "Finds the lines, in the language of Python's `re`.",
  },
  char: {
    type: 'string',
    minLength: 1,
    default: '#',
    description: 'The sign that makes a line a comment when it stands before it.',
  },
  backup: suffixProperty,
  ignore_missing: {
    type: 'boolean',
    default: false,
    description: 'A pattern that matches nothing is no failure.',
  },
} as const;

interface Switch {
  /** Finds, in the whole text, what is still to be switched. */
  readonly open: string;
  /** Finds what is switched already. */
  readonly done: string;
  /** Gives a line after the switch: the line itself where it is not meant. Made only where there is one to switch. */
  readonly editor: () => (line: string) => string;
  /** Why a text may hold what is to be switched, and no line that can be. */
  readonly nowhere: string;
  readonly hint: string;
}

/** `how` is asked with the pattern, the comment sign and a pattern that finds the sign. */
export function planSwitch(
  args: ArgumentsOf<typeof switchProperties> & Pick<Common, 'name'> & { readonly regex: string },
  there: There,
  how: (regex: string, char: string, mark: string) => Switch,
): Plan {
  return editSteps({
    there,
    change(text, own) {
      const char = own(args.char);
      const { open, done, editor, nowhere, hint } = how(own(args.regex), char, escapeRegex(char));
      const search = (pattern: string) => patternOf(pattern, { multiline: true, ascii: true }).test(text);
      if (!search(open)) {
        if (search(done) || args.ignore_missing) return text;
        throw new CannotEdit(
          `The pattern "${args.regex}" matches nothing in ${there.path}.`,
          'Correct the pattern, or set ignore_missing: true.',
        );
      }
      const edited = linesOf(text).map(editor()).join('');
      if (edited !== text || search(done)) return edited;
      throw new CannotEdit(`The pattern "${args.regex}" matches in ${there.path}, but not ${nowhere}.`, hint);
    },
    missing: missingFile(there),
    suffix: args.backup,
  });
}

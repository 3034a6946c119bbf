/** file.replace: text of a file that matches a pattern is replaced. */
import { escapeRegex, type RegexFlags, substitute } from '../../core/regex.ts';
import { defineState } from '../../core/state.ts';
import {
  CannotEdit,
  editSteps,
  findFile,
  missingFile,
  misunderstood,
  patternOf,
  showChangesProperty,
  suffixProperty,
  textOfValue,
  textSchema,
} from './_edit.ts';
import { ended, hasCrLf } from './_lines.ts';

interface Replacement {
  readonly pattern: string;
  readonly repl: string;
  readonly count: number;
  readonly flags: number | string | unknown[];
  readonly literal: boolean;
  readonly notFound: 'append' | 'prepend' | undefined;
  readonly notFoundContent: string | undefined;
}

export default defineState({
  summary: 'text that matches a pattern is replaced in this file',
  description: `
The pattern is one of Python's \`re\` and is matched against the whole file, with \`^\` and \`$\` at every line
(flag MULTILINE) unless \`flags\` says otherwise. In \`repl\`, \`\\1\` and \`\\g<name>\` stand for groups.

Salt: with \`append_if_not_found\` nothing is added where a line with that content is there already.

Unlike Salt: file.replace repeats itself until it leaves its own result alone, and refuses an edit that never does
(\`foo\` → \`foobar\`), because it could not tell a finished file from one to be edited.

Unlike Salt: file.replace with \`count\` takes its work for done where the replacement stands that often before the
first text that still matches; Salt replaces some more at every run.`,
  properties: {
    pattern: { type: 'string', minLength: 1, description: "The regular expression, in Python's language." },
    repl: textSchema('What takes its place; `\\1` stands for the first group.'),
    count: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'How many matches are replaced, counted from the start of the file; 0: all of them.',
    },
    flags: {
      type: ['integer', 'string', 'array'],
      default: 8,
      description:
        "Flags of Python's `re`: names such as `[IGNORECASE, MULTILINE]`, or their sum as a number.",
    },
    bufsize: {
      type: ['integer', 'string'],
      default: 1,
      description: 'Accepted and without meaning: the file is always taken as a whole, as Salt does.',
    },
    append_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add the replacement as a last line where the pattern matches nothing.',
    },
    prepend_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add the replacement as a first line where the pattern matches nothing.',
    },
    not_found_content: textSchema('What is added then instead of `repl`, where `repl` refers to groups.'),
    backup: suffixProperty,
    show_changes: showChangesProperty,
    ignore_if_missing: {
      type: 'boolean',
      default: false,
      description: 'A file that does not exist is no failure.',
    },
    backslash_literal: {
      type: 'boolean',
      default: false,
      description: 'Backslashes in `repl` mean themselves.',
    },
  },
  required: ['pattern', 'repl'],
  examples: [
    {
      title: 'one setting of a configuration file',
      sls: `/etc/selinux/config:
  file.replace:
    - pattern: ^SELINUX=.*$
    - repl: SELINUX=permissive
    - append_if_not_found: true
    - ignore_if_missing: true
`,
    },
    {
      title: 'part of a line, keeping the rest by a group',
      sls: `more workers:
  file.replace:
    - name: /etc/app.conf
    - pattern: '^(workers\\s*=\\s*)\\d+$'
    - repl: '\\g<1>16'
    - backup: false
    - ignore_if_missing: true
`,
    },
  ],
  read: (args, reader) => findFile(args.name, reader),
  plan(args, there) {
    if (args.append_if_not_found && args.prepend_if_not_found) {
      return {
        refused: 'Only one of append_if_not_found and prepend_if_not_found can be given.',
        certain: true,
      };
    }
    if (there.stat === undefined && args.ignore_if_missing) return [];
    const replacement: Replacement = {
      pattern: args.pattern,
      repl: textOfValue(args.repl) ?? 'None',
      count: args.count,
      flags: args.flags,
      literal: args.backslash_literal,
      notFound: args.append_if_not_found ? 'append' : args.prepend_if_not_found ? 'prepend' : undefined,
      notFoundContent: textOfValue(args.not_found_content),
    };
    return editSteps({
      there,
      change: (text, own) => replaced(text, own, replacement),
      missing: missingFile(there, ', or set ignore_if_missing: true'),
      raw: true,
      once: args.count > 0,
      suffix: args.backup,
      showChanges: args.show_changes,
    });
  },
});

function replaced(text: string, own: (text: string) => string, what: Replacement): string {
  const regex = patternOf(own(what.pattern), { ...flagsOf(what.flags), global: true });
  const repl = own(what.repl);
  const template = what.literal ? repl.replaceAll('\\', '\\\\') : repl;
  const first = text.search(new RegExp(regex.source, regex.flags.replace('g', '')));
  if (first >= 0) {
    if (what.count > 0 && text.slice(0, first).split(repl).length > what.count && repl !== '') return text;
    try {
      return substitute(regex, template, text, what.count);
    } catch (error) {
      throw misunderstood(error, what.repl);
    }
  }
  if (what.notFound === undefined) return text;
  const content = own(what.notFoundContent || what.repl);
  if (patternOf(`^${escapeRegex(content)}($|(?=\r\n))`, { multiline: true }).test(text)) return text;
  const end = hasCrLf(text) ? '\r\n' : '\n';
  return what.notFound === 'prepend' ? content + end + text : ended(text, end) + content + end;
}

const flagNames: readonly {
  readonly names: string;
  readonly bit: number;
  readonly flag?: keyof RegexFlags;
}[] = [
  { names: 'I IGNORECASE', bit: 2, flag: 'ignoreCase' },
  { names: 'M MULTILINE', bit: 8, flag: 'multiline' },
  { names: 'S DOTALL', bit: 16, flag: 'dotAll' },
  { names: 'X VERBOSE', bit: 64, flag: 'verbose' },
  { names: 'A ASCII', bit: 256, flag: 'ascii' },
  { names: 'L LOCALE', bit: 4 },
  { names: 'U UNICODE', bit: 32 },
  { names: 'DEBUG', bit: 128 },
];

/** Flags of Python's `re` as names or as a number. Salt: file.replace matches bytes, so \w, \d and \s know ASCII only. */
function flagsOf(given: number | string | unknown[]): RegexFlags {
  const flags: { -readonly [K in keyof RegexFlags]: boolean } = { ascii: true };
  if (typeof given === 'number') {
    for (const { bit, flag } of flagNames) if (flag && given & bit) flags[flag] = true;
    return flags;
  }
  for (const name of typeof given === 'string' ? [given] : given) {
    const known = flagNames.find(({ names }) => names.split(' ').includes(String(name).toUpperCase()));
    if (known === undefined) {
      throw new CannotEdit(
        `"${name}" is no flag of regular expressions.`,
        'Use IGNORECASE, MULTILINE, DOTALL, VERBOSE or ASCII.',
      );
    }
    if (known.flag) flags[known.flag] = true;
  }
  return flags;
}

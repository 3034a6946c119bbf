/** file.keyvalue: settings of the form key, separator, value, one in a line. */

import { lstrip } from '../../core/python-text.ts';
import { defineState } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import { checkProperties, validatorOf } from './_check.ts';
import {
  editSteps,
  findFile,
  missingFile,
  patternOf,
  showChangesProperty,
  textOfValue,
  textSchema,
} from './_edit.ts';
import { ended, linesOf, withoutEnd } from './_lines.ts';

interface Settings {
  readonly pairs: ReadonlyMap<string, string>;
  readonly separator: string;
  readonly count: number;
  readonly uncomment: string | null;
  readonly keyIgnoreCase: boolean;
  readonly valueIgnoreCase: boolean;
  readonly missing: 'append' | 'prepend' | undefined;
  /** A pattern: the first line that it matches ends the part of the file that counts. */
  readonly before: string;
}

/** What follows a Match line of sshd_config(5) only holds for some connections. */
const matchBlock = '(?i)^[ \\t]*match[ \\t]';
const sshdConfig = /\/sshd_config(\.d\/[^/]+)?$/;

export default defineState({
  summary: 'these settings have these values in this file',
  description: `
A line is a setting where its text up to the first \`separator\` is exactly the key: with the separator \`=\` the line
\`Port = 22\` has the key \`Port \`, so write the separator as \`' = '\` there.

Salt: blanks before a key are no part of it, and are dropped from a line whose value is set; a key that appears more
often than \`count\` says loses its further lines.

Unlike Salt: file.keyvalue with \`check_cmd\` has the new content validated before the file is replaced, as file.managed does: the path of the new file is appended to the command.

Unlike Salt: file.keyvalue leaves Match blocks of a file named sshd_config (or below sshd_config.d) alone, where a setting only holds for some connections: settings are looked for and added before the first of them. \`before\` does so for other files.

Unlike Salt: file.keyvalue with a blank as \`separator\` finds settings whose value follows several blanks or tabs, too.

Unlike Salt: file.keyvalue puts an added setting on a line of its own even if the last line of the file has no
newline, and adds a missing setting as often as \`count\` says in one run.`,
  properties: {
    key: textSchema('The key of one setting.'),
    value: textSchema('Its value.'),
    key_values: {
      type: ['object', 'null'],
      ordered: true,
      description: 'Several settings as a mapping of keys to values, instead of `key` and `value`.',
    },
    separator: {
      type: 'string',
      minLength: 1,
      default: '=',
      description: 'What stands between key and value.',
    },
    append_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add settings that are missing at the end of the file.',
    },
    prepend_if_not_found: {
      type: 'boolean',
      default: false,
      description: 'Add settings that are missing at the start of the file.',
    },
    search_only: {
      type: 'boolean',
      default: false,
      description: 'Only look: whatever the file says, nothing is changed.',
    },
    show_changes: showChangesProperty,
    ignore_if_missing: {
      type: 'boolean',
      default: false,
      description: 'A file that does not exist is no failure.',
    },
    count: {
      type: 'integer',
      minimum: -1,
      default: 1,
      description:
        'How many lines each key may have; further ones are removed. 0 removes all of them, -1 sets all of them.',
    },
    uncomment: {
      type: ['string', 'null'],
      description:
        'Characters (each for itself, in any order) that are taken off the start of a line before it is looked at: with `#` a setting that is commented out is switched on.',
    },
    key_ignore_case: {
      type: 'boolean',
      default: false,
      description: 'Find keys whatever their case; a found key stays as it is written.',
    },
    value_ignore_case: {
      type: 'boolean',
      default: false,
      description: 'A value that differs only in case is right already.',
    },
    create_if_missing: {
      type: 'boolean',
      default: false,
      description: 'Make the file if it does not exist, with all settings.',
    },
    before: {
      type: 'string',
      description:
        'Regular expression: only lines before the first that it matches count, and settings are added there. Empty: the whole file counts, Match blocks of sshd_config too.',
    },
    ...checkProperties,
  },
  examples: [
    {
      title: 'settings of sshd, switched on where they are commented out; a mistake leaves the old file',
      sls: `harden sshd:
  file.keyvalue:
    - name: /etc/ssh/sshd_config
    - key_values:
        PermitRootLogin: 'no'
        PasswordAuthentication: 'no'
    - separator: ' '
    - uncomment: '#'
    - key_ignore_case: true
    - append_if_not_found: true
    - ignore_if_missing: true
    - check_cmd: /usr/sbin/sshd -t -f
`,
    },
    {
      title: 'one setting of a file that is made if need be',
      sls: `/etc/app.env:
  file.keyvalue:
    - key: WORKERS
    - value: 8
    - create_if_missing: true
`,
    },
  ],
  ownChecks: true,
  read: (args, reader) => findFile(args.name, reader),
  plan(args, there) {
    const pairs = new Map<string, string>();
    const key = textOfValue(args.key);
    const value = textOfValue(args.value);
    if (key !== undefined && value !== undefined) {
      if (args.key_values)
        return { refused: 'key_values cannot be given together with key and value.', certain: true };
      pairs.set(key, value);
    } else for (const [one, its] of args.key_values ?? []) pairs.set(keyText(one), keyText(its));
    if (pairs.size === 0) {
      return {
        refused: 'There is nothing to set.',
        hint: 'Give key and value, or key_values.',
        certain: true,
      };
    }
    if (there.stat === undefined && args.ignore_if_missing && !args.create_if_missing) return [];
    if (args.search_only) return [];
    const settings: Settings = {
      pairs,
      separator: args.separator,
      count: args.count,
      uncomment: args.uncomment ?? null,
      keyIgnoreCase: args.key_ignore_case,
      valueIgnoreCase: args.value_ignore_case,
      missing:
        args.append_if_not_found || (there.stat === undefined && args.create_if_missing)
          ? 'append'
          : args.prepend_if_not_found
            ? 'prepend'
            : undefined,
      before: args.before ?? (sshdConfig.test(there.path) ? matchBlock : ''),
    };
    return editSteps({
      there,
      check: validatorOf(args.check_cmd),
      change: (text, own) => edited(text, owned(settings, own)),
      ...(!args.create_if_missing && {
        missing: missingFile(there, ', or set create_if_missing: true or ignore_if_missing: true'),
      }),
      showChanges: args.show_changes,
    });
  },
});

function owned(settings: Settings, own: (text: string) => string): Settings {
  const pairs = new Map([...settings.pairs].map(([key, value]) => [own(key), own(value)]));
  return { ...settings, pairs, separator: own(settings.separator) };
}

/** The part of the file that counts is edited; the rest keeps every byte. */
function edited(text: string, settings: Settings): string {
  if (settings.before === '') return withSettings(text, settings);
  const before = patternOf(settings.before, {});
  const lines = linesOf(text);
  const stop = lines.findIndex((line) => {
    before.lastIndex = 0;
    return before.test(withoutEnd(line));
  });
  if (stop === -1) return withSettings(text, settings);
  return withSettings(lines.slice(0, stop).join(''), settings) + lines.slice(stop).join('');
}

function withSettings(text: string, settings: Settings): string {
  const { pairs, separator } = settings;
  const wanted = [...pairs].map(([key, value]) => ({ key, value, left: settings.count }));
  const lines: string[] = [];
  for (const original of linesOf(text)) {
    let line = original;
    const bare = lstrip(line, settings.uncomment);
    const cut = separator === ' ' ? bare.search(/[ \t]/) : bare.indexOf(separator);
    const found = bare.slice(0, Math.max(cut, 0));
    const setting = cut < 0 ? undefined : wanted.find((one) => sameKey(found, one.key, settings));
    if (setting !== undefined) {
      const now = bare.slice(cut + separator.length).trim();
      const same = settings.valueIgnoreCase
        ? now.toLowerCase() === setting.value.trim().toLowerCase()
        : now === setting.value.trim();
      // Salt: a line that is commented out (or indented) is only touched while its key is still missing.
      const stripped = bare.length < original.length;
      const change = stripped ? setting.left > 0 : !same || setting.left === 0;
      if (change) line = setting.left === 0 ? '' : `${found}${separator}${setting.value}\n`;
      if (setting.left > 0) setting.left--;
    }
    lines.push(line);
  }
  const missing = wanted.filter((one) => one.left > 0).map((one) => `${one.key}${separator}${one.value}\n`);
  const result = lines.join('');
  if (missing.length === 0 || settings.missing === undefined) return result;
  // Salt: each missing setting is put before the one added last.
  if (settings.missing === 'prepend') return missing.reverse().join('') + result;
  return ended(result) + missing.join('');
}

function sameKey(found: string, key: string, settings: Settings): boolean {
  return settings.keyIgnoreCase ? found.toLowerCase() === key.toLowerCase() : found === key;
}

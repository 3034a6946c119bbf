/** The state file.tidied: a directory holds nothing that is too old or too large. */
import type { Reader, Stat } from '../../core/host.ts';
import { baseOf, parentOf } from '../../core/path.ts';
import { defineState } from '../../core/state.ts';
import { removeStep } from './_clean.ts';
import { followed, pathOf } from './_path.ts';
import { regexOf } from './_patterns.ts';
import { type Entry, treeBelow } from './_tree.ts';

interface Now {
  readonly path: string;
  readonly stat: Stat | undefined;
  readonly entries: readonly Entry[];
  /** Midnight of today, local time, milliseconds since the epoch. */
  readonly today: number;
}

const patterns = { type: ['string', 'array', 'null'], items: { type: 'string' } } as const;

export default defineState({
  summary: 'the directory holds nothing old or large that matches',
  description: `Removes files below a directory, at every depth. Ages count in whole days of the calendar. Mount points and what symbolic links
lead to are left alone, unless \`followlinks\` is set.

Unlike Salt: in file.tidied an \`age\` or \`size\` that is not given does not count, where Salt, with its default of 0, removes
files of any age as soon as only \`age\` is given.

Unlike Salt: with \`rmdirs\`, file.tidied removes a directory only where nothing in it stays.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Absolute path of the directory.' },
    age: {
      type: ['integer', 'number', 'null'],
      minimum: 0,
      description: 'Days from which on something is too old.',
    },
    size: {
      type: ['integer', 'string', 'null'],
      description:
        "Bytes from which on a file is too large, or a text such as '10M' (1024s) or '10MB' (1000s).",
    },
    matches: {
      ...patterns,
      description:
        'Regular expressions; only what one of them matches from the beginning of its name is removed.',
    },
    exclude: { ...patterns, description: 'Regular expressions of what stays.' },
    full_path_match: {
      type: 'boolean',
      default: false,
      description: 'Match the whole path instead of the name.',
    },
    rmdirs: { type: 'boolean', default: false, description: 'Remove directories too.' },
    rmlinks: { type: 'boolean', default: true, description: 'Remove symbolic links too.' },
    followlinks: {
      type: 'boolean',
      default: false,
      description: 'Descend into directories that symbolic links lead to.',
    },
    time_comparison: {
      type: 'string',
      enum: ['atime', 'mtime'],
      default: 'atime',
      description: 'Age since last read (`atime`) or last changed (`mtime`).',
    },
    age_size_logical_operator: {
      type: 'string',
      enum: ['OR', 'AND', 'or', 'and'],
      default: 'OR',
      description:
        'Where both are given: whether one of age and size is enough (`OR`), or both are needed (`AND`).',
    },
    age_size_only: {
      type: ['string', 'null'],
      enum: ['age', 'size', null],
      description: 'Look at the age alone, or at the size alone.',
    },
  },
  examples: [
    {
      title: 'old reports',
      sls: `/var/tmp/reports:
  file.directory:
    - makedirs: true
tidy reports:
  file.tidied:
    - name: /var/tmp/reports
    - age: 30
    - time_comparison: mtime
    - matches:
      - '.*\\.csv$'
`,
    },
  ],

  read(args, reader): Now {
    const path = pathOf(args.name, reader);
    const stat = followed(path, reader);
    const entries = stat?.kind === 'directory' ? looked(path, args.followlinks, reader) : [];
    return { path, stat, entries, today: new Date().setHours(0, 0, 0, 0) };
  },

  plan(args, now) {
    if (now.stat?.kind !== 'directory') {
      return {
        refused: `${now.path} ${now.stat === undefined ? 'does not exist' : 'is no directory'}.`,
        hint: 'Require a file.directory that makes it.',
      };
    }
    const size = sizeOf(args.size);
    if (Number.isNaN(size))
      return {
        refused: `"${args.size}" is no size.`,
        hint: "Write bytes, or a text such as '10M'.",
        certain: true,
      };
    const matches = regexes(args.matches) ?? [/^/];
    const excluded = regexes(args.exclude) ?? [];
    const age = args.age_size_only === 'size' ? undefined : (args.age ?? undefined);
    const least = args.age_size_only === 'age' ? undefined : size;
    function meant({ path, stat }: Entry): boolean {
      if (stat.kind === 'directory' ? !args.rmdirs : stat.kind === 'link' && !args.rmlinks) return false;
      const bytes = stat.kind === 'directory' || stat.kind === 'link' ? 0 : stat.size;
      const criteria: boolean[] = [];
      if (age !== undefined) criteria.push(daysBetween(stat[args.time_comparison], now.today) >= age);
      if (least !== undefined) criteria.push(bytes >= least);
      const both = args.age_size_logical_operator.toUpperCase() === 'AND';
      if (criteria.length > 0 && !(both ? criteria.every(Boolean) : criteria.some(Boolean))) return false;
      const text = args.full_path_match ? path : baseOf(path);
      return matches.some((regex) => fits(regex, text)) && !excluded.some((regex) => fits(regex, text));
    }
    const gone: Entry[] = [];
    const busy = new Set<string>();
    // From the innermost out, so that a directory knows whether something in it stays.
    for (const entry of now.entries.toReversed()) {
      if (meant(entry) && !(entry.stat.kind === 'directory' && busy.has(entry.path))) gone.push(entry);
      else busy.add(parentOf(entry.path));
    }
    return gone.map((entry) => removeStep(entry.path, entry.stat.kind));
  },
});

function looked(path: string, followLinks: boolean, reader: Reader): Entry[] {
  return treeBelow(path, reader, { followLinks });
}

function regexes(given: string | readonly string[] | null | undefined): RegExp[] | undefined {
  if (given === undefined || given === null) return undefined;
  return (typeof given === 'string' ? [given] : given).map((one) => regexOf(one, true));
}

function fits(regex: RegExp, text: string): boolean {
  regex.lastIndex = 0;
  return regex.test(text);
}

/** Whole days of the calendar between a time and the day that began at `today`, in either direction. */
function daysBetween(time: number, today: number): number {
  const day = new Date(time).setHours(0, 0, 0, 0);
  return Math.abs(Math.round((today - day) / 86_400_000));
}

/** Bytes of a number or of a text such as 10, 10K, 10KiB (1024s) or 10KB (1000s); NaN where it is neither. */
function sizeOf(size: string | number | null | undefined): number | undefined {
  if (size === undefined || size === null) return undefined;
  if (typeof size === 'number') return size;
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgtpe])(i?b)?|b)?\s*$/i.exec(size);
  if (!match) return Number.NaN;
  const power = match[2] ? 'kmgtpe'.indexOf(match[2].toLowerCase()) + 1 : 0;
  const unit = match[3]?.toLowerCase() === 'b' ? 1000 : 1024;
  return Math.floor(Number(match[1]) * unit ** power);
}

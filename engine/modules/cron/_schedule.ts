/** When a job runs: the five fields of crontab(5), checked, with `random` made a number that stays the same. */
import { createRequire } from 'node:module';
import type { Refusal } from '../../core/state.ts';
import { fields } from './_entries.ts';

const require = createRequire(import.meta.url);

interface Range {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
  /** The most that `random` comes to, where that is less. */
  readonly randomMost?: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const ranges: { readonly [K in (typeof fields)[number]]: Range } = {
  minute: { least: 0, most: 59 },
  hour: { least: 0, most: 23 },
  daymonth: { least: 1, most: 31, randomMost: 28 },
  month: { least: 1, most: 12, names: months },
  dayweek: { least: 0, most: 7, names: days, randomMost: 6 },
};

const specials = ['@reboot', '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

export interface ScheduleArguments {
  readonly special?: string | null;
  readonly minute?: string | number;
  readonly hour?: string | number;
  readonly daymonth?: string | number;
  readonly month?: string | number;
  readonly dayweek?: string | number;
}

function fieldProperty(description: string) {
  return { type: ['string', 'integer'], default: '*', description } as const;
}

export const scheduleProperties = {
  minute: fieldProperty(
    'Minute as crontab(5) has it, such as 0, `*/5` or `0-10,30`; `random` is a minute of this node.',
  ),
  hour: fieldProperty('Hour, or `random`.'),
  daymonth: fieldProperty('Day of the month, or `random` (1 to 28).'),
  month: fieldProperty('Month as number or name, or `random`.'),
  dayweek: fieldProperty('Day of the week as number (0 and 7 are Sunday) or name, or `random`.'),
  special: {
    type: ['string', 'null'],
    description:
      'One of `@reboot`, `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`, `@hourly`; the other fields do not count then.',
  },
} as const;

/** The words of a schedule. `seed` is what makes `random` differ between nodes and jobs. */
export function scheduleOf(args: ScheduleArguments, seed: string): readonly string[] | Refusal {
  if (args.special) {
    return specials.includes(args.special)
      ? [args.special]
      : {
          refused: `"${args.special}" is no special time.`,
          hint: `Use ${specials.join(', ')}.`,
          certain: true,
        };
  }
  const words: string[] = [];
  for (const field of fields) {
    const given = String(args[field] ?? '*').trim();
    if (given === 'random') words.push(String(drawn(field, seed)));
    else if (isField(given, ranges[field])) words.push(given);
    else {
      const { least, most, names } = ranges[field];
      return {
        refused: `"${given}" is no ${field} of a crontab.`,
        hint: `Write ${least} to ${most}${names ? `, ${names[0]} to ${names.at(-1)}` : ''}, *, a range, a list, or */n.`,
        certain: true,
      };
    }
  }
  return words;
}

/** cronie knows `a~b` too: a random number in between, drawn anew at each start of cron. */
function isField(text: string, { least, most, names }: Range): boolean {
  function number(word: string | undefined): number {
    const index = names?.indexOf(word?.toLowerCase() ?? '') ?? -1;
    if (index !== -1) return index + (names === months ? 1 : 0);
    const value = /^\d+$/.test(word ?? '') ? Number(word) : Number.NaN;
    return value >= least && value <= most ? value : Number.NaN;
  }
  return text.split(',').every((item) => {
    const [, range, step] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
    if (range === undefined || (step !== undefined && Number(step) === 0)) return false;
    if (range === '*') return true;
    const [from, to, ...more] = range.split(/[-~]/);
    if (more.length > 0) return false;
    return to === undefined ? !Number.isNaN(number(from)) : number(from) <= number(to);
  });
}

function drawn(field: (typeof fields)[number], seed: string): number {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const { least, most, randomMost } = ranges[field];
  const number = createHash('sha256').update(`${field}\0${seed}`).digest().readUInt32BE();
  return least + (number % ((randomMost ?? most) - least + 1));
}

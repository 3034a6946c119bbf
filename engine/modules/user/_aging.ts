/** How passwords and accounts grow old: the days of shadow(5), set by chage(1). */
import { settledRecord, shadowRecord } from '../../core/accounts.ts';
import type { Shadow } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';

const days = { type: 'integer', minimum: -1 } as const;
const day = { type: ['integer', 'string'], minimum: -1, pattern: '^\\d{4}-\\d{2}-\\d{2}$' } as const;

export const agingProperties = {
  date: {
    ...day,
    description:
      'Day of the last change of the password, as days since 1970-01-01 or as YYYY-MM-DD; 0 makes the user change it at the next login.',
  },
  mindays: { ...days, description: 'Days that must pass between two changes of the password; -1: none.' },
  maxdays: { ...days, description: 'Days after which the password has to be changed; -1: never.' },
  inactdays: {
    ...days,
    description: 'Days after that at which the account is closed; -1: never.',
  },
  warndays: { ...days, description: 'Days before that in which the user is warned; -1: none.' },
  expire: {
    ...day,
    description:
      'Day from which on the account is closed, as days since 1970-01-01 or as YYYY-MM-DD; -1: never.',
  },
} as const;

const fields = {
  date: ['lastChange', '-d'],
  mindays: ['minDays', '-m'],
  maxdays: ['maxDays', '-M'],
  inactdays: ['inactiveDays', '-I'],
  warndays: ['warnDays', '-W'],
  expire: ['expire', '-E'],
} as const;

type Name = keyof typeof fields;
export type AgingArguments = { readonly [name in Name]?: number | string };

/** A text is a day of the calendar; days count in UTC, as for the shadow tools. */
function daysOf(value: number | string): number {
  return typeof value === 'number' ? value : Date.parse(`${value}T00:00:00Z`) / 86_400_000;
}

function shown(value: number | undefined, like: number | string): number | string | undefined {
  if (value === undefined || typeof like === 'number') return value;
  return new Date(value * 86_400_000).toISOString().slice(0, 10);
}

export function badAging(args: AgingArguments): Refusal | undefined {
  for (const name of ['date', 'expire'] as const) {
    const value = args[name];
    if (value === undefined || Number.isInteger(daysOf(value))) continue;
    return { refused: `"${value}" is no day, in ${name}.`, hint: 'Write YYYY-MM-DD.', certain: true };
  }
  return undefined;
}

/** The step that sets what differs, and the days afterwards. */
export function agingStep(name: string, args: AgingArguments, now: Shadow): Step[] {
  const changes: Change[] = [];
  const argv: string[] = ['chage'];
  let after: Shadow = now;
  for (const one of Object.keys(fields) as Name[]) {
    const given = args[one];
    if (given === undefined) continue;
    const [field, option] = fields[one];
    const wanted = daysOf(given) === -1 ? undefined : daysOf(given);
    if (wanted === now[field]) continue;
    changes.push({ subject: one, old: shown(now[field], given), new: wanted === undefined ? -1 : given });
    argv.push(option, String(wanted ?? -1));
    after = { ...after, [field]: wanted };
  }
  const [change, ...also] = changes;
  if (change === undefined) return [];
  return [
    {
      change,
      also,
      effect: {
        kind: 'exec',
        command: { argv: [...argv, '--', name] },
        settles: [settledRecord('/etc/shadow', name, shadowRecord(name, after))],
        foreseen: true,
      },
    },
  ];
}

/** When a job runs, as cron and as systemd say it. */
import type { Refusal } from '../../core/state.ts';

export interface When {
  readonly cron?: string;
  readonly every?: string | number;
  readonly calendar?: string;
  /** A number of this job of this node: with a span, it chooses the moments, which are no matter else. */
  readonly spread?: number;
}

const units: readonly (readonly [RegExp, number])[] = [
  [/^(s|sec|seconds?)$/, 1],
  [/^(m|min|minutes?)$/, 60],
  [/^(h|hr|hours?)$/, 3600],
  [/^(d|days?)$/, 86400],
  [/^(w|weeks?)$/, 604800],
];

/** Seconds of a time span such as `15min` or `1h 30min`; a bare number means seconds, as for systemd. */
export function secondsOf(span: string | number): number | undefined {
  if (typeof span === 'number') return Number.isInteger(span) && span >= 0 ? span : undefined;
  if (/^\s*\d+\s*$/.test(span)) return Number(span);
  let seconds = 0;
  let rest = span.trim();
  while (rest !== '') {
    const [whole, number, unit] = /^(\d+)\s*([a-z]+)\s*/.exec(rest) ?? [];
    const found = units.find(([pattern]) => unit !== undefined && pattern.test(unit));
    if (whole === undefined || found === undefined) return undefined;
    seconds += Number(number) * found[1];
    rest = rest.slice(whole.length);
  }
  return span.trim() === '' ? undefined : seconds;
}

const specials: { readonly [word: string]: string } = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const fields: readonly Field[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: months },
  { least: 0, most: 7, names: days },
];

/** The values of each field; undefined stands for `*`. */
export type Parsed = readonly (readonly number[] | undefined)[];

/** Undefined where it is no time of crontab(5), or no time at all (`@reboot`). */
export function parsed(cron: string): Parsed | undefined {
  const words = (specials[cron.trim()] ?? cron).trim().split(/\s+/);
  if (words.length !== 5) return undefined;
  const values = words.map((word, index) => valuesOf(word, fields[index]!));
  return values.includes('wrong') ? undefined : (values as Parsed);
}

function valuesOf(text: string, field: Field): readonly number[] | undefined | 'wrong' {
  if (text === '*') return undefined;
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const [, range, step = '1'] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
    if (range === undefined || Number(step) === 0) return 'wrong';
    const [first, last, ...more] = range === '*' ? [field.least, field.most] : range.split('-');
    const from = numberOf(first!, field);
    const to = last === undefined ? from : numberOf(last, field);
    if (from === undefined || to === undefined || from > to || more.length > 0) return 'wrong';
    for (let value = from; value <= to; value += Number(step)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function numberOf(word: string | number, { least, most, names }: Field): number | undefined {
  const index = names.indexOf(String(word).toLowerCase());
  if (index !== -1) return index + (names === months ? 1 : 0);
  const value = /^\d+$/.test(String(word)) ? Number(word) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** systemd.time(7) of a cron expression: where it restricts day and weekday both, either will do. */
function calendarsOf(cron: string): string[] | undefined {
  const values = parsed(cron);
  if (values === undefined) return undefined;
  const [minutes, hours, dates, month, weekdays] = values;
  const clock = `${listed(hours)}:${listed(minutes)}:00`;
  const names = weekdays && [...new Set(weekdays.map((day) => days[day % 7]!))];
  const week = names && `${names.map((day) => day[0]!.toUpperCase() + day.slice(1)).join(',')} `;
  const onDates = `*-${listed(month)}-${listed(dates)} ${clock}`;
  if (week === undefined) return [onDates];
  const onDays = `${week}*-${listed(month)}-* ${clock}`;
  return dates === undefined ? [onDays] : [onDates, onDays];
}

function listed(values: readonly number[] | undefined): string {
  return values === undefined ? '*' : values.map((one) => String(one).padStart(2, '0')).join(',');
}

/** Lines of [Timer]. */
export function timerLines(when: When): string[] | Refusal {
  if (when.calendar !== undefined) return [`OnCalendar=${when.calendar}`];
  if (when.every !== undefined) {
    const seconds = secondsOf(when.every);
    if (!seconds) return noSpan(when.every);
    const first = when.spread === undefined ? seconds : 1 + (when.spread % seconds);
    return [`OnActiveSec=${first}s`, `OnUnitActiveSec=${seconds}s`];
  }
  const cron = when.cron ?? '';
  if (cron.trim() === '@reboot') {
    return { refused: 'A timer has no @reboot.', hint: 'Set `with: cron`.', certain: true };
  }
  return calendarsOf(cron)?.map((one) => `OnCalendar=${one}`) ?? noCron(cron);
}

/** The time of a line in /etc/cron.d. */
export function cronTime(when: When): string | Refusal {
  if (when.calendar !== undefined) {
    return { refused: 'cron knows no calendar of systemd.', hint: 'Use `cron` or `every`.', certain: true };
  }
  if (when.every !== undefined) return cronEvery(when.every, when.spread ?? 0);
  const cron = (when.cron ?? '').trim();
  if (cron === '@reboot' || specials[cron] !== undefined || parsed(cron) !== undefined) return cron;
  return noCron(cron);
}

function cronEvery(every: string | number, spread: number): string | Refusal {
  const seconds = secondsOf(every);
  if (!seconds) return noSpan(every);
  const minutes = seconds / 60;
  if (minutes < 60 && 60 % minutes === 0) return `${everyNth(minutes, 60, spread)} * * * *`;
  const hours = minutes / 60;
  const minute = spread % 60;
  const turn = Math.floor(spread / 60);
  if (hours <= 24 && 24 % hours === 0) return `${minute} ${everyNth(hours, 24, turn)} * * *`;
  if (hours === 168) return `${minute} ${turn % 24} * * ${Math.floor(turn / 24) % 7}`;
  return {
    refused: `cron cannot run anything every ${every}.`,
    hint: 'Use a span that divides the hour or the day, or `with: timer`.',
    certain: true,
  };
}

/** A field of crontab(5): every nth value of so many, from one that `spread` chooses. */
function everyNth(step: number, length: number, spread: number): string {
  const first = spread % step;
  if (step === length) return String(first);
  if (step === 1) return '*';
  return first === 0 ? `*/${step}` : `${first}-${length - 1}/${step}`;
}

function noSpan(span: string | number): Refusal {
  return { refused: `"${span}" is no span of time.`, hint: 'Write 15min, 2h or 1d.', certain: true };
}

function noCron(cron: string): Refusal {
  return {
    refused: `"${cron}" is no time of crontab(5).`,
    hint: "Write five fields, such as '*/15 * * * *', or @daily.",
    certain: true,
  };
}

/** When a job of this module runs next: read from its own file, cron's or systemd's. */
import { type Parsed, parsed, secondsOf } from './_when.ts';

export interface Times {
  /** Moments of the calendar, in local time. */
  readonly calendar: readonly Parsed[];
  /** Seconds between two runs, where that is all that is known. */
  readonly every?: number;
  /** Seconds by which a run is put off at most. */
  readonly delay: number;
  /** What is run. */
  readonly command: string;
}

/** Of a file of cron; undefined where it holds no job of ours. */
export function timesInCron(text: string): Times | undefined {
  const [, time, command] = /^(@\w+|(?:\S+ ){4}\S+) \S+ (.+)$/m.exec(jobLine(text)) ?? [];
  const calendar = time === undefined ? undefined : parsed(time);
  if (!calendar || command === undefined) return undefined;
  const [, stable, random] = /^sleep (?:(\d+)|\$\(\(.+? \\% (\d+)\)\)); /.exec(command) ?? [];
  return { calendar: [calendar], delay: Number(stable ?? random ?? 0), command };
}

/** Without comments and variables. */
function jobLine(text: string): string {
  return text.split('\n').find((line) => /^[\d*@]/.test(line)) ?? '';
}

/** Of a timer and its service. A calendar that is not ours is not understood: then nothing is known of when. */
export function timesInTimer(timer: string, service: string): Times {
  const values = (key: string) =>
    [...timer.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, one]) => one!);
  const calendars = values('OnCalendar').map(calendarOf);
  const every = secondsOf(values('OnUnitActiveSec')[0] ?? '');
  return {
    calendar: calendars.some((one) => one === undefined) ? [] : (calendars as Parsed[]),
    ...(every ? { every } : {}),
    delay: secondsOf(values('RandomizedDelaySec')[0] ?? '') ?? 0,
    command: /^ExecStart=(.*)$/m.exec(service)?.[1] ?? '',
  };
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** As `_when.ts` writes them. */
function calendarOf(text: string): Parsed | undefined {
  const shape =
    /^(?:([A-Z][a-z]{2}(?:,[A-Z][a-z]{2})*) )?\*-([\d,]+|\*)-([\d,]+|\*) ([\d,]+|\*):([\d,]+|\*):00$/;
  const [whole, week, month, date, hour, minute] = shape.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const numbers = (list: string) => (list === '*' ? undefined : list.split(',').map(Number));
  const weekdays = week?.split(',').map((day) => days.indexOf(day));
  return [numbers(minute!), numbers(hour!), numbers(date!), numbers(month!), weekdays];
}

/** The first moment after this one; undefined: nobody knows. Without the delay. */
export function nextTime({ calendar, every }: Times, after: Date): Date | undefined {
  if (calendar.length === 0)
    return every === undefined ? undefined : new Date(after.getTime() + every * 1000);
  const moments = calendar.map((one) => nextOf(one, after)).filter((one) => one !== undefined);
  return moments.length === 0 ? undefined : new Date(Math.min(...moments.map((one) => one.getTime())));
}

/** Leap days come back after eight years at the latest. */
const furthest = 366 * 8;

function nextOf([minutes, hours, dates, months, weekdays]: Parsed, after: Date): Date | undefined {
  const start = new Date(after.getFullYear(), after.getMonth(), after.getDate());
  for (let day = 0; day <= furthest; day++) {
    const at = new Date(start.getFullYear(), start.getMonth(), start.getDate() + day);
    if (months && !months.includes(at.getMonth() + 1)) continue;
    const onDate = dates?.includes(at.getDate());
    const onWeekday = weekdays?.some((one) => one % 7 === at.getDay());
    // crontab(5): where both are restricted, either will do.
    if (onDate === undefined ? onWeekday === false : !onDate && !onWeekday) continue;
    for (const hour of hours ?? range(24)) {
      for (const minute of minutes ?? range(60)) {
        const moment = new Date(at.getFullYear(), at.getMonth(), at.getDate(), hour, minute);
        if (moment > after) return moment;
      }
    }
  }
  return undefined;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** Points in time as Salt's `strftime` filter reads and prints them, in the node's time zone. */
import { Float } from '../../core/value.ts';
import { parseReal } from './filters-number.ts';
import { isNumeric, toNumber } from './kinds.ts';
import { str } from './printing.ts';
import { JinjaError, Undefined } from './values.ts';

/** None is now; numbers (or digits) are seconds since the epoch; text is a date, with or without a time. */
export function timeOf(value: unknown): Date {
  if (value instanceof Undefined) return value.fail();
  if (value === null) return new Date();
  if (isNumeric(value) || value instanceof Float) return new Date(toNumber(value) * 1000);
  const text = str(value).trim();
  const seconds = parseReal(text);
  if (seconds !== undefined) return new Date(seconds * 1000);
  if (/^now$/i.test(text)) return new Date();
  const found =
    /^([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?(Z|[-+][0-9]{2}:?[0-9]{2})?)?$/.exec(
      text,
    );
  if (!found)
    throw new JinjaError(`'${text}' is no date`, 'template-error', 'Write it as 2026-01-31 12:30:00.');
  const [year, month, day, hour, minute] = found.slice(1, 6).map((part) => Number(part ?? 0)) as number[];
  const second = Number(found[6] ?? 0);
  const milliseconds = Math.round((second % 1) * 1000);
  if (found[7] === undefined) {
    return new Date(year!, month! - 1, day!, hour!, minute!, Math.trunc(second), milliseconds);
  }
  const zone =
    found[7] === 'Z'
      ? 0
      : Number(`${found[7][0]}1`) * (Number(found[7].slice(1, 3)) * 60 + Number(found[7].slice(-2)));
  return new Date(Date.UTC(year!, month! - 1, day!, hour!, minute! - zone, Math.trunc(second), milliseconds));
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function pad(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill);
}

function dayOfYear(time: Date): number {
  const start = Date.UTC(time.getFullYear(), 0, 1);
  return Math.round((Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - start) / 86_400_000) + 1;
}

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(time: Date): { year: number; week: number } {
  const day = time.getDay() || 7;
  const thursday = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 4 - day);
  return { year: thursday.getFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

/** The C library's strftime in the C locale; what it does not know is left as it is. */
export function formatTime(time: Date, format: string): string {
  if (Number.isNaN(time.getTime())) throw new JinjaError('The time is out of range.');
  return format.replace(/%-?([a-zA-Z%])/g, (whole, letter: string) => {
    const text = directive(time, letter);
    if (text === undefined) return whole;
    return whole.startsWith('%-') ? text.replace(/^[0 ]+(?=[0-9])/, '') : text;
  });
}

function directive(time: Date, letter: string): string | undefined {
  const hour12 = time.getHours() % 12 || 12;
  const offset = -time.getTimezoneOffset();
  const day = time.getDay();
  switch (letter) {
    case 'Y':
      return String(time.getFullYear());
    case 'C':
      return pad(Math.floor(time.getFullYear() / 100));
    case 'y':
      return pad(time.getFullYear() % 100);
    case 'm':
      return pad(time.getMonth() + 1);
    case 'd':
      return pad(time.getDate());
    case 'e':
      return pad(time.getDate(), 2, ' ');
    case 'H':
      return pad(time.getHours());
    case 'k':
      return pad(time.getHours(), 2, ' ');
    case 'I':
      return pad(hour12);
    case 'l':
      return pad(hour12, 2, ' ');
    case 'M':
      return pad(time.getMinutes());
    case 'S':
      return pad(time.getSeconds());
    case 'f':
      return pad(time.getMilliseconds() * 1000, 6);
    case 's':
      return String(Math.floor(time.getTime() / 1000));
    case 'p':
      return time.getHours() < 12 ? 'AM' : 'PM';
    case 'a':
      return DAYS[day]!.slice(0, 3);
    case 'A':
      return DAYS[day]!;
    case 'b':
    case 'h':
      return MONTHS[time.getMonth()]!.slice(0, 3);
    case 'B':
      return MONTHS[time.getMonth()]!;
    case 'j':
      return pad(dayOfYear(time), 3);
    case 'w':
      return String(day);
    case 'u':
      return String(day || 7);
    case 'U':
      return pad(Math.floor((dayOfYear(time) + 6 - day) / 7));
    case 'W':
      return pad(Math.floor((dayOfYear(time) + 6 - ((day + 6) % 7)) / 7));
    case 'V':
      return pad(isoWeek(time).week);
    case 'G':
      return String(isoWeek(time).year);
    case 'z': {
      const size = Math.abs(offset);
      return `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
    }
    case 'Z':
      return new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
        .formatToParts(time)
        .find((part) => part.type === 'timeZoneName')!.value;
    case 'F':
      return formatTime(time, '%Y-%m-%d');
    case 'T':
    case 'X':
      return formatTime(time, '%H:%M:%S');
    case 'D':
    case 'x':
      return formatTime(time, '%m/%d/%y');
    case 'R':
      return formatTime(time, '%H:%M');
    case 'c':
      return formatTime(time, '%a %b %e %H:%M:%S %Y');
    case 'r':
      return formatTime(time, '%I:%M:%S %p');
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
  }
  return undefined;
}

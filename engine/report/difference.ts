/** One difference for human eyes: a unified diff for texts, `mode: 0644 → 0600` for the rest. */
import type { Change } from '../core/state.ts';
import type { Palette } from './colour.ts';
import { changeDiff } from './diff.ts';
import { cut, visible, visibleLine } from './visible.ts';

export interface DifferenceOptions {
  readonly paint: Palette;
  readonly context: number;
  /** `→`, or `->` where that cannot be printed. */
  readonly arrow: string;
}

/** Characters of a value beyond which it is cut when it stands on one line. */
const valueLimit = 200;
/** Lines of a value that are shown of its end. */
const tailLimit = 20;

/** Lines without indentation. */
export function differenceLines(change: Change, options: DifferenceOptions): string[] {
  const { paint, arrow } = options;
  const subject = visibleLine(change.subject);
  const diff = changeDiff(change, options);
  if (diff !== undefined) return diffLines(change, diff, paint);
  if (change.old === undefined) return [paint.green(`+ ${subject}: ${inline(change.new)}`)];
  if (change.new === undefined) return [paint.red(`- ${subject}: ${inline(change.old)}`)];
  return [`${subject}: ${paint.red(inline(change.old))} ${arrow} ${paint.green(inline(change.new))}`];
}

function diffLines(change: Change, diff: string, paint: Palette): string[] {
  const what =
    change.old === undefined ? 'new' : change.new === undefined ? 'removed' : diff === '' ? 'equal' : '';
  const title = `${visibleLine(change.subject)}${what ? ` (${what})` : ''}:`;
  return [
    title,
    ...diff
      .split('\n')
      .slice(0, -1)
      .map((line) => diffLine(line, paint)),
  ];
}

/** One line of a unified diff, coloured by its mark; control characters of the text itself are made visible. */
export function diffLine(line: string, paint: Palette): string {
  const text = visible(line);
  if (text.startsWith('+')) return paint.green(text);
  if (text.startsWith('-')) return paint.red(text);
  if (text.startsWith('@@')) return paint.cyan(text);
  if (text.startsWith('\\')) return paint.dim(text);
  return text;
}

/** What a command said, where there is nothing old to compare with. */
export function reportedLines(subject: string, value: unknown): string[] {
  const name = visibleLine(subject);
  if (typeof value !== 'string' || !value.includes('\n')) return [`${name}: ${inline(value)}`];
  return [`${name}:`, ...lastLines(value, tailLimit).map((line) => `  ${line}`)];
}

/** The last lines of an output, safe to print; a first line tells how many were left out. */
export function lastLines(text: string, count: number): string[] {
  // An output may be huge: only its end is split.
  const end = text.replace(/\n+$/, '').slice(-count * 1000);
  const lines = visible(end)
    .split('\n')
    .map((line) => cut(line.replace(/\\r$/, ''), 500));
  const shown = lines.slice(-count);
  return shown.length < lines.length || end.length < text.trimEnd().length ? ['[…]', ...shown] : shown;
}

/** A value on one line. */
function inline(value: unknown): string {
  return cut(visibleLine(spell(value).slice(0, 2 * valueLimit)), valueLimit);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function spell(value: unknown): string {
  if (value === undefined || value === null || value === '' || isEmptyList(value)) return 'none';
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  if (value instanceof Map) return spell(Object.fromEntries(value));
  if (value instanceof Set) return spell([...value]);
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'string' && one !== '')
      ? value.join(', ')
      : JSON.stringify(value);
  }
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

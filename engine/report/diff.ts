/** Unified diffs of texts, in time bounded by their length. */
import { createRequire } from 'node:module';
import type { StructuredPatchHunk as Hunk } from 'diff';
import type { Change } from '../core/state.ts';

type StructuredPatch = typeof import('diff').structuredPatch;

// Loaded at the first difference: a run without changes does not pay for it.
const require = createRequire(import.meta.url);
let structuredPatch: StructuredPatch | undefined;

/** Insertions and deletions up to which the fewest are searched for (the search is quadratic in them). */
const searchLimit = 1500;
/** Characters of both texts together beyond which a diff helps nobody. */
const sizeLimit = 4_000_000;
/** Lines of a diff beyond which it is not shown. */
const lineLimit = 20_000;

export interface DiffOptions {
  /** Unchanged lines around each difference; 3 unless told. */
  readonly context?: number;
}

/**
 * The hunks of a unified diff (diff(1), "Unified Format") without file headers, each line ending in a newline;
 * '' where the texts are equal. Undefined stands for a file that is not there. Instead of a diff that is too long
 * to be of use there is one sentence.
 */
export function unifiedDiff(
  old: string | undefined,
  wanted: string | undefined,
  { context = 3 }: DiffOptions = {},
): string {
  const [before, after] = [old ?? '', wanted ?? ''];
  if (before === after) return '';
  const hunks = before.length + after.length > sizeLimit ? [] : hunksOf(before, after, context);
  const shown = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  if (shown === 0 || shown > lineLimit) {
    return `Too long to show: ${countLines(before)} → ${countLines(after)}.\n`;
  }
  return `${hunks.flatMap((hunk) => [header(hunk), ...hunk.lines]).join('\n')}\n`;
}

/** The diff of a change from text to text; undefined for any other change. */
export function changeDiff({ text, old, new: wanted }: Change, options?: DiffOptions): string | undefined {
  return text && isText(old) && isText(wanted) ? unifiedDiff(old, wanted, options) : undefined;
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function countLines(text: string): string {
  const count = linesOf(text).length;
  return count === 1 ? '1 line' : `${count} lines`;
}

/** Lines with their newline, where they have one. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function hunksOf(before: string, after: string, context: number): readonly Hunk[] {
  if (before === '' || after === '') return [replaceMiddle(before, after, context)];
  structuredPatch ??= (require('diff/lib/patch/create.js') as { structuredPatch: StructuredPatch })
    .structuredPatch;
  const patch = structuredPatch('', '', before, after, '', '', { context, maxEditLength: searchLimit });
  return patch?.hunks ?? [replaceMiddle(before, after, context)];
}

/** One hunk that replaces all between the common beginning and the common end. */
function replaceMiddle(before: string, after: string, context: number): Hunk {
  const [old, wanted] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, wanted.length);
  let head = 0;
  while (head < shorter && old[head] === wanted[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  const start = Math.max(0, head - context);
  const beyond = Math.min(tail, context);
  return {
    oldStart: start + 1,
    newStart: start + 1,
    oldLines: old.length - tail + beyond - start,
    newLines: wanted.length - tail + beyond - start,
    lines: [
      ...marked(' ', old.slice(start, head)),
      ...marked('-', old.slice(head, old.length - tail)),
      ...marked('+', wanted.slice(head, wanted.length - tail)),
      ...marked(' ', old.slice(old.length - tail, old.length - tail + beyond)),
    ],
  };
}

function marked(mark: string, lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.endsWith('\n') ? [mark + line.slice(0, -1)] : [mark + line, '\\ No newline at end of file'],
  );
}

function header(hunk: Hunk): string {
  return `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`;
}

/** An empty range names the line before it; a count of one is left out. */
function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? String(start) : `${start},${count}`;
}

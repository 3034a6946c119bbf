/** The edits of file.line: one line put into, taken out of or changed in the lines of a file, as Salt does it. */

import { lstrip, rstrip } from '../../core/python-text.ts';
import { CannotEdit, patternOf } from './_edit.ts';
import { linesOf, withoutEnd } from './_lines.ts';

export interface LineEdit {
  readonly mode: string;
  readonly content: string | undefined;
  readonly match: string | undefined;
  readonly location: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly indent: boolean;
}

/** The lines of `text` after the edit. */
export function withLine(text: string, edit: LineEdit): string {
  const lines = linesOf(text);
  if (lines.length === 0 && (edit.mode === 'delete' || edit.mode === 'replace')) return text;
  // Salt: the place after a last newline counts as one more, empty line; hence the blank line before what
  // `location: end` adds.
  if (text.endsWith('\n')) lines.push('');
  const edited = edit.mode === 'delete' ? without(lines, edit) : put(lines, edit);
  return edited
    .map((line, index) => (line.endsWith('\n') || index === edited.length - 1 ? line : `${rstrip(line)}\n`))
    .join('');
}

/** Salt: of the lines that match, those equal to the first one go. (The rest goes when the edit is repeated.) */
function without(lines: string[], edit: LineEdit): string[] {
  const first = matching(lines, edit.match)[0];
  return first === undefined ? lines : lines.filter((line) => line !== first);
}

function put(lines: string[], edit: LineEdit): string[] {
  const content = edit.content ?? '';
  const like = (line: string | undefined) => indented(line ?? '', content, edit.indent);
  const height = Math.max(linesOf(content).length, 1);
  /** Whether the content (indented or not) stands in the lines from `start` on. */
  const standsAt = (start: number, neighbour: string | undefined) => {
    if (lines[start] === undefined) return false;
    const there = rstrip(lines.slice(start, start + height).join(''));
    return [content, like(neighbour)].some((one) => rstrip(one) === there);
  };
  const insert = (index: number, line: string) => lines.toSpliced(index, 0, line);

  if (edit.mode === 'replace') {
    const first = matching(lines, edit.match)[0];
    return first === undefined ? lines : lines.with(lines.indexOf(first), like(first));
  }
  if (edit.mode === 'insert' && edit.location) {
    if (edit.location === 'start') {
      const head = lines.slice(0, height).join('');
      return head !== '' && rstrip(head) === rstrip(content) ? lines : insert(0, `${rstrip(content)}\n`);
    }
    const end = lines.length - (lines.at(-1) === '' ? 1 : 0);
    return standsAt(end - height, lines[end - 1])
      ? lines
      : [...lines, lines.length === 0 ? content : like(lines.at(-1))];
  }

  const after = only(lines, edit.after, 'after', content);
  const before = only(lines, edit.before, 'before', content);
  if (after !== undefined && before !== undefined) {
    if (standsAt(before - height, lines[edit.mode === 'insert' ? before : after])) return lines;
    return edit.mode === 'insert'
      ? insert(before, like(lines[before]))
      : between(lines, after, before, like(lines[after]));
  }
  if (after !== undefined) {
    return standsAt(after + 1, lines[after]) ? lines : insert(after + 1, like(lines[after]));
  }
  if (before !== undefined) {
    // Salt: a line that is inserted is indented like the line it precedes, one that is ensured like the one above it.
    const neighbour = edit.mode === 'insert' ? lines[before] : lines.at(before - 1);
    return standsAt(before - height, neighbour) ? lines : insert(before, like(neighbour));
  }
  throw new CannotEdit(
    'No line matches before or after, so there is no place for the content.',
    'Correct the patterns of before and after.',
  );
}

/** Salt: between the two lines there may be nothing, or one line, which is replaced. */
function between(lines: string[], after: number, before: number, line: string): string[] {
  if (lines.slice(after + 1, Math.max(before, 0)).some((one) => withoutEnd(one) === withoutEnd(line)))
    return lines;
  if (before === after + 1) return lines.toSpliced(before, 0, line);
  if (before === after + 2) return lines.with(after + 1, line);
  throw new CannotEdit(
    'There is more than one line between the lines that match after and before.',
    'Use mode: insert, or name lines that are closer together.',
  );
}

/** Index of the one line a pattern finds; undefined where it finds none, or none is given. */
function only(
  lines: string[],
  pattern: string | undefined,
  argument: 'after' | 'before',
  content: string,
): number | undefined {
  const found = new Set(matching(lines, pattern));
  let indices = [...lines.keys()].filter((index) => found.has(lines[index]!));
  if (indices.length > 1) {
    // The line that was put in may match, too: it must not stand in its own way at the next run.
    const others = indices.filter((index) => lines[index]!.trim() !== content.trim());
    indices = others.length > 0 ? others : [indices.at(argument === 'before' ? -1 : 0)!];
  }
  if (indices.length > 1) {
    throw new CannotEdit(
      `More than one line matches ${argument}: "${pattern}".`,
      'Make the pattern match exactly one line, for example with `^` and `$`.',
    );
  }
  return indices[0];
}

/** Lines a pattern finds, or that hold it as it is written. */
function matching(lines: string[], pattern: string | undefined): string[] {
  if (pattern === undefined || pattern === '') return [];
  const regex = patternOf(pattern, { dotAll: true });
  return lines.filter((line) => regex.test(line) || line.includes(pattern));
}

function indented(model: string, line: string, indent: boolean): string {
  return indent ? /^[\t ]*/.exec(model)![0] + lstrip(line) : line;
}

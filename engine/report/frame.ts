/** Shows a diagnostic in the source the user wrote: place, numbered excerpt, caret, hint, related places. */
import type { Diagnostic, Place } from '../core/diagnostic.ts';
import { type Palette, palette } from './colour.ts';
import { columnsOf, visible, visibleLine } from './visible.ts';

export interface FrameOptions {
  /** Text of a file named by a place; undefined where it cannot be read: then there is no excerpt. */
  readSource(file: string): string | undefined;
  readonly color: boolean;
  /** How to name a file, such as relative to the current folder. As it is unless given. */
  nameFile?(file: string): string;
}

const width = 80;

/** Several lines, ending in a newline. */
export function renderDiagnostic(diagnostic: Diagnostic, options: FrameOptions): string {
  const paint = palette(options.color);
  const place = diagnostic.origin?.place();
  const lines = [
    paint.bold(paint.red(`error[${diagnostic.code}]`)) +
      (place ? ` ${paint.bold(placeName(place, options))}` : ''),
    ...indented(diagnostic.message),
    ...excerpt(place, options, paint),
  ];
  if (diagnostic.hint) lines.push(...indented(diagnostic.hint).map(paint.cyan));
  for (const related of diagnostic.related ?? []) {
    const other = related.origin.place();
    lines.push(`  ${visibleLine(related.message)}: ${placeName(other, options)}`);
    lines.push(...excerpt(other, options, paint));
  }
  const trail = diagnostic.trail ?? [];
  for (const step of trail.toReversed()) {
    lines.push(paint.dim(`  included from ${placeName(step, options)}`));
  }
  return `${lines.join('\n')}\n`;
}

/** All of a pass, with an empty line between them and their number at the end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: FrameOptions): string {
  const count = diagnostics.length === 1 ? '1 error' : `${diagnostics.length} errors`;
  return [
    ...diagnostics.map((one) => renderDiagnostic(one, options)),
    `${count}; nothing was touched.\n`,
  ].join('\n');
}

function placeName(place: Place, { nameFile = (file) => file }: FrameOptions): string {
  return `${visibleLine(nameFile(place.file))}:${place.line}:${place.column}`;
}

function indented(text: string): string[] {
  return visible(text)
    .split('\n')
    .map((line) => `  ${line}`);
}

/** The line of the place and the one before it, and a caret line. */
function excerpt(place: Place | undefined, options: FrameOptions, paint: Palette): string[] {
  const source = place && options.readSource(place.file);
  if (place === undefined || source === undefined) return [];
  const [before, line] = linesAt(source, place.line);
  if (line === undefined) return [];
  const digits = String(place.line).length;
  const room = width - 4 - digits - 3;
  const { shown, caret } = window(line, place.column - 1, place.length ?? 1, room);
  const gutter = (label: string) => `    ${paint.dim(`${label.padStart(digits)} |`)}`;
  const lines = [`${gutter(String(place.line))} ${shown}`, `${gutter('')} ${paint.red(caret)}`];
  // The line before says where we are, unless it is empty or the place's own line had to be cut out of a long one.
  if (before?.trim() && !shown.startsWith('…')) {
    lines.unshift(`${gutter(String(place.line - 1))} ${window(before, 0, 1, room).shown}`);
  }
  return lines.map((one) => one.trimEnd());
}

/** The line before (undefined for the first) and the line itself (undefined past the end), without terminators. */
function linesAt(source: string, line: number): [string | undefined, string | undefined] {
  if (divided?.source !== source) divided = { source, lines: source.split('\n') };
  const text = (number: number) => divided!.lines[number - 1]?.replace(/\r$/, '');
  return [text(line - 1), text(line)];
}

/** The source shown last: errors come in numbers and mostly from one file. */
let divided: { readonly source: string; readonly lines: readonly string[] } | undefined;

interface Cell {
  /** Offset in the line, in UTF-16 units as columns are counted. */
  readonly at: number;
  readonly text: string;
  readonly columns: number;
}

/** The part of a line around an offset that fits into `room` columns, and what underlines it. */
function window(
  line: string,
  offset: number,
  length: number,
  room: number,
): { shown: string; caret: string } {
  // However long the line is (a minified JSON file), only what can be shown is looked at.
  const from = Math.max(0, offset - 2 * width);
  const cells = cellsOf(line.slice(from, offset + 2 * width), from);
  let first = cells.findIndex((cell) => cell.at + cell.text.length > offset || cell.at >= offset);
  if (first < 0) first = cells.length;
  const total = cells.reduce((sum, cell) => sum + cell.columns, 0);
  const whole = from === 0 && offset + 2 * width >= line.length && total <= room;
  let start = 0;
  let end = cells.length;
  if (!whole) {
    let before = cells.slice(0, first).reduce((sum, cell) => sum + cell.columns, 0);
    // A third of the room goes to what stands before the place.
    if (from > 0 || before > room - 20) {
      while (start < first && before > room / 3) before -= cells[start++]!.columns;
    }
    let used = 0;
    end = start;
    while (end < cells.length && used + cells[end]!.columns <= room - 2) used += cells[end++]!.columns;
  }
  const cutLeft = start > 0 || from > 0;
  const cutRight = end < cells.length || offset + 2 * width < line.length;
  const part = cells.slice(start, end);
  const shown = (cutLeft ? '…' : '') + part.map((cell) => cell.text).join('') + (cutRight ? '…' : '');
  const lead = part.filter((cell) => cell.at < offset).reduce((sum, cell) => sum + cell.columns, 0);
  const under = part
    .filter((cell) => cell.at >= offset && cell.at < offset + length)
    .reduce((sum, cell) => sum + cell.columns, 0);
  return { shown, caret: ' '.repeat(lead + (cutLeft ? 1 : 0)) + '^'.repeat(Math.max(1, under)) };
}

function cellsOf(text: string, from: number): Cell[] {
  const cells: Cell[] = [];
  let at = from;
  let column = 0;
  for (const character of text) {
    const shown = character === '\t' ? ' '.repeat(4 - (column % 4)) : visible(character);
    // An escape stands for one character, so it is as wide as its text.
    const columns = shown === character ? columnsOf(character) : shown.length;
    cells.push({ at, text: shown, columns });
    at += character.length;
    column += columns;
  }
  return cells;
}

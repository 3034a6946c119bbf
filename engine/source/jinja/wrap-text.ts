/** Breaks a line of text at spaces and hyphens, as Python's textwrap does without touching white space inside. */
import { length } from './containers.ts';

export interface WrapStyle {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

/** Words and gaps; a word with hyphens between letters falls into parts that end in a hyphen. */
function chunksOf(text: string, breakOnHyphens: boolean): string[] {
  const words = text.split(/([\t\n\v\f\r ]+)/).filter((part) => part !== '');
  if (!breakOnHyphens) return words;
  return words.flatMap((word) =>
    /^\s/.test(word) ? [word] : word.split(/(?<=[\p{L}_]{2}-)(?=[\p{L}_])/u).filter((part) => part !== ''),
  );
}

export function wrapText(text: string, style: WrapStyle): string[] {
  const width = Math.max(1, style.width);
  const chunks = chunksOf(text, style.breakOnHyphens).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let size = 0;
    if (lines.length > 0 && chunks.at(-1)!.trim() === '') chunks.pop();
    while (chunks.length > 0 && size + length(chunks.at(-1)) <= width) {
      const chunk = chunks.pop()!;
      line.push(chunk);
      size += length(chunk);
    }
    const next = chunks.at(-1);
    if (next !== undefined && length(next) > width) {
      if (style.breakLongWords) {
        const characters = Array.from(next);
        line.push(characters.slice(0, width - size).join(''));
        chunks[chunks.length - 1] = characters.slice(width - size).join('');
      } else if (line.length === 0) line.push(chunks.pop()!);
    }
    if (line.length > 0 && line.at(-1)!.trim() === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

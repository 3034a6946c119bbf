/** Text cut into lines and stripped as Python does it, because that is what Salt means by a line and by blanks. */

/** What str.isspace() is true of, for `[…]`: unlike JavaScript's \s also U+001C to U+001F and U+0085, not U+FEFF. */
export const blanks = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const blank = new RegExp(`[${blanks}]`);
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** str.splitlines(): everything Unicode calls a line end ends a line, the last one opens no further line. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(lineEnd)) {
    lines.push(text.slice(start, keepEnds ? index + end.length : index));
    start = index + end.length;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** str.strip(), of blanks or of any of the characters given. */
export function strip(text: string, characters?: string | null): string {
  return lstrip(rstrip(text, characters), characters);
}

/** str.lstrip(). */
export function lstrip(text: string, characters?: string | null): string {
  const goes = stripped(characters);
  let start = 0;
  while (start < text.length) {
    const one = String.fromCodePoint(text.codePointAt(start)!);
    if (!goes(one)) break;
    start += one.length;
  }
  return text.slice(start);
}

/** str.rstrip(). Character by character: the pattern `[ ]+$` is slow on long runs of spaces inside. */
export function rstrip(text: string, characters?: string | null): string {
  const goes = stripped(characters);
  let end = text.length;
  while (end > 0) {
    const last = text.slice(end - 1, end);
    const one = /[\udc00-\udfff]/.test(last) && end > 1 ? [...text.slice(end - 2, end)].at(-1)! : last;
    if (!goes(one)) break;
    end -= one.length;
  }
  return text.slice(0, end);
}

function stripped(characters: string | null | undefined): (character: string) => boolean {
  if (characters === undefined || characters === null) return (one) => blank.test(one);
  const set = new Set(characters);
  return (one) => set.has(one);
}

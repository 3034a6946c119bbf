/** Text cut into lines and stripped as Python does it, because that is what Salt's editing states mean by a line. */

/** What Python's str.strip() takes away: unlike JavaScript's trim() also U+001C to U+001F and U+0085, not U+FEFF. */
const blank = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leadingBlanks = new RegExp(`^${blank}+`);
const trailingBlanks = new RegExp(`${blank}+$`);

/** Lines with their newlines; only \n ends a line. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Python's str.splitlines(): without their ends, and everything Unicode calls a line end ends a line. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Python's str.lstrip(): blanks, or any of the given characters. */
export function lstrip(text: string, characters?: string | null): string {
  if (characters === undefined || characters === null) return text.replace(leadingBlanks, '');
  let start = 0;
  while (start < text.length && characters.includes(text[start]!)) start++;
  return text.slice(start);
}

/** Python's str.rstrip(). */
export function rstrip(text: string): string {
  return text.replace(trailingBlanks, '');
}

/** A line without its newline. */
export function withoutEnd(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}

/** The same text, ending in a newline unless it is empty. */
export function ended(text: string, end = '\n'): string {
  return text === '' || text.endsWith('\n') ? text : text + end;
}

/** Whether every line ends in CR LF: then that is how new lines are to end, too. */
export function hasCrLf(text: string): boolean {
  return text.includes('\r\n') && !/(?<!\r)\n/.test(text);
}

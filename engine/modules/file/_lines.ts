/** The lines of a file that is edited, with their ends. */

/** Lines with their newlines; only \n ends a line. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
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

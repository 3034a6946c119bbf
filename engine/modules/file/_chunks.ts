/** Whether a piece of text stands in a file already: what keeps file.append and file.prepend from adding it twice. */

import { splitLines } from '../../core/python-text.ts';
import { escapeRegex, pythonRegex } from '../../core/regex.ts';
import { textOfValue } from './_edit.ts';

export const chunkSchema = {
  type: ['string', 'number', 'boolean', 'object', 'array', 'null'],
  ordered: true,
  description: 'A text, or a list of texts; each is looked for and added for itself.',
} as const;

/** The pieces of a `text` argument; undefined where there is none. */
export function chunksOf(text: unknown): string[] | undefined {
  if (text === undefined || text === null) return undefined;
  return (Array.isArray(text) ? text : [text]).map((one) => textOfValue(one) ?? 'None');
}

/**
 * Salt: a piece is there where its words follow each other on whole lines of the file, whatever blanks and line
 * ends are between them.
 */
export function holdsWords(text: string, chunk: string): boolean {
  const pattern = splitLines(chunk)
    .map((line) => ['', ...wordsOf(line).map(escapeRegex), ''].join('\\s*'))
    .join('')
    .replace(/(\\s\*)+/g, '\\s*');
  return pythonRegex(`^${pattern}$`, { multiline: true, ascii: true }).test(text);
}

/**
 * Salt: a double-quoted text is one word, blanks and all, in a line that holds a single quote, too. (Salt cuts lines
 * as Python's shlex does, which it tells to quote by whichever kind the line lacks.)
 */
function wordsOf(line: string): string[] {
  const quote = line.includes('\'\\"') ? undefined : line.includes("'") ? '"' : "'";
  const words: string[] = [];
  let rest = line.replace(/^[ \t\r\n]+/, '');
  while (rest !== '') {
    const close = rest[0] === quote ? rest.indexOf(quote!, 1) : -1;
    const word = close > 0 ? rest.slice(0, close + 1) : /^[^ \t\r\n]+/.exec(rest)![0];
    words.push(word);
    rest = rest.slice(word.length).replace(/^[ \t\r\n]+/, '');
  }
  return words;
}

/** Whether the lines of a piece stand in the file as they are. */
export function holdsLines(text: string, chunk: string): boolean {
  const lines = splitLines(chunk).join('\n');
  return `\n${text}\n`.includes(`\n${lines}\n`);
}

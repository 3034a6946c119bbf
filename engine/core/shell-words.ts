/** Splits a line into words as Python's shlex.split does: as a POSIX shell, without expanding anything. */

/** A quote or a part of a word; one with neither of the first two is not closed. */
const part = /'([^']*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|\\(.)|([^'"\\ \t\r\n]+)|([ \t\r\n]+)/sy;

/** Undefined where a quote is not closed, or the line ends in a backslash. */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  part.lastIndex = 0;
  for (let found = part.exec(line); found !== null; found = part.exec(line)) {
    end = part.lastIndex;
    const [, single, double, escaped, bare, gap] = found;
    if (gap === undefined) word = (word ?? '') + (single ?? unescaped(double) ?? escaped ?? bare);
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end < line.length) return undefined;
  return word === undefined ? words : [...words, word];
}

/** Between double quotes a backslash means itself, unless a quote or another one follows. */
function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/\\(["\\])/g, '$1');
}

/** Splits a line into words as a POSIX shell would, without expanding anything (XCU 2.2 Quoting). */

/** Undefined where a quote is not closed. */
export function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= '';
    if (character === '\\') {
      at++;
      if (at >= line.length) return undefined;
      word += line[at]!;
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word += line.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(line.slice(at));
      if (!quoted) return undefined;
      word += quoted[1]!.replace(/\\(["\\$`\n])/g, '$1');
      at += quoted[0].length - 1;
    } else word += character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

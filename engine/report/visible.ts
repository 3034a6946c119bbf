/** Makes text safe to print: what would drive a terminal, or hide from the eye, is shown as an escape. */

// C0 but for tab and newline, DEL, C1, bidirectional controls (CVE-2021-42574), line separators, lone surrogates.
const unsafe =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

// Nearly all text is of these; telling so is much faster than looking for what is unsafe.
const harmless = /^[\n\t\x20-\x7e]*$/;

/** Newlines and tabs stay. */
export function visible(text: string): string {
  return harmless.test(text) ? text : text.replace(unsafe, escaped);
}

/** On one line, whatever it holds. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function escaped(character: string): string {
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const empty = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Terminal columns of one character (code point): 0, 1 or 2, after Unicode's East Asian Width. */
export function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  return wide.test(character) ? 2 : empty.test(character) ? 0 : 1;
}

/** At most this many columns, with an ellipsis where something was cut. */
export function cut(text: string, columns: number, ellipsis = '…'): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    const width = columnsOf(character);
    if (used + width > columns) return cutExactly(kept, columns - ellipsis.length) + ellipsis;
    kept += character;
    used += width;
  }
  return text;
}

function cutExactly(text: string, columns: number): string {
  const characters = [...text];
  let used = characters.reduce((sum, character) => sum + columnsOf(character), 0);
  while (used > Math.max(0, columns)) used -= columnsOf(characters.pop()!);
  return characters.join('');
}

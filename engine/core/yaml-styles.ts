/** Which styles a YAML scalar may be printed in without becoming another, by the rules of libyaml's emitter. */

/** Whether YAML takes a character for a line end. */
export function isBreak(character: string): boolean {
  return (
    character === '\n' ||
    character === '\r' ||
    character === '\x85' ||
    character === '\u2028' ||
    character === '\u2029'
  );
}

export interface Allowed {
  readonly blockPlain: boolean;
  readonly flowPlain: boolean;
  readonly single: boolean;
  readonly multiline: boolean;
}

/** Most scalars: nothing in them means anything to YAML. */
const harmless = /^\w[\w./-]*$/;

export interface Characters {
  /** Characters beyond ASCII stay themselves. */
  readonly unicode: boolean;
  /** The line ends of YAML 1.1 that are none in YAML 1.2 (U+0085, U+2028, U+2029) are escaped, so that both read the same. */
  readonly portable: boolean;
}

/** Which styles leave a text what it is. */
export function analysis(text: string, { unicode, portable }: Characters): Allowed {
  if (text === '') return { blockPlain: true, flowPlain: false, single: true, multiline: false };
  if (harmless.test(text)) return { blockPlain: true, flowPlain: true, single: true, multiline: false };
  const characters = [...text];
  const isBlankOrEnd = (at: number) =>
    characters[at] === undefined || ' \t'.includes(characters[at]!) || isBreak(characters[at]!);
  let block = /^(?:---|\.\.\.)/.test(text);
  let flow = block;
  let special = false;
  let multiline = false;
  let spaceBreak = false;
  let breakSpace = false;
  for (const [at, character] of characters.entries()) {
    const blankBefore = at === 0 || isBlankOrEnd(at - 1);
    const blankAfter = isBlankOrEnd(at + 1);
    if (at === 0 && '#,[]{}&*!|>\'"%@`'.includes(character)) block = flow = true;
    else if (at === 0 && '?:'.includes(character)) {
      flow = true;
      block ||= blankAfter;
    } else if (at === 0 && character === '-' && blankAfter) block = flow = true;
    else if (at > 0 && ',?[]{}'.includes(character)) flow = true;
    else if (at > 0 && character === ':') {
      flow = true;
      block ||= blankAfter;
    } else if (at > 0 && character === '#' && blankBefore) block = flow = true;
    if (isBreak(character)) {
      multiline = true;
      spaceBreak ||= characters[at - 1] === ' ';
    }
    if (character === ' ') breakSpace ||= at > 0 && isBreak(characters[at - 1]!);
    if (!isPrintable(character) || (!unicode && character > '~')) special = true;
    if (portable && character > '~' && isBreak(character)) special = true;
  }
  const edge = (character: string) => character === ' ' || isBreak(character);
  const plain =
    !edge(characters[0]!) &&
    !edge(characters.at(-1)!) &&
    !breakSpace &&
    !spaceBreak &&
    !special &&
    !multiline;
  return {
    blockPlain: plain && !block,
    flowPlain: plain && !flow,
    single: !breakSpace && !spaceBreak && !special,
    multiline,
  };
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0)!;
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
}

/** Whether a character has to be escaped between double quotes. */
export function mustEscape(character: string, unicode: boolean): boolean {
  if (character === '"' || character === '\\' || isBreak(character)) return true;
  return !isPrintable(character) || (!unicode && character > '~');
}

const shortEscapes: { readonly [character: string]: string } = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/** A double-quoted scalar on one line, in ASCII. */
export function doubleQuoted(text: string): string {
  const body = [...text].map((one) => (mustEscape(one, false) ? escaped(one) : one));
  return `"${body.join('')}"`;
}

/** A single-quoted scalar of no indentation; a line break is written as an empty line. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''").replace(/\n+/g, (breaks) => `${breaks}\n`)}'`;
}

/** A character as double-quoted text says it. */
export function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16).toUpperCase();
  const long =
    code <= 0xff
      ? `\\x${hex.padStart(2, '0')}`
      : code <= 0xffff
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  return shortEscapes[character] ?? long;
}

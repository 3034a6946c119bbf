/** A text as its readers would decode it: each view with the place in the text of every character. */

export interface View {
  readonly text: string;
  /** Some of it may be noise, in which short words stand by chance. */
  readonly noisy?: boolean;
  /** Where a stretch of the view stands in the text it was made of. */
  place(start: number, end: number): readonly [start: number, end: number];
}

interface Decoder {
  /** Without this character there is nothing to decode; any text may hold some where it is left out. */
  readonly sign?: string;
  readonly pattern: RegExp;
  /** What fits the pattern need not be encoded at all. */
  readonly noisy?: true;
  readonly decode: (found: RegExpExecArray) => string | undefined;
}

const controls: { readonly [letter: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
  0: '\0',
};

const entities: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

const decoders: readonly Decoder[] = [
  {
    // JSON, YAML, Python, C, shells and regular expressions: a backslash, and what it stands for.
    sign: '\\',
    pattern:
      /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|\r?\n[ \t]*|([\s\S]))/g,
    decode([, braced, short, long, byte, other]) {
      const hex = braced ?? short ?? long ?? byte;
      if (hex !== undefined) return character(Number.parseInt(hex, 16));
      return other === undefined ? '' : (controls[other] ?? other);
    },
  },
  {
    // URLs: RFC 3986, 2.1.
    sign: '%',
    pattern: /(?:%[0-9a-fA-F]{2})+/g,
    decode([run]) {
      const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
      const text = bytes.toString('utf8');
      return text.includes('\ufffd') ? undefined : text;
    },
  },
  {
    // HTML and XML.
    sign: '&',
    pattern: /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp));/g,
    decode([, decimal, hex, name]) {
      if (name !== undefined) return entities[name];
      return character(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal));
    },
  },
  {
    // A single quote within single quotes of a shell.
    sign: "'",
    pattern: /'(?:"'"|\\')'/g,
    decode: () => "'",
  },
  {
    // Base64 of something longer, maybe in lines: JSON, a script, a file. What is short is found by its spellings.
    noisy: true,
    pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}(?:\r?\n[ \t]*[A-Za-z0-9+/]+)*={0,2}/g,
    decode: ([run]) => Buffer.from(run.replace(/\s+/g, ''), 'base64').toString('utf8'),
  },
];

function character(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** How often a text may be encoded: JSON that holds a URL, a script quoted in a script that is kept as JSON. */
const depth = 4;
/** What is encoded in several ways at once is looked at in so many. */
const mostViews = 16;

/** The text itself, and what is seen in it by decoding it, again and again. Most texts have one view. */
export function* viewsOf(text: string): Generator<View> {
  const whole: View = { text, place: (start, end) => [start, end] };
  yield whole;
  let level = [whole];
  const seen = new Set([text]);
  for (let round = 0; round < depth && level.length > 0; round++) {
    const next: View[] = [];
    for (const view of level) {
      for (const decoder of decoders) {
        if (decoder.sign !== undefined && !view.text.includes(decoder.sign)) continue;
        const made = decoded(view, decoder);
        if (!made || seen.has(made.text)) continue;
        if (seen.size >= mostViews) return;
        seen.add(made.text);
        next.push(made);
        yield made;
      }
    }
    level = next;
  }
}

function decoded(view: View, { pattern, decode, noisy }: Decoder): View | undefined {
  const { text } = view;
  /** Where each decoded stretch begins and ends in the result, and where it stood. Between them all is as it was. */
  const marks: number[] = [];
  let result = '';
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    const plain = decode(found);
    if (plain === undefined) continue;
    const { index } = found;
    const end = index + found[0].length;
    result += text.slice(at, index);
    marks.push(result.length, result.length + plain.length, index, end);
    result += plain;
    at = end;
  }
  if (at === 0) return undefined;
  result += text.slice(at);
  return {
    text: result,
    noisy: noisy === true || view.noisy === true,
    place: (start, end) => view.place(placeOf(marks, start, 'start'), placeOf(marks, end - 1, 'end')),
  };
}

/** Where a character of the result begins or ends in the text that was decoded: all of what it was made of counts. */
function placeOf(marks: readonly number[], at: number, side: 'start' | 'end'): number {
  let low = 0;
  let high = marks.length / 4;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle * 4]! <= at) low = middle + 1;
    else high = middle;
  }
  // An empty stretch has no character of its own.
  const mark = (low - 1) * 4;
  const beyond = side === 'end' ? 1 : 0;
  if (low === 0) return at + beyond;
  if (at < marks[mark + 1]!) return side === 'start' ? marks[mark + 2]! : marks[mark + 3]!;
  return marks[mark + 3]! + (at - marks[mark + 1]!) + beyond;
}

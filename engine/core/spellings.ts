/** The spellings that a secret may take, as far as looking at decoded views of a text does not find it. */
import type { Pattern } from './automaton.ts';

/** Shorter ones are only found where they stand alone: they occur in other words by chance. */
const shortest = 4;

export interface Spelling extends Pattern {
  /** Found only between characters that belong to no word, or between those that are no digits. */
  readonly alone?: 'word' | 'number';
}

/** Every spelling of a value: itself, its lines, and what the common encodings make of them. */
export function spellingsOf(value: string): Spelling[] {
  const found = new Map<string, Spelling>();
  function add(text: string, folded?: true): void {
    if (text.trim() === '') return;
    const key = folded ? ` ${text}` : text;
    if (found.has(key)) return;
    const alone = standing(text);
    found.set(key, { text, ...(alone ? { alone } : {}), ...(folded ? { folded } : {}) });
  }
  const parts = partsOf(value);
  for (const text of parts) {
    add(text);
    if (text.length < shortest || parts.length > mostEncoded) continue;
    for (const other of [...quotings(text), ...misreadings(text)]) add(other);
    for (const encoded of encodings(text)) if (encoded.length >= shortest) add(encoded);
  }
  const trimmed = value.trim();
  if (trimmed.length > (/\s/.test(trimmed) ? 8 : wrapping)) add(trimmed, true);
  if (value.length > wrapping) for (const encoded of encodings(value)) add(encoded, true);
  return [...found.values()];
}

/** Of a text with more lines, such as a whole file, each is looked for as it is. */
const mostEncoded = 300;

/** From this length on encoders break what they write into lines. */
const wrapping = 24;

function standing(text: string): Spelling['alone'] {
  if (text.length < shortest) return 'word';
  return /^\d{1,7}$/.test(text) ? 'number' : undefined;
}

/** The value, and its lines: a report shows a text line by line. Lines that are the same in every key tell nothing. */
export function partsOf(value: string): string[] {
  const trimmed = value.replace(/^\s+|\s+$/g, '');
  const lines = value.split(/\r?\n|\r/).map((line) => line.trim());
  const telling = lines.filter(
    (line) => line.length >= shortest && !/^-----(BEGIN|END) [A-Z ]+-----$/.test(line),
  );
  return [...new Set([value, trimmed, ...(lines.length > 1 ? telling : [])])];
}

/** Quotes that are doubled. What backslashes and shells do is seen in a view. */
function quotings(text: string): string[] {
  return [
    // YAML and SQL in single quotes, CSV in double ones.
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    // A form of the web.
    text.replaceAll(' ', '+'),
  ];
}

/** What is left of it where an SLS has it without quotes, and YAML takes its signs for its own (YAML 1.1). */
function misreadings(text: string): string[] {
  const bare = text.trim();
  const read: string[] = [];
  if (/\s#/.test(bare)) read.push(bare.replace(/\s+#[\s\S]*$/, ''));
  if (/^[*&!|>%@`]/.test(bare)) read.push(bare.slice(1).trim());
  if (/^[-+]?[\d_]+$/.test(bare)) {
    const digits = bare.replaceAll('_', '');
    read.push(String(BigInt(digits.replace(/^\+/, ''))));
    if (/^0[0-7]+$/.test(digits)) read.push(String(Number.parseInt(digits, 8)));
  } else if (/^[-+]?(?:0[xX][\da-fA-F_]+|[\d_]*\.?[\d_]+(?:[eE][-+]?\d+)?)$/.test(bare)) {
    read.push(String(Number(bare.replaceAll('_', ''))));
  }
  return read.filter((one) => one.length >= shortest && one !== 'NaN' && one !== 'Infinity');
}

function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  return [hex, hex.toUpperCase(), ...base64Forms(bytes)];
}

/** As it stands in the base64 of something longer: at each offset, without the characters that others share in. */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = offset === 0 ? 0 : offset + 1;
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = shifted.slice(from, whole);
    if (core.length >= shortest + 2) forms.push(core, urlSafe(core));
  }
  // Lines of 64 and 76 characters (RFC 1421, RFC 2045), which a diff shows one by one.
  for (const width of [48, 57]) {
    if (bytes.length <= width) continue;
    for (let at = 0; at + width <= bytes.length; at += width)
      forms.push(bytes.subarray(at, at + width).toString('base64'));
    const rest = bytes.subarray(bytes.length - (bytes.length % width)).toString('base64');
    if (rest.length >= 8) forms.push(rest);
  }
  return [...forms, bytes.toString('base64')];
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

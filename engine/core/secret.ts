/** The secrets of a run: what must never be shown, in any of the spellings it may take on its way. */
import { automaton, type Hit } from './automaton.ts';

/** Shorter ones are only found where they stand alone: they occur in other words by chance. */
const shortest = 4;

interface Form {
  readonly text: string;
  readonly secret: Secret;
  /** Found only between characters that are no part of a word. */
  readonly alone: boolean;
}

export interface Secret {
  /** Where the pillar has it: `couchdb:admin_password`. */
  readonly path: string;
  /** A few characters that are the same for the same value on this node, and say nothing about it. */
  readonly fingerprint: string;
}

/**
 * Values are known by themselves, not by where they went: a secret is also found in what a command prints, in a file
 * that was there before, and in what an error quotes. It is shown as `«path #fingerprint»`.
 */
export class Secrets {
  readonly #fingerprintOf: (value: string) => string;
  readonly #forms = new Map<string, Form>();
  #search: ((text: string) => Hit[]) | undefined;
  #list: Form[] = [];

  /** `fingerprintOf` has to be keyed: a plain hash of a short secret is as good as the secret. */
  constructor(fingerprintOf: (value: string) => string) {
    this.#fingerprintOf = fingerprintOf;
  }

  /** The first path of a value names it. */
  add(path: string, value: string): void {
    if (value.trim() === '') return;
    const secret: Secret = { path: tidy(path), fingerprint: this.#fingerprintOf(value) };
    for (const text of formsOf(value)) {
      if (this.#forms.has(text)) continue;
      this.#forms.set(text, { text, secret, alone: text.length < shortest });
      this.#search = undefined;
    }
  }

  get isEmpty(): boolean {
    return this.#forms.size === 0;
  }

  /** As it is shown in place of a value that is known to be the secret of this path, whether it is in force or not. */
  label(path: string, value: string): string {
    return labelOf({ path: tidy(path), fingerprint: this.#fingerprintOf(value) });
  }

  /** Whether any secret stands in it. */
  holds(text: string): boolean {
    return this.#spans(text).length > 0;
  }

  /** The text with every secret replaced; overlapping ones become one label, that of the longest. */
  mask(text: string): string {
    const spans = this.#spans(text);
    if (spans.length === 0) return text;
    let masked = '';
    let at = 0;
    for (const { start, end, form } of spans) {
      masked += text.slice(at, start) + labelOf(form.secret);
      at = end;
    }
    return masked + text.slice(at);
  }

  /** What is replaced, from left to right, and the secret that gives each its name. */
  #spans(text: string): Span[] {
    if (this.isEmpty || text === '') return [];
    if (!this.#search) {
      this.#list = [...this.#forms.values()];
      this.#search = automaton(this.#list.map((form) => form.text));
    }
    const hits: Span[] = [];
    const labels = labelled(text);
    for (const { start, end, pattern } of this.#search(text)) {
      const form = this.#list[pattern]!;
      if (form.alone && !standsAlone(text, start, end)) continue;
      if (labels.some((label) => start >= label.start && end <= label.end)) continue;
      hits.push({ start, end, form });
    }
    hits.sort((one, other) => one.start - other.start || other.end - one.end);
    const merged: Span[] = [];
    for (const hit of hits) {
      const last = merged.at(-1);
      if (!last || hit.start >= last.end) merged.push({ ...hit });
      else {
        if (hit.form.text.length > last.form.text.length) last.form = hit.form;
        last.end = Math.max(last.end, hit.end);
      }
    }
    return merged;
  }
}

/** Whether a text is encrypted by age; https://age-encryption.org/v1, "ASCII armor". */
export function isArmour(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN AGE ENCRYPTED FILE-----');
}

interface Span {
  readonly start: number;
  end: number;
  form: Form;
}

function labelOf({ path, fingerprint }: Secret): string {
  return `«${path} #${fingerprint}»`;
}

/** What was masked before is not looked into: a path may hold a word that is somebody's password. */
function labelled(text: string): { start: number; end: number }[] {
  if (!text.includes('«')) return [];
  return [...text.matchAll(/«[^«»\s]+ #[0-9a-f]{4}»/g)].map(({ index, 0: label }) => ({
    start: index,
    end: index + label.length,
  }));
}

/** A path goes into a label as one word, whatever keys the pillar has. */
function tidy(path: string): string {
  return path.replace(/[^\w:.-]+/g, '_');
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !isWord(text[start - 1]) && !isWord(text[end]);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** Every spelling of a value: itself, its lines, and what the common encodings make of them. */
export function formsOf(value: string): Set<string> {
  const forms = new Set<string>();
  const add = (text: string): void => {
    if (text.trim() !== '') forms.add(text);
  };
  for (const text of partsOf(value)) {
    add(text);
    if (text.length < shortest) continue;
    for (const quoted of quotings(text)) add(quoted);
    for (const encoded of encodings(text)) if (encoded.length >= shortest) add(encoded);
  }
  return forms;
}

/** The value, and its lines: a report shows a text line by line. Lines that are the same in every key tell nothing. */
function partsOf(value: string): string[] {
  const trimmed = value.replace(/^\s+|\s+$/g, '');
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const telling = lines.filter(
    (line) => line.length >= shortest && !/^-----(BEGIN|END) [A-Z ]+-----$/.test(line),
  );
  return [...new Set([value, trimmed, ...(lines.length > 1 ? telling : [])])];
}

function quotings(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [
    json,
    // A report makes control characters visible; a JSON report of that escapes them once more.
    JSON.stringify(json).slice(1, -1),
    // Shell words in single and double quotes, and with backslashes.
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
    // YAML in single quotes, Python's repr, SQL.
    text.replaceAll("'", "''"),
    text.replace(/['\\]/g, '\\$&'),
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
    // A regular expression that means the text.
    text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
  ];
}

function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  return [
    encode(text, encodeURIComponent),
    encode(text, encodeURIComponent).replaceAll('%20', '+'),
    encode(text, encodeURI),
    encode(text, encodeURIComponent).replace(
      /[!'()*]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
    hex,
    hex.toUpperCase(),
    ...base64Forms(bytes),
  ];
}

/** A lone surrogate cannot be encoded; such a text is no URL. */
function encode(text: string, by: (text: string) => string): string {
  try {
    return by(text);
  } catch {
    return text;
  }
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
    if (core.length >= shortest + 2) forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...forms, bytes.toString('base64')];
}

/** The secrets of a run: what must never be shown, in any of the spellings it may take on its way. */
import { automaton, type Hit } from './automaton.ts';
import { remnantSearch } from './cut-secrets.ts';
import { leastPrinted, type Print, Prints } from './prints.ts';
import { partsOf, type Spelling, spellingsOf } from './spellings.ts';
import { type View, viewsOf } from './views.ts';

export interface Secret {
  /** Where the pillar has it: `couchdb:admin_password`. */
  readonly path: string;
  /** A few characters that are the same for the same value on this node, and say nothing about it. */
  readonly fingerprint: string;
  /** So short that it may stand anywhere by chance. */
  readonly weak: boolean;
}

/** Shorter values are not worth looking for where nobody put them. */
const telling = 6;

interface Form extends Spelling {
  readonly secret: Secret;
}

/** What is kept of a secret for the time when nobody has it any more. */
export interface FormerSecret extends Print, Pick<Secret, 'path' | 'fingerprint'> {}

/** Where a secret stands in a text. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly path: string;
  readonly weak: boolean;
}

/**
 * Values are known by themselves, not by where they went: a secret is also found in what a command prints, in a file
 * that was there before, and in what an error quotes. It is shown as `«path #fingerprint»`.
 */
export class Secrets {
  readonly #fingerprintOf: (value: string) => string;
  readonly #forms = new Map<string, Form>();
  /** What is written in place of secrets, so that it is told from what only looks like it. */
  readonly #labels = new Set<string>();
  readonly #weak = new Set<string>();
  readonly #values = new Map<string, Secret>();
  #search: Search | undefined;
  readonly #keyOf: (() => Uint8Array) | undefined;
  #former: Prints<Form> | undefined;
  #prints: readonly FormerSecret[] | undefined;

  /**
   * `fingerprintOf` has to be keyed: a plain hash of a short secret is as good as the secret. `keyOf` gives 16 bytes for
   * the prints of former secrets, of which there are none without.
   */
  constructor(fingerprintOf: (value: string) => string, keyOf?: () => Uint8Array) {
    this.#fingerprintOf = fingerprintOf;
    this.#keyOf = keyOf;
  }

  /** The first path of a value names it. */
  add(path: string, value: string): void {
    if (value.trim() === '') return;
    const secret: Secret = {
      path: tidy(path),
      fingerprint: this.#fingerprintOf(value),
      weak: value.trim().length < telling,
    };
    this.#labels.add(labelOf(secret));
    if (!this.#values.has(value)) this.#values.set(value, secret);
    this.#prints = undefined;
    if (secret.weak) this.#weak.add(labelOf(secret));
    for (const spelling of spellingsOf(value)) {
      const key = `${spelling.folded ? ' ' : ''}${spelling.text}`;
      if (this.#forms.has(key)) continue;
      this.#forms.set(key, { ...spelling, secret });
      this.#search = undefined;
    }
  }

  /** Secrets of earlier runs are found, too, by what was kept of them. Those that are in force are known better. */
  addFormer(former: readonly FormerSecret[]): void {
    if (!this.#keyOf) return;
    const present = new Set(this.prints().map(printName));
    for (const { path, fingerprint, ...print } of former) {
      if (present.has(printName(print))) continue;
      const secret: Secret = { path, fingerprint, weak: false };
      this.#labels.add(labelOf(secret));
      this.#former ??= new Prints(this.#keyOf());
      this.#former.add(print, { text: ' '.repeat(print.length - 1), secret });
    }
  }

  /** What is to be kept of those in force. */
  prints(): readonly FormerSecret[] {
    if (!this.#keyOf || this.isEmpty) return [];
    if (this.#prints) return this.#prints;
    const prints = new Prints(this.#keyOf());
    this.#prints = [...this.#values].flatMap(([value, { path, fingerprint }]) =>
      partsOf(value)
        .filter((part) => part.length >= leastPrinted)
        .map((part) => ({ path, fingerprint, ...prints.print(part) })),
    );
    return this.#prints;
  }

  /** Nothing is known that would have to be hidden. */
  get isEmpty(): boolean {
    return this.#forms.size === 0 && this.#former === undefined;
  }

  /** Labels of those that may stand anywhere by chance. */
  get weak(): readonly string[] {
    return [...this.#weak];
  }

  /** As it is shown in place of a value that is known to be the secret of this path, whether it is in force or not. */
  label(path: string, value: string): string {
    const label = labelOf({ path: tidy(path), fingerprint: this.#fingerprintOf(value) });
    this.#labels.add(label);
    return label;
  }

  /** Whether any secret stands in it. */
  holds(text: string): boolean {
    return this.find(text).length > 0;
  }

  /** The text with every secret replaced; overlapping ones become one label, that of the longest. */
  mask(text: string): string {
    const found = this.find(text);
    if (found.length === 0) return text;
    let masked = '';
    let at = 0;
    for (const { start, end, label } of found) {
      masked += text.slice(at, start) + label;
      at = end;
    }
    return masked + text.slice(at);
  }

  /** What is replaced, from left to right, and what each is called. `whole`: not what may be left of one that was cut, nor former ones. */
  find(text: string, { whole = false } = {}): Finding[] {
    if (this.isEmpty || text === '') return [];
    this.#search ??= searchFor([...this.#forms.values()]);
    const hits: Span[] = [];
    let labels: readonly Place[] | undefined;
    for (const view of viewsOf(text)) {
      const seen = this.#search(view, whole);
      if (this.#former && !whole) seen.push(...this.#formerIn(view, this.#former));
      for (const { form, start, end } of seen) {
        labels ??= this.#labelled(text);
        if (!labels.some((label) => start >= label.start && end <= label.end))
          hits.push({ start, end, form });
      }
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
    return merged.map(({ start, end, form: { secret } }) => ({
      start,
      end,
      label: labelOf(secret),
      path: secret.path,
      weak: secret.weak,
    }));
  }

  #formerIn({ text, place }: View, former: Prints<Form>): Span[] {
    return [...former.search(text)].map(({ start, end, what }) => {
      const [from, to] = place(start, end);
      return { start: from, end: to, form: what };
    });
  }

  /** What was masked before is not looked into: a path may hold a word that is somebody's password. */
  #labelled(text: string): Place[] {
    if (!text.includes('«')) return [];
    return [...text.matchAll(/«[^«»\s]+ #[0-9a-f]{4}»/g)]
      .filter(({ 0: label }) => this.#labels.has(label))
      .map(({ index, 0: label }) => ({ start: index, end: index + label.length }));
  }
}

/** Whether a text is encrypted by age; https://age-encryption.org/v1, "ASCII armor". */
export function isArmour(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN AGE ENCRYPTED FILE-----');
}

/** Why a secret cannot be had: says nothing of it. */
export class SecretTrouble extends Error {
  readonly code: 'secret-unreadable' | 'no-identity';
  readonly hint: string | undefined;
  constructor(code: SecretTrouble['code'], message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** The same for the same text. */
export function printName({ length, hash }: Print): string {
  return `${length} ${hash.join(' ')}`;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Span {
  readonly start: number;
  end: number;
  form: Form;
}

/** Where forms stand in a view, in places of the text itself. */
type Search = (view: View, whole: boolean) => Span[];

function searchFor(forms: readonly Form[]): Search {
  const search: (text: string) => Hit[] = automaton(forms);
  // The lines of those of several lines are forms of their own.
  const remnants = remnantSearch(
    forms.map(({ text, folded, alone }) => (folded || alone || text.includes('\n') ? '' : text)),
  );
  return ({ text, noisy, place }, whole) =>
    [...search(text), ...(whole ? [] : remnants(text))].flatMap(({ start, end, pattern }) => {
      const form = forms[pattern]!;
      if (form.alone && (noisy || !standsAlone(text, start, end, form.alone))) return [];
      const [from, to] = place(start, end);
      return [{ start: from, end: to, form }];
    });
}

function labelOf({ path, fingerprint }: Pick<Secret, 'path' | 'fingerprint'>): string {
  return `«${path} #${fingerprint}»`;
}

/** A path goes into a label as one word, whatever keys the pillar has. */
function tidy(path: string): string {
  return path.replace(/[^\w:.-]+/g, '_');
}

const parts = { word: /[\p{L}\p{N}_]/u, number: /\p{N}/u } as const;

function standsAlone(text: string, start: number, end: number, as: keyof typeof parts): boolean {
  return !parts[as].test(text[start - 1] ?? '') && !parts[as].test(text[end] ?? '');
}

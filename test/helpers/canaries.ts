/** Secrets that must not be seen anywhere, and a search for them that knows nothing of how they are masked. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Canaries {
  readonly [name: string]: string;
}

/** What stands where it should not, with a little of what is around it. */
export interface Seen {
  readonly name: string;
  readonly how: string;
  readonly around: string;
}

const html = (text: string, quote: string, apostrophe: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe);

const json = (text: string): string => JSON.stringify(text).slice(1, -1);

function url(text: string, safe: RegExp): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const one = String.fromCharCode(byte);
      return byte < 128 && safe.test(one) ? one : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** The characters of base64 that depend on the text alone, behind so many bytes of something else. */
function base64(text: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset, 0x78), Buffer.from(text)]);
  const encoded = bytes.toString('base64').replace(/=+$/, '');
  return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor((bytes.length * 8) / 6));
}

const spellings: { readonly [how: string]: (text: string) => string } = {
  plain: (text) => text,
  json,
  'json in json': (text) => json(json(text)),
  'json in ASCII': (text) =>
    json(text).replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'json for HTML': (text) =>
    json(text).replace(/[<>&']/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  html: (text) => html(text, '&quot;', '&#39;'),
  'html of Jinja': (text) => html(text, '&#34;', '&#39;'),
  xml: (text) => html(text, '&quot;', '&apos;'),
  'xml text': (text) => html(text, '"', "'"),
  'url component': (text) => url(text, /[\w.!~*'()-]/),
  'url path': (text) => url(text, /[\w.~/-]/),
  form: (text) => url(text, /[\w.~ -]/).replaceAll(' ', '+'),
  'url in lower case': (text) => url(text, /[\w.~-]/).replace(/%../g, (one) => one.toLowerCase()),
  hex: (text) => Buffer.from(text).toString('hex'),
  'base64 at 0': (text) => base64(text, 0),
  'base64 at 1': (text) => base64(text, 1),
  'base64 at 2': (text) => base64(text, 2),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'single quotes of a shell': (text) => text.replaceAll("'", `'\\''`),
  'single quotes of a shell, mixed': (text) => text.replaceAll("'", `'"'"'`),
  'double quotes of a shell': (text) => text.replace(/[\\"$`]/g, '\\$&'),
  'backslashes of a shell': (text) => text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
  yaml: (text) => text.replaceAll("'", "''"),
  python: (text) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n'),
};

/** Shorter texts are found anywhere by chance, and tell little. */
const least = 5;
/** So much of a long one in a row is as good as all of it. */
const window = 20;

/** The texts that tell of a canary: itself, its lines, and any long stretch of it. */
function partsOf(value: string): string[] {
  const lines = value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= least && !/^-----[A-Z ]+-----$/.test(line));
  const stretches: string[] = [];
  for (const line of lines) {
    for (let at = 0; at + window <= line.length && stretches.length < 200; at += window / 2)
      stretches.push(line.slice(at, at + window));
  }
  return [...new Set([value.trim(), ...lines, ...stretches])].filter((one) => one.length >= least);
}

interface Spelled {
  readonly name: string;
  readonly how: string;
  readonly text: string;
}

const indices = new WeakMap<Canaries, ReadonlyMap<string, readonly Spelled[]>>();

/** All that is looked for, by its first characters. */
function indexOf(canaries: Canaries, except?: RegExp): ReadonlyMap<string, readonly Spelled[]> {
  const known = indices.get(canaries);
  if (known) return known;
  const index = new Map<string, Spelled[]>();
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(canaries)) {
    for (const part of partsOf(value)) {
      for (const [how, spell] of Object.entries(spellings)) {
        if (except?.test(how)) continue;
        const text = spell(part);
        if (text.length <= least || seen.has(text)) continue;
        seen.add(text);
        const start = text.slice(0, least);
        index.set(start, [...(index.get(start) ?? []), { name, how, text }]);
      }
    }
  }
  indices.set(canaries, index);
  return index;
}

/** The first canary that is seen in a text, but for some spellings. */
export function seenIn(text: string, canaries: Canaries, except?: RegExp): Seen | undefined {
  const index = indexOf(canaries, except);
  for (let at = 0; at + least < text.length; at++) {
    const found = index.get(text.slice(at, at + least))?.find((one) => text.startsWith(one.text, at));
    if (found) {
      const around = text.slice(Math.max(0, at - 300), at + 300);
      return { name: found.name, how: found.how, around };
    }
  }
  return undefined;
}

/** Files below a folder that show a canary, in their text or in their name, but for those that are meant to hold them. */
export function seenBelow(
  folder: string,
  canaries: Canaries,
  isMeant: (path: string) => boolean,
): (Seen & { readonly path: string })[] {
  const found: (Seen & { readonly path: string })[] = [];
  function walk(below: string): void {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      if (isMeant(path)) continue;
      const named = seenIn(name, canaries);
      if (named) found.push({ path, ...named });
      const stat = lstatSync(join(folder, path));
      if (stat.isDirectory()) walk(path);
      if (!stat.isFile()) continue;
      const seen = seenIn(readFileSync(join(folder, path), 'utf8'), canaries);
      if (seen) found.push({ path, ...seen });
    }
  }
  walk('');
  return found;
}

/** Reads and edits git's configuration files (git-config(1), "Syntax") as text, so that no git has to be run for it. */
import { HostTrouble } from '../../core/host.ts';

export interface Entry {
  /** As git compares it: section and name in small letters, the subsection as written. */
  readonly key: string;
  /** A name without `=` is true. */
  readonly value: string;
  /** From the first letter of the name to the end of its value; a comment behind it is left out. */
  readonly start: number;
  readonly end: number;
}

interface Section {
  readonly name: string;
  /** Behind its header and its last entry: where a further entry belongs. */
  end: number;
}

export interface Configuration {
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly sections: readonly Section[];
}

/** The parts of a key such as `remote.origin.url`; undefined where git would not take it. */
export function keyParts(
  key: string,
): { readonly section: string; readonly subsection?: string; readonly name: string } | undefined {
  const first = key.indexOf('.');
  const last = key.lastIndexOf('.');
  const section = key.slice(0, Math.max(first, 0)).toLowerCase();
  const name = key.slice(last + 1).toLowerCase();
  if (!/^[a-z0-9-]+$/.test(section) || !/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  if (first === last) return { section, name };
  const subsection = key.slice(first + 1, last);
  return /[\n\0]/.test(subsection) ? undefined : { section, subsection, name };
}

/** A key as git compares it. */
export function canonicalKey(key: string): string | undefined {
  const parts = keyParts(key);
  return parts && `${sectionName(parts)}.${parts.name}`;
}

function sectionName({ section, subsection }: { section: string; subsection?: string }): string {
  return subsection === undefined ? section : `${section}.${subsection}`;
}

const blank = /[ \t\r\n\f\v]*/y;
const comment = /[#;][^\n]*/y;
const header = /\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?[ \t]*\]/y;
const nameAlone = /[A-Za-z][A-Za-z0-9-]*/y;
const equals = /[ \t]*=[ \t]*/y;

/** Throws HostTrouble where git would not understand it either. */
export function parseConfig(text: string, path: string): Configuration {
  const entries: Entry[] = [];
  const sections: Section[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  }

  for (;;) {
    take(blank);
    if (at >= text.length) return { text, entries, sections };
    if (take(comment)) continue;
    const found = take(header);
    if (found) {
      const [, section, subsection] = found;
      const name = sectionName({
        section: section!.toLowerCase(),
        subsection: subsection?.replace(/\\(.)/g, '$1'),
      });
      sections.push({ name, end: at });
      continue;
    }
    const start = at;
    const name = take(nameAlone);
    const section = sections.at(-1);
    const value =
      name && section ? (take(equals) ? valueAt(text, at) : { value: 'true', end: at }) : undefined;
    if (value === undefined) {
      const line = text.slice(0, start).split('\n').length;
      throw new HostTrouble(`Line ${line} of ${path} is no git configuration.`, 'Correct it first.');
    }
    at = value.end;
    entries.push({ key: `${section!.name}.${name![0].toLowerCase()}`, value: value.value, start, end: at });
    section!.end = at;
  }
}

const escapes: { readonly [letter: string]: string } = { n: '\n', t: '\t', b: '\b', '"': '"', '\\': '\\' };

/** A value may be quoted in parts, and goes on after a backslash at the end of a line. */
function valueAt(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  let quoted = false;
  /** What the value comes to without the blanks at its end. */
  let solid = 0;
  let end = start;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\n') break;
    if (character === '\r' && text[at + 1] === '\n') break;
    if (!quoted && (character === '#' || character === ';')) break;
    if (character === '\\') {
      at++;
      if (text[at] === '\r' && text[at + 1] === '\n') at++;
      if (text[at] === '\n') {
        end = at + 1;
        continue;
      }
      const meant = escapes[text[at] ?? ''];
      if (meant === undefined) return undefined;
      value += meant;
    } else if (character === '"') quoted = !quoted;
    else value += character;
    if (quoted || character === '"' || !/[ \t]/.test(character)) {
      solid = value.length;
      end = at + 1;
    }
  }
  return quoted ? undefined : { value: value.slice(0, solid), end };
}

/** All values of a key, in order. */
export function valuesOf(config: Configuration, key: string): string[] {
  const wanted = canonicalKey(key);
  return config.entries.filter((entry) => entry.key === wanted).map(({ value }) => value);
}

/** The value that counts where a key stands several times. */
export function lastValue(config: Configuration, key: string): string | undefined {
  return valuesOf(config, key).at(-1);
}

/** The text in which a key has exactly these values; everything else of it stays. */
export function withValues(config: Configuration, key: string, values: readonly string[]): string {
  const parts = keyParts(key)!;
  const wanted = canonicalKey(key);
  const present = config.entries.filter((entry) => entry.key === wanted);
  let { text } = config;
  // From the end, so that the places before stay right.
  for (const [index, entry] of [...present.entries()].reverse()) {
    const value = values[index];
    if (value === undefined) text = withoutEntry(text, entry);
    else if (value !== entry.value) {
      text = `${text.slice(0, entry.start)}${parts.name} = ${quote(value)}${text.slice(entry.end)}`;
    }
  }
  const added = values.slice(present.length);
  if (added.length === 0) return text;
  return withAdded(text, parts, added);
}

/** The text without these entries. */
export function withoutEntries(config: Configuration, entries: readonly Entry[]): string {
  return [...entries].reverse().reduce(withoutEntry, config.text);
}

function withAdded(
  text: string,
  parts: { section: string; subsection?: string; name: string },
  values: readonly string[],
): string {
  const lines = values.map((value) => `\t${parts.name} = ${quote(value)}\n`).join('');
  const section = parseConfig(text, '').sections.findLast(({ name }) => name === sectionName(parts));
  if (section !== undefined) {
    const newline = text.indexOf('\n', section.end);
    const before = newline === -1 ? `${text}\n` : text.slice(0, newline + 1);
    return before + lines + (newline === -1 ? '' : text.slice(newline + 1));
  }
  const { section: name, subsection } = parts;
  const title =
    subsection === undefined ? `[${name}]` : `[${name} "${subsection.replace(/["\\]/g, '\\$&')}"]`;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}${title}\n${lines}`;
}

/** With its line, where nothing else stands on it. */
function withoutEntry(text: string, { start, end }: Entry): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline === -1 ? text.length : newline + 1;
  const alone =
    text.slice(lineStart, start).trim() === '' && /^\s*([#;].*)?\s*$/.test(text.slice(end, lineEnd));
  return alone ? text.slice(0, lineStart) + text.slice(lineEnd) : text.slice(0, start) + text.slice(end);
}

function quote(value: string): string {
  const escaped = value
    .replace(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\b', '\\b');
  return /^ | $|[#;\r]/.test(value) ? `"${escaped}"` : escaped;
}

/** The two formats of apt's source files: entries found in a text, put into it and taken out, all else left alone. */
import {
  type Entry,
  fieldName,
  fieldsOf,
  isLabel,
  isList,
  type Located,
  oneLineOption,
  optionOfOneLine,
  sameField,
} from './_entry.ts';

export interface Format {
  parse(text: string): Located[];
  /** The text with an entry in the place of another one, or at its end. */
  put(text: string, entry: Entry, old: Located | undefined): string;
  drop(text: string, old: Located): string;
}

/** apt goes by the name of the file. */
export function formatOf(path: string): Format {
  return path.endsWith('.sources') ? deb822 : oneLine;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

const linePattern =
  /^\s*(#[#\s]*)?(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?([^\s[\]#:]+:(?:[^\s[]|\[[^\]]*\])*)\s+([^\s#]+)((?:\s+[^\s#]+)*)\s*(?:#.*)?$/;

/** One line of sources.list(5); one that is commented out is an entry that is not enabled. */
export function parseLine(line: string): Entry | undefined {
  const match = linePattern.exec(line.trimEnd());
  if (!match) return undefined;
  const [, hash, type, options = '', uri, suite, components] = match;
  return {
    types: [type!],
    uris: [uri!],
    suites: [suite!],
    components: components!.split(/\s+/).filter(Boolean),
    options: new Map(
      [...options.matchAll(/(\S+?)=(\S*)/g)].map(([, key, value]) => {
        const name = optionOfOneLine(key!);
        return [name, isList(name) ? value!.replaceAll(',', ' ') : value!];
      }),
    ),
    enabled: hash === undefined,
  };
}

export function lineOf(entry: Entry): string {
  const options = [...entry.options]
    .filter(([name]) => !isLabel(name))
    .map(
      ([name, value]) =>
        `${oneLineOption(name)}=${
          isList(name)
            ? value
                .trim()
                .split(/[\s,]+/)
                .join(',')
            : value.trim()
        }`,
    );
  const words = [
    ...(entry.enabled ? [] : ['#']),
    ...entry.types,
    ...(options.length > 0 ? [`[${options.join(' ')}]`] : []),
    ...entry.uris,
    ...entry.suites,
    ...entry.components,
  ];
  return words.join(' ');
}

const oneLine: Format = {
  parse(text) {
    return linesOf(text).flatMap((line, from) => {
      const entry = parseLine(line);
      return entry === undefined ? [] : [{ entry, from, to: from + 1 }];
    });
  },
  put(text, entry, old) {
    const lines = linesOf(text);
    lines.splice(old?.from ?? lines.length, old ? 1 : 0, lineOf(entry));
    return textOf(lines);
  },
  drop(text, old) {
    const lines = linesOf(text);
    lines.splice(old.from, 1);
    return textOf(lines);
  },
};

interface Field {
  readonly name: string;
  readonly value: string;
  /** Lines within the file. */
  readonly from: number;
  readonly to: number;
}

/** Fields of a stanza; comment lines lie between them, or even between the lines of one. */
function fieldsIn(lines: readonly string[], from: number, to: number): Field[] {
  const fields: Field[] = [];
  for (let at = from; at < to; at++) {
    const line = lines[at]!;
    const last = fields.at(-1);
    const [, name, value] = /^([^\s:#][^\s:]*)\s*:(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields.push({ name: name.toLowerCase(), value: value!, from: at, to: at + 1 });
    else if (last && /^[ \t]/.test(line))
      fields[fields.length - 1] = { ...last, value: `${last.value}\n${line}`, to: at + 1 };
  }
  return fields;
}

/** apt's own words for no. */
const no = ['no', 'false', 'without', 'off', 'disable', '0'];

function entryOf(fields: readonly Field[]): Entry {
  const value = (name: string) => fields.find((field) => field.name === name)?.value ?? '';
  const words = (name: string) => value(name).split(/\s+/).filter(Boolean);
  const own = ['types', 'uris', 'suites', 'components', 'enabled'];
  return {
    types: words('types'),
    uris: words('uris'),
    suites: words('suites'),
    components: words('components'),
    options: new Map(
      fields.filter(({ name }) => !own.includes(name)).map(({ name, value: text }) => [name, text.trim()]),
    ),
    enabled: !no.includes(value('enabled').trim().toLowerCase()),
  };
}

function fieldText(name: string, words: readonly string[]): string {
  return `${fieldName(name)}: ${words.join(' ')}`;
}

const deb822: Format = {
  parse(text) {
    const lines = linesOf(text);
    const found: Located[] = [];
    for (let from = 0; from < lines.length; from++) {
      if (lines[from]!.trim() === '') continue;
      let to = from;
      while (to < lines.length && lines[to]!.trim() !== '') to++;
      const fields = fieldsIn(lines, from, to);
      if (fields.length > 0) found.push({ entry: entryOf(fields), from, to });
      from = to;
    }
    return found;
  },
  put(text, entry, old) {
    const lines = linesOf(text);
    const wanted = fieldsOf(entry);
    if (old === undefined) {
      const apart = lines.length > 0 && lines.at(-1)!.trim() !== '' ? [''] : [];
      return textOf([...lines, ...apart, ...[...wanted].map(([name, words]) => fieldText(name, words))]);
    }
    const present = fieldsOf(old.entry);
    const stanza = lines.slice(old.from, old.to);
    // From the end, so that the places of earlier fields stay right.
    for (const { name, from, to } of fieldsIn(lines, old.from, old.to).reverse()) {
      const words = wanted.get(name);
      const [at, size] = [from - old.from, to - from];
      if (words && sameField(name, present.get(name) ?? [], words)) continue;
      if (words) stanza.splice(at, size, fieldText(name, words));
      else if (!isLabel(name)) stanza.splice(at, size);
    }
    for (const [name, words] of wanted) if (!present.has(name)) stanza.push(fieldText(name, words));
    lines.splice(old.from, old.to - old.from, ...stanza);
    return textOf(lines);
  },
  drop(text, old) {
    const lines = linesOf(text);
    lines.splice(old.from, old.to - old.from);
    // The empty line that set it apart goes with it.
    if (lines[old.from]?.trim() === '') lines.splice(old.from, 1);
    else if (old.from === lines.length && lines.at(-1)?.trim() === '') lines.pop();
    return textOf(lines);
  },
};

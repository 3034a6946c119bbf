/** A package source of apt, whichever of its two formats it is written in (sources.list(5)). */
import type { Change } from '../../core/state.ts';

export interface Entry {
  /** `deb`, `deb-src`. */
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  /** None for a flat repository, whose suite is a path that ends in a slash. */
  readonly components: readonly string[];
  /** Further options by their names in deb822 files, in lower case: `signed-by`, `architectures`, `trusted`. */
  readonly options: ReadonlyMap<string, string>;
  readonly enabled: boolean;
}

/** An entry and the lines of its file that it takes: from the first to before the last. */
export interface Located {
  readonly entry: Entry;
  readonly from: number;
  readonly to: number;
}

/** Options that have another name in one-line files: theirs → that of deb822 files. */
const oneLineNames = new Map([
  ['arch', 'architectures'],
  ['lang', 'languages'],
  ['target', 'targets'],
]);

/** In deb822 files; in one-line files the same with a comma. */
const lists = new Set(['architectures', 'languages', 'targets']);

/** `arch+` → `architectures-add`. */
export function optionOfOneLine(key: string): string {
  const [, name, sign] = /^(.*?)([+-]?)$/.exec(key.toLowerCase())!;
  return `${oneLineNames.get(name!) ?? name}${sign === '+' ? '-add' : sign === '-' ? '-remove' : ''}`;
}

export function oneLineOption(name: string): string {
  const [, stem, suffix] = /^(.*?)(-add|-remove)?$/.exec(name)!;
  const own = [...oneLineNames].find(([, other]) => other === stem)?.[0] ?? stem;
  return `${own}${suffix === '-add' ? '+' : suffix === '-remove' ? '-' : ''}`;
}

export function isList(option: string): boolean {
  return lists.has(option.replace(/-(add|remove)$/, ''));
}

/** As deb822 files are usually written: `Signed-By`. */
export function fieldName(option: string): string {
  const special: { [name: string]: string } = {
    uris: 'URIs',
    pdiffs: 'PDiffs',
    'inrelease-path': 'InRelease-Path',
  };
  return special[option] ?? option.replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase());
}

/** Every field with its words, as both formats mean it. `Enabled` is there only where it is not so. */
export function fieldsOf(entry: Entry): Map<string, readonly string[]> {
  const fields = new Map<string, readonly string[]>([
    ['types', entry.types],
    ['uris', entry.uris],
    ['suites', entry.suites],
  ]);
  if (entry.components.length > 0) fields.set('components', entry.components);
  for (const [name, value] of entry.options)
    fields.set(name, isList(name) ? value.split(/[\s,]+/).filter(Boolean) : [value.trim()]);
  if (!entry.enabled) fields.set('enabled', ['no']);
  return fields;
}

/** The order of words means nothing to apt, nor does a slash at the end of a URI. */
function comparable(name: string, words: readonly string[]): string {
  const plain = name === 'uris' ? words.map(withoutSlash) : words;
  return [...new Set(plain)].sort().join(' ');
}

export function sameField(name: string, a: readonly string[], b: readonly string[]): boolean {
  return comparable(name, a) === comparable(name, b);
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}

/** The differences between two entries, by field; those that only carry a label (`X-…`) do not count. */
export function differences(old: Entry | undefined, wanted: Entry): Change[] {
  const before = old ? fieldsOf(old) : new Map<string, readonly string[]>();
  const after = fieldsOf(wanted);
  const changes: Change[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (isLabel(name)) continue;
    const [a, b] = [before.get(name), after.get(name)];
    if (a && b && sameField(name, a, b)) continue;
    changes.push({ subject: fieldName(name), ...(a && { old: shown(a) }), ...(b && { new: shown(b) }) });
  }
  return changes;
}

export function isLabel(field: string): boolean {
  return field.startsWith('x-');
}

function shown(words: readonly string[]): string {
  return words.map(withoutPassword).join(' ');
}

/** User and password of a URI are nobody's business. */
export function withoutPassword(text: string): string {
  return text.replace(/\b([a-z+.-]+:\/\/)[^/@\s]+@/gi, '$1***@');
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.includes(one));
}

function within(a: readonly string[], b: readonly string[]): boolean {
  return a.every((one) => b.includes(one));
}

const plainUris = (entry: Entry) => entry.uris.map(withoutSlash);

/** Whether two entries describe one repository: they share components, and have the same suites and places. */
export function sameRepository(a: Entry, b: Entry): boolean {
  return (
    overlap(a.types, b.types) &&
    sameField('uris', a.uris, b.uris) &&
    sameField('suites', a.suites, b.suites) &&
    (overlap(a.components, b.components) || a.components.length === 0 || b.components.length === 0)
  );
}

/** Whether apt would read the same indexes twice. */
export function overlaps(a: Entry, b: Entry): boolean {
  return (
    overlap(a.types, b.types) &&
    overlap(plainUris(a), plainUris(b)) &&
    overlap(a.suites, b.suites) &&
    (overlap(a.components, b.components) || (a.components.length === 0 && b.components.length === 0))
  );
}

/** Whether two entries are about the same place and suite, whatever they take of it. */
export function sameRelease(a: Entry, b: Entry): boolean {
  return overlap(plainUris(a), plainUris(b)) && overlap(a.suites, b.suites);
}

/** Whether an entry brings everything that another does, in the same way. */
export function covers(a: Entry, b: Entry): boolean {
  const options = (entry: Entry) => ({ ...entry, types: [], uris: [], suites: [], components: [] });
  return (
    within(b.types, a.types) &&
    within(plainUris(b), plainUris(a)) &&
    within(b.suites, a.suites) &&
    within(b.components, a.components) &&
    differences(options(a), options(b)).length === 0
  );
}

/**
 * What is left of an entry when a repository is taken out of it: undefined where nothing is, 'cannot' where one
 * entry could not describe the rest. No components mean all of them.
 */
export function without(entry: Entry, gone: Entry): Entry | undefined | 'cannot' {
  const rest = {
    types: entry.types.filter((one) => !gone.types.includes(one)),
    uris: entry.uris.filter((one) => !plainUris(gone).includes(withoutSlash(one))),
    suites: entry.suites.filter((one) => !gone.suites.includes(one)),
    components:
      gone.components.length === 0 ? [] : entry.components.filter((one) => !gone.components.includes(one)),
  };
  const left = (Object.keys(rest) as (keyof typeof rest)[]).filter((field) => rest[field].length > 0);
  if (left.length === 0) return undefined;
  if (left.length > 1) return 'cannot';
  return { ...entry, [left[0]!]: rest[left[0]!] };
}

/** Every entry with one type, place and suite: what one line can say. */
export function singles(entry: Entry): Entry[] {
  return entry.types.flatMap((type) =>
    entry.uris.flatMap((uri) =>
      entry.suites.map((suite) => ({ ...entry, types: [type], uris: [uri], suites: [suite] })),
    ),
  );
}

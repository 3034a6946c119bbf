/** The repository of apt that the arguments describe, and the file it belongs in. */
import type { Refusal } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import { type Entry, withoutPassword } from './_entry.ts';
import { parseLine } from './_format.ts';

export interface AptArguments {
  readonly name: string;
  readonly uris?: string | readonly string[];
  readonly suites?: string | readonly string[];
  readonly components?: string | readonly string[];
  readonly comps?: string | readonly string[];
  readonly types?: string | readonly string[];
  readonly dist?: string;
  readonly architectures?: string | readonly string[];
  readonly options?: { readonly [name: string]: unknown };
  readonly signedby?: string;
  readonly file?: string;
  readonly ppa?: string;
}

export interface Wanted {
  readonly entry: Entry;
  /** The file where the tree names it, or where it is made. */
  readonly file: string;
  /** The tree names the file: the repository belongs there and nowhere else. */
  readonly named: boolean;
  /** Nothing else belongs in the file, so whatever it says is this repository. */
  readonly own: boolean;
}

export const folder = '/etc/apt/sources.list.d';

/** Words of a list, or of text with blanks or commas between them. */
export function wordsOf(value: string | readonly string[] | undefined): string[] {
  return [value ?? []].flat().flatMap((one) => one.split(/[\s,]+/).filter(Boolean));
}

export function isLine(name: string): boolean {
  return /^\s*(#\s*)?deb(-src)?\s/.test(name);
}

export function wantedOf(args: AptArguments, enabled: boolean): Wanted | Refusal {
  const refusal = refusePpa(args);
  if (refusal) return refusal;
  const base = isLine(args.name) ? fromLine(args) : fromArguments(args);
  if ('refused' in base) return base;
  const architectures = wordsOf(args.architectures);
  const options = new Map([
    ...base.options,
    ...(architectures.length > 0 ? ([['architectures', architectures.join(' ')]] as const) : []),
    ...Object.entries(args.options ?? {}).map(
      ([name, value]) => [name.toLowerCase(), optionText(value)] as const,
    ),
    ...(args.signedby === undefined ? [] : ([['signed-by', args.signedby]] as const)),
  ]);
  const entry: Entry = { ...base, options, enabled };
  const bad = badWord(entry);
  if (bad !== undefined) return certainly(`${bad} cannot be part of a package source.`);
  const file = args.file ?? `${folder}/${labelOf(args, entry)}.sources`;
  const wrong = wrongFile(file);
  if (wrong) return wrong;
  return { entry, file, named: args.file !== undefined, own: args.file === undefined && !isLine(args.name) };
}

function fromLine(args: AptArguments): Entry | Refusal {
  const line = parseLine(args.name);
  if (line === undefined || /[\n\r]/.test(args.name)) {
    return certainly(
      `"${withoutPassword(args.name)}" is no package source.`,
      'Write it as in sources.list: deb https://example.org/debian bookworm main',
    );
  }
  const components = wordsOf(args.comps ?? args.components);
  const suites = args.dist === undefined ? wordsOf(args.suites) : [args.dist];
  return {
    ...line,
    suites: suites.length > 0 ? suites : line.suites,
    components: components.length > 0 ? components : line.components,
  };
}

function fromArguments(args: AptArguments): Entry | Refusal {
  const suites = args.dist === undefined ? wordsOf(args.suites) : [args.dist];
  const uris = wordsOf(args.uris);
  const components = wordsOf(args.components ?? args.comps);
  if (uris.length === 0 || suites.length === 0) {
    return certainly(
      `The package source "${args.name}" has no ${uris.length === 0 ? 'uris' : 'suites'}.`,
      'Give uris, suites and components, or write the name as in sources.list: deb https://… bookworm main',
    );
  }
  const flat = suites.filter((suite) => suite.endsWith('/')).length;
  if (flat > 0 ? flat < suites.length || components.length > 0 : components.length === 0) {
    return certainly(
      flat > 0
        ? 'A suite that ends in a slash is the path of a flat repository, which has no components.'
        : `The package source "${args.name}" has no components.`,
      flat > 0 ? 'Leave out the components.' : 'Set components: main, or whatever the repository calls them.',
    );
  }
  const types = wordsOf(args.types);
  return {
    types: types.length > 0 ? types : ['deb'],
    uris,
    suites,
    components,
    options: new Map(),
    enabled: true,
  };
}

function optionText(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  return Array.isArray(value) ? value.map((one) => keyText(one)).join(' ') : keyText(value as string);
}

/** What would end a field, a line or its list of options. */
function badWord(entry: Entry): string | undefined {
  for (const type of entry.types) if (!/^deb(-src)?$/.test(type)) return `The type "${type}"`;
  for (const uri of entry.uris)
    if (!/^[a-z][a-z0-9+.-]*:[^\s#]+$/i.test(uri) && !uri.startsWith('cdrom:'))
      return `The URI "${withoutPassword(uri)}"`;
  for (const word of [...entry.suites, ...entry.components])
    if (!/^[^\s#[\]]+$/.test(word)) return `"${word}"`;
  for (const [name, value] of entry.options) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) return `The option "${name}"`;
    if (value.trim() === '' || /[\n\r\0[\]#]/.test(value)) return `The value of the option "${name}"`;
  }
  return undefined;
}

/** A name for the file, of characters that apt accepts in one. */
function labelOf(args: AptArguments, entry: Entry): string {
  const text = isLine(args.name)
    ? [entry.uris[0]!.replace(/^[a-z+.-]+:\/*([^/@]*@)?/i, ''), ...entry.suites].join('-')
    : args.name;
  return text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'repository';
}

/** Salt: the name of the file is taken as it is; one that apt does not read would be of no use. */
function wrongFile(file: string): Refusal | undefined {
  if (/^\/([^\0\n]*\/)?[A-Za-z0-9_.-]+\.(list|sources)$/.test(file)) return undefined;
  return certainly(
    `apt would not read the file "${file}".`,
    `Name a file like ${folder}/example.sources (or .list, for the format of one line).`,
  );
}

function refusePpa({ name, ppa }: AptArguments): Refusal | undefined {
  if (ppa === undefined && !name.startsWith('ppa:')) return undefined;
  return certainly(
    'A PPA cannot be given by its short name: Launchpad would have to be asked for its key.',
    'Set uris: https://ppa.launchpadcontent.net/OWNER/NAME/ubuntu, suites, components: main, key_url and fingerprint.',
  );
}

export function certainly(refused: string, hint?: string): Refusal {
  return { refused, ...(hint !== undefined && { hint }), certain: true };
}

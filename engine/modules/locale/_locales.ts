/** Which locales a node has, by glibc's own files where they tell, and how a locale may be written. */
import type { Command, Reader } from '../../core/host.ts';

export interface Locale {
  /** Language and country: `de_DE`. */
  readonly base: string;
  /** As it was written: `UTF-8`; undefined where nothing is said. */
  readonly charset: string | undefined;
  /** `euro`. */
  readonly modifier: string | undefined;
}

/** `de_DE.UTF-8`, `de_DE.utf8`, `de_DE@euro`, and as in lists `de_DE.UTF-8 UTF-8`; undefined for anything else. */
export function parseLocale(text: string): (Locale & { readonly charmap: string | undefined }) | undefined {
  const [, base, charset, modifier, charmap] =
    /^([A-Za-z]{1,16}(?:_[A-Za-z0-9]{1,8})?)(?:\.([A-Za-z0-9_-]+))?(?:@([A-Za-z0-9]+))?(?: +([A-Za-z0-9_.:()-]+))?$/.exec(
      text.trim(),
    ) ?? [];
  return base === undefined ? undefined : { base, charset, modifier, charmap };
}

/** As glibc calls it: `de_DE.utf8`. */
export function plainName({ base, charset, modifier }: Locale): string {
  const codeset = charset === undefined ? '' : `.${charset.replace(/[^A-Za-z0-9]/g, '').toLowerCase()}`;
  return `${base}${codeset}${modifier === undefined ? '' : `@${modifier}`}`;
}

export function plainText(text: string): string {
  const locale = parseLocale(text);
  return locale ? plainName(locale) : text;
}

export const listing: Command = { argv: ['locale', '-a'], env: { LC_ALL: 'C' } };

/** In every glibc of the last years, or beside it. */
const builtIn = ['C', 'POSIX', 'C.utf8'];

/**
 * Whether a locale can be used. Its files say yes; where they do not, glibc is asked, once for all states of the run.
 */
export function hasLocale(plain: string, reader: Reader): boolean | Promise<boolean> {
  const there = localesOnDisk(reader);
  if (builtIn.includes(plain) || there.has(plain)) return true;
  return reader.rooted
    ? false
    : reader.ask(listing).then(({ stdout }) => stdout.split('\n').map(plainText).includes(plain));
}

const folder = '/usr/lib/locale';

/** An archive beyond this size (all languages) is not read: asking is cheaper. Bytes. */
const most = 16 << 20;

function localesOnDisk(reader: Reader): Set<string> {
  const folders = (reader.list(folder) ?? []).filter(
    (name) => reader.stat(`${folder}/${name}/LC_IDENTIFICATION`)?.kind === 'file',
  );
  const archive = `${folder}/locale-archive`;
  const size = reader.stat(archive)?.size ?? 0;
  const content = size > 0 && size <= most ? reader.content(archive) : undefined;
  return new Set([...folders.map(plainText), ...(content ? namesIn(content) : [])]);
}

const magic = 0xde020109;

/** The names in glibc's locale-archive: a hash table of hash, place of the name, place of the locale. */
export function namesIn(archive: Buffer): string[] {
  if (archive.length < 56 || archive.readUInt32LE(0) !== magic) return [];
  const [table, entries] = [archive.readUInt32LE(8), archive.readUInt32LE(16)];
  const names: string[] = [];
  for (let at = table; at < table + entries * 12 && at + 12 <= archive.length; at += 12) {
    const [name, locale] = [archive.readUInt32LE(at + 4), archive.readUInt32LE(at + 8)];
    const end = name === 0 || locale === 0 ? -1 : archive.indexOf(0, name);
    if (end > name) names.push(archive.toString('latin1', name, end));
  }
  return names;
}

/** The list of what a locale as output of `locale -a` would be with one more. */
export async function listWith(plain: string, reader: Reader): Promise<string> {
  const { stdout } = reader.rooted ? { stdout: '' } : await reader.ask(listing);
  return `${stdout}${plain}\n`;
}

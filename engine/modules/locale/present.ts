/** The state locale.present: a locale can be used. */
import type { Reader } from '../../core/host.ts';
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { hasLocale, type Locale, listing, listWith, parseLocale, plainName } from './_locales.ts';

interface Now {
  readonly refused?: Refusal;
  /** As lists have it: `de_DE.UTF-8 UTF-8`. */
  readonly entry: string;
  readonly plain: string;
  readonly isThere: boolean;
  readonly family: 'locale-gen' | 'localedef';
  /** /etc/locale.gen; '' where it is not there. */
  readonly list: string;
  readonly hasList: boolean;
  /** What `locale -a` would print afterwards. */
  readonly listAfter: string;
  readonly rooted: boolean;
}

const listFile = '/etc/locale.gen';

async function read({ name }: { readonly name: string }, reader: Reader): Promise<Now> {
  const locale = parseLocale(name);
  const content = reader.content(listFile)?.toString('latin1');
  const plain = locale ? plainName(locale) : '';
  const entry = locale ? entryOf(locale, reader) : undefined;
  const isThere = locale !== undefined && (await hasLocale(plain, reader));
  const family = reader.grain('os_family') === 'RedHat' ? 'localedef' : 'locale-gen';
  return {
    refused: refuse(name, locale, entry, { isThere, family }, reader),
    entry: entry ?? '',
    plain,
    isThere,
    family,
    list: content ?? '',
    hasList: content !== undefined,
    listAfter: isThere ? '' : await listWith(plain, reader),
    rooted: reader.rooted,
  };
}

const supported = ['/usr/share/i18n/SUPPORTED', '/usr/local/share/i18n/SUPPORTED'];

/** The line of a list of supported locales that is meant; else what was written, where it says all. */
function entryOf(
  locale: Locale & { readonly charmap: string | undefined },
  reader: Reader,
): string | undefined {
  const plain = plainName(locale);
  const same = (a: string, b: string) =>
    a.replace(/[^A-Za-z0-9]/g, '').toLowerCase() === b.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  for (const path of supported) {
    for (const line of reader.content(path)?.toString('utf8').split('\n') ?? []) {
      const other = parseLocale(line);
      if (!other || plainName(other) !== plain) continue;
      if (locale.charmap === undefined || same(locale.charmap, other.charmap ?? '')) return line.trim();
    }
  }
  const charmap = locale.charmap ?? charmapOf(locale);
  const source = reader.stat(`/usr/share/i18n/locales/${locale.base}`);
  if (charmap === undefined || source === undefined) return undefined;
  const { base, charset, modifier } = locale;
  return `${base}${charset ? `.${charset}` : ''}${modifier ? `@${modifier}` : ''} ${charmap}`;
}

function charmapOf({ charset }: Locale): string | undefined {
  return charset !== undefined && /^utf-?8$/i.test(charset) ? 'UTF-8' : charset;
}

function refuse(
  name: string,
  locale: Locale | undefined,
  entry: string | undefined,
  { isThere, family }: Pick<Now, 'isThere' | 'family'>,
  reader: Reader,
): Refusal | undefined {
  if (!locale) {
    return {
      refused: `"${name}" cannot be the name of a locale.`,
      hint: 'Write it as in de_DE.UTF-8.',
      certain: true,
    };
  }
  if (isThere) return undefined;
  if (family === 'localedef') {
    if (entry !== undefined && reader.stat(`/usr/share/i18n/locales/${locale.base}`)) return undefined;
    const language = locale.base.replace(/_.*/, '').toLowerCase();
    return {
      refused: `The locale ${name} is not there, nor what it could be made of.`,
      hint: `Require pkg.installed: glibc-langpack-${language}.`,
    };
  }
  if (reader.stat('/usr/sbin/locale-gen') === undefined) {
    return {
      refused: `The locale ${name} cannot be made: there is no locale-gen.`,
      hint: 'Require pkg.installed: locales.',
    };
  }
  if (entry !== undefined) return undefined;
  return {
    refused: `The locale ${name} is none that is supported.`,
    hint: 'See /usr/share/i18n/SUPPORTED.',
  };
}

function plan({ name }: { readonly name: string }, now: Now): Plan {
  if (now.refused) return now.refused;
  const steps = [...listSteps(now), ...(now.isThere ? [] : [madeStep(now)])];
  if (steps.length === 0) return { steps, comment: `Locale ${name} is already present` };
  if (now.rooted && !now.isThere) {
    return {
      refused: 'Locales cannot be made below another root than /.',
      hint: 'Run it inside of that system.',
    };
  }
  return steps;
}

/** A locale that is not listed goes with the next update of glibc. */
function listSteps({ family, hasList, list, entry, isThere }: Now): Step[] {
  if (family === 'localedef' || entry === '' || (isThere && !hasList)) return [];
  const words = (line: string) =>
    line
      .replace(/^[#\s]+/, '')
      .trim()
      .split(/\s+/)
      .join(' ');
  const lines = list.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.some((line) => !line.trim().startsWith('#') && words(line) === entry)) return [];
  const at = lines.findIndex((line) => words(line) === entry);
  const old = at < 0 ? undefined : lines[at]!;
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, entry);
  return [
    {
      change: { subject: listFile, ...(old !== undefined && { old }), new: entry },
      effect: {
        kind: 'write',
        path: listFile,
        content: Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
        follow: true,
        ...(!hasList && { mode: 0o644 }),
      },
    },
  ];
}

function madeStep({ family, entry, plain, listAfter }: Now): Step {
  const [locale, charmap] = entry.split(/\s+/) as [string, string];
  const { base, modifier } = parseLocale(locale)!;
  const source = modifier === undefined ? base : `${base}@${modifier}`;
  const argv =
    family === 'locale-gen'
      ? ['locale-gen', '--keep-existing']
      : ['localedef', '-c', '-i', source, '-f', charmap, locale];
  return {
    change: { subject: 'locale', new: plain },
    effect: {
      kind: 'exec',
      command: { argv, env: { LC_ALL: 'C' } },
      settles: [{ about: 'answer', command: listing, stdout: listAfter }],
      foreseen: true,
    },
  };
}

export default defineState({
  summary: 'the locale can be used',
  description: `
On Debian the locale is listed in \`/etc/locale.gen\` and made by locale-gen; those that are there stay. On RPM systems
a package brings it (\`glibc-langpack-de\`); where the sources of locales are there (\`glibc-locale-source\`), it is
made by localedef.

Unlike Salt: locale.present lists a locale in \`/etc/locale.gen\` that is there but not listed, because it would go
with the next update.`,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'The locale: `de_DE.UTF-8`; also as in lists: `de_DE.UTF-8 UTF-8`.',
    },
  },
  examples: [{ title: 'a locale', sls: 'de_DE.UTF-8:\n  locale.present\n' }],
  read,
  plan,
});

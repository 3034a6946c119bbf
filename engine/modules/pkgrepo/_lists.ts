/** The lists that apt fetched of a repository: how it calls them, and whether they are there. */
import type { Reader } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Entry } from './_entry.ts';

const listFolder = '/var/lib/apt/lists';

/** What apt calls the files of lists that it fetched: the URI, with what a file name cannot hold as %xx. */
function listNames(entry: Entry): string[] {
  return entry.uris.flatMap((uri) =>
    entry.suites.map((suite) => {
      const base = `${uri.replace(/^[a-z0-9+.-]+:(\/\/)?([^/@]*@)?/i, '').replace(/\/*$/, '')}/`;
      const flat = suite.endsWith('/');
      const whole = flat ? (suite === '/' ? base : base + suite) : `${base}dists/${suite}/`;
      return whole
        .replace(
          /[\\|{}[\]<>"^~_=!@#$%&*\s]/g,
          (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
        )
        .replaceAll('/', '_');
    }),
  );
}

/**
 * The lists that apt has of a repository, and whether that are all. Other ways to a repository go by other names, or
 * leave no lists.
 */
export function listsOf(
  entry: Entry,
  reader: Reader,
): { readonly signed: readonly string[]; readonly all: boolean } {
  const words = [...entry.uris, ...entry.suites];
  if (
    words.some((one) => one.includes('$(')) ||
    !entry.uris.every((uri) => /^(https?|file|copy):/i.test(uri))
  )
    return { signed: [], all: true };
  const names = reader.list(listFolder) ?? [];
  const starts = listNames(entry);
  const isSigned = (name: string, start: string) => /^(InRelease|Release)$/.test(name.slice(start.length));
  // What is trusted as it is may lack a signed list of its files.
  const isTrusted = entry.options.get('trusted') === 'yes';
  const has = (start: string) =>
    names.some((name) => name.startsWith(start) && (isTrusted || isSigned(name, start)));
  const signed = names.filter((name) =>
    starts.some((start) => name.startsWith(start) && isSigned(name, start)),
  );
  return { signed: signed.map((name) => join(listFolder, name)), all: starts.every(has) };
}

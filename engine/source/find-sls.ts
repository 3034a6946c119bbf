/** Finds SLS files by their dotted names. */
import type { Code } from '../core/codes.ts';
import { type Diagnostic, didYouMean, type Origin } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import type { Tree, TreeFile } from './tree.ts';

const suffixes = ['.sls', '.yaml'] as const;

/** Behind a suffix: the whole file is encrypted. */
export const encryptedSuffix = '.age';

/** Salt: `x.sls` wins over `x/init.sls`. A file in plain text wins over one that is encrypted. */
export function findSls(tree: Tree, name: string): TreeFile | undefined {
  if (name === '' || name.includes('/')) return undefined;
  const path = name.replaceAll('.', '/');
  for (const ending of ['', encryptedSuffix]) {
    for (const stem of [path, `${path}/init`]) {
      for (const suffix of suffixes) {
        const found = tree.find(stem + suffix + ending);
        if (found) return found;
      }
    }
  }
  return undefined;
}

/**
 * Names of all SLS files. YAML files beside a tree of .sls files are its data, so a pattern prefers .sls.
 * Salt: in the order of their paths, so `web.a` (web/a.sls) comes before `web` (web/init.sls).
 */
export function slsMatching(tree: Tree, pattern: string): readonly string[] {
  const wanted = fnmatch(pattern);
  for (const suffix of suffixes) {
    const names = tree
      .names()
      .map((name) => (name.endsWith(encryptedSuffix) ? name.slice(0, -encryptedSuffix.length) : name))
      .filter((name) => name.endsWith(suffix) && !/^top\.(?:sls|yaml)$/.test(name))
      .map((name) =>
        name
          .slice(0, -suffix.length)
          .replaceAll('/', '.')
          .replace(/\.init$/, ''),
      );
    const found = names.filter((name) => wanted.test(name));
    if (found.length > 0) return [...new Set(found)];
  }
  return [];
}

export function notFound(tree: Tree, name: string, code: Code, origin: Origin | undefined): Diagnostic {
  const known = tree
    .names()
    .filter((file) => /\.(?:sls|yaml)(?:\.age)?$/.test(file))
    .map((file) => file.replace(/(?:\/init)?\.(?:sls|yaml)(?:\.age)?$/, '').replaceAll('/', '.'));
  const meant = didYouMean(name, known);
  const path = name.replaceAll('.', '/');
  return {
    code,
    message: `There is no SLS "${name}": neither ${path}.sls nor ${path}/init.sls (or .yaml) lies in ${tree.roots.join(', ') || 'any file root'}.`,
    ...(origin ? { origin } : {}),
    hint: meant ? `Did you mean "${meant}"?` : 'Correct the name or write the file.',
  };
}

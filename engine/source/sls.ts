/** Reads the SLS files of states with all they include, in Salt's order. */
import { type Diagnostic, type Origin, type Place, Trouble } from '../core/diagnostic.ts';
import { isPattern } from '../core/fnmatch.ts';
import type { Sls } from '../core/sls.ts';
import { isDict } from '../core/value.ts';
import { findSls, notFound, slsMatching } from './find-sls.ts';
import { includesOf } from './includes.ts';
import { parseFile, type SlsSource } from './parse-file.ts';
import type { TreeFile } from './tree.ts';

/**
 * The named SLS files (patterns too) with all they include, in Salt's order: what a file includes comes before the file itself,
 * depth first, each once. Throws Trouble with the errors of all files.
 */
export async function readStates(source: SlsSource, names: readonly string[], from?: Origin): Promise<Sls[]> {
  const files: Sls[] = [];
  const seen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const told = new Set<Diagnostic>();

  async function read(name: string, origin: Origin | undefined, trail: readonly Place[]): Promise<void> {
    if (seen.has(name)) return;
    seen.add(name);
    let file: TreeFile | undefined;
    try {
      file = findSls(source.tree, name);
      if (!file) {
        diagnostics.push(notFound(source.tree, name, 'sls-not-found', origin));
        return;
      }
      const unfit = await source.unfit?.(file);
      if (unfit && unfit.length > 0) {
        // Of several files of a tree the first tells.
        const news = unfit.filter((one) => !told.has(one) && told.add(one));
        throw new Trouble(news);
      }
      const parsed = await parseFile(source, file, name);
      // Salt: a file that renders to nothing declares nothing.
      const value = parsed.value === null || parsed.value === '' ? new Map() : parsed.value;
      if (!isDict(value)) {
        diagnostics.push({
          code: 'bad-sls',
          message: `SLS "${name}" is not a mapping of IDs.`,
          origin: parsed.locate([], 'value'),
        });
        return;
      }
      const includes = includesOf(source.tree, name, file, parsed, value.get('include'), diagnostics);
      for (const include of includes)
        await read(include.name, include.origin, [...trail, include.origin.place()]);
      const isInit = /(?:^|\/)init\.(?:sls|yaml)$/.test(file.name);
      const { text, locate, ambiguous } = parsed;
      files.push({ name, file: file.file, isInit, value, text, locate, ambiguous, trail });
    } catch (error) {
      diagnostics.push(...troubleOf(error, trail));
    }
  }

  for (const name of names) {
    const matching = isPattern(name) && !findSls(source.tree, name) ? slsMatching(source.tree, name) : [];
    for (const one of matching.length > 0 ? matching : [name]) await read(one, from, []);
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  return files;
}

/** Expected trouble as diagnostics; anything else goes on up. */
export function troubleOf(error: unknown, trail: readonly Place[]): Diagnostic[] {
  if (error instanceof Trouble) {
    return error.diagnostics.map((one) =>
      trail.length > 0 ? { ...one, trail: [...trail, ...(one.trail ?? [])] } : one,
    );
  }
  throw error;
}

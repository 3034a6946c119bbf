/** Holds the pillar against the schemas of state trees, each once in a run, and again only when one of both changed. */
import { type Diagnostic, Trouble } from '../core/diagnostic.ts';
import type { Cache } from '../source/cache.ts';
import type { SlsSource } from '../source/parse-file.ts';
import type { Pillar } from '../source/pillar.ts';
import { schemasAbove } from '../source/pillar-schema.ts';
import type { Tree, TreeFile } from '../source/tree.ts';

export interface PillarCheckOptions {
  readonly tree: Tree;
  readonly pillar: Pillar;
  readonly cache: Cache;
  /** The same for the same pillar; undefined where nothing can be remembered. */
  readonly fingerprint: () => string | undefined;
}

/** Raised whenever a pillar that passed may not pass any more. */
const version = 1;

/**
 * Unlike Salt: a folder of states may say in `pillar.schema.json` what it takes from the pillar, and a pillar that does
 * not fit stops the run before a template trips over it.
 */
export function createPillarCheck({
  tree,
  pillar,
  cache,
  fingerprint,
}: PillarCheckOptions): NonNullable<SlsSource['unfit']> {
  /** By the name of the schema: what is wrong, or undefined where there is nothing to check. */
  const checks = new Map<string, Promise<readonly Diagnostic[]> | undefined>();
  let print: { readonly text: string | undefined } | undefined;

  function started(name: string): Promise<readonly Diagnostic[]> | undefined {
    if (!checks.has(name)) checks.set(name, start(name));
    return checks.get(name);
  }

  function start(name: string): Promise<readonly Diagnostic[]> | undefined {
    try {
      const file = tree.find(name);
      return file && !hasPassed(file) ? checked(file) : undefined;
    } catch (error) {
      if (error instanceof Trouble) return Promise.resolve(error.diagnostics);
      throw error;
    }
  }

  function memory({ text }: TreeFile): string | undefined {
    print ??= { text: fingerprint() };
    return print.text && `${version} ${print.text}\n${text}`;
  }

  function hasPassed(file: TreeFile): boolean {
    const key = memory(file);
    return key !== undefined && cache.get('pillar', key) !== undefined;
  }

  async function checked(file: TreeFile): Promise<readonly Diagnostic[]> {
    const { readSchema } = await import('../source/read-schema.ts');
    const { checkPillar } = await import('../compile/pillar-schema.ts');
    try {
      const wrong = checkPillar(readSchema(file), pillar.value, pillar.locate);
      const key = memory(file);
      if (wrong.length === 0 && key !== undefined) cache.put('pillar', key, '');
      return wrong;
    } catch (error) {
      if (error instanceof Trouble) return error.diagnostics;
      throw error;
    }
  }

  return (file) => {
    const pending = schemasAbove(file).flatMap((name) => started(name) ?? []);
    return pending.length > 0 ? Promise.all(pending).then((found) => found.flat()) : undefined;
  };
}

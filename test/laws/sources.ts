/** The engine's source files and what they import, for the laws. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const top = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** Below the top folder: `engine/core/value.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports at run time or for types: paths below the top folder, `node:…`, or package names. */
  readonly imports: readonly Import[];
}

export interface Import {
  readonly target: string;
  /** Erased before the program runs. */
  readonly typeOnly: boolean;
  /** Names taken from it, as far as they are spelled out. */
  readonly names: readonly string[];
}

export function sourcesBelow(folder: string): SourceFile[] {
  return globSync(`${folder}/**/*.ts`, { cwd: top })
    .sort()
    .map((path) => {
      const text = readFileSync(join(top, path), 'utf8');
      return { path, text, imports: importsOf(text, path) };
    });
}

/** All engine sources, read once for all laws. */
export const engine = sourcesBelow('engine');

export function importsOf(text: string, path: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s)?([^;'"]*?from\s+)?'([^']+)'/gm)) {
    const names = /\{([^}]*)\}/.exec(match[2] ?? '')?.[1] ?? '';
    found.push({
      target: resolved(match[3]!, path),
      typeOnly: match[1] !== undefined,
      names: names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    });
  }
  // import('x'), require('x') and createRequire(…)('x'); behind `typeof` they are types.
  for (const match of text.matchAll(
    /(typeof\s+)?(?:\b(?:import|require)|createRequire\([^)]*\))\(\s*'([^']+)'\s*\)/g,
  )) {
    found.push({ target: resolved(match[2]!, path), typeOnly: match[1] !== undefined, names: [] });
  }
  return found;
}

function resolved(specifier: string, path: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier);
  if (specifier.startsWith('node:')) return specifier;
  // `lodash/isEqual.js` is lodash, `@scope/name/x` is @scope/name.
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

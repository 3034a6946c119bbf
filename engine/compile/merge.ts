/** Merges SLS files into high data: declarations first, then what extends them. */
import type { Confirmation } from '../core/confirm.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import { type Declaration, type High, originIn } from '../core/high.ts';
import type { Sls } from '../core/sls.ts';
import { isDict } from '../core/value.ts';
import { ByValue } from './by-value.ts';
import { isSection, joined, readConfirm, type Section } from './confirm.ts';
import { readDeclaration } from './declaration.ts';
import { type Excludes, readExclude } from './exclude.ts';
import { type Extension, extend, readExtend } from './extend.ts';

export interface Merged {
  readonly high: High;
  readonly excludes: Excludes;
  readonly confirm: Confirmation | undefined;
  readonly diagnostics: Diagnostic[];
}

/** Files come in the order Salt reads them: what a file includes before the file itself. */
export function merge(files: readonly Sls[]): Merged {
  const diagnostics: Diagnostic[] = [];
  const excludes = { sls: [] as string[], ids: [] as string[] };
  const declared = new Map<string, Declaration>();
  const declarations = new Map<Sls, Declaration[]>();
  const extensions = new Map<Sls, Extension[]>();
  const sections = new Map<Sls, Section>();
  let index = 0;
  for (const sls of files) {
    if (!isDict(sls.value)) continue;
    const own: Declaration[] = [];
    declarations.set(sls, own);
    for (const [key, body] of sls.value) {
      if (key === 'include') continue;
      if (key === 'extend') extensions.set(sls, readExtend(sls, body, diagnostics));
      else if (key === 'exclude') readExclude(sls, body, excludes, diagnostics);
      else if (isSection(key, body)) sections.set(sls, readConfirm(sls, body, diagnostics));
      else {
        const declaration = readDeclaration(sls, key, body, () => index++, diagnostics);
        if (!declaration) continue;
        const first = declared.get(declaration.id);
        if (first) diagnostics.push(duplicate(declaration, first));
        else {
          declared.set(declaration.id, declaration);
          own.push(declaration);
        }
      }
    }
  }
  const merged = includersFirst(files);
  const high: High = new Map();
  for (const sls of merged)
    for (const declaration of declarations.get(sls) ?? []) high.set(declaration.id, declaration);
  const excludedFiles = excludes.sls.map(fnmatch);
  const byValue = new ByValue(high);
  const isExcluded = ({ name }: Sls) => excludedFiles.some((pattern) => pattern.test(name));
  for (const sls of merged) {
    // Salt: an excluded file extends nothing.
    if (isExcluded(sls)) continue;
    for (const extension of extensions.get(sls) ?? []) extend(high, extension, byValue, diagnostics);
  }
  const confirm = joined([...sections].flatMap(([sls, section]) => (isExcluded(sls) ? [] : section)));
  return { high, excludes, confirm, diagnostics };
}

/**
 * Salt: states are numbered with what a file includes first, but merged with the file itself first. So of two
 * files that extend the same argument, what the included one says holds.
 */
function includersFirst(files: readonly Sls[]): readonly Sls[] {
  const trees: { readonly depth: number; readonly files: readonly Sls[] }[] = [];
  for (const sls of files) {
    const depth = sls.trail.length;
    const first = trees.findLastIndex((tree) => tree.depth <= depth) + 1;
    const included = trees.splice(first);
    trees.push({ depth, files: [sls, ...included.flatMap((tree) => tree.files)] });
  }
  return trees.flatMap((tree) => tree.files);
}

function duplicate(second: Declaration, first: Declaration): Diagnostic {
  return {
    code: 'duplicate-id',
    message: `The ID "${second.id}" is declared twice. IDs are unique over all SLS files.`,
    origin: originIn(second.sls, [second.id], 'key'),
    hint: 'Rename one of them, and give it a "name" if its ID was its name.',
    related: [{ message: 'first declared here', origin: originIn(first.sls, [first.id], 'key') }],
  };
}

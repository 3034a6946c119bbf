/** A folder of the file roots: which of its entries a state means, and what their files hold. */
import type { Reader, Rendered, SourceEntry } from '../../core/host.ts';
import { join, parentOf } from '../../core/path.ts';
import type { Place, Refusal, Step } from '../../core/state.ts';
import { type ContextArguments, contextOf } from './_context.ts';
import { matcherOf, type Patterns } from './_patterns.ts';
import { candidatesOf } from './_source.ts';

/** The first of the folders that exists. */
export function folderOf(
  source: unknown,
  reader: Reader,
): { readonly url: string; readonly entries: readonly SourceEntry[] } | Refusal {
  const urls = candidatesOf(source).map(({ url }) =>
    url.replace(/\?saltenv=.*$/, '').replace(/(?<=[^/])\/+$/, ''),
  );
  for (const url of urls) {
    const entries = reader.sourceTree(url);
    if (entries !== undefined) return { url, entries };
  }
  return {
    refused: `There is no folder ${urls.join(' or ')} in the file roots.`,
    hint: 'Write the source as salt:// and a path below the file roots.',
    certain: true,
  };
}

export interface Choice {
  readonly include_pat?: Patterns;
  readonly exclude_pat?: Patterns;
  readonly maxdepth?: number | null;
  readonly keep_symlinks?: boolean;
}

/**
 * What of the source is meant. A link (it has a `target`) counts as what it leads to, unless links are kept:
 * then what lies behind it is left out.
 */
export function chosenEntries(entries: readonly SourceEntry[], choice: Choice): SourceEntry[] {
  const included = matcherOf(choice.include_pat);
  const excluded = matcherOf(choice.exclude_pat);
  const deepest = choice.maxdepth ?? Number.POSITIVE_INFINITY;
  const links = new Set<string>();
  const chosen: SourceEntry[] = [];
  for (const entry of entries) {
    const { path } = entry;
    const isLink = choice.keep_symlinks === true && entry.target !== undefined;
    if (isLink) links.add(path);
    if (links.size > 0 && isBehind(path, links)) continue;
    if (path.split('/').length - 1 > deepest || included?.(path) === false || excluded?.(path)) continue;
    chosen.push(isLink ? { ...entry, kind: 'link' } : entry);
  }
  return chosen;
}

function isBehind(path: string, links: ReadonlySet<string>): boolean {
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    if (links.has(path.slice(0, cut))) return true;
  }
  return false;
}

/** The folders to be made, outermost first; '' is the folder itself. */
export function foldersIn(chosen: readonly SourceEntry[], includeEmpty: boolean): string[] {
  const folders = new Set(['']);
  function withAbove(path: string): void {
    if (folders.has(path)) return;
    withAbove(above(path));
    folders.add(path);
  }
  for (const { path, kind } of chosen) {
    if (kind !== 'directory') withAbove(above(path));
    else if (includeEmpty) withAbove(path);
  }
  return [...folders];
}

function above(path: string): string {
  return path.includes('/') ? parentOf(path) : '';
}

/** What one file of the source should become. */
export interface Content {
  /** Relative to the folder. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  readonly locate?: Step['locate'];
}

export interface Contents {
  readonly url: string;
  readonly chosen: readonly SourceEntry[];
  readonly args: ContextArguments & { readonly template?: string | null };
  /** The directory they go to: file.accumulated may have gathered text for a file of it. */
  readonly path: string;
  readonly place: Place;
}

/** Reads and renders the files; a promise only where a template waits for something. */
export function contentsIn(what: Contents, reader: Reader): Content[] | Refusal | Promise<Content[]> {
  const { url, args, place } = what;
  const found: (Content | Promise<Content>)[] = [];
  for (const { path, kind, mode } of what.chosen) {
    if (kind !== 'file') continue;
    const source = reader.source(`${url}/${path}`);
    if ('missing' in source) return { refused: source.missing, hint: source.hint };
    if (args.template) {
      const context = contextOf(args, join(what.path, path), reader);
      const output = reader.render({ engine: 'jinja', source, context, id: place.id, sls: place.sls });
      found.push(output instanceof Promise ? output.then(fromTemplate) : fromTemplate(output));
    } else {
      const { file, content } = source;
      const locate = file === undefined ? undefined : (line: number) => ({ file, line, column: 1 });
      found.push({ path, content, mode, locate });
    }
    function fromTemplate(output: Rendered): Content {
      return { path, mode, content: Buffer.from(output.text), locate: (line) => output.place(line) };
    }
  }
  return found.some((one) => one instanceof Promise) ? Promise.all(found) : (found as Content[]);
}

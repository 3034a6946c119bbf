/** Reads the top file: which SLS files this node gets. */
import { type Diagnostic, type Origin, Trouble } from '../core/diagnostic.ts';
import { isPattern } from '../core/fnmatch.ts';
import { type Dict, Float, isDict, keyText, type Value } from '../core/value.ts';
import { findSls, notFound, slsMatching } from './find-sls.ts';
import { BadTarget, matches, type Node } from './match.ts';
import { type ParsedFile, parseFile, type SlsSource } from './parse-file.ts';
import { troubleOf } from './sls.ts';
import type { TreeFile } from './tree.ts';

export interface TopEntry {
  readonly name: string;
  readonly origin: Origin;
  /** Pillar: a file that is not there is passed over. */
  readonly ignoreMissing: boolean;
}

export interface Top {
  readonly file: string;
  /** In the order of the file, each name once. */
  readonly entries: readonly TopEntry[];
}

/** The top file of a tree, or undefined where there is none. Throws Trouble. */
export async function readTop(source: SlsSource, node: Node): Promise<Top | undefined> {
  let file: TreeFile | undefined;
  try {
    file = source.tree.find('top.sls') ?? source.tree.find('top.yaml');
    if (!file) return undefined;
    const parsed = await parseFile(source, file, 'top');
    return { file: file.file, entries: entriesOf(source, parsed, node) };
  } catch (error) {
    throw new Trouble(troubleOf(error, []));
  }
}

function entriesOf(source: SlsSource, parsed: ParsedFile, node: Node): TopEntry[] {
  const diagnostics: Diagnostic[] = [];
  const found: { readonly entries: readonly TopEntry[]; readonly order: number }[] = [];
  if (parsed.value === null) return [];
  if (!isDict(parsed.value)) {
    throw new Trouble([
      {
        code: 'bad-top-file',
        message: 'The top file is no mapping of environments.',
        origin: parsed.locate([], 'value'),
      },
    ]);
  }
  for (const [environment, targets] of parsed.value) {
    const name = keyText(environment);
    if (name === 'include') continue;
    if (name !== 'base') {
      // Salt: environments that have nothing for this node do not matter.
      if (isDict(targets) && isForOthers(node, targets)) continue;
      diagnostics.push({
        code: 'unknown-environment',
        message: `The top file names the environment "${name}"; there is only base.`,
        origin: parsed.locate([name], 'key'),
        hint: 'Move its targets below "base:".',
      });
      continue;
    }
    if (targets === null) continue;
    if (!isDict(targets)) {
      diagnostics.push({
        code: 'bad-top-file',
        message: '"base" of the top file is no mapping of targets.',
        origin: parsed.locate([name], 'key'),
        hint: "Write a target such as '*': and a list of SLS names below it.",
      });
      continue;
    }
    for (const [target, list] of targets) {
      const read = readTarget(source, parsed, node, keyText(target), list, diagnostics);
      if (read) found.push(read);
    }
  }
  if (diagnostics.length > 0) throw new Trouble(diagnostics);
  found.sort((a, b) => a.order - b.order);
  const seen = new Set<string>();
  return found.flatMap(({ entries }) => entries).filter(({ name }) => !seen.has(name) && seen.add(name));
}

function readTarget(
  source: SlsSource,
  parsed: ParsedFile,
  node: Node,
  target: string,
  list: Value,
  diagnostics: Diagnostic[],
): { entries: TopEntry[]; order: number } | undefined {
  const path = ['base', target];
  const items = list;
  if (!Array.isArray(items)) {
    diagnostics.push({
      code: 'bad-top-file',
      message: `The target "${target}" of the top file holds no list of SLS names.`,
      origin: parsed.locate(path, 'key'),
      hint: 'Write one SLS name per line, each with a dash.',
    });
    return undefined;
  }
  const settings = settingsOf(items);
  try {
    if (!isMeant(node, target, items)) return undefined;
  } catch (error) {
    if (!(error instanceof BadTarget)) throw error;
    diagnostics.push({ code: 'bad-target', message: error.message, origin: parsed.locate(path, 'key') });
    return undefined;
  }
  const entries: TopEntry[] = [];
  const ignoreMissing = settings.get('ignore_missing') === true;
  for (const [index, item] of items.entries()) {
    const origin = parsed.locate([...path, index], 'value');
    if (isDict(item)) {
      const unknown = [...item.keys()]
        .map(keyText)
        .find((key) => !['match', 'order', 'ignore_missing'].includes(key));
      if (unknown !== undefined) {
        diagnostics.push({
          code: 'bad-top-file',
          message: `"${unknown}" is no setting of a target.`,
          origin,
          hint: 'Targets take match, order and ignore_missing.',
        });
      }
      continue;
    }
    const name = keyText(item);
    if (!isPattern(name)) {
      entries.push({ name, origin, ignoreMissing });
      continue;
    }
    const found = slsMatching(source.tree, name);
    if (found.length === 0 && !ignoreMissing)
      diagnostics.push(notFound(source.tree, name, 'sls-not-found', origin));
    entries.push(...found.map((one) => ({ name: one, origin, ignoreMissing })));
  }
  const order = settings.get('order');
  return { entries, order: order instanceof Float ? order.value : typeof order === 'number' ? order : 0 };
}

function settingsOf(list: Value): Dict {
  return new Map(Array.isArray(list) ? list.filter(isDict).flatMap((item) => [...item]) : []);
}

/** Whether a target with its list, which may hold a matcher, means the node. Throws BadTarget. */
function isMeant(node: Node, target: string, list: Value): boolean {
  const kind = settingsOf(list).get('match');
  return matches(target, { ...node, ...(typeof kind === 'string' ? { kind } : {}) });
}

/** Whether all targets can be read and none means the node. */
function isForOthers(node: Node, targets: Dict): boolean {
  try {
    return [...targets].every(([target, list]) => !isMeant(node, keyText(target), list));
  } catch (error) {
    if (error instanceof BadTarget) return false;
    throw error;
  }
}

/** Errors of a top file that names SLS files that are not there. */
export function missingIn(source: SlsSource, top: Top): Diagnostic[] {
  return top.entries
    .filter(({ name, ignoreMissing }) => !ignoreMissing && !findSls(source.tree, name))
    .map(({ name, origin }) => notFound(source.tree, name, 'sls-not-found', origin));
}

/** Reads which SLS files a file includes. */
import type { Diagnostic, Origin } from '../core/diagnostic.ts';
import { isPattern } from '../core/fnmatch.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import { notFound, slsMatching } from './find-sls.ts';
import type { ParsedFile } from './parse-file.ts';
import type { Tree, TreeFile } from './tree.ts';

export interface Include {
  readonly name: string;
  readonly origin: Origin;
}

export function includesOf(
  tree: Tree,
  sls: string,
  file: TreeFile,
  parsed: ParsedFile,
  include: Value | undefined,
  diagnostics: Diagnostic[],
): Include[] {
  if (include === undefined || include === null) return [];
  function wrong(message: string, origin: Origin): Include[] {
    diagnostics.push({ code: 'bad-include', message, origin, hint: 'Write a list of SLS names.' });
    return [];
  }
  if (!Array.isArray(include)) {
    return wrong(`"include" of SLS "${sls}" is no list.`, parsed.locate(['include'], 'value'));
  }
  return include.flatMap((item, index): Include[] => {
    const origin = parsed.locate(['include', index], 'value');
    let name = item;
    if (isDict(item) && item.size === 1) {
      const [[environment, inner]] = [...item] as [[Value, Value]];
      if (keyText(environment) !== 'base') {
        diagnostics.push({
          code: 'unknown-environment',
          message: `"include" of SLS "${sls}" names the environment "${keyText(environment)}"; there is only base.`,
          origin,
          hint: 'Name the SLS alone.',
        });
        return [];
      }
      name = inner;
    }
    if (typeof name !== 'string' || name === '')
      return wrong(`An include of SLS "${sls}" is no name.`, origin);
    const absolute = absoluteName(name, sls, file);
    if (absolute === undefined)
      return wrong(`The include "${name}" of SLS "${sls}" leads out of the tree.`, origin);
    if (!isPattern(absolute)) return [{ name: absolute, origin }];
    const found = slsMatching(tree, absolute);
    if (found.length === 0) diagnostics.push(notFound(tree, absolute, 'sls-not-found', origin));
    return found.map((one) => ({ name: one, origin }));
  });
}

/** `.x` lies beside the SLS, `..x` one folder up; an `init` counts from inside its folder. */
export function absoluteName(name: string, sls: string, file: TreeFile): string | undefined {
  const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(name) ?? [];
  if (dots === '') return name;
  const steps = sls.split('.');
  if (/(?:^|\/)init\.(?:sls|yaml)$/.test(file.name)) steps.push('init');
  if (dots.length > steps.length) return undefined;
  return [...steps.slice(0, -dots.length), ...(rest ? [rest] : [])].join('.');
}

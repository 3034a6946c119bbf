/** Takes SLS files and IDs out of the high data that some file excludes. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { fnmatch } from '../core/fnmatch.ts';
import { type High, originIn } from '../core/high.ts';
import type { Path, Sls } from '../core/sls.ts';
import { isDict, keyText, type Value } from '../core/value.ts';
import { kindOf } from './kind-of.ts';

export interface Excludes {
  readonly sls: readonly string[];
  readonly ids: readonly string[];
}

/** Takes what is excluded out of the high data. */
export function exclude(high: High, excludes: Excludes): void {
  const patterns = excludes.sls.map(fnmatch);
  for (const [id, declaration] of high) {
    if (excludes.ids.includes(id) || patterns.some((pattern) => pattern.test(declaration.sls.name)))
      high.delete(id);
  }
}

export function readExclude(
  sls: Sls,
  body: Value,
  excludes: { sls: string[]; ids: string[] },
  diagnostics: Diagnostic[],
): void {
  function wrong(message: string, path: Path): void {
    diagnostics.push({
      code: 'bad-exclude',
      message,
      origin: originIn(sls, path, 'value'),
      hint: 'Write a list of SLS names, "sls: NAME" or "id: ID".',
    });
  }
  if (!Array.isArray(body)) {
    wrong(`"exclude" in SLS "${sls.name}" is ${kindOf(body)}, expected a list.`, ['exclude']);
    return;
  }
  for (const [position, item] of body.entries()) {
    if (typeof item === 'string') excludes.sls.push(item);
    else if (isDict(item) && item.size === 1 && typeof item.get('sls') === 'string') {
      excludes.sls.push(item.get('sls') as string);
    } else if (isDict(item) && item.size === 1 && item.has('id')) excludes.ids.push(keyText(item.get('id')));
    else wrong(`An item of "exclude" in SLS "${sls.name}" cannot be understood.`, ['exclude', position]);
  }
}

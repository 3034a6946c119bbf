/** `include_pat` and `exclude_pat`: which paths a state means. */
import { fnmatch } from '../../core/fnmatch.ts';
import { ArgumentTrouble } from '../../core/host.ts';
import { pythonRegex } from '../../core/regex.ts';

export function patternSchema(description: string) {
  return { type: ['string', 'array', 'null'], items: { type: 'string' }, description } as const;
}

export type Patterns = string | readonly string[] | null | undefined;

/**
 * Whether any of the patterns matches a relative path; undefined where there are none.
 * Salt: a pattern is a shell pattern whose `*` also matches `/`, or after `E@` a regular expression found anywhere.
 */
export function matcherOf(patterns: Patterns): ((path: string) => boolean) | undefined {
  const list = typeof patterns === 'string' ? [patterns] : (patterns ?? []);
  if (list.length === 0) return undefined;
  const tests = list.map((pattern) =>
    pattern.startsWith('E@') ? regexOf(pattern.slice(2)) : fnmatch(pattern),
  );
  return (path) => tests.some((regex) => regex.test(path));
}

/** A Python regular expression of an argument. Throws ArgumentTrouble where it is none. */
export function regexOf(pattern: string, anchored = false): RegExp {
  try {
    return pythonRegex(anchored ? `(?:${pattern})` : pattern, anchored ? { sticky: true } : {});
  } catch (error) {
    throw new ArgumentTrouble(`"${pattern}" is no regular expression: ${(error as Error).message}.`);
  }
}

/** Which of sorted rows somebody wants, as lists of documents and views are asked for. */
import { bisect } from './bisect.ts';
import type { Question } from './question.ts';
import { Refused } from './refused.ts';

export interface Wanted {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly keys?: readonly unknown[];
  readonly inclusive: boolean;
  readonly descending: boolean;
  readonly limit: number;
  readonly skip: number;
  readonly withDocs: boolean;
  readonly withConflicts: boolean;
  readonly reduce: boolean | undefined;
  /** How much of a key makes a group: nothing, all of it, or so many of its parts. */
  readonly group: number;
}

export function wantedOf({ method, query, text, json }: Question): Wanted {
  const body = method === 'POST' && text !== '' ? json() : {};
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refused(400, 'bad_request', 'Request body must be a JSON object');
  const told = new Map<string, unknown>(Object.entries(body));
  for (const [name, value] of query) told.set(name, isKey(name) ? parsed(value) : plain(value));
  const get = (...names: string[]) => told.get(names.find((name) => told.has(name)) ?? '');
  const whole = (name: string, usual: number) => {
    const value = told.get(name) ?? usual;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw new Refused(400, 'query_parse_error', `Invalid value for integer: "${value}"`);
  };
  const keys = get('keys');
  if (keys !== undefined && !Array.isArray(keys))
    throw new Refused(400, 'bad_request', '`keys` member must be an array.');
  const one = told.has('key') ? { start: get('key'), end: get('key') } : {};
  const start = get('startkey', 'start_key');
  const end = get('endkey', 'end_key');
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...one,
    ...(keys === undefined ? {} : { keys }),
    inclusive: get('inclusive_end') !== false,
    descending: get('descending') === true,
    limit: told.has('limit') ? whole('limit', 0) : Number.POSITIVE_INFINITY,
    skip: whole('skip', 0),
    withDocs: get('include_docs') === true,
    withConflicts: get('conflicts') === true,
    reduce: told.has('reduce') ? get('reduce') === true : undefined,
    group: told.has('group_level')
      ? whole('group_level', 0)
      : get('group') === true
        ? Number.POSITIVE_INFINITY
        : 0,
  };
}

function isKey(name: string): boolean {
  return /^(?:keys?|(?:start|end)_?key)$/.test(name);
}

function plain(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+$/.test(value) ? Number(value) : value;
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new Refused(400, 'bad_request', 'invalid UTF-8 JSON');
  }
}

interface Row {
  readonly key: unknown;
}

/** Those between the two ends, in the order that is wanted, and how many come before them. */
export function between<T extends Row>(
  sorted: readonly T[],
  { start, end, inclusive, descending }: Wanted,
  compare: (one: unknown, other: unknown) => number,
): { readonly rows: readonly T[]; readonly offset: number } {
  const [low, high] = descending ? [end, start] : [start, end];
  const [withLow, withHigh] = descending ? [inclusive, true] : [true, inclusive];
  const from = low === undefined ? 0 : bisect(sorted, ({ key }) => compare(key, low) >= (withLow ? 0 : 1));
  const to =
    high === undefined
      ? sorted.length
      : bisect(sorted, ({ key }) => compare(key, high) >= (withHigh ? 1 : 0));
  const rows = sorted.slice(from, Math.max(from, to));
  return descending
    ? { rows: rows.reverse(), offset: sorted.length - Math.max(from, to) }
    : { rows, offset: from };
}

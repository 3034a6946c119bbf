/** Views: what map functions make of documents, kept up to date, and what reduce functions make of that. */
import { collate } from './collation.ts';
import type { Database } from './databases.ts';
import type { Documents } from './documents.ts';
import { between, type Wanted } from './listing.ts';
import { notFound, Refused } from './refused.ts';
import type { Body } from './revisions.ts';
import { Sandbox } from './sandbox.ts';

interface Row {
  readonly id: string;
  readonly key: unknown;
  readonly value: unknown;
}

interface Definition {
  readonly map: string;
  readonly reduce?: string;
}

export interface ViewAnswer {
  readonly total_rows?: number;
  readonly offset?: number;
  readonly rows: readonly object[];
}

class Index {
  readonly #sandbox = new Sandbox();
  #rows: readonly Row[] = [];
  #seq = 0;

  constructor({ map, reduce }: Definition) {
    this.#sandbox.define('map', map);
    if (reduce && !reduce.startsWith('_')) this.#sandbox.define('reduce', reduce);
  }

  rows(docs: Documents): readonly Row[] {
    const changes = docs.changes(this.#seq).filter(({ id }) => !id.startsWith('_design/'));
    this.#seq = docs.seq;
    if (changes.length === 0) return this.#rows;
    const changed = new Set(changes.map(({ id }) => id));
    const there = [...changed].filter((id) => docs.has(id));
    const made = this.#sandbox.call<[unknown, unknown][][]>(
      'map',
      there.map((id) => docs.get(id)),
    );
    const fresh = made.flatMap((rows, index) =>
      rows.map(([key, value]) => ({ id: there[index]!, key, value })),
    );
    const kept = this.#rows.filter(({ id }) => !changed.has(id));
    this.#rows = [...kept, ...fresh].sort(inOrder);
    return this.#rows;
  }

  reduce(keys: readonly unknown[], values: readonly unknown[]): unknown {
    return this.#sandbox.call('reduce', keys, values, false);
  }
}

const indices = new WeakMap<Documents, Map<string, Index>>();

export function view({ docs }: Database, design: string, name: string, wanted: Wanted): ViewAnswer {
  const { views = {} } = docs.get(`_design/${design}`) as { views?: { [name: string]: Definition } };
  const definition = Object.hasOwn(views, name) ? views[name] : undefined;
  if (typeof definition?.map !== 'string') throw notFound('missing_named_view');
  const index = indexOf(docs, definition);
  const sorted = index.rows(docs);
  const isReduced = definition.reduce !== undefined && wanted.reduce !== false;
  if (!isReduced) {
    if (wanted.reduce === true)
      throw new Refused(400, 'query_parse_error', 'Reduce is invalid for map-only views.');
    return listed(docs, sorted, wanted);
  }
  if (wanted.withDocs) throw new Refused(400, 'query_parse_error', '`include_docs` is invalid for reduce');
  if (wanted.keys && wanted.group === 0)
    throw new Refused(400, 'query_parse_error', 'Multi-key fetches for reduce views must use `group=true`');
  const chosen = wanted.keys
    ? wanted.keys.flatMap((key) => between(sorted, { ...wanted, start: key, end: key }, collate).rows)
    : between(sorted, wanted, collate).rows;
  const rows = groupsOf(chosen, wanted.group).map(([key, group]) => ({
    key,
    value: reduced(definition.reduce!, index, group),
  }));
  return { rows: rows.slice(wanted.skip, wanted.skip + wanted.limit) };
}

function indexOf(docs: Documents, definition: Definition): Index {
  const all = indices.get(docs) ?? new Map<string, Index>();
  indices.set(docs, all);
  const name = JSON.stringify([definition.map, definition.reduce]);
  let index = all.get(name);
  if (index === undefined) {
    index = new Index(definition);
    all.set(name, index);
  }
  return index;
}

function listed(docs: Documents, sorted: readonly Row[], wanted: Wanted): ViewAnswer {
  const { keys, skip, limit, withDocs, withConflicts } = wanted;
  const found = keys
    ? {
        rows: keys.flatMap((key) => between(sorted, { ...wanted, start: key, end: key }, collate).rows),
        offset: 0,
      }
    : between(sorted, wanted, collate);
  const rows = found.rows.slice(skip, skip + limit).map(({ id, key, value }) => {
    const other = (value as Body | null)?.['_id'];
    const doc = withDocs ? docOf(docs, typeof other === 'string' ? other : id, withConflicts) : undefined;
    return { id, key, value, ...(withDocs ? { doc } : {}) };
  });
  return { total_rows: sorted.length, offset: Math.min(found.offset + skip, sorted.length), rows };
}

function docOf(docs: Documents, id: string, withConflicts: boolean): Body | null {
  return docs.has(id) ? docs.get(id, withConflicts) : null;
}

function groupsOf(rows: readonly Row[], level: number): (readonly [unknown, readonly Row[]])[] {
  if (level === 0) return rows.length === 0 ? [] : [[null, rows]];
  const groups: [unknown, Row[]][] = [];
  for (const row of rows) {
    const key = Array.isArray(row.key) ? row.key.slice(0, level) : row.key;
    const last = groups.at(-1);
    if (last && collate(last[0], key) === 0) last[1].push(row);
    else groups.push([key, [row]]);
  }
  return groups;
}

function reduced(reduce: string, index: Index, rows: readonly Row[]): unknown {
  const values = rows.map(({ value }) => value);
  switch (reduce) {
    case '_count':
      return rows.length;
    case '_sum':
      return values.reduce(sum, 0);
    case '_stats': {
      const numbers = values.map((value) => sum(0, value) as number);
      return {
        sum: numbers.reduce((one, other) => one + other, 0),
        count: numbers.length,
        min: Math.min(...numbers),
        max: Math.max(...numbers),
        sumsqr: numbers.reduce((one, other) => one + other * other, 0),
      };
    }
    default:
      return index.reduce(
        rows.map(({ key, id }) => [key, id]),
        values,
      );
  }
}

/** Of numbers, and of lists of numbers, place by place. */
function sum(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  const [first, second] = [one, other].map((value) => (typeof value === 'number' ? [value] : value));
  if (!Array.isArray(first) || !Array.isArray(second)) {
    const reason = 'The _sum function requires that map values be numbers, arrays of numbers, or objects.';
    throw new Refused(500, 'builtin_reduce_error', reason);
  }
  const length = Math.max(first.length, second.length);
  return Array.from({ length }, (_, index) => sum(first[index] ?? 0, second[index] ?? 0));
}

function inOrder(one: Row, other: Row): number {
  return collate(one.key, other.key) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

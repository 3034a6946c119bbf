/** What CouchDB answers about `_find` and the indices for it. */
import { createHash } from 'node:crypto';
import { collate } from './collation.ts';
import { object } from './document-api.ts';
import type { Question, Reply } from './question.ts';
import { notFound, Refused } from './refused.ts';
import type { Body } from './revisions.ts';
import { at, matches, partsOf } from './selectors.ts';
import { copiesOf, type Scene, write } from './writing.ts';

interface Sorting {
  readonly field: string;
  readonly isDescending: boolean;
}

export function find(scene: Scene, { json }: Question): Reply {
  const { docs } = scene.database;
  const told = object(json());
  const { selector, fields, limit = 25, skip = 0, bookmark = 'nil', sort = [] } = told;
  if (selector === undefined)
    throw new Refused(400, 'missing_required_key', 'Missing required key: selector');
  if (typeof selector !== 'object' || selector === null || Array.isArray(selector))
    throw new Refused(400, 'invalid_selector_json', 'Selector must be a JSON object');
  if (!isWhole(limit) || !isWhole(skip))
    throw new Refused(400, 'invalid_key', 'limit and skip must be integers');
  const sorting = sortingOf(sort);
  const indexed = indicesOf(scene).map(({ def }) => def.fields.map((one) => Object.keys(one)[0]!));
  const names = sorting.map(({ field }) => field);
  const serves = (columns: readonly string[]) => names.every((name, index) => columns[index] === name);
  if (names.length > 0 && names[0] !== '_id' && !indexed.some(serves))
    throw new Refused(
      400,
      'no_usable_index',
      'No index exists for this sort, try indexing by the sort fields.',
    );
  const found = docs
    .ids()
    .filter((id) => !id.startsWith('_design/'))
    .map((id) => docs.get(id))
    .filter((doc) => matches(selector, doc))
    .sort((one, other) => bySorting(sorting, one, other));
  const from = bookmark === 'nil' ? skip : Number(Buffer.from(String(bookmark), 'base64url').toString());
  if (!isWhole(from)) throw new Refused(400, 'invalid_bookmark', `Invalid bookmark value: "${bookmark}"`);
  const rows = found.slice(from, from + limit);
  const isServed = indexed.some(
    ([first]) => first !== undefined && JSON.stringify(selector).includes(`"${first}"`),
  );
  const warning = 'No matching index found, create an index to optimize query time.';
  return [
    200,
    {
      docs: Array.isArray(fields) ? rows.map((doc) => projected(doc, fields.map(String))) : rows,
      bookmark: rows.length === 0 ? 'nil' : Buffer.from(String(from + rows.length)).toString('base64url'),
      ...(isServed ? {} : { warning }),
    },
  ];
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function sortingOf(sort: unknown): Sorting[] {
  if (!Array.isArray(sort))
    throw new Refused(400, 'invalid_sort_json', 'Sort must be an array of sort specs');
  return sort.map((one) => {
    if (typeof one === 'string') return { field: one, isDescending: false };
    const [field, direction] = Object.entries(object(one))[0] ?? ['', ''];
    return { field, isDescending: direction === 'desc' };
  });
}

function bySorting(sorting: readonly Sorting[], one: Body, other: Body): number {
  for (const { field, isDescending } of sorting) {
    const names = partsOf(field);
    const order = collate(at(one, names), at(other, names));
    if (order !== 0) return isDescending ? -order : order;
  }
  return 0;
}

function projected(doc: Body, fields: readonly string[]): Body {
  const made: { [key: string]: unknown } = {};
  for (const names of fields.map(partsOf)) {
    const value = at(doc, names);
    if (value === undefined) continue;
    let place: { [key: string]: unknown } = made;
    for (const name of names.slice(0, -1)) {
      place[name] ??= {};
      place = place[name] as { [key: string]: unknown };
    }
    place[names.at(-1)!] = value;
  }
  return made;
}

interface IndexOf {
  readonly ddoc: string | null;
  readonly name: string;
  readonly type: string;
  readonly def: { readonly fields: readonly { readonly [field: string]: string }[] };
}

function indicesOf({ database: { docs } }: Scene): IndexOf[] {
  return docs.designs().flatMap((design) => {
    const {
      _id,
      language,
      views = {},
    } = design as { _id: string; language?: string; views?: { [name: string]: Body } };
    if (language !== 'query') return [];
    return Object.entries(views).map(([name, { map }]) => {
      const fields = Object.entries((map as { fields: { [field: string]: string } }).fields);
      return {
        ddoc: _id,
        name,
        type: 'json',
        def: { fields: fields.map(([field, order]) => ({ [field]: order })) },
      };
    });
  });
}

/** `_index`, `_index/DESIGN/json/NAME` */
export function indexApi(scene: Scene, path: readonly string[], question: Question): Reply {
  const special: IndexOf = {
    ddoc: null,
    name: '_all_docs',
    type: 'special',
    def: { fields: [{ _id: 'asc' }] },
  };
  if (question.method === 'GET') {
    const indexes = [special, ...indicesOf(scene)];
    return [200, { total_rows: indexes.length, indexes }];
  }
  const { docs } = scene.database;
  if (question.method === 'DELETE') {
    const id = path[0] === '_design' ? `_design/${path[1]}` : `_design/${path[0]}`;
    if (!docs.has(id)) throw notFound('missing');
    write(scene, id, { _rev: docs.get(id)['_rev'], _deleted: true });
    return [200, { ok: true }, { copies: copiesOf(scene, id) }];
  }
  const { index, ddoc, name } = object(question.json()) as { index?: unknown; ddoc?: string; name?: string };
  const { fields } = object(index ?? {});
  if (!Array.isArray(fields)) throw new Refused(400, 'missing_required_key', 'Missing required key: fields');
  const columns = Object.fromEntries(
    sortingOf(fields).map(({ field, isDescending }) => [field, isDescending ? 'desc' : 'asc']),
  );
  const mark = createHash('sha1').update(JSON.stringify(columns)).digest('hex');
  const id = `_design/${(ddoc ?? mark).replace(/^_design\//, '')}`;
  const called = name ?? mark;
  const before = docs.has(id) ? docs.get(id) : {};
  const views = (before['views'] ?? {}) as Body;
  const view = { map: { fields: columns }, reduce: '_count', options: { def: { fields } } };
  const isThere = JSON.stringify(views[called]) === JSON.stringify(view);
  if (!isThere) write(scene, id, { ...before, language: 'query', views: { ...views, [called]: view } });
  return [200, { result: isThere ? 'exists' : 'created', id, name: called }];
}

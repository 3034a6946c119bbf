/** What CouchDB answers about many documents: all of them, those of a view, those that changed. */
import { setTimeout as pause } from 'node:timers/promises';
import { between, wantedOf } from './listing.ts';
import type { Question, Reply } from './question.ts';
import { Refused } from './refused.ts';
import { view } from './views.ts';
import type { Scene } from './writing.ts';

export function allDocs({ database: { docs } }: Scene, question: Question, prefix = ''): Reply {
  const wanted = wantedOf(question);
  const { keys, skip, limit, withDocs, withConflicts } = wanted;
  const row = (id: string) => {
    const [leaf] = docs.leaves(id);
    if (leaf === undefined) return { key: id, error: 'not_found' };
    const { rev, deleted } = leaf;
    const doc = deleted ? null : docs.get(id, withConflicts);
    return { id, key: id, value: { rev, ...(deleted ? { deleted } : {}) }, ...(withDocs ? { doc } : {}) };
  };
  const ids = prefix === '' ? docs.ids() : docs.ids().filter((id) => id.startsWith(prefix));
  const byBytes = (one: unknown, other: unknown) =>
    String(one) < String(other) ? -1 : one === other ? 0 : 1;
  const found = keys
    ? { rows: keys.map((key) => ({ key: String(key) })), offset: null }
    : between(
        ids.map((key) => ({ key })),
        wanted,
        byBytes,
      );
  const rows = found.rows.slice(skip, skip + limit).map(({ key }) => row(key));
  const offset = found.offset === null ? null : Math.min(found.offset + skip, ids.length);
  return [200, { total_rows: ids.length, offset, rows }];
}

export function viewOf(
  { database }: Scene,
  [, design, , name]: readonly string[],
  question: Question,
): Reply {
  return [200, view(database, design!, name!, wantedOf(question))];
}

/** Milliseconds. */
const usualPatience = 60_000;
const glance = 20;

export async function changes({ database: { docs }, node }: Scene, question: Question): Promise<Reply> {
  const { query } = question;
  const mark = Buffer.from(node.name).toString('base64url');
  const seqOf = (seq: number) => `${seq}-${mark}`;
  const feed = query.get('feed') ?? 'normal';
  if (!['normal', 'longpoll'].includes(feed))
    throw new Refused(400, 'bad_request', 'Supported `feed` types: normal, longpoll');
  const told = query.get('since') ?? '0';
  // Another node has counted otherwise, so what it has told is told again.
  const since = told === 'now' ? docs.seq : told.endsWith(`-${mark}`) ? Number.parseInt(told, 10) : 0;
  const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
  const patience = Number(query.get('timeout') ?? usualPatience);
  const end = performance.now() + Math.min(patience, usualPatience);
  while (feed === 'longpoll' && docs.seq <= since && performance.now() < end) await pause(glance);
  const ids =
    question.method === 'POST' && query.get('filter') === '_doc_ids' ? docIdsOf(question) : undefined;
  const all = docs
    .changes(since)
    .filter(({ id }) => !id.startsWith('_local/') && (ids?.includes(id) ?? true));
  if (query.get('descending') === 'true') all.reverse();
  const results = all.slice(0, limit).map(({ seq, id, leaves }) => {
    const [winner] = leaves;
    const shown = query.get('style') === 'all_docs' ? leaves : leaves.slice(0, 1);
    const doc = {
      _id: id,
      _rev: winner!.rev,
      ...winner!.body,
      ...(winner!.deleted ? { _deleted: true } : {}),
    };
    return {
      ...{ seq: seqOf(seq), id, changes: shown.map(({ rev }) => ({ rev })) },
      ...(winner!.deleted ? { deleted: true } : {}),
      ...(query.get('include_docs') === 'true' ? { doc } : {}),
    };
  });
  const last_seq = all.length > limit ? (results.at(-1)?.seq ?? seqOf(since)) : seqOf(docs.seq);
  return [200, { results, last_seq, pending: Math.max(0, all.length - results.length) }];
}

function docIdsOf({ json }: Question): string[] {
  const { doc_ids } = json() as { doc_ids?: unknown };
  if (Array.isArray(doc_ids)) return doc_ids.map(String);
  throw new Refused(400, 'bad_request', '`doc_ids` filter parameter is not a list.');
}

/** What CouchDB answers about single documents, and about many that are written at once. */
import { randomBytes } from 'node:crypto';
import type { Question, Reply } from './question.ts';
import { notFound, Refused } from './refused.ts';
import { type Body, type Leaf, numberOf } from './revisions.ts';
import { copiesOf, type Scene, write } from './writing.ts';

export function documentApi(scene: Scene, id: string, question: Question): Reply {
  const { method, query, json, again, at } = question;
  const { docs } = scene.database;
  const copies = copiesOf(scene, id);
  switch (method) {
    case 'GET':
      return [200, read(scene, id, query)];
    case 'DELETE': {
      const rev = query.get('rev');
      const body = { _deleted: true, ...(rev === null ? {} : { _rev: rev }) };
      return [200, { ok: true, id, ...write(scene, id, body, { again }) }, { copies }];
    }
    case 'PUT': {
      const told = object(json());
      const rev = query.get('rev');
      if (told['_id'] !== undefined && told['_id'] !== id)
        throw new Refused(400, 'bad_request', 'Document ID must match the one in the path');
      const body = rev === null ? told : { _rev: rev, ...told };
      const { rev: made, isLate } = write(scene, id, body, { again, at });
      if (query.get('batch') === 'ok') return [202, { ok: true, id }];
      if (isLate) return [202, { ok: true, id, rev: made }];
      const status = told['_deleted'] === true && docs.leaves(id).length > 0 ? 200 : 201;
      return [status, { ok: true, id, rev: made }, { copies }];
    }
    default:
      throw new Refused(405, 'method_not_allowed', 'Only DELETE,GET,HEAD,POST,PUT,COPY allowed');
  }
}

function read({ database: { docs } }: Scene, id: string, query: URLSearchParams): Body {
  const rev = query.get('rev');
  const [winner] = docs.leaves(id);
  const leaf = rev === null ? winner : docs.leaves(id).find((one) => one.rev === rev);
  if (rev === null) {
    const doc = docs.get(id, query.get('conflicts') === 'true');
    return query.get('revs') === 'true' ? { ...doc, _revisions: revisionsOf(winner!) } : doc;
  }
  if (leaf === undefined) throw notFound('missing');
  return { _id: id, _rev: leaf.rev, ...leaf.body, ...(leaf.deleted ? { _deleted: true } : {}) };
}

function revisionsOf({ rev, history }: Leaf): object {
  return { start: numberOf(rev), ids: [rev, ...history].map((one) => one.slice(one.indexOf('-') + 1)) };
}

/** `POST /db`: whoever has no ID gets one. */
export function post(scene: Scene, { json, again }: Question): Reply {
  const told = object(json());
  const id = typeof told['_id'] === 'string' ? told['_id'] : randomBytes(16).toString('hex');
  return [201, { ok: true, id, ...write(scene, id, told, { again }) }, { copies: copiesOf(scene, id) }];
}

export function bulkDocs(scene: Scene, { json, again }: Question): Reply {
  const { docs, new_edits } = object(json());
  if (!Array.isArray(docs)) throw new Refused(400, 'bad_request', 'POST body must include `docs` parameter.');
  const told = docs.map(object);
  if (new_edits === false) {
    for (const doc of told) merge(scene, doc);
    return [201, []];
  }
  const rows = told.map((doc) => {
    const id = typeof doc['_id'] === 'string' ? doc['_id'] : randomBytes(16).toString('hex');
    try {
      return { ok: true, id, ...write(scene, id, doc, { again }) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { error: kind, message } = error;
      // What CouchDB tells of a document that is missing is a conflict, among many.
      return { id, error: kind === 'not_found' ? 'conflict' : kind, reason: message };
    }
  });
  const weakest = told.map(({ _id }) => copiesOf(scene, String(_id)));
  const copies = weakest.find((nodes) => !scene.cluster.isMajority(nodes)) ?? weakest[0];
  return [201, rows, copies ? { copies } : {}];
}

/** As replication writes: what another database has is taken as it is. */
function merge({ database }: Scene, { _id, _rev, _revisions, _deleted, ...body }: Body): void {
  const { start = 0, ids = [] } = (_revisions ?? {}) as { start?: number; ids?: readonly string[] };
  const [, ...history] = ids.map((hash, index) => `${start - index}-${hash}`);
  database.docs.merge(String(_id), [{ rev: String(_rev), deleted: _deleted === true, body, history }]);
}

export function bulkGet({ database: { docs } }: Scene, { json }: Question): Reply {
  const { docs: asked } = object(json());
  if (!Array.isArray(asked)) throw new Refused(400, 'bad_request', 'Missing JSON list of `docs`.');
  const results = asked.map((one) => {
    const { id } = object(one) as { id?: string };
    if (id === undefined) throw new Refused(400, 'bad_request', 'Missing `id`.');
    if (docs.has(id)) return { id, docs: [{ ok: docs.get(id) }] };
    return { id, docs: [{ error: { id, rev: 'undefined', error: 'not_found', reason: 'missing' } }] };
  });
  return [200, { results }];
}

export function object(value: unknown): Body {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  throw new Refused(400, 'bad_request', 'Document must be a JSON object');
}

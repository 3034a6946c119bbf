/** What CouchDB answers about databases: that they are made, who may use them, and what is asked of one of them. */
import type { Cluster, CouchNode } from './cluster.ts';
import { checkName, type Database, rangeOfDocument } from './databases.ts';
import { bulkDocs, bulkGet, documentApi, object, post } from './document-api.ts';
import { find, indexApi } from './find-api.ts';
import { allDocs, changes, viewOf } from './list-api.ts';
import type { Asker, Question, Reply } from './question.ts';
import { notFound, Refused } from './refused.ts';
import type { Scene } from './writing.ts';

export function databaseApi(
  cluster: Cluster,
  node: CouchNode,
  asker: Asker,
  question: Question,
): Reply | Promise<Reply> {
  const [name, ...rest] = question.path as [string, ...string[]];
  const isAdmin = asker.roles.includes('_admin');
  const database = node.common.databases.get(name);
  if (rest.length === 0 && ['PUT', 'DELETE'].includes(question.method)) {
    if (!isAdmin) throw noAdmin();
    return question.method === 'PUT'
      ? create(cluster, node, name, question)
      : remove(cluster, node, database);
  }
  if (database === undefined) {
    if (!/^[a-z_]/.test(name)) checkName(name);
    throw notFound('Database does not exist.');
  }
  const isOwner = isAdmin || isAmong(database.security['admins'], asker);
  if (!isOwner && !isOpen(database.security['members']) && !isAmong(database.security['members'], asker)) {
    if (asker.name === null)
      throw new Refused(401, 'unauthorized', 'You are not authorized to access this db.');
    throw new Refused(403, 'forbidden', 'You are not allowed to access this db.');
  }
  const scene: Scene = { cluster, node, database, asker, isAdmin, isOwner };
  if (name === '_users' && !isOwner) mayOf(scene, rest, question);
  return within(scene, rest, question);
}

function within(scene: Scene, rest: readonly string[], question: Question): Reply | Promise<Reply> {
  const { cluster, database, node } = scene;
  if (rest[0] === '_design' && rest[2] === '_view' && rest.length === 4) return viewOf(scene, rest, question);
  switch (rest[0]) {
    case undefined:
      return question.method === 'POST' ? post(scene, question) : [200, infoOf(cluster, database, node)];
    case '_security':
      return security(scene, question);
    case '_shards':
      return shards(database, rest[1]);
    case '_sync_shards':
      cluster.synchronise(database);
      return [202, { ok: true }];
    case '_all_docs':
      return allDocs(scene, question);
    case '_design_docs':
      return allDocs(scene, question, '_design/');
    case '_bulk_docs':
      return bulkDocs(scene, question);
    case '_bulk_get':
      return bulkGet(scene, question);
    case '_find':
      return find(scene, question);
    case '_index':
      return indexApi(scene, rest.slice(1), question);
    case '_changes':
      return changes(scene, question);
    case '_revs_limit':
      return [200, question.method === 'PUT' ? { ok: true } : 1000];
    case '_compact':
    case '_view_cleanup':
      return [202, { ok: true }];
    case '_ensure_full_commit':
      return [201, { ok: true, instance_start_time: '0' }];
    default:
      return documentApi(scene, rest.join('/'), question);
  }
}

export function noAdmin(): Refused {
  return new Refused(401, 'unauthorized', 'You are not a server admin.');
}

interface Listed {
  readonly names?: readonly string[];
  readonly roles?: readonly string[];
}

function isOpen(section: unknown): boolean {
  const { names = [], roles = [] } = (section ?? {}) as Listed;
  return names.length + roles.length === 0;
}

function isAmong(section: unknown, asker: Asker): boolean {
  const { names = [], roles = [] } = (section ?? {}) as Listed;
  return names.includes(asker.name ?? '') || asker.roles.some((role) => roles.includes(role));
}

/** Where others than administrators are let into `_users` at all, everybody has to do with one document only. */
function mayOf({ asker, database: { docs } }: Scene, rest: readonly string[], { method }: Question): void {
  const id = rest.join('/');
  if (rest.length === 0 && method === 'GET') return;
  if (!id.startsWith('org.couchdb.user:')) {
    if (!id.startsWith('_design/')) throw noAdmin();
    return;
  }
  const isOwn = asker.name !== null && id === `org.couchdb.user:${asker.name}`;
  if (!isOwn && (method === 'GET' || docs.has(id))) throw notFound('missing');
}

function create(cluster: Cluster, node: CouchNode, name: string, { query, again }: Question): Reply {
  const number = (key: 'q' | 'n', usual: number) => {
    const value = Number(query.get(key) ?? usual);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Refused(400, 'bad_request', `The \`${key}\` value should be a positive integer.`);
  };
  const options = { q: number('q', 2), n: number('n', 3), partitioned: query.get('partitioned') === 'true' };
  const made = again ? node.common.databases.get(name) : undefined;
  const database = made ?? cluster.create(node, name, options);
  return [201, { ok: true }, { copies: Object.values(database.byRange)[0]! }];
}

function remove(cluster: Cluster, node: CouchNode, database: Database | undefined): Reply {
  if (database === undefined) throw notFound('Database does not exist.');
  cluster.remove(node, database);
  const isEverywhere = Object.values(database.byRange)
    .flat()
    .every((one) => cluster.isLive(one));
  return [isEverywhere ? 200 : 202, { ok: true }];
}

function infoOf(cluster: Cluster, database: Database, node: CouchNode): object {
  const n = Math.min(3, node.common.members.size);
  return {
    db_name: database.name,
    doc_count: cluster.countOf(database),
    cluster: { q: database.q, n, w: 2, r: 2 },
    props: database.partitioned ? { partitioned: true } : {},
    update_seq: `${database.docs.seq}-${Buffer.from(node.name).toString('base64url')}`,
  };
}

/** `_dbs_info` */
export function infosOf(cluster: Cluster, node: CouchNode, { method, json }: Question): Reply {
  const { databases } = node.common;
  const keys = method === 'POST' ? object(json())['keys'] : [...databases.keys()].sort();
  if (!Array.isArray(keys)) throw new Refused(400, 'bad_request', '`keys` member must exist.');
  const rows = keys.map((key) => {
    const database = databases.get(String(key));
    return database ? { key, info: infoOf(cluster, database, node) } : { key, error: 'not_found' };
  });
  return [200, rows];
}

/** Whatever is wrong with it, the answer is the same. */
function security({ cluster, node, database, isOwner }: Scene, { method, json }: Question): Reply {
  if (method !== 'PUT') return [200, database.security];
  const told = json() as { [section: string]: { names?: unknown; roles?: unknown } };
  const isList = (list: unknown) => list === undefined || Array.isArray(list);
  const good =
    told !== null &&
    !Array.isArray(told) &&
    [told['members'], told['admins']].every((one) => isList(one?.names) && isList(one?.roles));
  const isEditable = cluster.setting(node, 'couchdb', 'users_db_security_editable') === 'true';
  if (database.name === '_users' && isOwner && !isEditable)
    throw new Refused(403, 'forbidden', "You can't edit the security object of the user database.");
  if (!isOwner || !good || !cluster.secure(database, told)) throw new Refused(500, 'error', 'no_majority');
  return [200, { ok: true }];
}

function shards(database: Database, id: string | undefined): Reply {
  if (id === undefined) return [200, { shards: database.byRange }];
  const range = rangeOfDocument(database, id);
  return [200, { range, nodes: database.byRange[range] }];
}

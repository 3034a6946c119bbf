/** What CouchDB answers about databases and documents. */
import type { Cluster, CouchNode } from './cluster.ts';
import { checkName, type Database, rangeOfDocument } from './databases.ts';
import { withHashedPassword } from './passwords.ts';
import type { Asker, Question, Reply } from './question.ts';
import { notFound, Refused } from './refused.ts';
import type { Body } from './revisions.ts';

export function databaseApi(cluster: Cluster, node: CouchNode, asker: Asker, question: Question): Reply {
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
  if (!isAdmin && !isListed(database.security['members'], asker)) {
    if (asker.name === null)
      throw new Refused(401, 'unauthorized', 'You are not authorized to access this db.');
    throw new Refused(403, 'forbidden', 'You are not allowed to access this db.');
  }
  const isOwner = isAdmin || isListed(database.security['admins'], asker);
  switch (rest[0]) {
    case undefined:
      return [200, infoOf(cluster, database, node)];
    case '_security':
      return security(cluster, database, isOwner, question);
    case '_shards':
      return shards(database, rest[1]);
    case '_sync_shards':
      cluster.synchronise(database);
      return [202, { ok: true }];
    case '_all_docs': {
      const rows = database.docs.ids().map((id) => ({ id, key: id }));
      return [200, { total_rows: rows.length, offset: 0, rows }];
    }
  }
  const id = rest.join('/');
  if (id.startsWith('_') && !/^_(?:design|local)\/./.test(id))
    throw new Refused(400, 'illegal_docid', 'Only reserved document ids may start with underscore.');
  return document(cluster, node, database, id, { isAdmin, isOwner, question });
}

export function noAdmin(): Refused {
  return new Refused(401, 'unauthorized', 'You are not a server admin.');
}

function isListed(section: unknown, { name, roles }: Asker): boolean {
  const { names = [], roles: listed = [] } = (section ?? {}) as { names?: string[]; roles?: string[] };
  if (names.length + listed.length === 0) return true;
  return names.includes(name ?? '') || roles.some((role) => listed.includes(role));
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
  return [201, { ok: true }, Object.values(database.byRange)[0]!];
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
  };
}

/** Whatever is wrong with it, the answer is the same. */
function security(cluster: Cluster, database: Database, isOwner: boolean, { method, json }: Question): Reply {
  if (method !== 'PUT') return [200, database.security];
  const told = json() as { [section: string]: { names?: unknown; roles?: unknown } };
  const isList = (list: unknown) => list === undefined || Array.isArray(list);
  const good =
    !Array.isArray(told) &&
    [told['members'], told['admins']].every((one) => isList(one?.names) && isList(one?.roles));
  if (!isOwner || !good) throw new Refused(500, 'error', 'no_majority');
  database.security = told;
  const isTaken = Object.values(database.byRange).every((copies) => cluster.isMajority(copies));
  database.securityRevision = Math.ceil(database.securityRevision) + (isTaken ? 1 : -0.5);
  cluster.changed(database);
  if (!isTaken) throw new Refused(500, 'error', 'no_majority');
  return [200, { ok: true }];
}

function shards(database: Database, id: string | undefined): Reply {
  if (id === undefined) return [200, { shards: database.byRange }];
  const range = rangeOfDocument(database, id);
  return [200, { range, nodes: database.byRange[range] }];
}

interface Write {
  readonly isAdmin: boolean;
  readonly isOwner: boolean;
  readonly question: Question;
}

function document(
  cluster: Cluster,
  node: CouchNode,
  database: Database,
  id: string,
  { isAdmin, isOwner, question }: Write,
): Reply {
  const { method, query, json, again } = question;
  const { name, docs } = database;
  const copies = database.byRange[rangeOfDocument(database, id)];
  if (method === 'GET') return [200, docs.get(id, query.get('conflicts') === 'true')];
  if (id.startsWith('_design/') && !isOwner)
    throw new Refused(403, 'forbidden', 'You are not a db or server admin.');
  if (method === 'DELETE') {
    const rev = query.get('rev');
    const gone = docs.put(id, rev === null ? {} : { _rev: rev }, { deleted: true, again });
    return [200, { ok: true, id, rev: gone }, copies];
  }
  const told = json() as Body;
  const stray = Object.keys(told).find((key) => /^_(?!id$|rev$|attachments$|deleted$)/.test(key));
  if (stray) throw new Refused(400, 'doc_validation', `Bad special document member: ${stray}`);
  if (id.startsWith('_design/')) validateDesign(told);
  const isUser = name === '_users' && !id.startsWith('_design/');
  if (isUser) validateUser(told, id, isAdmin);
  const rev = docs.put(id, isUser ? withHashedPassword(told) : told, { again });
  if (isUser) cluster.madeUser(node, String(told['name']));
  return [201, { ok: true, id, rev }, copies];
}

function validateUser(doc: Body, id: string, isAdmin: boolean): void {
  const roles = doc['roles'];
  const reason =
    doc['type'] !== 'user'
      ? 'doc.type must be user'
      : id !== `org.couchdb.user:${doc['name']}`
        ? 'Doc ID must be of the form org.couchdb.user:name'
        : !Array.isArray(roles)
          ? 'doc.roles must be an array'
          : roles.some((role) => String(role).startsWith('_'))
            ? 'No system roles (starting with underscore) in users db.'
            : roles.length > 0 && !isAdmin
              ? 'Only _admin may set roles'
              : 'password' in doc && typeof doc['password'] !== 'string'
                ? `Password value of '${doc['password']}' is invalid.`
                : undefined;
  if (reason) throw new Refused(403, 'forbidden', reason);
}

function validateDesign({ views = {} }: Body): void {
  if (typeof views !== 'object' || views === null || Array.isArray(views))
    throw new Refused(400, 'invalid_design_doc', '`views` field must be an object.');
  for (const [name, view] of Object.entries(views as { [name: string]: { map?: string } })) {
    try {
      new Function(`return (${view.map})`);
    } catch (error) {
      const said = `Compilation of the map function in the '${name}' view failed: ${error}`;
      throw new Refused(400, 'compilation_error', said);
    }
  }
}

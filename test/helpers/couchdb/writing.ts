/** What has to be so before a document is written, and what follows when it is. */
import type { Cluster, CouchNode } from './cluster.ts';
import { type Database, rangeOfDocument } from './databases.ts';
import { withHashedPassword } from './passwords.ts';
import { userChanged } from './peruser.ts';
import type { Asker } from './question.ts';
import { began, raced } from './racing.ts';
import { Refused } from './refused.ts';
import type { Body } from './revisions.ts';
import { Sandbox } from './sandbox.ts';

/** Where something is done, and for whom. */
export interface Scene {
  readonly cluster: Cluster;
  readonly node: CouchNode;
  readonly database: Database;
  readonly asker: Asker;
  readonly isAdmin: boolean;
  /** An administrator of the database. */
  readonly isOwner: boolean;
}

export interface Written {
  readonly rev: string;
  /** Only a minority has it, for somebody else was first. */
  readonly isLate?: boolean;
}

/** `at` is the node that the client has asked. */
export function write(
  scene: Scene,
  id: string,
  told: Body,
  { again = false, at = scene.node.name }: { again?: boolean; at?: string } = {},
): Written {
  const { cluster, node, database } = scene;
  const { docs } = database;
  if (id.startsWith('_') && !/^_(?:design|local)\/./.test(id))
    throw new Refused(400, 'illegal_docid', 'Only reserved document ids may start with underscore.');
  const stray = Object.keys(told).find(
    (key) => /^_/.test(key) && !/^_(?:id|rev|attachments|deleted|revisions|conflicts)$/.test(key),
  );
  if (stray) throw new Refused(400, 'doc_validation', `Bad special document member: ${stray}`);
  const { _deleted, _conflicts, _revisions, ...body } = told;
  const deleted = _deleted === true;
  const isDesign = id.startsWith('_design/');
  const isUser = database.name === '_users' && !/^_(?:design|local)\//.test(id);
  if (isDesign && !scene.isOwner) throw new Refused(403, 'forbidden', 'You are not a db or server admin.');
  if (isDesign && !deleted) validateDesign(body);
  const isRacing = body['_rev'] === undefined && cluster.setting(node, 'double', 'racing') === 'true';
  const isSecond = isRacing && docs.has(id) && !again;
  if (!again && !isSecond) docs.before(id, body, deleted);
  if (isUser) validateUser(scene, id, body, deleted);
  if (!isDesign && !id.startsWith('_local/'))
    validate(scene, id, { ...body, ...(deleted ? { _deleted } : {}) });
  const made = isUser && !deleted ? withHashedPassword(body, iterationsOf(cluster, node)) : body;
  const late = isSecond ? raced(docs, id, { by: at, body: made }) : undefined;
  if (late !== undefined) return { rev: late, isLate: true };
  const rev = docs.put(id, made, { deleted, again });
  if (isRacing) began(docs, id, at);
  if (isUser) userChanged(cluster, node, id.replace(/^org\.couchdb\.user:/, ''), deleted);
  return { rev };
}

export function copiesOf({ database }: Scene, id: string): readonly string[] {
  return database.byRange[rangeOfDocument(database, id)] ?? [];
}

/** CouchDB takes 600000; here nobody is kept out unless somebody says so. */
function iterationsOf(cluster: Cluster, node: CouchNode): number {
  return Number(cluster.setting(node, 'chttpd_auth', 'iterations') ?? 10);
}

function validateUser({ database, isAdmin }: Scene, id: string, doc: Body, deleted: boolean): void {
  const { type, name, roles = deleted ? [] : undefined, password = '' } = doc;
  const before = database.docs.has(id) ? database.docs.get(id) : undefined;
  const had = JSON.stringify(before?.['roles'] ?? []);
  const reason = deleted
    ? undefined
    : type !== 'user'
      ? 'doc.type must be user'
      : id !== `org.couchdb.user:${name}`
        ? 'Doc ID must be of the form org.couchdb.user:name'
        : !Array.isArray(roles)
          ? 'doc.roles must be an array'
          : roles.some((role) => String(role).startsWith('_'))
            ? 'No system roles (starting with underscore) in users db.'
            : !isAdmin && JSON.stringify(roles) !== had
              ? 'Only _admin may set roles'
              : typeof password !== 'string'
                ? `Password value of '${password}' is invalid.`
                : undefined;
  if (reason) throw new Refused(403, 'forbidden', reason);
}

function validateDesign({ views = {}, language = 'javascript' }: Body): void {
  if (typeof views !== 'object' || views === null || Array.isArray(views))
    throw new Refused(400, 'invalid_design_doc', '`views` field must be an object.');
  if (language !== 'javascript') return;
  for (const [name, view] of Object.entries(views as { [name: string]: { map?: string } })) {
    try {
      new Sandbox().define('map', String(view.map));
    } catch (error) {
      const said = `Compilation of the map function in the '${name}' view failed: ${error}`;
      throw new Refused(400, 'compilation_error', said);
    }
  }
}

const validators = new Map<string, Sandbox>();

/** By the functions of the database's design documents, which hold for administrators, too. */
function validate({ database, asker }: Scene, id: string, body: Body): void {
  const { docs } = database;
  for (const { validate_doc_update: source } of docs.designs()) {
    if (typeof source !== 'string') continue;
    let sandbox = validators.get(source);
    if (sandbox === undefined) {
      sandbox = new Sandbox();
      sandbox.define('validate', source);
      validators.set(source, sandbox);
    }
    const before = docs.has(id) ? docs.get(id) : null;
    const who = { db: database.name, name: asker.name, roles: asker.roles };
    const said = sandbox.call<{ [kind: string]: string } | null>(
      'validate',
      ...[{ ...body, _id: id }, before, who, database.security],
    );
    if (said === null) continue;
    if (said['forbidden'] !== undefined) throw new Refused(403, 'forbidden', said['forbidden']);
    if (said['unauthorized'] !== undefined) throw new Refused(401, 'unauthorized', said['unauthorized']);
    throw new Refused(500, said['name']!, said['message']!);
  }
}

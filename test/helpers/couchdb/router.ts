/** From a question to its answer: who asks, which node does it, and what CouchDB says. */
import type { Cluster, CouchNode } from './cluster.ts';
import { databaseApi, noAdmin } from './database-api.ts';
import { clusterSetup, membership, nodeApi, up } from './node-api.ts';
import { fitsAdmin, fitsUser } from './passwords.ts';
import type { Asker, Question, Reply } from './question.ts';
import { Refused } from './refused.ts';

/** As a client is answered. */
export async function answer(
  cluster: Cluster,
  node: CouchNode,
  question: Question,
  authorization: string | undefined,
): Promise<Reply> {
  return await replied(async () => {
    const asker = askerOf(cluster, node, authorization);
    return (
      (await cluster.beneath?.pass(asker, question)) ?? (await answerHere(cluster, node, asker, question))
    );
  });
}

/** As another node is answered, which knows who asks. */
export async function answerHere(
  cluster: Cluster,
  node: CouchNode,
  asker: Asker,
  question: Question,
): Promise<Reply> {
  return await replied(async () => {
    const [status, body, copies] = routed(cluster, node, asker, question);
    await cluster.beneath?.settled();
    return [copies && !cluster.isMajority(copies) ? 202 : status, body];
  }).finally(() => cluster.beneath?.settled());
}

async function replied(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [error.status, { error: error.error, reason: error.message }];
  }
}

function routed(cluster: Cluster, node: CouchNode, asker: Asker, question: Question): Reply {
  switch (question.path[0]) {
    case undefined:
      return [
        200,
        { couchdb: 'Welcome', version: '3.5.2', uuid: node.uuid, features: ['quickjs'], vendor: {} },
      ];
    case '_up':
      return up(cluster, node);
    case '_session':
      return [200, { ok: true, userCtx: asker, info: { authentication_handlers: ['cookie', 'default'] } }];
    case '_all_dbs':
    case '_membership':
    case '_cluster_setup':
    case '_node':
      if (!asker.roles.includes('_admin')) throw noAdmin();
  }
  switch (question.path[0]) {
    case '_all_dbs':
      return [200, [...node.common.databases.keys()].sort()];
    case '_membership':
      return membership(cluster, node);
    case '_cluster_setup':
      return clusterSetup(cluster, node, question);
    case '_node':
      return nodeApi(cluster, node, question);
    default:
      return databaseApi(cluster, node, asker, question);
  }
}

function askerOf(cluster: Cluster, node: CouchNode, header: string | undefined): Asker {
  if (header === undefined) return { name: null, roles: [] };
  const login = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  const [, name = '', given = ''] = /^([^:]*):([\s\S]*)$/.exec(login) ?? [];
  const hash = cluster.setting(node, 'admins', name);
  if (hash !== undefined && fitsAdmin(given, hash)) return { name, roles: ['_admin'] };
  const users = node.common.databases.get('_users')?.docs;
  const id = `org.couchdb.user:${name}`;
  const doc = users?.has(id) ? users.get(id) : undefined;
  if (hash === undefined && doc && fitsUser(given, doc)) return { name, roles: doc['roles'] as string[] };
  throw new Refused(401, 'unauthorized', 'Name or password is incorrect.');
}

/** From a question to its answer: who asks, which node does it, and what CouchDB says. */
import { randomBytes } from 'node:crypto';
import type { Cluster, CouchNode } from './cluster.ts';
import { databaseApi, infosOf, noAdmin } from './database-api.ts';
import type { Logins } from './logins.ts';
import { clusterSetup, membership, nodeApi, up } from './node-api.ts';
import type { Asker, Envelope, Question, Reply } from './question.ts';
import { Refused } from './refused.ts';
import { sessionApi } from './session-api.ts';

/** As a client is answered. */
export async function answer(
  cluster: Cluster,
  node: CouchNode,
  { logins, question, envelope }: { logins: Logins; question: Question; envelope: Envelope },
): Promise<Reply> {
  return await replied(async () => {
    const isLogin = question.path[0] === '_session' && question.method === 'POST';
    const { asker, headers } = isLogin ? { asker: nobody } : logins.known(envelope);
    if (question.path[0] === '_session') {
      const [status, body, more] = sessionApi(logins, asker, question, envelope);
      return [status, body, { headers: { ...headers, ...more?.headers } }];
    }
    const passed = await cluster.beneath?.pass(asker, question);
    const [status, body, more] = passed ?? (await answerHere(cluster, node, asker, question));
    return [status, body, { headers: { ...headers, ...more?.headers } }];
  });
}

const nobody: Asker = { name: null, roles: [] };

/** As another node is answered, which knows who asks. */
export async function answerHere(
  cluster: Cluster,
  node: CouchNode,
  asker: Asker,
  question: Question,
): Promise<Reply> {
  return await replied(async () => {
    let told: Promise<void> | undefined;
    let made: Reply | Promise<Reply>;
    try {
      made = routed(cluster, node, asker, question);
    } finally {
      // What was changed is told before anything else happens here.
      told = cluster.beneath?.settled();
    }
    const [status, body, more = {}] = await made;
    await told;
    const { copies, ...rest } = more;
    return copies && !cluster.isMajority(copies) ? [202, accepted(body), rest] : [status, body, rest];
  });
}

/** In a list each row says it. */
function accepted(body: unknown): unknown {
  if (!Array.isArray(body)) return body;
  return body.map((row) => ('ok' in row ? { ...row, accepted: true } : row));
}

async function replied(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [error.status, { error: error.error, reason: error.message }];
  }
}

function routed(cluster: Cluster, node: CouchNode, asker: Asker, question: Question): Reply | Promise<Reply> {
  switch (question.path[0]) {
    case undefined:
      return [
        200,
        { couchdb: 'Welcome', version: '3.5.2', uuid: node.uuid, features: ['quickjs'], vendor: {} },
      ];
    case '_up':
      return up(cluster, node);
    case '_uuids':
      return uuids(question);
    case '_all_dbs':
    case '_dbs_info':
    case '_membership':
    case '_cluster_setup':
    case '_node':
    case '_active_tasks':
      if (!asker.roles.includes('_admin')) throw noAdmin();
  }
  switch (question.path[0]) {
    case '_all_dbs':
      return [200, [...node.common.databases.keys()].sort()];
    case '_dbs_info':
      return infosOf(cluster, node, question);
    case '_active_tasks':
      return [200, []];
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

function uuids({ query }: Question): Reply {
  const count = Number(query.get('count') ?? 1);
  if (!Number.isInteger(count) || count < 0) throw new Refused(400, 'bad_request', 'Invalid count');
  if (count > 1000) throw new Refused(400, 'bad_request', 'count parameter too large');
  const made = Array.from({ length: count }, () => randomBytes(16).toString('hex'));
  return [200, { uuids: made }, { headers: { 'cache-control': 'must-revalidate, no-cache' } }];
}

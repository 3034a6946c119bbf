/** Nodes of CouchDB in this process, on ports of the loopback: they answer as recorded from real ones. */
import { once } from 'node:events';
import * as http from 'node:http';
import type * as net from 'node:net';
import { Cluster, type CouchNode } from './cluster.ts';
import { type Asker, databaseApi, noAdmin } from './database-api.ts';
import { Refused } from './documents.ts';
import { clusterSetup, membership, nodeApi, type Question, type Reply, up } from './node-api.ts';
import { fitsAdmin, fitsUser } from './passwords.ts';

export const username = 'admin';
export const password = 'secret';

export interface DoubleNode {
  readonly name: string;
  readonly url: string;
  readonly node: CouchNode;
  /** Method and path of all that was asked. */
  readonly asked: string[];
  /** Nobody can reach it any more, and it comes back with what it had. */
  die(): Promise<void>;
  revive(): Promise<void>;
}

export interface Double extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly nodes: readonly DoubleNode[];
}

export interface DoubleOptions {
  /** They are members of one cluster, with the databases of the system. */
  readonly joined?: boolean;
  /** Of single nodes, where they are not those of the others. */
  readonly cookies?: readonly string[];
  readonly passwords?: readonly string[];
}

export async function startDouble(count: number, options: DoubleOptions = {}): Promise<Double> {
  const cluster = new Cluster();
  const nodes: DoubleNode[] = [];
  for (let index = 0; index < count; index++) {
    const node = cluster.add(`couchdb@node${index + 1}`, {
      cookie: options.cookies?.[index] ?? 'cookie',
      password: options.passwords?.[index] ?? password,
    });
    nodes.push(await startNode(cluster, node));
  }
  const [first] = nodes;
  if (options.joined && first) {
    for (const { node } of nodes) {
      first.node.common.members.set(node.name, 1);
      node.common = first.node.common;
    }
    for (const name of ['_users', '_replicator'])
      cluster.create(first.node, name, { q: 2, n: 3, partitioned: false });
  }
  return {
    cluster,
    nodes,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.die();
    },
  };
}

export async function startNode(
  cluster: Cluster,
  node: CouchNode,
  { host, port: wanted } = { host: '127.0.0.1', port: 0 },
): Promise<DoubleNode> {
  const asked: string[] = [];
  let server = http.createServer(listener);
  server.listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;

  function listener(request: http.IncomingMessage, response: http.ServerResponse): void {
    asked.push(`${request.method} ${request.url}`);
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const [status, body] = answer(cluster, node, request, text);
      response.writeHead(status, {
        server: 'CouchDB/3.5.2 (Erlang OTP/27)',
        'content-type': 'application/json',
      });
      response.end(`${JSON.stringify(body)}\n`);
    });
  }

  return {
    name: node.name,
    url: `http://127.0.0.1:${port}`,
    node,
    asked,
    async die() {
      node.alive = false;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async revive() {
      server = http.createServer(listener);
      server.listen(port, host);
      await once(server, 'listening');
      cluster.start(node);
    },
  };
}

function answer(cluster: Cluster, node: CouchNode, request: http.IncomingMessage, text: string): Reply {
  try {
    const { pathname, searchParams } = new URL(request.url!, 'http://node');
    const path = pathname.split('/').slice(1).map(decodeURIComponent);
    const question: Question = {
      method: request.method!,
      path: path.at(-1) === '' ? path.slice(0, -1) : path,
      query: searchParams,
      text,
      json: () => parsed(text),
    };
    return routed(cluster, node, askerOf(cluster, node, request.headers.authorization), question);
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
  const doc = users?.ids().includes(id) ? users.get(id) : undefined;
  if (hash === undefined && doc && fitsUser(given, doc)) return { name, roles: doc['roles'] as string[] };
  throw new Refused(401, 'unauthorized', 'Name or password is incorrect.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 'bad_request', 'invalid UTF-8 JSON');
  }
}

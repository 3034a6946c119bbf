/** A node of CouchDB, as it is asked by HTTP. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type * as net from 'node:net';
import type { Cluster, CouchNode } from './cluster.ts';
import { Logins } from './logins.ts';
import type { Question, Reply } from './question.ts';
import { Refused } from './refused.ts';
import { answer } from './router.ts';

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

export async function startNode(
  cluster: Cluster,
  node: CouchNode,
  { host, port: wanted } = { host: '127.0.0.1', port: 0 },
): Promise<DoubleNode> {
  const asked: string[] = [];
  const logins = new Logins(cluster, node);
  let server = http.createServer(listener);
  server.listen(wanted, host);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;

  async function listener(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    asked.push(`${request.method} ${request.url}`);
    const text = await textOf(request).catch(() => undefined);
    if (text === undefined) return;
    const [status, body, more] = await reply(request, text).catch(unknown);
    response.writeHead(status, {
      server: 'CouchDB/3.5.2 (Erlang OTP/27)',
      'content-type': 'application/json',
      'x-couch-request-id': randomBytes(5).toString('hex'),
      ...more?.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
  }

  async function reply({ method = '', url = '', headers, socket }: http.IncomingMessage, text: string) {
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    let parts: string[];
    try {
      parts = path.split('/').slice(1).map(decodeURIComponent);
    } catch {
      return [400, { error: 'bad_request', reason: 'The path cannot be read.' }] as Reply;
    }
    const plain = { method: method === 'HEAD' ? 'GET' : method, path: parts, query, text, at: node.name };
    const envelope = { from: socket.remoteAddress ?? '', headers };
    return await answer(cluster, node, { logins, question: questionOf(plain), envelope });
  }

  return {
    name: node.name,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
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

/** What was not thought of, as when there is a list where an object should be. */
function unknown(error: unknown): Reply {
  return [500, { error: 'unknown_error', reason: String(error) }];
}

export interface Plain {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: string;
  readonly at: string;
  readonly text: string;
  readonly again?: boolean;
}

export function questionOf({ method, path, query, text, at, again = false }: Plain): Question {
  const parts = path.at(-1) === '' ? path.slice(0, -1) : path;
  return {
    method,
    path: parts,
    query: new URLSearchParams(query),
    text,
    at,
    again,
    json: () => parsed(text),
  };
}

async function textOf(request: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 'bad_request', 'invalid UTF-8 JSON');
  }
}

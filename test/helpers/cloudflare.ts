/** Cloudflare's API for DNS records as it is documented (developers.cloudflare.com/api, July 2026), on loopback. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface CloudRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly content: string;
  readonly priority?: number;
  readonly data?: Record<string, unknown>;
  readonly ttl: number;
  readonly proxied: boolean;
}

export interface Cloudflare extends AsyncDisposable {
  readonly url: string;
  /** Of each zone. */
  readonly records: { readonly [zone: string]: readonly CloudRecord[] };
  /** Requests that were heard: method and path. */
  readonly heard: readonly string[];
}

/** What becomes of a request; `lost`: it is carried out, and the answer does not arrive. */
export type Fate = 'good' | 'limited' | 'broken' | 'lost' | 'cut';

export interface CloudflareOptions {
  readonly token: string;
  readonly zones: { readonly [zone: string]: readonly Omit<CloudRecord, 'id'>[] };
  /** Records that a page has at most, however many are asked for. */
  readonly mostPerPage?: number;
  /** `again`: how often this very request came before. */
  readonly fate?: (request: string, again: number) => Fate;
  /** Seconds, of the answer 429. */
  readonly retryAfter?: number;
}

class Refused extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function startCloudflare(options: CloudflareOptions): Promise<Cloudflare> {
  const { token, mostPerPage = 100, fate = () => 'good', retryAfter = 0 } = options;
  let lastId = 0;
  const newId = () => (++lastId).toString(16).padStart(32, '0');
  const zones = Object.keys(options.zones).map((name) => ({ id: newId(), name, status: 'active' }));
  const records: { [zone: string]: CloudRecord[] } = {};
  for (const [zone, given] of Object.entries(options.zones))
    records[zone] = given.map((record) => ({ id: newId(), ...record }));
  const heard: string[] = [];
  const before = new Map<string, number>();

  function page(all: readonly object[], query: URLSearchParams): object {
    const perPage = Math.min(Number(query.get('per_page') ?? 20), mostPerPage);
    const number = Number(query.get('page') ?? 1);
    const result = all.slice((number - 1) * perPage, number * perPage);
    const total_pages = Math.max(1, Math.ceil(all.length / perPage));
    const counts = { count: result.length, total_count: all.length, total_pages };
    return { result, result_info: { page: number, per_page: perPage, ...counts } };
  }

  function carryOut(method: string, url: URL, body: string): object {
    if (url.pathname === '/client/v4/zones' && method === 'GET') {
      const name = url.searchParams.get('name');
      if (Number(url.searchParams.get('per_page') ?? 20) > 50)
        throw new Refused(400, 6003, 'per_page must be between 5 and 50');
      return page(
        zones.filter((zone) => name === null || zone.name === name),
        url.searchParams,
      );
    }
    const [, id, rest = ''] =
      /^\/client\/v4\/zones\/([0-9a-f]{32})\/dns_records(\/batch)?$/.exec(url.pathname) ?? [];
    const zone = zones.find((one) => one.id === id);
    if (zone === undefined) throw new Refused(404, 7003, 'Could not route to the request');
    if (rest === '' && method === 'GET') {
      const name = url.searchParams.get('name.exact');
      return page(
        records[zone.name]!.filter((record) => name === null || record.name === name.toLowerCase()),
        url.searchParams,
      );
    }
    if (method !== 'POST') throw new Refused(405, 10_405, 'Method not allowed');
    const { deletes = [], patches = [], posts = [] } = JSON.parse(body);
    // One transaction: nothing of it is kept where anything of it is refused.
    let next = [...records[zone.name]!];
    for (const { id: gone } of deletes) {
      if (!next.some((record) => record.id === gone))
        throw new Refused(400, 81_044, 'Record does not exist.');
      next = next.filter((record) => record.id !== gone);
    }
    for (const patch of patches) {
      if (!next.some((record) => record.id === patch.id))
        throw new Refused(400, 81_044, 'Record does not exist.');
      next = next.map((record) => (record.id === patch.id ? checked({ ...record, ...patch }) : record));
    }
    for (const post of posts) {
      const record = checked({ id: newId(), proxied: false, content: contentOf(post), ...post });
      const same = next.filter(({ name }) => name === record.name);
      if (
        same.some(
          (one) =>
            one.type === record.type && one.content === record.content && one.priority === record.priority,
        )
      )
        throw new Refused(400, 81_058, 'An identical record already exists.');
      if (
        same.some((one) => (one.type === 'CNAME' || record.type === 'CNAME') && aliasLike.includes(one.type))
      )
        throw new Refused(400, 81_053, 'An A, AAAA, or CNAME record with that host already exists.');
      next.push(record);
    }
    records[zone.name] = next;
    return { result: { deletes, patches, puts: [], posts } };
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url!, 'http://localhost');
    const key = `${request.method} ${request.url} ${body}`;
    const again = before.get(key) ?? 0;
    before.set(key, again + 1);
    heard.push(`${request.method} ${url.pathname}`);
    const becomes = fate(key, again);
    const send = (status: number, told: object, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ errors: [], messages: [], ...told }));
    };
    if (becomes === 'cut') {
      response.destroy();
      return;
    }
    try {
      if (becomes === 'limited') throw new Refused(429, 10_429, 'Rate limited. Please wait');
      if (request.headers.authorization !== `Bearer ${token}`)
        throw new Refused(403, 9109, 'Invalid access token');
      const told = becomes === 'broken' ? {} : carryOut(request.method!, url, body);
      if (becomes === 'good') send(200, { success: true, ...told });
      else response.writeHead(becomes === 'lost' ? 524 : 502).end('<html>Something went wrong</html>');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, code, message } = error;
      const headers = status === 429 ? { 'retry-after': String(retryAfter) } : {};
      send(status, { success: false, errors: [{ code, message }], result: null }, headers);
    }
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/client/v4`,
    records,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const aliasLike = ['A', 'AAAA', 'CNAME'];

/** What it makes of the parts of a record: the priority of an SRV record is no part of its content. */
function contentOf({ type, content, data }: CloudRecord): string {
  if (type === 'SRV') return `${data!['weight']} ${data!['port']} ${data!['target']}`;
  if (type === 'CAA') return `${data!['flags']} ${data!['tag']} "${data!['value']}"`;
  return content;
}

function checked(record: CloudRecord): CloudRecord {
  const { type, ttl, proxied, content, data } = record;
  if (ttl !== 1 && (ttl < 60 || ttl > 86_400))
    throw new Refused(400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.');
  if (proxied && ttl !== 1) throw new Refused(400, 9022, 'TTL of proxied records is automatic.');
  if (proxied && !aliasLike.includes(type))
    throw new Refused(400, 9004, 'This record type cannot be proxied.');
  if (type === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(content))
    throw new Refused(400, 9005, 'Content for A record must be a valid IPv4 address.');
  if (type === 'TXT' && !content.startsWith('"'))
    throw new Refused(400, 9019, 'Content of TXT records must be quoted.');
  const priority = type === 'SRV' ? { priority: Number(data!['priority']) } : {};
  return { ...record, name: record.name.toLowerCase(), ...priority };
}

/** Serves what app nodes have to offer: `/status`, and the site. */
import { open, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface Where {
  readonly addresses: readonly string[];
  readonly port: number;
  /** Folder of the static files. */
  readonly site: string;
}

const kinds: { readonly [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** From the environment: API_ADDRESSES (with commas or spaces between them), API_PORT and API_SITE. Throws. */
export function whereToServe(environment: NodeJS.ProcessEnv): Where {
  const { API_ADDRESSES = '127.0.0.1', API_PORT = '8080', API_SITE } = environment;
  const addresses = API_ADDRESSES.split(/[\s,]+/).filter((address) => address !== '');
  const port = Number(API_PORT);
  if (addresses.length === 0) throw new Error('API_ADDRESSES names no address.');
  if (!/^[0-9]+$/.test(API_PORT) || port > 65535) throw new Error(`API_PORT is no port: "${API_PORT}".`);
  return { addresses, port, site: API_SITE ?? join(import.meta.dirname, 'site') };
}

/** One server for each address; all listen, or none. */
export async function serve({ addresses, port, site }: Where): Promise<Server[]> {
  const servers = addresses.map(() =>
    createServer((request, response) => {
      answer(request, response, site).catch((error: unknown) => {
        // A client that goes away in the middle of a file is no trouble of ours.
        if (response.headersSent) return response.destroy();
        console.error(error);
        return say(response, 500, 'Internal server error\n');
      });
    }),
  );
  const results = await Promise.allSettled(
    servers.map((server, index) => listening(server, port, addresses[index]!)),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return servers;
  await stop(servers, 0);
  throw failed.reason;
}

/** No new connections; those at work have so many milliseconds left. */
export async function stop(servers: readonly Server[], patience: number): Promise<void> {
  const ends = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  const late = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, patience);
  await Promise.all(ends);
  clearTimeout(late);
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => resolve());
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, site: string): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return say(response, 405, 'Method not allowed\n');
  }
  const path = pathOf(request.url ?? '');
  if (path === '/status') return say(response, 200, 'Status: OK\n');
  const file = path === undefined ? undefined : await fileAt(site, path);
  return file === undefined ? say(response, 404, 'Not found\n') : send(request, response, file);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** Without the query, and decoded. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    return path.startsWith('/') && !path.includes('\0') ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing outside of the site, by whichever dots and links, and nothing that is hidden. */
async function fileAt(site: string, path: string): Promise<string | undefined> {
  if (path.split('/').some((part) => part.startsWith('.'))) return undefined;
  try {
    const [top, file] = await Promise.all([
      realpath(site),
      realpath(join(site, path.endsWith('/') ? `${path}index.html` : path)),
    ]);
    return file.startsWith(top + sep) ? file : undefined;
  } catch {
    return undefined;
  }
}

async function send(request: IncomingMessage, response: ServerResponse, file: string): Promise<void> {
  await using handle = await open(file);
  const stat = await handle.stat();
  if (!stat.isFile()) return say(response, 404, 'Not found\n');
  const tag = `"${stat.mtimeMs.toString(36)}-${stat.size.toString(36)}"`;
  response.setHeader('ETag', tag);
  // Asked for anew each time, but only brought where it has changed.
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': kinds[extname(file)] ?? 'application/octet-stream',
    'Content-Length': stat.size,
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(handle.createReadStream({ autoClose: false }), response);
}

if (import.meta.main) {
  const servers = await serve(whereToServe(process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(servers, 10_000));
  console.log(`Listening on ${servers.map((server) => JSON.stringify(server.address())).join(', ')}`);
}

/** Serves the site: hashed files for good, the rest only where it has changed, and its page for all that is no file. */
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

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

/** Smaller ones first. */
const packed = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export async function sendFile(request: FastifyRequest, reply: FastifyReply, site: string): Promise<unknown> {
  const path = pathOf(request.raw.url ?? '');
  const isPage = path !== undefined && extname(path) === '' && takes(request, 'text/html');
  const file =
    path === undefined
      ? undefined
      : ((await fileAt(site, path)) ?? (isPage && !isHidden(path) ? await fileAt(site, '/') : undefined));
  if (file === undefined) return missing(reply);
  const accepted = String(request.headers['accept-encoding'] ?? '');
  for (const [encoding, ending] of packed) {
    if (!new RegExp(`\\b${encoding}\\b(?!;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)) continue;
    const handle = await open(file + ending).catch(() => undefined);
    if (handle === undefined) continue;
    reply.header('Content-Encoding', encoding);
    return send(request, reply, { handle, file, encoding });
  }
  return send(request, reply, { handle: await open(file), file, encoding: '' });
}

function missing(reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .header('Cache-Control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send('Not found\n');
}

function takes({ headers }: FastifyRequest, kind: string): boolean {
  return String(headers.accept ?? '').includes(kind);
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

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'));
}

/** Nothing outside of the site, by whichever dots and links, and nothing that is hidden. */
async function fileAt(site: string, path: string): Promise<string | undefined> {
  if (isHidden(path)) return undefined;
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

interface Found {
  readonly handle: FileHandle;
  readonly file: string;
  readonly encoding: string;
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { handle, file, encoding }: Found,
): Promise<unknown> {
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    return missing(reply.removeHeader('Content-Encoding'));
  }
  const kind = kinds[extname(file)] ?? 'application/octet-stream';
  const tag = `"${[stat.mtimeMs, stat.size].map((one) => one.toString(36)).join('-')}${encoding}"`;
  // A name with a hash is of one content only; all else is asked for anew each time, and brought where it has changed.
  const isHashed = /\.[0-9A-Za-z]{8,}\.[a-z0-9]+$/.test(file);
  reply.header('ETag', tag).header('Vary', 'Accept-Encoding');
  reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (kind.startsWith('text/html')) {
    reply.header('Content-Security-Policy', policy).header('Cross-Origin-Opener-Policy', 'same-origin');
  }
  if (request.headers['if-none-match'] === tag || request.method === 'HEAD') await handle.close();
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  reply.type(kind).header('Content-Length', stat.size);
  return request.method === 'HEAD' ? reply.send() : reply.send(handle.createReadStream());
}

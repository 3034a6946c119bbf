/** Fetches files of the web, checked against a hash, once per run. */
import type { NoSource, Source } from '../core/host.ts';
import { trustAsMachine } from './trust.ts';

const mostBytes = 512 << 20;
const mostRedirects = 10;
/** By the length of the digest in hex. */
const algorithms: { readonly [length: number]: string } = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
};

/** @param timeout milliseconds for a whole file, redirects included. @param ended that of the run. */
export function createFetcher(
  timeout: number,
  ended?: AbortSignal,
): (url: string, hash?: string) => Promise<Source | NoSource> {
  const kept = new Map<string, Promise<Source | NoSource>>();
  return async function fetchSource(url, hash) {
    let fetched = kept.get(url);
    if (fetched === undefined) {
      fetched = download(url, timeout, ended);
      kept.set(url, fetched);
    }
    const source = await fetched;
    if ('missing' in source) {
      // The next state that asks may have more luck.
      kept.delete(url);
      return source;
    }
    return mismatch(source, hash) ?? source;
  };
}

function mismatch(source: Source, hash: string | undefined): NoSource | undefined {
  if (hash === undefined || hash === '') return undefined;
  const [, named, digest] = /^(?:([a-z0-9]+)[=:])?([0-9a-f]+)$/i.exec(hash.trim()) ?? [];
  const algorithm = named?.toLowerCase() ?? algorithms[digest?.length ?? 0];
  if (digest === undefined || algorithm === undefined || !Object.values(algorithms).includes(algorithm)) {
    return {
      missing: `the hash "${hash}" of ${source.url} is of no known kind`,
      hint: 'Write it as sha256=….',
    };
  }
  const { createHash } = process.getBuiltinModule('node:crypto');
  const found = createHash(algorithm).update(source.content).digest('hex');
  if (found === digest.toLowerCase()) return undefined;
  return {
    missing: `${source.url} has the ${algorithm} hash ${found}, not ${digest.toLowerCase()}`,
    hint: 'Compare the hash with the one its publisher gives; do not use the file until they agree.',
  };
}

async function download(
  url: string,
  timeout: number,
  ended: AbortSignal | undefined,
): Promise<Source | NoSource> {
  const late = AbortSignal.timeout(timeout);
  const signal = ended ? AbortSignal.any([late, ended]) : late;
  let next = url;
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      if (next.startsWith('https:')) trustAsMachine();
      const response = await fetch(withoutLogin(next), {
        redirect: 'manual',
        signal,
        headers: loginOf(next),
      });
      const target = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && target !== null) {
        await response.body?.cancel();
        const to = new URL(target, next);
        if (to.protocol !== 'https:' && (to.protocol !== 'http:' || next.startsWith('https:'))) {
          return { missing: `${url} leads to ${to.href}, which is not as safe` };
        }
        next = to.href;
        continue;
      }
      if (!response.ok) {
        await response.body?.cancel();
        return { missing: `${url} was answered with ${response.status} ${response.statusText}`.trim() };
      }
      const content = await bodyOf(response);
      if (content === undefined) return { missing: `${url} is larger than ${mostBytes >> 20} MiB` };
      return { url, content };
    }
    return { missing: `${url} leads from one address to another without end` };
  } catch (error) {
    if (ended?.aborted) return { missing: `${url} did not arrive before the run was ended` };
    if (signal.aborted) return { missing: `${url} did not arrive within ${timeout / 1000} seconds` };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
    return { missing: `${url} cannot be fetched: ${cause || (error as Error).message}` };
  }
}

async function bodyOf(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** fetch refuses a name and password inside the address. */
function withoutLogin(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

function loginOf(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

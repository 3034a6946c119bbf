/** Talks to version 4 of Cloudflare's API: page by page, and again where that may help. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DnsService } from '../core/dns.ts';
import { HostTrouble } from '../core/host.ts';
import type { DnsMeans } from './dns.ts';
import { trustAsMachine } from './trust.ts';

export type Cloudflare = Extract<DnsService, { provider: 'cloudflare' }>;

const home = 'https://api.cloudflare.com/client/v4';
export const attempts = 8;
/** Seconds. Who is told to come back later than that had better fail now. */
const longestPause = 60;
const requestTimeout = 30;

interface ApiAnswer {
  readonly success?: boolean;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
  readonly result?: unknown;
  readonly result_info?: { readonly page?: number; readonly total_pages?: number };
}

export interface Answer {
  readonly good: boolean;
  /** It may well go better in a while. */
  readonly passing: boolean;
  /** Seconds that the server wants to be left in peace. */
  readonly pause?: number;
  readonly codes: readonly number[];
  /** What is wrong, as a phrase. */
  readonly said: string;
  readonly status: number;
  readonly body: ApiAnswer;
}

/**
 * The results of all pages. While somebody adds and removes records what stands on a later page may move to one that was
 * read already, so more than one page is read until that gives the same twice.
 */
export async function callForAll(service: Cloudflare, path: string, means: DnsMeans): Promise<unknown[]> {
  let before = '';
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const pages = await readPages(service, path, means);
    const now = JSON.stringify(pages);
    if (pages.length === 1 || now === before) return pages.flat();
    before = now;
    if (attempt > 1) await waits({}, attempt, means);
  }
  throw new HostTrouble('Cloudflare tells something else each time it is asked.', 'Run it again later.');
}

async function readPages(service: Cloudflare, path: string, means: DnsMeans): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  for (let last = 1; pages.length < last; ) {
    const page = `page=${pages.length + 1}`;
    const { result, result_info } = await call(service, `${path}&${page}`, means);
    if (!Array.isArray(result)) throw new HostTrouble('Cloudflare answered with something that is no list.');
    pages.push(result);
    last = result_info?.total_pages ?? 1;
  }
  return pages;
}

async function call(service: Cloudflare, path: string, means: DnsMeans): Promise<ApiAnswer> {
  const { url = home } = service;
  // Many states should not wait in vain for each.
  const most = means.silent.has(url) ? 2 : attempts;
  for (let attempt = 1; ; attempt++) {
    const answer = await send(service, path, 'GET');
    if (!answer.passing) means.silent.delete(url);
    if (answer.good) return answer.body;
    if (answer.passing && attempt < most && (await waits(answer, attempt, means))) continue;
    if (answer.passing) means.silent.add(url);
    throw refusal(answer);
  }
}

export async function send(
  { token, url = home }: Cloudflare,
  path: string,
  method: 'GET' | 'POST',
  content?: object,
): Promise<Answer> {
  const none = { good: false, passing: true, codes: [], status: 0, body: {} };
  if (url.startsWith('https:')) trustAsMachine();
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeout * 1000),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    const { status } = response;
    const body = parsed(await response.text());
    const errors = body.errors ?? [];
    const after = Number(response.headers.get('retry-after') ?? Number.NaN);
    const said = errors.map(({ code, message = '' }) => `${message.replace(/\.$/, '')} (${code})`).join('; ');
    return {
      good: response.ok && body.success === true,
      passing: status === 429 || status >= 500 || (response.ok && body.success === undefined),
      ...(Number.isFinite(after) && after >= 0 ? { pause: after } : {}),
      codes: errors.flatMap(({ code }) => code ?? []),
      said: said || `HTTP status ${status}`,
      status,
      body,
    };
  } catch (error) {
    // Of a failed fetch the cause tells what happened, and nothing of what was sent.
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return { ...none, said: name === 'TimeoutError' ? 'no answer' : (cause?.code ?? 'no connection') };
  }
}

function parsed(text: string): ApiAnswer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Longer from attempt to attempt, and never all nodes at once. False where there is no point in waiting. */
export async function waits(
  { pause: asked }: Pick<Answer, 'pause'>,
  attempt: number,
  means: DnsMeans,
): Promise<boolean> {
  const longer = (means.first / 8) * 2 ** attempt * (0.5 + Math.random());
  const seconds = Math.max(asked ?? 0, Math.min(longer, longestPause));
  if (seconds > longestPause || means.stoppedBy?.() !== undefined) return false;
  await pause(seconds * 1000);
  return means.stoppedBy?.() === undefined;
}

export function refusal({ status, said, passing, pause: seconds }: Answer): HostTrouble {
  if (status === 0)
    return new HostTrouble(`Cloudflare cannot be reached: ${said}.`, 'Check the way to api.cloudflare.com.');
  if (status === 429) {
    const when = seconds === undefined ? '' : ` for another ${seconds} seconds`;
    return new HostTrouble(
      `Cloudflare takes no more requests by this token${when}: ${said}.`,
      'Its limit is 1200 requests in five minutes, of all who use the token.',
    );
  }
  if (passing) return new HostTrouble(`Cloudflare has trouble of its own: ${said}.`, 'Run it again later.');
  const hint =
    status === 401 || status === 403
      ? 'Check the token: it needs Zone: Read and DNS: Edit for the zone, and must not have expired.'
      : undefined;
  return new HostTrouble(`Cloudflare refuses: ${said}.`, hint);
}

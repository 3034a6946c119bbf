/** Talks to the HTTP APIs of servers: one request, one answer. */
import { ArgumentTrouble, HostTrouble, type Performed } from '../core/host.ts';
import type { HttpAnswer, HttpEffect, HttpRequest } from '../core/http.ts';
import { send } from './query.ts';
import { phraseOf } from './reach.ts';

/** Bytes of an answer. */
const longest = 64 << 20;
const usualTimeout = 30;

/** Throws HostTrouble where there is no complete answer; any status is one. */
export async function request(asked: HttpRequest, ended?: AbortSignal): Promise<HttpAnswer> {
  const { method = 'GET', login, headers = {}, body, timeout = usualTimeout } = asked;
  const url = urlOf(asked.url);
  const late = AbortSignal.timeout(timeout * 1000);
  const signal = ended ? AbortSignal.any([late, ended]) : late;
  const packed = login && Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const all = { ...headers, ...(packed ? { authorization: `Basic ${packed}` } : {}) };
  try {
    const response = await send({ url, method, headers: all, body }, asked, signal);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > longest) {
        response.destroy();
        throw new HostTrouble(`${shown(asked)} is answered with more than ${longest >> 20} MiB.`);
      }
      parts.push(part);
    }
    return { status: response.statusCode!, body: Buffer.concat(parts).toString() };
  } catch (error) {
    if (error instanceof HostTrouble) throw error;
    if (ended?.aborted) throw new HostTrouble(`${shown(asked)} was not answered before the run was stopped.`);
    const seen = late.aborted ? `no answer within ${timeout} seconds` : phraseOf(error);
    throw new HostTrouble(`${shown(asked)} is not answered: ${seen}.`);
  }
}

export async function performRequest(effect: HttpEffect, ended?: AbortSignal): Promise<Performed> {
  const { success, hint } = effect;
  const { status, body } = await request(effect.request, ended);
  if (success ? success.includes(status) : status >= 200 && status < 300) return { became: 'done' };
  const said = saidIn(body);
  const reason = `${shown(effect.request)} is refused with status ${status}${said ? `: ${said}` : ''}.`;
  return { became: 'failed', reason, ...(hint ? { hint } : {}) };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new ArgumentTrouble(`"${text}" is no address of a web server.`, 'Write it as http://… or https://….');
}

function shown({ method = 'GET', url }: HttpRequest): string {
  return `${method} ${url}`;
}

/** The one sentence of an error that most APIs have somewhere, else the first line. */
function saidIn(body: string): string {
  const data = parsed(body);
  const told = ['reason', 'message', 'detail', 'error'].map((key) => data[key]).find((one) => isSaid(one));
  const line = String(told ?? body.trim().split('\n')[0] ?? '').replace(/\s+/g, ' ');
  return (line.length > 300 ? `${line.slice(0, 299)}…` : line).replace(/\.$/, '');
}

function isSaid(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function parsed(text: string): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

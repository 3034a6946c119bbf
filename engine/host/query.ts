/** Asks a web server once whether it answers as wanted. */
import type { IncomingMessage } from 'node:http';
import type { HttpTarget, Reached } from '../core/host.ts';
import { trustAsMachine } from './trust.ts';

/** Bytes of an answer that are looked at. */
const longest = 1 << 20;
const mostRedirections = 10;

interface Question {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
}

/** `timeout` in seconds, for all redirections together. Rejects where there is no complete answer. */
export async function query(target: HttpTarget, timeout: number): Promise<Reached> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), timeout * 1000);
  try {
    return await follow(target, end.signal);
  } catch (error) {
    if (end.signal.aborted) return { reached: false, seen: 'no answer' };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function follow(target: HttpTarget, signal: AbortSignal): Promise<Reached> {
  const { method = 'GET', headers = {}, body, status } = target;
  let question: Question = { url: new URL(target.url), method, headers, body };
  for (let redirections = 0; ; redirections++) {
    const response = await send(question, target, signal);
    const code = response.statusCode!;
    const onward = response.headers.location;
    if (code < 300 || code >= 400 || onward === undefined || status?.includes(code))
      return await judged(response, target);
    response.destroy();
    if (redirections === mostRedirections) return { reached: false, seen: 'redirections without end' };
    question = redirected(question, code, new URL(onward, question.url));
  }
}

/** Not by fetch, which cannot be told to accept a certificate. */
export async function send(
  { url, method, headers, body }: Question,
  { verify = true, ca }: Pick<HttpTarget, 'verify' | 'ca'>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  const client = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  if (secure && verify && ca === undefined) trustAsMachine();
  const trust = secure ? { rejectUnauthorized: verify, ca } : {};
  return await new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = client.request(
      url,
      { method, headers: { ...length, ...headers }, signal, agent: false, ...trust },
      resolve,
    );
    // Stays: what happens to the connection once the answer is judged is nobody's business.
    request.on('error', reject);
    request.end(body);
  });
}

/** RFC 9110, 15.4: what is asked by POST is asked for by GET elsewhere; other servers are told no secrets. */
function redirected(question: Question, code: number, url: URL): Question {
  const same = url.origin === question.url.origin;
  const keeps = code === 307 || code === 308 || ['GET', 'HEAD'].includes(question.method);
  const body = keeps ? question.body : undefined;
  const secret = ['authorization', 'cookie', 'proxy-authorization'];
  const about = ['content-type', 'content-length', 'content-encoding'];
  const dropped = new Set([...(same ? [] : secret), ...(body === undefined ? about : [])]);
  const headers = Object.fromEntries(
    Object.entries(question.headers).filter(([name]) => !dropped.has(name.toLowerCase())),
  );
  return { url, method: keeps ? question.method : 'GET', headers, body };
}

async function judged(response: IncomingMessage, target: HttpTarget): Promise<Reached> {
  const { status, match, matchFlags = '' } = target;
  const code = response.statusCode!;
  const seen = `HTTP status ${code}`;
  const accepted = status ? status.includes(code) : code < 400;
  if (!accepted || match === undefined) {
    response.destroy();
    return { reached: accepted, seen };
  }
  const found = new RegExp(match, matchFlags).test(await textOf(response));
  return { reached: found, seen: found ? seen : `${seen}, and the body does not match` };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= longest) break;
  }
  return Buffer.concat(parts).subarray(0, longest).toString();
}

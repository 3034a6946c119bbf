/** Where CouchDB is asked, and by whom: from the arguments of a state, else from the pillar below `couchdb`. */
import { type AwaitEffect, HostTrouble, type Reader } from '../../core/host.ts';
import type { HttpEffect, HttpRequest, SettledRequest } from '../../core/http.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Refusal } from '../../core/state.ts';

export const serverProperties = {
  url: {
    type: 'string',
    pattern: '^https?://',
    description:
      'Where CouchDB answers, without a login. Unless given, the pillar value `couchdb:url`, else `http://127.0.0.1:5984`.',
  },
  username: {
    type: 'string',
    minLength: 1,
    description: 'An administrator. Unless given, the pillar value `couchdb:username`, else `admin`.',
  },
  password: {
    type: 'string',
    minLength: 1,
    description: 'Its password; never shown. Unless given, the pillar value `couchdb:password`.',
  },
} as const;

export type ServerArguments = ArgumentsOf<typeof serverProperties>;

export interface Server {
  readonly url: string;
  readonly login: { readonly username: string; readonly password: string };
}

export interface Found {
  readonly status: number;
  /** What the body says as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what is answered
  readonly data: any;
}

export function serverOf(args: ServerArguments, reader: Reader): Server | Refusal {
  if (reader.rooted)
    return wrong(
      'What CouchDB keeps is no part of the system below a root',
      'Apply it on the machine itself.',
    );
  const url = (args.url ?? told(reader, 'url') ?? 'http://127.0.0.1:5984').replace(/\/+$/, '');
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    return wrong(`"${url}" is no address of CouchDB`, 'Write it as http://127.0.0.1:5984.');
  if (parsed.username !== '' || parsed.password !== '')
    return wrong(
      'The address of CouchDB has a login in it, which would be shown',
      'Use `username` and `password`.',
    );
  const username = args.username ?? told(reader, 'username') ?? 'admin';
  const password = args.password ?? told(reader, 'password');
  if (username.includes(':')) return wrong(`"${username}" cannot log in, for there is a colon in it`);
  if (password === undefined)
    return wrong(
      `CouchDB is asked as "${username}", and no password is given`,
      'Set `password` or the pillar value couchdb:password.',
    );
  return { url, login: { username, password } };
}

/** A value of the pillar below `couchdb`. */
export function told(reader: Reader, path: string): string | undefined {
  const value = reader.pillar(`couchdb:${path}`);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

export function wrong(what: string, hint?: string): Refusal {
  return { refused: `${what}.`, ...(hint ? { hint } : {}), certain: true };
}

/** A path of single names, whatever they hold. */
export function path(...names: string[]): string {
  return names.map((name) => `/${encodeURIComponent(name)}`).join('');
}

export function requestTo({ url, login }: Server, at: string, method = 'GET', body?: unknown): HttpRequest {
  return {
    ...(method === 'GET' ? {} : { method }),
    url: url + at,
    login,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  };
}

/**
 * Throws HostTrouble where it is not told: what is not there is an answer, what is not allowed is none. After a few
 * wrong logins CouchDB locks a user out, so all states of a run share one try.
 */
export async function look(reader: Reader, server: Server, at: string): Promise<Found> {
  await ask(reader, server, '/_session');
  const found = await ask(reader, server, at);
  if (isObject(found.data)) return found;
  throw stranger(server);
}

/** The same of what is a text, where it is there. */
export async function lookForText(reader: Reader, server: Server, at: string): Promise<Found> {
  await ask(reader, server, '/_session');
  const found = await ask(reader, server, at);
  if (found.status === 200 ? typeof found.data === 'string' : isObject(found.data)) return found;
  throw stranger(server);
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function stranger({ url }: Server): HostTrouble {
  return new HostTrouble(`${url} answers, but not as CouchDB does.`, 'Check the address.');
}

async function ask(reader: Reader, server: Server, at: string): Promise<Found> {
  const { status, body } = await reader.request(requestTo(server, at));
  const data = parsed(body);
  if (status === 200 || status === 404) return { status, data };
  const reason = isObject(data) ? data['reason'] : undefined;
  const said = String(reason ?? `HTTP status ${status}`).replace(/\.$/, '');
  if (status === 401 || status === 403)
    throw new HostTrouble(
      `CouchDB at ${server.url} does not admit "${server.login.username}": ${said}.`,
      'Check `username` and `password`, or the pillar values of these names below couchdb.',
    );
  throw new HostTrouble(`CouchDB at ${server.url} does not tell of ${at}: ${said}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Doing {
  readonly method: 'PUT' | 'DELETE' | 'POST';
  readonly at: string;
  readonly body?: unknown;
  readonly success: readonly number[];
  readonly settles?: readonly SettledRequest[];
  readonly hint?: string;
}

/** What `settles` says is all that other states see of it. */
export function doing(server: Server, { method, at, body, ...rest }: Doing): HttpEffect {
  return { kind: 'http', request: requestTo(server, at, method, body), foreseen: true, ...rest };
}

/** Waits until what is told there is as wanted. */
export function awaiting(
  { url, login }: Server,
  at: string,
  match: string,
  more: Pick<AwaitEffect, 'timeout' | 'every' | 'backoff' | 'most' | 'hint'>,
): AwaitEffect {
  const packed = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const headers = { authorization: `Basic ${packed}` };
  return { kind: 'await', target: { kind: 'http', url: url + at, headers, match, status: [200] }, ...more };
}

export function settled(server: Server, at: string, data: unknown): SettledRequest {
  const answer = { status: 200, body: JSON.stringify(data) };
  return { about: 'request', request: { url: server.url + at }, answer };
}

export function settledGone(server: Server, at: string, reason: string): SettledRequest {
  const answer = { status: 404, body: JSON.stringify({ error: 'not_found', reason }) };
  return { about: 'request', request: { url: server.url + at }, answer, below: true };
}

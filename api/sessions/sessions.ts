/** Sessions: CouchDB's cookie, and one of ours by which they can be ended everywhere. */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Reply } from '../couchdb/member.ts';
import { type Store, Unexpected } from '../couchdb/store.ts';
import { keyFor } from '../tokens.ts';

/** Seconds that CouchDB's cookies are good for, where it does not say. */
const usual = 600;
/** Seconds after which no cookie of an ended session is good any more, with a wide margin. */
const memory = 24 * 3600;

export interface Cookies {
  readonly auth?: string;
  readonly session?: string;
}

export interface Session {
  readonly name: string;
  /** The same on all nodes, as long as the session. */
  readonly id: string;
  readonly cookies: Required<Cookies>;
  /** What the header C-Token has to be. */
  readonly token: string;
  /** Seconds from now, unless it is used. */
  readonly expires: number;
  /** CouchDB has renewed its cookie. */
  readonly isRenewed: boolean;
}

export class Sessions {
  readonly #store: Store;
  readonly #keys: { readonly session: KeyObject; readonly token: KeyObject };

  constructor(store: Store, secret: string) {
    this.#store = store;
    this.#keys = { session: keyFor(secret, 'sessions'), token: keyFor(secret, 'C-Token') };
  }

  /** Of somebody whose password is right. Undefined where CouchDB does not know them (any more). */
  async begin(name: string, password: string): Promise<Session | undefined> {
    const reply = await this.#store.cluster.ask({
      method: 'POST',
      path: '/_session',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, password }),
      repeatable: true,
    });
    if (reply.status === 401) return undefined;
    const cookie = cookieOf(reply);
    if (reply.status !== 200 || cookie === undefined) throw new Unexpected('sign-in', reply);
    const id = randomBytes(18).toString('base64url');
    return this.#session(name, id, cookie.value, cookie.expires, true);
  }

  /** Undefined where the cookies are of no session, or of one that has ended. */
  async of({ auth, session }: Cookies): Promise<Session | undefined> {
    const name = nameIn(auth);
    if (auth === undefined || session === undefined || name === undefined) return undefined;
    const [id = '', mac = ''] = session.split('.');
    if (!same(mac, sign(this.#keys.session, id, name))) return undefined;
    const [reply, ended] = await Promise.all([
      this.#store.cluster.ask({
        method: 'GET',
        path: '/_session',
        headers: { Cookie: `AuthSession=${auth}` },
      }),
      this.#store.read(this.#store.database, idOf(id)),
    ]);
    if (reply.status >= 500) throw new Unexpected('session', reply);
    const { userCtx } = (reply.body ?? {}) as { userCtx?: { name?: string } };
    if (ended !== undefined || reply.status !== 200 || userCtx?.name !== name) return undefined;
    const cookie = cookieOf(reply);
    return this.#session(name, id, cookie?.value ?? auth, cookie?.expires ?? usual, cookie !== undefined);
  }

  #session(name: string, id: string, auth: string, expires: number, isRenewed: boolean): Session {
    return {
      name,
      id,
      cookies: { auth, session: `${id}.${sign(this.#keys.session, id, name)}` },
      token: sign(this.#keys.token, id, name),
      expires,
      isRenewed,
    };
  }

  /** Whether the header is that of this session. */
  fits({ token }: Session, header: unknown): boolean {
    return typeof header === 'string' && same(header, token);
  }

  /** CouchDB's cookies stay good until they are too old, so it is noted that the session is over. */
  async end({ id }: Session): Promise<void> {
    const until = Math.floor(Date.now() / 1000) + memory;
    await this.#store.claim(this.#store.database, { _id: idOf(id), claim: id, until });
  }
}

function idOf(id: string): string {
  return `ended:${id}`;
}

function sign(key: KeyObject, id: string, name: string): string {
  return createHmac('sha256', key).update(`${id}:${name}`).digest('base64url');
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Not yet proved: CouchDB does that. */
function nameIn(cookie = ''): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,512}={0,2}$/.test(cookie)) return undefined;
  const text = Buffer.from(cookie, 'base64url').toString('latin1');
  return /^([a-z0-9_-]+):/.exec(text)?.[1];
}

function cookieOf({ headers }: Reply): { value: string; expires: number } | undefined {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [, value] = /^AuthSession=([^;]+)/.exec(line) ?? [];
    if (value !== undefined)
      return { value, expires: Number(/; *Max-Age=([0-9]+)/i.exec(line)?.[1] ?? usual) };
  }
  return undefined;
}

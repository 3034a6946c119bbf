/** Who asks: by name and password, or by the cookie that a login gave. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Cluster, CouchNode } from './cluster.ts';
import { fitsAdmin, fitsUser } from './passwords.ts';
import type { Asker, Envelope } from './question.ts';
import { Refused } from './refused.ts';

export interface Known {
  readonly asker: Asker;
  /** A new cookie, in place of one that has been used for a while. */
  readonly headers?: { readonly [name: string]: string };
}

export const wrongLogin = () => new Refused(401, 'unauthorized', 'Name or password is incorrect.');

/** Of so many failures of a name from one address: the next ones are not even looked at. */
const threshold = 5;
const lockedFor = 300_000;

export class Logins {
  readonly #cluster: Cluster;
  readonly #node: CouchNode;
  readonly #failures = new Map<string, number[]>();

  constructor(cluster: Cluster, node: CouchNode) {
    this.#cluster = cluster;
    this.#node = node;
  }

  known({ from, headers }: Envelope): Known {
    const { authorization, cookie } = headers as { authorization?: string; cookie?: string };
    if (authorization !== undefined) {
      const login = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64').toString();
      const [, name = '', password = ''] = /^([^:]*):([\s\S]*)$/.exec(login) ?? [];
      return { asker: { ...this.login(name, password, from), by: 'default' } };
    }
    const [, token] = /(?:^|;\s*)AuthSession=([^;]*)/.exec(cookie ?? '') ?? [];
    return token ? this.#byCookie(token) : { asker: { name: null, roles: [] } };
  }

  login(name: string, password: string, from: string): Asker {
    const who = this.#find(name);
    const key = `${from} ${name} ${who?.salt}`;
    const since = Date.now() - lockedFor;
    const failures = (this.#failures.get(key) ?? []).filter((time) => time > since);
    const isEnforced = (this.#setting('mode', 'chttpd_auth_lockout') ?? 'enforce') === 'enforce';
    if (isEnforced && failures.length >= threshold) {
      const reason = 'Account is temporarily locked due to multiple authentication failures';
      throw new Refused(403, 'forbidden', reason);
    }
    if (who?.fits(password)) return { name, roles: who.roles };
    if (who) this.#failures.set(key, [...failures, Date.now()]);
    throw wrongLogin();
  }

  /** The header that gives whoever logged in a cookie. */
  cookieFor(name: string): { readonly [name: string]: string } {
    const time = Math.floor(Date.now() / 1000);
    const said = `${name}:${time.toString(16).toUpperCase()}`;
    const mac = this.#mac(said, this.#find(name)?.salt ?? '', 'sha256');
    const token = Buffer.concat([Buffer.from(`${said}:`), mac]).toString('base64url');
    const timeout = this.#timeout();
    const domain = this.#setting('cookie_domain');
    const sameSite = this.#setting('same_site') ?? '';
    const lasting =
      this.#setting('allow_persistent_cookies') === 'false'
        ? ''
        : `; Expires=${new Date((time + timeout) * 1000).toUTCString()}; Max-Age=${timeout}`;
    const strict = /^(?:strict|lax|none)$/i.test(sameSite)
      ? `; SameSite=${sameSite[0]!.toUpperCase()}${sameSite.slice(1).toLowerCase()}`
      : '';
    const value = `AuthSession=${token}; Version=1${lasting}; Path=/; HttpOnly${strict}${domain ? `; Domain=${domain}` : ''}`;
    return { 'set-cookie': value };
  }

  #byCookie(token: string): Known {
    const bytes = Buffer.from(token, 'base64url');
    const [said, name, hex] = /^(.*):([0-9A-Fa-f]+):/s.exec(bytes.toString('latin1')) ?? [];
    if (said === undefined) {
      const reason = 'Malformed AuthSession cookie. Please clear your cookies.';
      throw new Refused(400, 'bad_request', reason);
    }
    const nobody = { asker: { name: null, roles: [] } };
    const user = Buffer.from(name!, 'latin1').toString();
    const who = this.#find(user);
    const age = Math.floor(Date.now() / 1000) - Number.parseInt(hex!, 16);
    if (who === undefined || age > this.#timeout() || !this.#isSigned(bytes, said, who.salt)) return nobody;
    const asker: Asker = { name: user, roles: who.roles, by: 'cookie' };
    return age > this.#timeout() / 10 ? { asker, headers: this.cookieFor(user) } : { asker };
  }

  #isSigned(bytes: Buffer, said: string, salt: string): boolean {
    const given = bytes.subarray(said.length);
    return ['sha256', 'sha1'].some((digest) => {
      const mac = this.#mac(bytes.subarray(0, said.length - 1), salt, digest);
      return mac.length === given.length && timingSafeEqual(mac, given);
    });
  }

  #mac(said: string | Buffer, salt: string, digest: string): Buffer {
    return createHmac(digest, this.#secret() + salt)
      .update(said)
      .digest();
  }

  /** Where there is none, one is made at the first login. */
  #secret(): string {
    const told = this.#setting('secret');
    if (told !== undefined) return told;
    this.#cluster.set(this.#node, 'chttpd_auth', 'secret', this.#node.uuid);
    return this.#node.uuid;
  }

  #timeout(): number {
    return Number(this.#setting('timeout') ?? 600);
  }

  #setting(key: string, section = 'chttpd_auth'): string | undefined {
    return this.#cluster.setting(this.#node, section, key);
  }

  #find(
    name: string,
  ): { roles: readonly string[]; salt: string; fits(password: string): boolean } | undefined {
    const hash = this.#setting(name, 'admins');
    if (hash !== undefined) {
      const salt = hash.split(',')[1] ?? '';
      return { roles: ['_admin'], salt, fits: (password) => fitsAdmin(password, hash) };
    }
    const users = this.#node.common.databases.get('_users')?.docs;
    const id = `org.couchdb.user:${name}`;
    if (!users?.has(id)) return undefined;
    const doc = users.get(id);
    const roles = Array.isArray(doc['roles']) ? doc['roles'].map(String) : [];
    return { roles, salt: String(doc['salt'] ?? ''), fits: (password) => fitsUser(password, doc) };
  }
}

/** Documents in CouchDB: read, claimed once, replaced and removed. */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Cluster, Unavailable } from './cluster.ts';
import type { Reply } from './member.ts';

export interface Doc {
  readonly _id: string;
  readonly _rev?: string;
  readonly [key: string]: unknown;
}

/** CouchDB said no to what should have been fine. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
  readonly status: number;

  constructor(what: string, { status, body }: Reply) {
    const { error = '', reason = '' } = (body ?? {}) as { error?: string; reason?: string };
    super(`${what}: ${status} ${error} ${reason}`);
    this.status = status;
  }
}

export class Store {
  readonly cluster: Cluster;
  /** Where reservations are. */
  readonly database: string;
  readonly #authorization: string;

  constructor(cluster: Cluster, { user, password, database }: Credentials) {
    this.cluster = cluster;
    this.database = database;
    this.#authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  /** As the API itself. */
  ask(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    { body, about }: { body?: object; about?: string } = {},
  ): Promise<Reply> {
    const headers = { Authorization: this.#authorization, 'Content-Type': 'application/json' };
    return this.cluster.ask({ method, path, about, headers, body: body && JSON.stringify(body) });
  }

  async read(database: string, id: string): Promise<Doc | undefined> {
    const reply = await this.ask('GET', pathOf(database, id), { about: id });
    if (reply.status === 404) return undefined;
    if (reply.status !== 200) throw new Unexpected('read', reply);
    return reply.body as Doc;
  }

  /**
   * A new document, which only one can make: `claim` says whose it is, so that who asks again, as an answer was lost,
   * is told that it is his. Two nodes may both take a first revision, but only one has a majority (201): the other (202)
   * takes its own back. Without a majority nothing can be claimed.
   */
  async claim(
    database: string,
    doc: Doc & { readonly claim: string },
  ): Promise<{ readonly held: boolean; readonly doc: Doc }> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const reply = await this.ask('PUT', pathOf(database, doc._id), { body: doc, about: doc._id });
      if (reply.status === 201) return { held: true, doc };
      if (reply.status === 202) {
        const { rev } = reply.body as { rev: string };
        await this.remove(database, doc._id, rev);
        await wait(randomInt(50, 300));
      } else if (reply.status === 409) {
        const known = await this.read(database, doc._id);
        if (known !== undefined) return { held: known['claim'] === doc.claim, doc: known };
      } else if (reply.status === 404) {
        await this.createDatabase(database);
      } else {
        throw new Unexpected('claim', reply);
      }
    }
    throw new Unavailable('Too few db nodes for a reservation.');
  }

  /** False where somebody else has changed it since it was read. */
  async replace(database: string, doc: Doc): Promise<boolean> {
    const attempt = randomUUID();
    const reply = await this.ask('PUT', pathOf(database, doc._id), {
      body: { ...doc, attempt },
      about: doc._id,
    });
    if (reply.status === 201 || reply.status === 202) return true;
    if (reply.status !== 409) throw new Unexpected('replace', reply);
    // The answer to a first question may have been lost.
    return (await this.read(database, doc._id))?.['attempt'] === attempt;
  }

  /** Of a document that is no more it is no failure. */
  async remove(database: string, id: string, rev: string): Promise<boolean> {
    const path = `${pathOf(database, id)}?rev=${encodeURIComponent(rev)}`;
    const reply = await this.ask('DELETE', path, { about: id });
    if ([200, 202, 404].includes(reply.status)) return true;
    if (reply.status === 409) return (await this.read(database, id)) === undefined;
    throw new Unexpected('remove', reply);
  }

  /** The first so many in the order of their IDs. */
  async range(database: string, prefix: string, limit: number): Promise<Doc[]> {
    const keys = `startkey=${json(prefix)}&endkey=${json(`${prefix}\ufff0`)}`;
    const reply = await this.ask('GET', `/${database}/_all_docs?include_docs=true&limit=${limit}&${keys}`);
    if (reply.status === 404) return [];
    if (reply.status !== 200) throw new Unexpected('range', reply);
    return (reply.body as { rows: { doc: Doc }[] }).rows.map(({ doc }) => doc);
  }

  /** That it is there is as good as that it was made. */
  async createDatabase(name: string): Promise<void> {
    const reply = await this.ask('PUT', `/${name}`, { about: name });
    if (![201, 202, 412].includes(reply.status)) throw new Unexpected('database', reply);
  }
}

interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

function json(value: string): string {
  return encodeURIComponent(JSON.stringify(value));
}

export function pathOf(database: string, id: string): string {
  const encoded = id.startsWith('_design/') ? id : encodeURIComponent(id);
  return `/${database}/${encoded}`;
}

/** The documents of users in `_users`, and the database that each of them has. */
import { isDeepStrictEqual } from 'node:util';
import { type Doc, pathOf, type Store, Unexpected } from '../couchdb/store.ts';
import type { PasswordHash } from './passwords.ts';

export interface User extends Doc, Partial<PasswordHash> {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly created: string;
  /** ID of the link that made it. */
  readonly claim: string;
}

export function idOfUser(name: string): string {
  return `org.couchdb.user:${name}`;
}

export async function userIn(store: Store, name: string): Promise<User | undefined> {
  return (await store.read('_users', idOfUser(name))) as User | undefined;
}

/** As CouchDB's couch_peruser names it. */
export function databaseOf(name: string): string {
  return `userdb-${Buffer.from(name).toString('hex')}`;
}

/** Uuids by the app node and the db node that served them. */
export const design = {
  _id: '_design/uuids',
  language: 'javascript',
  views: {
    by_node: {
      map: 'function (doc) { if (doc.uuids) emit([doc.app, doc.db], doc.uuids.length); }',
      reduce: '_stats',
    },
  },
};

/** What couch_peruser makes a moment after the user, and the design document as this release has it. */
export async function prepareDatabase(store: Store, name: string): Promise<void> {
  const database = databaseOf(name);
  const known = await store.ask('GET', pathOf(database, design._id), { about: database });
  const { _rev, ...before } = (known.status === 200 ? known.body : {}) as Doc;
  if (isDeepStrictEqual(before, design)) return;
  await store.createDatabase(database);
  const security = {
    admins: { names: [name], roles: ['_admin'] },
    members: { names: [name], roles: ['_admin'] },
  };
  const secured = await store.ask('PUT', `/${database}/_security`, { body: security, about: database });
  if (secured.status !== 200) throw new Unexpected('security', secured);
  const written = await store.ask('PUT', pathOf(database, design._id), {
    body: { ...design, _rev },
    about: database,
  });
  // Another node may have been first.
  if (![201, 202, 409].includes(written.status)) throw new Unexpected('design document', written);
}

export async function removeDatabase(store: Store, name: string): Promise<void> {
  const reply = await store.ask('DELETE', `/${databaseOf(name)}`);
  if (![200, 202, 404].includes(reply.status)) throw new Unexpected('removal of the database', reply);
}

/** Databases of CouchDB: what they may be called, and whether they are there. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Found, look, path, type Server, wrong } from './_server.ts';

/** What a new database has for `_security`, unless `default_security` says something else. */
export const usualSecurity = { members: { roles: ['_admin'] }, admins: { roles: ['_admin'] } };

const ofTheSystem = ['_users', '_replicator', '_global_changes'];

export function illegalName(name: string): Refusal | undefined {
  if (ofTheSystem.includes(name) || /^[a-z][a-z0-9_$()+/-]*$/.test(name)) return undefined;
  return wrong(
    `CouchDB has no databases called "${name}"`,
    'Use small letters, digits and any of _ $ ( ) + - /, with a letter first.',
  );
}

export async function lookForDatabase(reader: Reader, server: Server, name: string): Promise<Found> {
  return await look(reader, server, path(name));
}

/** For states of something inside a database. */
export async function needDatabase(reader: Reader, server: Server, name: string): Promise<void> {
  const { status } = await lookForDatabase(reader, server, name);
  if (status === 404)
    throw new HostTrouble(
      `There is no database "${name}".`,
      'Make it by couchdb.database, and require that state.',
    );
}

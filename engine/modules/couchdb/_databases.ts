/** Databases of CouchDB: what they may be called, and whether they are there. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Found, look, path, type Server, type ServerArguments, serverOf, wrong } from './_server.ts';

/** What a new database has for `_security`, unless `default_security` says something else. */
export const usualSecurity = { members: { roles: ['_admin'] }, admins: { roles: ['_admin'] } };

const ofTheSystem = ['_users', '_replicator', '_global_changes'];

function illegalName(name: string): Refusal | undefined {
  if (ofTheSystem.includes(name) || /^[a-z][a-z0-9_$()+/-]*$/.test(name)) return undefined;
  return wrong(
    `CouchDB has no databases called "${name}"`,
    'Use small letters, digits and any of _ $ ( ) + - /, with a letter first.',
  );
}

export interface Database {
  readonly server: Server;
  readonly found: Found;
}

export async function lookForDatabase(
  args: ServerArguments,
  name: string,
  reader: Reader,
): Promise<Database | Refusal> {
  const server = serverOf(args, reader);
  if ('refused' in server) return server;
  return illegalName(name) ?? { server, found: await look(reader, server, path(name)) };
}

/** Where it is, for states of something inside it. */
export async function serverWith(
  args: ServerArguments,
  name: string,
  reader: Reader,
): Promise<Server | Refusal> {
  const database = await lookForDatabase(args, name, reader);
  if ('refused' in database) return database;
  if (database.found.status === 200) return database.server;
  throw new HostTrouble(
    `There is no database "${name}".`,
    'Make it by couchdb.database, and require that state.',
  );
}

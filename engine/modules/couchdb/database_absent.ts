/** couchdb.database_absent: a database does not exist. */
import { defineState, type Refusal } from '../../core/state.ts';
import { illegalName, lookForDatabase } from './_databases.ts';
import { doing, path, type Server, serverOf, serverProperties, settledGone } from './_server.ts';

interface Now {
  readonly server: Server;
  readonly isThere: boolean;
}

export default defineState({
  summary: 'there is no such CouchDB database',
  description:
    'All its documents go with it, on all nodes of the cluster; there is no way back but a backup.',
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the database.' },
    ...serverProperties,
  },
  examples: [
    {
      title: 'a database that is used no more',
      sls: `events_2019:
  couchdb.database_absent:
    - password: {{ pillar.couchdb_password }}
`,
      pillar: { couchdb_password: 'a-password' },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    const refusal = illegalName(args.name);
    if (refusal) return refusal;
    return { server, isThere: (await lookForDatabase(reader, server, args.name)).status === 200 };
  },
  plan({ name }, now) {
    if ('refused' in now) return now;
    if (!now.isThere) return [];
    const effect = doing(now.server, {
      method: 'DELETE',
      at: path(name),
      success: [200, 202, 404],
      settles: [settledGone(now.server, path(name), 'Database does not exist.')],
    });
    return [{ change: { subject: name, old: 'database' }, effect }];
  },
});

/** couchdb.database_absent: a database does not exist. */
import { defineState } from '../../core/state.ts';
import { lookForDatabase } from './_databases.ts';
import { doing, path, serverProperties, settledGone } from './_server.ts';

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
  read: (args, reader) => lookForDatabase(args, args.name, reader),
  plan({ name }, now) {
    if ('refused' in now) return now;
    if (now.found.status !== 200) return [];
    const effect = doing(now.server, {
      method: 'DELETE',
      at: path(name),
      success: [200, 202, 404],
      settles: [settledGone(now.server, path(name), 'Database does not exist.')],
    });
    return [{ change: { subject: name, old: 'database' }, effect }];
  },
});

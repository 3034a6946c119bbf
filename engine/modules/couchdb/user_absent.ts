/** couchdb.user_absent: there is no such user. */
import { defineState, type Refusal } from '../../core/state.ts';
import { doing, look, type Server, serverOf, settledGone } from './_server.ts';
import { adminOf, userPath, userProperties } from './_users.ts';

interface Now {
  readonly server: Server;
  readonly rev: string | undefined;
}

export default defineState({
  summary: 'there is no such CouchDB user',
  description: `
A database of its own (\`userdb-…\`) stays, unless CouchDB is told to delete it (\`[couch_peruser] delete_dbs\`).`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the user.' },
    ...userProperties,
  },
  examples: [
    {
      title: 'somebody who has left',
      sls: `anna:
  couchdb.user_absent: []
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const server = serverOf(adminOf(args), reader);
    if ('refused' in server) return server;
    const { status, data } = await look(reader, server, userPath(args.name));
    return { server, rev: status === 200 ? String(data._rev) : undefined };
  },
  plan({ name }, now) {
    if ('refused' in now) return now;
    if (now.rev === undefined) return [];
    const effect = doing(now.server, {
      method: 'DELETE',
      at: `${userPath(name)}?rev=${encodeURIComponent(now.rev)}`,
      success: [200, 202, 404, 409],
      settles: [settledGone(now.server, userPath(name), 'deleted')],
    });
    return [{ change: { subject: name, old: 'user' }, effect }];
  },
});

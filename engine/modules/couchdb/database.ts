/** couchdb.database: a database exists. */
import { defineState } from '../../core/state.ts';
import { lookForDatabase, usualSecurity } from './_databases.ts';
import { doing, path, serverProperties, settled, wrong } from './_server.ts';

export default defineState({
  summary: 'the CouchDB database exists',
  description: `
Where several nodes of a cluster make it at once, it is made once. How many pieces (shards) it has, and whether it is
partitioned, is settled when it is made: a database that is another is told of, and left as it is.

Where CouchDB is asked can be told once, in the pillar:

\`\`\`yaml
couchdb:
  url: http://127.0.0.1:5984
  username: admin
  password: …
\`\`\`

The password belongs into the encrypted part of the pillar.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the database.' },
    q: {
      type: 'integer',
      minimum: 1,
      description: 'The number of pieces it is made of; that of the server (`[cluster] q`) unless given.',
    },
    n: {
      type: 'integer',
      minimum: 1,
      description:
        'The number of copies of each piece; that of the server (`[cluster] n`) unless given. There are no more than members; later, couchdb.shards sees to it.',
    },
    partitioned: { type: 'boolean', default: false, description: 'Whether it is partitioned.' },
    ...serverProperties,
  },
  examples: [
    {
      title: 'a database',
      sls: `users-of-the-app:
  couchdb.database:
    - name: app_users
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
    {
      title: 'a large one, of more pieces',
      sls: `events:
  couchdb.database:
    - q: 8
    - n: 3
    - password: {{ pillar.couchdb_password }}
`,
      pillar: { couchdb_password: 'a-password' },
    },
  ],
  read: (args, reader) => lookForDatabase(args, args.name, reader),
  plan({ name, q, n, partitioned }, now) {
    if ('refused' in now) return now;
    const { server, found } = now;
    if (found.status === 200) {
      const isPartitioned = found.data.props?.partitioned === true;
      if (isPartitioned !== partitioned)
        return wrong(
          `The database "${name}" is ${isPartitioned ? '' : 'not '}partitioned, and stays so`,
          'Copy its documents to a new one.',
        );
      const pieces = found.data.cluster?.q;
      if (q === undefined || pieces === undefined || q === pieces) return [];
      const warning = `The database "${name}" is made of ${pieces} pieces, not of ${q}, and stays so.`;
      return { steps: [], warnings: [warning] };
    }
    const options = new URLSearchParams({
      ...(q === undefined ? {} : { q: String(q) }),
      ...(n === undefined ? {} : { n: String(n) }),
      ...(partitioned ? { partitioned: 'true' } : {}),
    });
    const info = {
      db_name: name,
      doc_count: 0,
      props: partitioned ? { partitioned } : {},
      ...(q === undefined ? {} : { cluster: { q } }),
    };
    const effect = doing(server, {
      method: 'PUT',
      at: path(name) + (options.size > 0 ? `?${options}` : ''),
      // 202: too few nodes are there to see it; 412: another node was faster.
      success: [201, 202, 412],
      settles: [settled(server, path(name), info), settled(server, `${path(name)}/_security`, usualSecurity)],
    });
    return [{ change: { subject: name, new: 'database' }, effect }];
  },
});

/** In place of CouchDB on a node of the lab: the double, named and configured by the files that CouchDB would read. */
import { readFileSync } from 'node:fs';
import { parseIni } from '../../engine/modules/couchdb/_ini.ts';
import { Cluster } from '../helpers/couchdb/cluster.ts';
import { startNode } from '../helpers/couchdb/double.ts';

const folder = '/opt/couchdb';
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');

const settings = parseIni(read('etc/local.d/20-converge.ini'));
if ((settings.get('admins')?.size ?? 0) === 0) throw new Error('No Admin Account Found, aborting startup.');
const [, name] = /^-name (\S+)$/m.exec(read('etc/vm.args'))!;
const cluster = new Cluster();
const node = cluster.add(name!, { cookie: read('.erlang.cookie'), password: '' });
for (const [section, keys] of settings) node.config.set(section, new Map(keys));
const chttpd = settings.get('chttpd');
await startNode(cluster, node, {
  host: chttpd?.get('bind_address') ?? '127.0.0.1',
  port: Number(chttpd?.get('port') ?? 5984),
});

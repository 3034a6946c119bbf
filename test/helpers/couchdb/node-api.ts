/** What CouchDB answers about its nodes: below /_node, /_membership, /_up, /_cluster_setup. */
import type { Cluster, CouchNode } from './cluster.ts';
import { countIn, type Database, membersOf } from './databases.ts';
import { object } from './document-api.ts';
import type { Question, Reply } from './question.ts';
import { conflict, nodeDown, notFound, Refused } from './refused.ts';
import type { Body } from './revisions.ts';

export function up(cluster: Cluster, node: CouchNode): Reply {
  const mode = cluster.setting(node, 'couchdb', 'maintenance_mode');
  if (mode === 'true') return [404, { status: 'maintenance_mode' }];
  if (mode === 'nolb') return [404, { status: 'nolb' }];
  const seeds = (cluster.setting(node, 'cluster', 'seedlist') ?? node.name).split(',');
  const connected = cluster.connected(node);
  node.seeded ||= seeds.some(
    (name) => connected.includes(name) && (name !== node.name || seeds.length === 1),
  );
  if (!node.seeded) return [404, { seeds: {}, status: 'seeding' }];
  return [200, { seeds: {}, status: 'ok' }];
}

export function membership(cluster: Cluster, node: CouchNode): Reply {
  return [200, { all_nodes: cluster.connected(node).sort(), cluster_nodes: membersOf(node.common).sort() }];
}

/** Its 201 says nothing. */
export function clusterSetup(cluster: Cluster, node: CouchNode, { method, json }: Question): Reply {
  const system = ['_users', '_replicator'];
  const finished = system.every((name) => node.common.databases.has(name));
  if (method === 'GET') return [200, { state: finished ? 'cluster_finished' : 'cluster_enabled' }];
  const told = object(json()) as {
    action?: string;
    host?: string;
    name?: string;
    remote_node?: string;
    password?: string;
  };
  switch (told.action) {
    case 'enable_cluster':
      if (told.remote_node) return [201, { ok: true }];
      throw new Refused(400, 'bad_request', 'Cluster is already enabled');
    case 'add_node': {
      if (told.host === undefined) throw new Refused(500, 'unknown_error', 'badarg');
      const name = `${told.name ?? 'couchdb'}@${told.host}`;
      if (!cluster.isLive(name))
        throw new Refused(400, 'bad_request', 'Add node failed. Invalid Host and/or Port.');
      if (told.password !== 'secret') return [201, { ok: true }];
      cluster.join(node, name);
      return [201, { ok: true }];
    }
    case 'finish_cluster':
      if (finished) throw new Refused(400, 'bad_request', 'Cluster is already finished');
      for (const name of system) cluster.create(node, name, { q: 2, n: 3, partitioned: false });
      return [201, { ok: true }];
    default:
      throw new Refused(400, 'bad_request', "Invalid Action'");
  }
}

/** /_node/NAME/… */
export function nodeApi(cluster: Cluster, self: CouchNode, question: Question): Reply {
  const [, told = '', kind, ...rest] = question.path;
  const name = told === '_local' ? self.name : told;
  if (name !== self.name && !membersOf(self.common).includes(name)) throw notFound(`no such node: ${told}`);
  if (!cluster.connected(self).includes(name)) throw nodeDown(name);
  const node = cluster.node(name)!;
  switch (kind) {
    case undefined:
      return [200, { name: node.name }];
    case '_config':
      return config(cluster, node, rest, question);
    case '_nodes':
      return members(cluster, node, rest[0]!, question);
    case '_dbs':
      return shardMaps(cluster, node, rest[0]!, question);
    case '_system':
      return [200, { uptime: 1, internal_replication_jobs: 0 }];
    case '_all_dbs':
      return [
        200,
        [...node.common.databases.values()].flatMap((database) => shardFiles(database, node.name)),
      ];
    case '_restart':
      return [200, { ok: true }];
    default:
      return [200, shardFile(node, kind)];
  }
}

function config(cluster: Cluster, node: CouchNode, path: readonly string[], question: Question): Reply {
  const [section, key] = path;
  if (question.method === 'POST' && section === '_reload') {
    cluster.reload(node);
    return [200, { ok: true }];
  }
  if (section === undefined)
    return [
      200,
      Object.fromEntries([...node.config].map(([name, keys]) => [name, Object.fromEntries(keys)])),
    ];
  if (key === undefined) return [200, Object.fromEntries(node.config.get(section) ?? [])];
  const old = cluster.setting(node, section, key);
  if (question.method === 'PUT') {
    const value = question.json();
    if (typeof value !== 'string') throw new Refused(400, 'bad_request', 'a JSON string expected');
    if (value.includes('\n')) throw new Refused(400, 'bad_request', 'Invalid configuration value');
    if (section.includes(']')) throw new Refused(400, 'bad_request', 'Invalid configuration section');
    cluster.set(node, section, key, value.trim());
    return [200, old ?? ''];
  }
  if (old === undefined) throw notFound('unknown_config_value');
  if (question.method === 'DELETE') cluster.unset(node, section, key);
  return [200, old];
}

function members(cluster: Cluster, node: CouchNode, name: string, { method, query }: Question): Reply {
  const number = node.common.members.get(name);
  const rev = `${number}-${'0'.repeat(32)}`;
  if (method === 'PUT') {
    cluster.join(node, name);
    return [201, { ok: true, id: name, rev: `${node.common.members.get(name)}-${'0'.repeat(32)}` }];
  }
  if (number === undefined) throw notFound('missing');
  if (number % 2 === 0) throw notFound('deleted');
  if (method === 'GET') return [200, { _id: name, _rev: rev }];
  if (query.get('rev') !== rev) throw conflict();
  cluster.leave(node, name);
  return [200, { ok: true, id: name, rev: `${number + 1}-${'0'.repeat(32)}` }];
}

function mapOf(database: Database): Body {
  const nodes = [...new Set(Object.values(database.byRange).flat())].sort();
  const rangesOf = (name: string) =>
    Object.keys(database.byRange).filter((range) => database.byRange[range]!.includes(name));
  return {
    _id: database.name,
    _rev: `${database.revision}-${'0'.repeat(32)}`,
    shard_suffix: [...database.suffix].map((one) => one.charCodeAt(0)),
    changelog: database.changelog,
    by_node: Object.fromEntries(nodes.map((name) => [name, rangesOf(name)])),
    by_range: database.byRange,
    props: database.partitioned ? { partitioned: true } : {},
  };
}

function shardMaps(
  cluster: Cluster,
  node: CouchNode,
  name: string,
  { method, query, json }: Question,
): Reply {
  if (name === '_all_docs') {
    const rows = [...node.common.databases.values()].map((database) => {
      const doc = query.get('include_docs') === 'true' ? { doc: mapOf(database) } : {};
      return { id: database.name, key: database.name, ...doc };
    });
    return [200, { total_rows: rows.length, offset: 0, rows }];
  }
  const database = node.common.databases.get(name);
  if (database === undefined) throw notFound('missing');
  const now = mapOf(database);
  if (method === 'GET') return [200, now];
  const told = object(json()) as unknown as {
    _rev?: string;
    by_range: Database['byRange'];
    changelog: unknown[];
  };
  if (told._rev !== now['_rev']) throw conflict();
  database.byRange = structuredClone(told.by_range);
  database.changelog = told.changelog;
  database.revision += 1;
  cluster.changed(database);
  return [201, { ok: true, id: name, rev: mapOf(database)['_rev'] }];
}

function shardFiles({ name, suffix, byRange }: Database, node: string): string[] {
  return Object.keys(byRange)
    .filter((range) => byRange[range]!.includes(node))
    .map((range) => `shards/${range}/${name}${suffix}`);
}

/** One copy of one range. */
function shardFile(node: CouchNode, path: string): object {
  for (const database of node.common.databases.values()) {
    if (!shardFiles(database, node.name).includes(path)) continue;
    const range = path.split('/')[1]!;
    return { db_name: path, doc_count: countIn(database, range, node.name), doc_del_count: 0 };
  }
  throw notFound('no_db_file');
}

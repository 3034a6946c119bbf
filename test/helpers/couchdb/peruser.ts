/** A database for each user, where couch_peruser is switched on on every node. */
import { type Cluster, type CouchNode, lag } from './cluster.ts';
import type { Body } from './revisions.ts';

export function userChanged(cluster: Cluster, node: CouchNode, name: string, isDeleted: boolean): void {
  const all = cluster.connected(node).map((one) => cluster.node(one)!);
  if (!all.every((one) => cluster.setting(one, 'couch_peruser', 'enable') === 'true')) return;
  setTimeout(() => {
    if (isDeleted) left(cluster, node, name);
    else settledIn(cluster, node, name);
    void cluster.beneath?.settled();
  }, lag);
}

function nameOf(user: string): string {
  return `userdb-${Buffer.from(user).toString('hex')}`;
}

function settledIn(cluster: Cluster, node: CouchNode, name: string): void {
  const own = nameOf(name);
  const database =
    node.common.databases.get(own) ?? cluster.create(node, own, { q: 1, n: 3, partitioned: false });
  cluster.secure(
    database,
    withName(database.security, (names) => [...new Set([...names, name])]),
  );
}

function left(cluster: Cluster, node: CouchNode, name: string): void {
  const database = node.common.databases.get(nameOf(name));
  if (database === undefined) return;
  if (cluster.setting(node, 'couch_peruser', 'delete_dbs') === 'true') cluster.remove(node, database);
  else
    cluster.secure(
      database,
      withName(database.security, (names) => names.filter((one) => one !== name)),
    );
}

function withName(security: Body, change: (names: readonly string[]) => readonly string[]): Body {
  const section = (told: unknown) => {
    const { names = [], ...rest } = (told ?? {}) as { names?: readonly string[] };
    return { ...rest, names: change(names) };
  };
  return { ...security, members: section(security['members']), admins: section(security['admins']) };
}

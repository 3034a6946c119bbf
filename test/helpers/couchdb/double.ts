/** Nodes of CouchDB in this process, on ports of the loopback: they answer as recorded from real ones. */
import { Cluster } from './cluster.ts';
import { type DoubleNode, startNode } from './server.ts';

export const username = 'admin';
export const password = 'secret';

export interface Double extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly nodes: readonly DoubleNode[];
}

export interface DoubleOptions {
  /** They are members of one cluster, with the databases of the system. */
  readonly joined?: boolean;
  /** Of single nodes, where they are not those of the others. */
  readonly cookies?: readonly string[];
  readonly passwords?: readonly string[];
}

export async function startDouble(count: number, options: DoubleOptions = {}): Promise<Double> {
  const cluster = new Cluster();
  const nodes: DoubleNode[] = [];
  for (let index = 0; index < count; index++) {
    const node = cluster.add(`couchdb@node${index + 1}`, {
      cookie: options.cookies?.[index] ?? 'cookie',
      password: options.passwords?.[index] ?? password,
    });
    nodes.push(await startNode(cluster, node));
  }
  const [first] = nodes;
  if (options.joined && first) {
    for (const { node } of nodes) {
      first.node.common.members.set(node.name, 1);
      node.common = first.node.common;
    }
    for (const name of ['_users', '_replicator'])
      cluster.create(first.node, name, { q: 2, n: 3, partitioned: false });
  }
  return {
    cluster,
    nodes,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.die();
    },
  };
}

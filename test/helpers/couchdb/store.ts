/** A store that answers as CouchDB does, inside another program: one node, or several that can be killed and revived one by one. */
import { randomBytes } from 'node:crypto';
import { type Beneath, Cluster } from './cluster.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { hashOfAdmin } from './passwords.ts';
import { type DoubleNode, startNode } from './server.ts';

export interface StoreOptions {
  /** Of the first node; the others have the next ones. Any that are free, unless told. */
  readonly port?: number;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** Where it is kept; in memory only unless told. */
  readonly folder?: string;
  /** How many nodes there are: one unless told. */
  readonly members?: number;
  /** The administrator: `admin` and `secret` unless told. */
  readonly username?: string;
  readonly password?: string;
  /** What cookies are signed with. Unless told any, and so they end with the store. */
  readonly secret?: string;
  /**
   * Further settings of all nodes, such as `{ chttpd_auth: { timeout: '60' } }`. couch_peruser is switched on unless
   * told. With `{ double: { racing: 'true' } }` two nodes that are asked for the same new document at once both take it
   * every other time, as those of CouchDB do: one answers 201, the other 202, and there is a conflict.
   */
  readonly settings?: { readonly [section: string]: { readonly [key: string]: string } };
}

export interface Store extends AsyncDisposable {
  readonly urls: readonly string[];
  readonly username: string;
  readonly password: string;
  /** `die` and `revive` are what happens to each. */
  readonly nodes: readonly DoubleNode[];
}

export async function startStore(options: StoreOptions = {}): Promise<Store> {
  const { port = 0, host = '127.0.0.1', folder, members = 1 } = options;
  const { username = 'admin', password = 'secret', secret = randomBytes(16).toString('hex') } = options;
  const cluster = new Cluster();
  const names = Array.from({ length: members }, (_, index) => `couchdb@node${index + 1}`);
  const hash = hashOfAdmin(password);
  const settings = {
    admins: { [username]: hash },
    chttpd_auth: { secret },
    couch_peruser: { enable: 'true' },
    cluster: { seedlist: names.join(',') },
  };
  const all = names.map((name) => {
    const node = cluster.add(name, { cookie: 'cookie' });
    for (const [section, keys] of [...Object.entries(settings), ...Object.entries(options.settings ?? {})])
      node.config.set(section, new Map([...(node.config.get(section) ?? []), ...Object.entries(keys)]));
    return node;
  });
  const [first] = all;
  for (const node of all) {
    first!.common.members.set(node.name, 1);
    node.common = first!.common;
  }
  const ledger = new Ledger(first!.common, (database) => cluster.documentsOf(database));
  const journal = folder === undefined ? undefined : new Journal(ledger, folder);
  cluster.beneath = keptIn(ledger, journal);
  for (const name of ['_users', '_replicator'])
    if (!first!.common.databases.has(name)) cluster.create(first!, name, { q: 2, n: 3, partitioned: false });
  await cluster.beneath.settled();
  const nodes: DoubleNode[] = [];
  for (const [index, node] of all.entries())
    nodes.push(await startNode(cluster, node, { host, port: port === 0 ? 0 : port + index }));
  return {
    urls: nodes.map(({ url }) => url),
    ...{ username, password, nodes },
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.die();
      await cluster.beneath?.settled();
      journal?.close();
    },
  };
}

/** All nodes are in this process, so nobody else has to be told. */
function keptIn(ledger: Ledger, journal: Journal | undefined): Beneath {
  return {
    touched: (key) => ledger.touched(key),
    async settled() {
      const keys = ledger.taken();
      if (journal && keys.length > 0) journal.write(keys);
    },
    configured: async () => {},
    pass: async () => undefined,
  };
}

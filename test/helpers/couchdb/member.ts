/** A node in a process of its own, which finds the others by their names and keeps what it has on disk. */
import { Cluster, type CouchNode } from './cluster.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { Links } from './links.ts';
import type { Asker } from './question.ts';
import { answerHere } from './router.ts';
import { type DoubleNode, type Plain, questionOf, startNode } from './server.ts';

export interface MemberOptions {
  /** `couchdb@10.0.0.1`: the others reach it at this address. */
  readonly name: string;
  readonly cookie: string;
  readonly uuid?: string;
  readonly config: CouchNode['config'];
  /** Where what it has is kept. */
  readonly folder: string;
  /** For requests. */
  readonly host: string;
  readonly port: number;
  /** For the other nodes. */
  readonly distribution: { readonly host: string; readonly port: number };
  readonly onConfigured?: (config: CouchNode['config']) => void;
  /** What the files say by now that `config` came from. */
  readonly reread?: () => CouchNode['config'];
  readonly log?: (line: string) => void;
}

export interface Member extends AsyncDisposable {
  readonly node: DoubleNode;
}

export async function startMember(options: MemberOptions): Promise<Member> {
  const { name, cookie, uuid, config, host, port, distribution } = options;
  const cluster = new Cluster();
  const node = cluster.add(name, { cookie, ...(uuid ? { uuid } : {}) });
  for (const [section, keys] of config) node.config.set(section, new Map(keys));
  if (options.reread) node.reread = options.reread;
  const ledger = new Ledger(node.common, (database) => cluster.documentsOf(database));
  const links = new Links({
    ...{ cluster, node, ledger, journal: new Journal(ledger, options.folder) },
    speaker: { name, cookie, port: distribution.port },
    host: distribution.host,
    perform: ({ asker, ...plain }: Plain & { asker: Asker }) =>
      answerHere(cluster, node, asker, questionOf(plain)),
    log: options.log,
    onConfigured: () => options.onConfigured?.(node.config),
  });
  // Others must not be answered from what is out of date.
  const seeds = cluster.setting(node, 'cluster', 'seedlist') ?? name;
  await links.open(seeds.split(/\s*,\s*/).filter((seed) => seed !== name));
  const server = await startNode(cluster, node, { host, port });
  return {
    node: server,
    async [Symbol.asyncDispose]() {
      await server.die();
      await links[Symbol.asyncDispose]();
    },
  };
}

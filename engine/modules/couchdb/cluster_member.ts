/** couchdb.cluster_member: this node of CouchDB and the others are members of one cluster. */
import type { AwaitEffect } from '../../core/host.ts';
import { escapeRegex } from '../../core/regex.ts';
import { defineState, type Planned, type Refusal, type Step } from '../../core/state.ts';
import {
  clashes,
  lookAtPeer,
  lookForMembers,
  type Membership,
  type Peer,
  type PeerSeen,
  urlOf,
} from './_cluster.ts';
import { usualSecurity } from './_databases.ts';
import {
  awaiting,
  doing,
  look,
  path,
  type Server,
  serverOf,
  serverProperties,
  settled,
  wrong,
} from './_server.ts';
import { lookForShards, type ShardMap } from './_shards.ts';

interface Now {
  readonly server: Server;
  readonly membership: Membership;
  /** What `_up` says: ok, seeding, maintenance_mode, nolb. */
  readonly status: string;
  /** Those that are not connected to this one. */
  readonly peers: readonly PeerSeen[];
  readonly maps: readonly ShardMap[];
  /** Members that are not named, and not there. */
  readonly dead: readonly string[];
  /** Databases of the system that are missing. */
  readonly missing: readonly string[];
}

export default defineState({
  summary: 'this node and the others are members of one CouchDB cluster',
  description: `
Every node applies it for itself, in any order and at the same time. A node joins by being entered in the list of members, and
only where it answers under the name it is entered by; one that does not answer yet joins when it applies this state itself.
Then it is waited until all are connected and the node is up, and the databases of the system are made.

Members that are not named are left alone, with a warning where they are dead, too: a node that was away when another one left
brings that one back as a member. couchdb.cluster_member_absent removes them. Of two nodes that both have a database of
one name, CouchDB would keep only one of the two: then nothing is joined, and the state fails.

The cluster's setup (\`/_cluster_setup\`) is not used: it says that it went well whatever happened.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of this node, such as `couchdb@10.0.0.1`.' },
    nodes: {
      type: 'array',
      items: {
        type: ['string', 'object'],
        properties: {
          name: { type: 'string', description: 'Its name.' },
          url: { type: 'string', pattern: '^https?://', description: 'Where it answers.' },
        },
        required: ['name', 'url'],
        additionalProperties: false,
      },
      description:
        'All nodes of the cluster, this one may be among them: names, or `name` and `url` of one that does not answer at the address in its name and the port of this one.',
    },
    system_databases: {
      type: 'array',
      items: { type: 'string', enum: ['_users', '_replicator', '_global_changes'] },
      description: 'Databases of the system that are made; `_users` and `_replicator` unless given.',
    },
    timeout: {
      type: 'number',
      minimum: 0,
      maximum: 86_400,
      default: 60,
      description: 'Seconds to wait until the nodes are connected.',
    },
    ...serverProperties,
  },
  required: ['nodes'],
  examples: [
    {
      title: 'one of three nodes',
      sls: `couchdb@10.0.0.1:
  couchdb.cluster_member:
    - nodes: [couchdb@10.0.0.1, couchdb@10.0.0.2, couchdb@10.0.0.3]
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    const peers = peersOf(args.nodes as readonly unknown[], server);
    if ('refused' in peers) return peers;
    const membership = await lookForMembers(reader, server);
    const { data } = await look(reader, server, '/_up');
    const away = peers.filter(({ name }) => name !== membership.self && !isConnected(membership, name));
    const maps = away.length > 0 ? await lookForShards(reader, server) : [];
    const named = new Set([membership.self, ...peers.map(({ name }) => name)]);
    const dead = membership.members.filter((one) => !named.has(one) && !isConnected(membership, one));
    const missing = [];
    for (const name of args.system_databases ?? ['_users', '_replicator'])
      if ((await look(reader, server, path(name))).status === 404) missing.push(name);
    const seen = await Promise.all(away.map((peer) => lookAtPeer(reader, server, peer)));
    return { server, membership, status: String(data.status), peers: seen, maps, dead, missing };
  },
  plan({ name, timeout }, now) {
    if ('refused' in now) return now;
    const { server, membership, peers, status, dead } = now;
    if (name !== membership.self)
      return {
        refused: `This node of CouchDB is called "${membership.self}", not "${name}".`,
        hint: 'couchdb.node gives it a name, which counts from its next start.',
      };
    const there = peers.filter(({ silent }) => silent === undefined);
    const refusal = there.map((peer) => obstacle(peer, now)).find((one) => one !== undefined);
    if (refusal) return refusal;
    const joining = there.filter((peer) => !membership.members.includes(peer.name));
    const members = [...membership.members, ...joining.map((peer) => peer.name)];
    // The first of all has nobody to wait for, and serves all the same.
    const isSeeded = there.length > 0 || membership.connected.length > 1;
    const waits = [
      ...(there.length > 0
        ? [
            connection(
              server,
              there.map((peer) => peer.name),
              timeout,
            ),
          ]
        : []),
      ...(status === 'seeding' && isSeeded ? [readiness(server, timeout)] : []),
    ];
    const steps: Step[] = [
      ...joining.map((peer) => join(server, peer, { ...membership, members })),
      ...waits.map((effect) => ({ effect })),
      ...now.missing.map((database) => creation(server, database)),
    ];
    const warnings = [
      ...peers.filter(({ silent }) => silent).map(absence),
      ...dead.map(
        (one) =>
          `${one} is a member, though nobody names it, and it is not there: new databases get copies on it. If it is gone for good, remove it by couchdb.cluster_member_absent.`,
      ),
      ...(['maintenance_mode', 'nolb'].includes(status)
        ? [`${name} is set to serve nobody (${status}).`]
        : []),
    ];
    return { steps, ...(warnings.length > 0 ? { warnings } : {}) } satisfies Planned;
  },
});

function peersOf(nodes: readonly unknown[], server: Server): Peer[] | Refusal {
  const peers = nodes.map((node) =>
    typeof node === 'string' ? { name: node, url: '' } : (node as { name: string; url: string }),
  );
  const bad = peers.find(({ name }) => !/^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$/.test(name));
  if (bad) return wrong(`"${bad.name}" is no name of a node`, 'Write it as couchdb@10.0.0.1.');
  return peers.map(({ name, url }) => ({
    name,
    url: url === '' ? urlOf(name, server) : url.replace(/\/+$/, ''),
  }));
}

function isConnected({ members, connected }: Membership, name: string): boolean {
  return members.includes(name) && connected.includes(name);
}

/** Why a node that answers must not be joined. */
function obstacle(peer: PeerSeen, { membership, maps }: Now): Refusal | undefined {
  if (peer.calledItself !== peer.name)
    return {
      refused: `${peer.url} is the node "${peer.calledItself}", not "${peer.name}".`,
      hint: 'Give each node its name by couchdb.node, and restart it.',
    };
  if (membership.members.includes(peer.name)) return undefined;
  const both = clashes(maps, peer.maps);
  if (both.length === 0) return undefined;
  return {
    refused: `${membership.self} and ${peer.name} both have databases called ${both.slice(0, 5).join(', ')}, and one of the two would be lost.`,
    hint: 'Join nodes that are empty: save what is needed of one of them, and delete its databases.',
  };
}

function join(server: Server, { name }: Peer, { members, connected }: Membership): Step {
  const membership = { all_nodes: connected, cluster_nodes: members };
  const effect = doing(server, {
    method: 'PUT',
    at: `/_node/_local/_nodes${path(name)}`,
    body: {},
    success: [201, 202, 409],
    settles: [settled(server, '/_membership', membership)],
  });
  return { change: { subject: name, new: 'member' }, effect };
}

function connection(server: Server, names: readonly string[], timeout: number): AwaitEffect {
  const all = names.map((name) => `(?=[^\\]]*"${escapeRegex(name)}")`).join('');
  return awaiting(server, '/_membership', `"all_nodes":\\[${all}`, {
    timeout,
    every: 0.25,
    hint: `${names.join(', ')}: the cookie has to be the same as here, and the port for nodes open (couchdb.node).`,
  });
}

function readiness({ url }: Server, timeout: number): AwaitEffect {
  const target = { kind: 'http', url: `${url}/_up`, status: [200] } as const;
  const hint =
    'A node that is seeding waits for one of its seedlist: check their cookies and the port for nodes.';
  return { kind: 'await', target, timeout, every: 0.25, hint };
}

function creation(server: Server, name: string): Step {
  const effect = doing(server, {
    method: 'PUT',
    at: path(name),
    success: [201, 202, 412],
    settles: [
      settled(server, path(name), { db_name: name, doc_count: 0, props: {} }),
      settled(server, `${path(name)}/_security`, usualSecurity),
    ],
  });
  return { change: { subject: name, new: 'database' }, effect };
}

function absence({ name, url, silent }: PeerSeen): string {
  return `${name} does not answer at ${url} (${silent}), so it is not waited for.`;
}

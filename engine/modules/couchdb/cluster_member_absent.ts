/** couchdb.cluster_member_absent: a node is no member of the CouchDB cluster. */
import { defineState, type Refusal } from '../../core/state.ts';
import { lookForMembers, type Membership } from './_cluster.ts';
import {
  doing,
  look,
  lookForText,
  path,
  type Server,
  serverOf,
  serverProperties,
  settled,
  settledGone,
} from './_server.ts';
import { lookForShards, type ShardMap } from './_shards.ts';

interface Now {
  readonly server: Server;
  readonly membership: Membership;
  readonly rev: string | undefined;
  readonly maps: readonly ShardMap[];
  /** Nodes that would add it again when they start. */
  readonly seeded: readonly string[];
}

export default defineState({
  summary: 'the node is no member of the CouchDB cluster',
  description: `
Another member is asked to do it: a node that is removed does not learn of it, and goes on answering until it is stopped. It
must have no copies of anything any more (couchdb.shards_absent), and be in nobody's seedlist, or the next start of that
node would add it again.`,
  properties: {
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$',
      description: 'The name of the node, such as `couchdb@10.0.0.4`. It may be dead.',
    },
    ...serverProperties,
  },
  examples: [
    {
      title: 'a node that is gone for good',
      sls: `nothing is on it any more:
  couchdb.shards_absent:
    - name: couchdb@10.0.0.4

couchdb@10.0.0.4:
  couchdb.cluster_member_absent:
    - require:
      - couchdb: nothing is on it any more
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read({ name, ...args }, reader): Promise<Now | Refusal> {
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    const membership = await lookForMembers(reader, server);
    const { status, data } = await look(reader, server, `/_node/_local/_nodes${path(name)}`);
    const now = { server, membership, rev: status === 200 ? String(data._rev) : undefined };
    if (now.rev === undefined) return { ...now, maps: [], seeded: [] };
    const seeded: string[] = [];
    for (const node of membership.connected.filter(
      (one) => one !== name && membership.members.includes(one),
    )) {
      const seeds = await lookForText(reader, server, `${path('_node', node, '_config')}/cluster/seedlist`);
      if (
        seeds.status === 200 &&
        String(seeds.data)
          .split(/\s*,\s*/)
          .includes(name)
      )
        seeded.push(node);
    }
    const maps = await lookForShards(reader, server);
    return { ...now, maps: maps.filter(({ nodes }) => nodes.includes(name)), seeded };
  },
  plan({ name }, now) {
    if ('refused' in now) return now;
    const { server, membership, rev, maps, seeded } = now;
    if (rev === undefined) return [];
    if (membership.self === name)
      return {
        refused: `${name} cannot remove itself: the others would not learn of it.`,
        hint: 'Ask another member: give its address as `url`.',
      };
    if (maps.length > 0)
      return {
        refused: `${name} has copies of ${maps
          .map((map) => map.database)
          .slice(0, 5)
          .join(', ')}.`,
        hint: 'Move them by couchdb.shards_absent first, and require that state.',
      };
    if (seeded.length > 0)
      return {
        refused: `${name} is in the seedlist of ${seeded.join(', ')}, and would be added again.`,
        hint: 'Take it from the `nodes` of couchdb.seedlist on these nodes.',
      };
    const at = `/_node/_local/_nodes${path(name)}`;
    const without = (names: readonly string[]) => names.filter((one) => one !== name);
    const left = { all_nodes: membership.connected, cluster_nodes: without(membership.members) };
    const effect = doing(server, {
      method: 'DELETE',
      at: `${at}?rev=${encodeURIComponent(rev)}`,
      success: [200, 202, 404, 409],
      settles: [settledGone(server, at, 'deleted'), settled(server, '/_membership', left)],
    });
    return [{ change: { subject: name, old: 'member' }, effect }];
  },
});

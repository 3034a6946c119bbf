/** couchdb.shards_absent: a node has no copies of databases. */
import { defineState, type Refusal } from '../../core/state.ts';
import { lookForMembers } from './_cluster.ts';
import { type Copies, lookAtCopies, mostOf } from './_copies.ts';
import { type Server, serverOf, serverProperties } from './_server.ts';
import { lookForShards, mapSteps, type ShardMap } from './_shards.ts';

interface Now {
  readonly server: Server;
  readonly maps: readonly ShardMap[];
  /** Those that name the node. */
  readonly own: readonly ShardMap[];
  readonly copies: readonly Copies[];
  /** Members that are there, without the node. */
  readonly others: readonly string[];
}

export default defineState({
  summary: 'the node has no copies of CouchDB databases',
  description: `
Takes a node from the maps of all databases, before it leaves or after it died. Refused where copies would be missing: the others
that are there must have as many as wanted (or as there are of them), and what they have must be no less than
what the node has. couchdb.shards with \`leaving\` makes them.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the node. It may be dead.' },
    copies: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'How many copies of each range the others are to have, as far as there are so many nodes.',
    },
    ...serverProperties,
  },
  examples: [
    {
      title: 'a node that is to leave',
      sls: `couchdb@10.0.0.3:
  couchdb.shards:
    - leaving: [couchdb@10.0.0.4]

couchdb@10.0.0.4:
  couchdb.shards_absent:
    - require:
      - couchdb: couchdb@10.0.0.3
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const { name } = args;
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    const { members, connected } = await lookForMembers(reader, server);
    const maps = await lookForShards(reader, server);
    const own = maps.filter(({ nodes }) => nodes.includes(name));
    const others = connected.filter((one) => one !== name && members.includes(one));
    const copies: Copies[] = [];
    for (const map of own)
      for (const [range, nodes] of Object.entries(map.ranges))
        if (nodes.includes(name))
          copies.push(await lookAtCopies(reader, server, { map, range, nodes: connected }));
    return { server, maps, own, copies, others };
  },
  plan({ name, copies: wanted }, now) {
    if ('refused' in now) return now;
    const { server, maps, own, others } = now;
    for (const copies of now.copies) {
      const { map, range, counts } = copies;
      const left = others.filter((node) => map.ranges[range]!.includes(node));
      const what = `${map.database} (range ${range})`;
      if (left.length < Math.min(wanted, Math.max(1, others.length)))
        return {
          refused: `Without ${name} there would be too few copies of ${what}: ${left.length}.`,
          hint: 'Let the others have copies first, by couchdb.shards with `leaving`, and require that state.',
        };
      if ((mostOf(copies, name) ?? 0) < (counts.get(name) ?? 0))
        return {
          refused: `${name} has more of ${what} than the others.`,
          hint: 'Their copies are not filled yet: run it again in a while.',
        };
    }
    return mapSteps(server, maps, new Map(own.map((map) => [map, rangesWithout(map, name)])));
  },
});

function rangesWithout({ ranges }: ShardMap, name: string): ShardMap['ranges'] {
  return Object.fromEntries(
    Object.entries(ranges).map(([range, nodes]) => [range, nodes.filter((node) => node !== name)]),
  );
}

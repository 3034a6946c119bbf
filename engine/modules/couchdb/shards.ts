/** couchdb.shards: a node has copies of databases that have too few. */
import type { AwaitEffect } from '../../core/host.ts';
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { lookForMembers } from './_cluster.ts';
import { atLeast, type Copies, lookAtCopies, mostOf } from './_copies.ts';
import {
  awaiting,
  doing,
  lookForText,
  path,
  type Server,
  serverOf,
  serverProperties,
  settled,
  settledGone,
} from './_server.ts';
import { copyPath, lookForShards, mapSteps, type ShardMap } from './_shards.ts';

interface Now {
  readonly server: Server;
  readonly node: string;
  readonly connected: readonly string[];
  readonly isThere: boolean;
  readonly maps: readonly ShardMap[];
  /** Ranges of which the node is to have a copy. */
  readonly lacking: readonly Copies[];
  /** Ranges of which it has a copy that is not filled. */
  readonly unfilled: readonly Copies[];
  /** What was begun and not finished. */
  readonly isFilling: boolean;
  readonly maintenance: string | undefined;
}

export default defineState({
  summary: 'the node has copies of CouchDB databases that have too few',
  description: `
Databases keep the nodes they were made on: a new node has nothing of them until it is entered in their maps. Ranges with fewer
copies than wanted get one on this node. Until a copy is filled CouchDB would read from it what is not there yet, so
the node serves nobody meanwhile (\`maintenance_mode\`): maps are changed, copies filled and compared, and then it serves
again. Where that was broken off, the next run goes on with it.

Maps must be changed by one node at a time: let one member apply this state for all, one after the other.

A node that is to leave is named in \`leaving\`: its copies do not count, so others get them; couchdb.shards_absent then takes
them from it. The files of former copies stay on its disk.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the node that gets copies.' },
    copies: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'How many copies of each range there are to be.',
    },
    databases: {
      type: 'array',
      items: { type: 'string' },
      description: 'Databases that are looked after; all unless given.',
    },
    leaving: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Names of nodes whose copies do not count.',
    },
    missing_ok: {
      type: 'boolean',
      default: false,
      description: 'Pass over a node that is not there, with a warning, instead of failing.',
    },
    timeout: {
      type: 'number',
      minimum: 0,
      maximum: 604_800,
      default: 600,
      description: 'Seconds to wait for each copy to be filled.',
    },
    ...serverProperties,
  },
  examples: [
    {
      title: 'a node that takes the place of one that is gone',
      sls: `couchdb@10.0.0.5:
  couchdb.shards:
    - leaving: [couchdb@10.0.0.4]

couchdb@10.0.0.4:
  couchdb.shards_absent:
    - require:
      - couchdb: couchdb@10.0.0.5
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const { name: node, databases, copies, leaving } = args;
    const server = serverOf(args, reader);
    if ('refused' in server) return server;
    const { members, connected } = await lookForMembers(reader, server);
    const isThere = members.includes(node) && connected.includes(node);
    const all = await lookForShards(reader, server);
    const maps = all.filter(({ database }) => databases?.includes(database) ?? true);
    const now = { server, node, connected, isThere, maps: all, lacking: [], unfilled: [] };
    if (!isThere) return { ...now, isFilling: false, maintenance: undefined };
    const config = async (at: string) => {
      const { status, data } = await lookForText(reader, server, `${path('_node', node)}/_config/${at}`);
      return status === 200 ? String(data) : undefined;
    };
    const isFilling = (await config('converge/filling')) !== undefined;
    const counting = (nodes: readonly string[]) =>
      nodes.filter((one) => !leaving.includes(one) && members.includes(one));
    const lacking: Copies[] = [];
    const unfilled: Copies[] = [];
    for (const map of maps)
      for (const [range, nodes] of Object.entries(map.ranges)) {
        const has = nodes.includes(node);
        if (has ? !isFilling : counting(nodes).length >= copies) continue;
        const found = await lookAtCopies(reader, server, { map, range, nodes: connected });
        if (!has) lacking.push(found);
        else if ((found.counts.get(node) ?? 0) < (mostOf(found, node) ?? 0)) unfilled.push(found);
      }
    const maintenance =
      lacking.length > 0 || isFilling ? await config('couchdb/maintenance_mode') : undefined;
    return { ...now, lacking, unfilled, isFilling, maintenance };
  },
  plan({ name, leaving, missing_ok, timeout }, now) {
    if ('refused' in now) return now;
    const { lacking, unfilled, isFilling } = now;
    if (leaving.includes(name)) return { refused: `${name} is leaving, and gets no copies.`, certain: true };
    if (!now.isThere && missing_ok)
      return { steps: [], warnings: [`${name} is not there, so it gets no copies now.`] };
    if (!now.isThere)
      return {
        refused: `${name} is no member that is there.`,
        hint: 'Let it join by couchdb.cluster_member, and require that state.',
      };
    const lost = lacking.find((copies) => mostOf(copies, name) === undefined);
    if (lost)
      return {
        refused: `No node that is there has ${lost.map.database} (range ${lost.range}) to copy it from.`,
        hint: 'Bring a node back that has it.',
      };
    if (lacking.length + unfilled.length === 0 && !isFilling) return [];
    const maps = [...new Set([...lacking, ...unfilled].map(({ map }) => map))];
    return [
      ...begun(now),
      ...extended(now),
      ...maps.map((map) => synchronisation(now, map)),
      ...[...lacking, ...unfilled].flatMap((copies) => filled(now, copies, timeout)),
      ...(maps.length > 0 ? now.connected.map((node) => ({ effect: idle(now, node, timeout) })) : []),
      ...ended(now),
    ];
  },
});

/** Somebody else's maintenance is not ours to end. */
function begun({ server, node, isFilling, maintenance }: Now): Step[] {
  if (isFilling || maintenance === 'true') return [];
  return [
    { effect: setting({ server, node }, 'converge/filling', 'true') },
    {
      change: { subject: `${node} serves nobody`, old: maintenance, new: 'maintenance_mode' },
      effect: setting({ server, node }, 'couchdb/maintenance_mode', 'true'),
    },
  ];
}

function ended({ server, node, isFilling, maintenance }: Now): Step[] {
  if (!isFilling && maintenance === 'true') return [];
  return [
    {
      change: { subject: `${node} serves again`, old: 'maintenance_mode', new: 'ready' },
      effect: setting({ server, node }, 'couchdb/maintenance_mode', undefined),
    },
    { effect: setting({ server, node }, 'converge/filling', undefined) },
  ];
}

function setting({ server, node }: Pick<Now, 'server' | 'node'>, key: string, value: string | undefined) {
  const at = `${path('_node', node)}/_config/${key}`;
  return value === undefined
    ? doing(server, {
        method: 'DELETE',
        at,
        success: [200, 404],
        settles: [settledGone(server, at, 'unknown_config_value')],
      })
    : doing(server, {
        method: 'PUT',
        at,
        body: value,
        success: [200],
        settles: [settled(server, at, value)],
      });
}

function extended({ server, node, maps, lacking }: Now): Step[] {
  const changed = new Map<ShardMap, ShardMap['ranges']>();
  for (const { map, range } of lacking) {
    const ranges = changed.get(map) ?? map.ranges;
    changed.set(map, { ...ranges, [range]: [...ranges[range]!, node] });
  }
  return mapSteps(server, maps, changed);
}

function synchronisation({ server }: Now, { database }: ShardMap): Step {
  const at = `${path(database)}/_sync_shards`;
  return { effect: doing(server, { method: 'POST', at, body: {}, success: [200, 202] }) };
}

function filled({ server, node }: Now, copies: Copies, timeout: number): Step[] {
  const most = mostOf(copies, node) ?? 0;
  if (most === 0) return [];
  const at = copyPath(copies.map, copies.range, node);
  return [{ effect: awaiting(server, at, `"doc_count":${atLeast(most)}`, patience(timeout)) }];
}

function idle({ server }: Now, node: string, timeout: number): AwaitEffect {
  const at = `${path('_node', node)}/_system`;
  return awaiting(server, at, '"internal_replication_jobs":0(?!\\d)', patience(timeout));
}

function patience(timeout: number) {
  const hint = 'The node serves nobody until its copies are filled: run it again, and it goes on from here.';
  return { timeout, every: 0.25, backoff: 1.5, most: 10, hint };
}

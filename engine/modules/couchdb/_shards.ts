/** Where the copies of CouchDB's databases are: a map for each database, from ranges to nodes. */
import type { Reader } from '../../core/host.ts';
import type { Step } from '../../core/state.ts';
import { doing, isObject, look, path, type Server, settled, stranger } from './_server.ts';

export interface ShardMap {
  readonly database: string;
  /** The document of the map, as it is written back. */
  readonly doc: { readonly [key: string]: unknown };
  /** Nodes that have a copy, for each range. */
  readonly ranges: { readonly [range: string]: readonly string[] };
  /** All nodes that have a copy of anything. */
  readonly nodes: readonly string[];
  /** What the files of the copies end with. */
  readonly suffix: string;
}

const allMaps = '/_node/_local/_dbs/_all_docs?include_docs=true';

export async function lookForShards(reader: Reader, server: Server): Promise<ShardMap[]> {
  const { data } = await look(reader, server, allMaps);
  if (!Array.isArray(data.rows)) throw stranger(server);
  const docs = (data.rows as readonly unknown[]).flatMap((row) =>
    isObject(row) && isObject(row['doc']) ? [row['doc']] : [],
  );
  return docs.filter((doc) => doc['by_range'] !== undefined).map((doc) => mapOf(doc, server));
}

function mapOf(doc: ShardMap['doc'], server: Server): ShardMap {
  const { _id: database, by_range: ranges, shard_suffix: suffix } = doc;
  if (typeof database !== 'string' || !isRanges(ranges) || !isSuffix(suffix)) throw stranger(server);
  return { database, doc, ranges, nodes: nodesIn(ranges), suffix: String.fromCharCode(...suffix) };
}

function isRanges(value: unknown): value is ShardMap['ranges'] {
  const isNames = (list: unknown) => Array.isArray(list) && list.every((name) => typeof name === 'string');
  return isObject(value) && Object.values(value).every(isNames);
}

function isSuffix(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((code) => Number.isInteger(code) && code > 0 && code < 128);
}

export type Changed = ReadonlyMap<ShardMap, ShardMap['ranges']>;

/** One write for each map that changes. What a dry run is told of all of them, the last one tells. */
export function mapSteps(server: Server, maps: readonly ShardMap[], changed: Changed): Step[] {
  const docs = new Map([...changed].map(([map, ranges]) => [map, changedMap(map, ranges)]));
  const rows = maps.map((map) => ({ id: map.database, key: map.database, doc: docs.get(map) ?? map.doc }));
  return [...changed].map(([map, ranges], index) => ({
    change: { subject: `copies of ${map.database}`, old: map.nodes, new: nodesIn(ranges) },
    effect: doing(server, {
      method: 'PUT',
      at: `/_node/_local/_dbs${path(map.database)}`,
      body: docs.get(map),
      success: [200, 201, 202],
      settles: index === changed.size - 1 ? [settled(server, allMaps, { rows })] : [],
      hint: 'Somebody else changed the map at the same time: run it again, from one node only.',
    }),
  }));
}

function nodesIn(ranges: ShardMap['ranges']): string[] {
  return [...new Set(Object.values(ranges).flat())].sort();
}

/** The map with other nodes for its ranges. */
function changedMap({ doc, ranges }: ShardMap, wanted: ShardMap['ranges']): object {
  const names = nodesIn(wanted);
  const byNode = Object.fromEntries(
    names.map((name) => [name, Object.keys(wanted).filter((range) => wanted[range]!.includes(name))]),
  );
  const log = Object.keys(wanted).flatMap((range) => [
    ...wanted[range]!.filter((name) => !ranges[range]!.includes(name)).map((name) => ['add', range, name]),
    ...ranges[range]!.filter((name) => !wanted[range]!.includes(name)).map((name) => ['remove', range, name]),
  ]);
  const changelog = [...(Array.isArray(doc['changelog']) ? doc['changelog'] : []), ...log];
  return { ...doc, by_node: byNode, by_range: wanted, changelog };
}

/** One copy of one range. */
export function copyPath({ database, suffix }: ShardMap, range: string, node: string): string {
  return path('_node', node, `shards/${range}/${database}${suffix}`);
}

/** Where the copies of CouchDB's databases are: a map for each database, from ranges to nodes. */
import type { Reader } from '../../core/host.ts';
import { look, path, type Server } from './_server.ts';

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

export async function lookForShards(reader: Reader, server: Server): Promise<ShardMap[]> {
  const { data } = await look(reader, server, '/_node/_local/_dbs/_all_docs?include_docs=true');
  const rows: readonly { readonly id: string; readonly doc?: ShardMap['doc'] }[] = data.rows ?? [];
  return rows.flatMap(({ id, doc }) => (doc?.['by_range'] === undefined ? [] : [mapOf(id, doc)]));
}

function mapOf(database: string, doc: ShardMap['doc']): ShardMap {
  const ranges = doc['by_range'] as ShardMap['ranges'];
  const suffix = doc['shard_suffix'] as number[];
  return {
    database,
    doc,
    ranges,
    nodes: [...new Set(Object.values(ranges).flat())].sort(),
    suffix: String.fromCharCode(...suffix),
  };
}

/** The map with other nodes for its ranges. */
export function changedMap({ doc, ranges }: ShardMap, wanted: ShardMap['ranges']): object {
  const names = [...new Set(Object.values(wanted).flat())].sort();
  const byNode = Object.fromEntries(
    names.map((name) => [name, Object.keys(wanted).filter((range) => wanted[range]!.includes(name))]),
  );
  const log = Object.keys(wanted).flatMap((range) => [
    ...wanted[range]!.filter((name) => !ranges[range]!.includes(name)).map((name) => ['add', range, name]),
    ...ranges[range]!.filter((name) => !wanted[range]!.includes(name)).map((name) => ['remove', range, name]),
  ]);
  const changelog = [...((doc['changelog'] as unknown[] | undefined) ?? []), ...log];
  return { ...doc, by_node: byNode, by_range: wanted, changelog };
}

/** One copy of one range. */
export function copyPath({ database, suffix }: ShardMap, range: string, node: string): string {
  return path('_node', node, `shards/${range}/${database}${suffix}`);
}

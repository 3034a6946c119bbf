/** What a node of CouchDB knows of the cluster, and what the others say of themselves. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import { type Found, look, type Server, stranger } from './_server.ts';
import { lookForShards, type ShardMap } from './_shards.ts';

export interface Membership {
  readonly self: string;
  /** Members, whether they are there or not. */
  readonly members: readonly string[];
  /** Those that are there. */
  readonly connected: readonly string[];
}

export async function lookForMembers(reader: Reader, server: Server): Promise<Membership> {
  const [self, membership] = [
    await look(reader, server, '/_node/_local'),
    await look(reader, server, '/_membership'),
  ];
  const { all_nodes: connected, cluster_nodes: members } = membership.data;
  if (typeof self.data.name !== 'string' || !Array.isArray(connected) || !Array.isArray(members))
    throw stranger(server);
  return { self: self.data.name, members: members.map(String), connected: connected.map(String) };
}

export interface Peer {
  readonly name: string;
  readonly url: string;
}

export interface PeerSeen extends Peer {
  /** Why it cannot be asked, as a phrase. */
  readonly silent?: string;
  /** What it says it is called. */
  readonly calledItself?: string;
  readonly maps: readonly ShardMap[];
}

/** By the login of this node, which has to be that of all. Throws HostTrouble where that is not so. */
export async function lookAtPeer(reader: Reader, server: Server, peer: Peer): Promise<PeerSeen> {
  const there = { ...server, url: peer.url };
  let self: Found;
  try {
    self = await look(reader, there, '/_node/_local');
  } catch (error) {
    if (!(error instanceof HostTrouble) || !error.message.includes(' is not answered: ')) throw error;
    return { ...peer, silent: error.message.replace(/^.* is not answered: |\.$/g, ''), maps: [] };
  }
  return { ...peer, calledItself: String(self.data.name), maps: await lookForShards(reader, there) };
}

/** Databases of one name that are not one database. */
export function clashes(own: readonly ShardMap[], others: readonly ShardMap[]): string[] {
  const marks = new Map(own.map((map) => [map.database, markOf(map)]));
  return others
    .filter((map) => marks.has(map.database) && marks.get(map.database) !== markOf(map))
    .map(({ database }) => database);
}

function markOf({ suffix, ranges }: ShardMap): string {
  return `${suffix} ${JSON.stringify(Object.entries(ranges).sort())}`;
}

/** Where a node answers whose name tells its address: at the same port as this one. */
export function urlOf(name: string, server: Server): string {
  const url = new URL(server.url);
  url.hostname = name.slice(name.indexOf('@') + 1);
  return url.href.replace(/\/+$/, '');
}

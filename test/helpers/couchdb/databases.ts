/** A database: its documents, who may use it, and where the copies of its ranges are. */
import { crc32 } from 'node:zlib';
import type { Documents } from './documents.ts';
import { Refused } from './refused.ts';
import type { Body } from './revisions.ts';

export interface Database {
  readonly name: string;
  readonly suffix: string;
  readonly q: number;
  readonly partitioned: boolean;
  readonly docs: Documents;
  security: Body;
  /** Counts on with each change that a majority took; one that it did not is half a step back, and gives way. */
  securityRevision: number;
  /** Where copies of each range are. */
  byRange: { [range: string]: string[] };
  changelog: unknown[];
  revision: number;
  /** Copies that have what there is: "range node". A new copy is empty. */
  readonly filled: Set<string>;
}

export interface DatabaseOptions {
  readonly q: number;
  readonly n: number;
  readonly partitioned: boolean;
}

/** What connected members have in common. */
export interface Common {
  /** Names of members → revision; removed ones stay with an even number. */
  readonly members: Map<string, number>;
  readonly databases: Map<string, Database>;
  /** Suffixes of the newest databases that were deleted, by name. */
  readonly gone: Map<string, string>;
}

export const adminOnly: Body = { members: { roles: ['_admin'] }, admins: { roles: ['_admin'] } };

const legalName = /^(?:[a-z][a-z0-9_$()+/-]*|_users|_replicator|_global_changes)$/;

/** Members have odd revisions: adding and removing counts on. */
export function membersOf({ members }: Pick<Common, 'members'>): string[] {
  return [...members].filter(([, revision]) => revision % 2 === 1).map(([name]) => name);
}

export function makeDatabase(
  name: string,
  { q, n, partitioned }: DatabaseOptions,
  more: Pick<Database, 'suffix' | 'docs'> & { readonly members: readonly string[] },
): Database {
  const { members, suffix, docs } = more;
  const byRange: Database['byRange'] = {};
  for (let index = 0; index < q; index++) {
    const turned = [...members.slice(index % members.length), ...members.slice(0, index % members.length)];
    byRange[rangeOf(index, q)] = turned.slice(0, n);
  }
  const filled = new Set(
    Object.entries(byRange).flatMap(([range, nodes]) => nodes.map((one) => `${range} ${one}`)),
  );
  return {
    ...{ name, suffix, q, partitioned, docs, byRange, filled },
    ...{ security: adminOnly, securityRevision: 1, changelog: [], revision: 1 },
  };
}

export function checkName(name: string): void {
  if (legalName.test(name)) return;
  const rules =
    'Only lowercase characters (a-z), digits (0-9), and any of the characters _, $, (, ), +, -, and / are allowed. Must begin with a letter.';
  throw new Refused(400, 'illegal_database_name', `Name: '${name}'. ${rules}`);
}

function rangeOf(index: number, q: number): string {
  const width = 2 ** 32 / q;
  const from = Math.floor(index * width);
  const to = Math.floor((index + 1) * width) - 1;
  return [from, to].map((one) => one.toString(16).padStart(8, '0')).join('-');
}

export function rangeOfDocument({ byRange }: Database, id: string): string {
  const hash = (crc32(id) >>> 0).toString(16).padStart(8, '0');
  return Object.keys(byRange).find((range) => hash >= range.slice(0, 8) && hash <= range.slice(9))!;
}

/** What a copy has. */
export function countIn(database: Database, range: string, node: string): number {
  if (!database.filled.has(`${range} ${node}`)) return 0;
  return database.docs.ids().filter((id) => rangeOfDocument(database, id) === range).length;
}

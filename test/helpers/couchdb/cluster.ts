/** The nodes of CouchDB and what they share: members, databases, shards; as recorded from a real cluster of three. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Body, Documents, Refused } from './documents.ts';
import { hashOfAdmin, isHash } from './passwords.ts';

/** Milliseconds that the other nodes, or the node itself, take to notice something. */
export const lag = 20;

export interface Database {
  readonly name: string;
  readonly suffix: string;
  readonly q: number;
  readonly partitioned: boolean;
  readonly docs: Documents;
  security: Body;
  /** Where copies of each range are. */
  byRange: { [range: string]: string[] };
  changelog: unknown[];
  revision: number;
  /** Copies that have what there is: "range node". A new copy is empty. */
  readonly filled: Set<string>;
}

/** What connected members have in common. */
export interface Common {
  /** Names of members → revision; removed ones stay with an even number. */
  readonly members: Map<string, number>;
  readonly databases: Map<string, Database>;
}

export interface CouchNode {
  readonly name: string;
  readonly cookie: string;
  readonly config: Map<string, Map<string, string>>;
  readonly uuid: string;
  alive: boolean;
  /** One of its seedlist has answered since it started. */
  seeded: boolean;
  common: Common;
}

export const adminOnly: Body = { members: { roles: ['_admin'] }, admins: { roles: ['_admin'] } };

const legalName = /^(?:[a-z][a-z0-9_$()+/-]*|_users|_replicator|_global_changes)$/;

/** Members have odd revisions: adding and removing counts on. */
export function membersOf({ members }: Common): string[] {
  return [...members].filter(([, revision]) => revision % 2 === 1).map(([name]) => name);
}

export class Cluster {
  readonly nodes: CouchNode[] = [];
  #made = 1_795_374_434;

  add(name: string, { cookie, password }: { cookie: string; password: string }): CouchNode {
    const node: CouchNode = {
      name,
      cookie,
      config: new Map([
        ['admins', new Map([['admin', hashOfAdmin(password)]])],
        ['chttpd', new Map([['bind_address', '0.0.0.0']])],
        ['couchdb', new Map()],
      ]),
      uuid: randomBytes(16).toString('hex'),
      alive: true,
      seeded: false,
      common: { members: new Map([[name, 1]]), databases: new Map() },
    };
    this.nodes.push(node);
    return node;
  }

  node(name: string): CouchNode | undefined {
    return this.nodes.find((one) => one.name === name);
  }

  setting(node: CouchNode, section: string, key: string): string | undefined {
    return node.config.get(section)?.get(key);
  }

  /** A plain password of an admin stays for a moment, and only then becomes a hash. */
  set(node: CouchNode, section: string, key: string, value: string): void {
    if (!node.config.has(section)) node.config.set(section, new Map());
    node.config.get(section)!.set(key, value);
    if (section !== 'admins' || isHash(value)) return;
    setTimeout(() => {
      if (this.setting(node, section, key) === value) node.config.get(section)!.set(key, hashOfAdmin(value));
    }, lag);
  }

  /** Connected now: alive, a member, and of the same cookie. */
  connected(node: CouchNode): string[] {
    return this.nodes
      .filter(
        (one) =>
          one === node ||
          (one.alive && one.cookie === node.cookie && one.common.databases === node.common.databases),
      )
      .map(({ name }) => name);
  }

  /** Nobody asks whether there is such a node; if there is, it learns of it a moment later. */
  join(node: CouchNode, name: string): void {
    const revision = node.common.members.get(name) ?? 0;
    if (revision % 2 === 1) throw new Refused(409, 'conflict', 'Document update conflict.');
    node.common.members.set(name, revision + 1);
    setTimeout(() => this.#meet(node, this.node(name)), lag);
  }

  #meet(node: CouchNode, other: CouchNode | undefined): void {
    if (!other?.alive || !node.alive || other === node || other.cookie !== node.cookie) return;
    if (other.common === node.common) return;
    const { members, databases } = node.common;
    for (const [name, revision] of other.common.members)
      members.set(name, Math.max(revision, members.get(name) ?? 0));
    for (const [name, database] of other.common.databases) {
      const own = databases.get(name);
      // Of two databases of one name one wins, and what is in the other is lost.
      if (own === undefined || own.suffix < database.suffix) databases.set(name, database);
    }
    const gone = other.common;
    for (const one of this.nodes) if (one.common === gone) one.common = node.common;
  }

  /** The node that is removed does not learn of it. */
  leave(node: CouchNode, name: string): void {
    const { common } = node;
    const other = this.node(name);
    if (other && other.common === common)
      other.common = { members: new Map(common.members), databases: common.databases };
    common.members.set(name, common.members.get(name)! + 1);
  }

  start(node: CouchNode): void {
    node.alive = true;
    node.seeded = false;
    for (const one of this.nodes) {
      const knows = one.common.members.get(node.name) ?? 0;
      if (one !== node && one.alive && knows % 2 === 1) this.#meet(one, node);
    }
  }

  create(node: CouchNode, name: string, options: { q: number; n: number; partitioned: boolean }): Database {
    if (!legalName.test(name)) throw illegalName(name);
    const { databases } = node.common;
    if (databases.has(name)) {
      const reason = 'The database could not be created, the file already exists.';
      throw new Refused(412, 'file_exists', reason);
    }
    const members = membersOf(node.common).sort();
    this.#made += 1;
    const suffix = `.${this.#made}`;
    const byRange: Database['byRange'] = {};
    for (let index = 0; index < options.q; index++) {
      const turned = [...members.slice(index % members.length), ...members.slice(0, index % members.length)];
      byRange[rangeOf(index, options.q)] = turned.slice(0, options.n);
    }
    const filled = new Set(
      Object.entries(byRange).flatMap(([range, nodes]) => nodes.map((one) => `${range} ${one}`)),
    );
    const database: Database = {
      name,
      suffix,
      q: options.q,
      partitioned: options.partitioned,
      docs: new Documents(),
      security: adminOnly,
      byRange,
      changelog: [],
      revision: 1,
      filled,
    };
    databases.set(name, database);
    return database;
  }

  isLive(name: string): boolean {
    return this.node(name)?.alive === true;
  }

  /** What a copy has. */
  count(database: Database, range: string, node: string): number {
    if (!database.filled.has(`${range} ${node}`)) return 0;
    return database.docs.ids().filter((id) => rangeOfDocument(database, id) === range).length;
  }

  /** Empty copies are filled from others, where there is one that lives. */
  synchronise(database: Database): void {
    setTimeout(() => {
      for (const [range, nodes] of Object.entries(database.byRange)) {
        const live = nodes.filter((one) => this.isLive(one));
        if (!live.some((one) => database.filled.has(`${range} ${one}`))) continue;
        for (const one of live) database.filled.add(`${range} ${one}`);
      }
    }, lag);
  }

  /** As a reader sees it: copies answer that are empty still, unless their node is in maintenance. */
  countOf(database: Database): number {
    let sum = 0;
    for (const [range, nodes] of Object.entries(database.byRange)) {
      const asked = nodes.filter((one) => this.isLive(one) && !this.inMaintenance(one));
      sum += Math.min(...asked.map((one) => this.count(database, range, one)));
    }
    return Number.isFinite(sum) ? sum : 0;
  }

  inMaintenance(name: string): boolean {
    const node = this.node(name);
    return node !== undefined && this.setting(node, 'couchdb', 'maintenance_mode') === 'true';
  }

  /** Of three nodes with the switch on one only, most users get no database. */
  madeUser(node: CouchNode, name: string): void {
    const all = this.connected(node).map((one) => this.node(one)!);
    if (!all.every((one) => this.setting(one, 'couch_peruser', 'enable') === 'true')) return;
    setTimeout(() => {
      const own = `userdb-${Buffer.from(name).toString('hex')}`;
      const database =
        node.common.databases.get(own) ?? this.create(node, own, { q: 1, n: 3, partitioned: false });
      const listed = { roles: ['_admin'], names: [name] };
      database.security = { members: listed, admins: listed };
    }, lag);
  }
}

export function illegalName(name: string): Refused {
  const rules =
    'Only lowercase characters (a-z), digits (0-9), and any of the characters _, $, (, ), +, -, and / are allowed. Must begin with a letter.';
  return new Refused(400, 'illegal_database_name', `Name: '${name}'. ${rules}`);
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

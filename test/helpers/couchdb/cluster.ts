/** The nodes of CouchDB and what they share: members, databases, shards; as recorded from a real cluster of three. */
import { randomBytes } from 'node:crypto';
import {
  type Common,
  checkName,
  countIn,
  type Database,
  type DatabaseOptions,
  makeDatabase,
  membersOf,
} from './databases.ts';
import { Documents } from './documents.ts';
import { hashOfAdmin, isHash } from './passwords.ts';
import type { Asker, Question, Reply } from './question.ts';
import { conflict, Refused } from './refused.ts';
import type { Body } from './revisions.ts';

/** Milliseconds that the other nodes, or the node itself, take to notice something. */
export const lag = 20;

export interface CouchNode {
  readonly name: string;
  readonly cookie: string;
  readonly config: Map<string, Map<string, string>>;
  readonly uuid: string;
  alive: boolean;
  /** One of its seedlist has answered since it started. */
  seeded: boolean;
  common: Common;
  /** What its files say, where it has any. */
  reread?: () => CouchNode['config'];
}

export interface NodeOptions {
  readonly cookie: string;
  readonly password?: string;
  readonly uuid?: string;
}

/** Where what is changed is kept, and told to nodes that are not in this process. Keys are those of `ledger.ts`. */
export interface Beneath {
  touched(key: string): void;
  settled(): Promise<void>;
  /** A setting of a node of this process has changed. */
  configured(): Promise<void>;
  /** What another node answers; undefined where it is this one's to do. */
  pass(asker: Asker, question: Question): Promise<Reply | undefined>;
}

export class Cluster {
  readonly nodes: CouchNode[] = [];
  beneath: Beneath | undefined;
  #made = 1_795_374_434;

  add(name: string, { cookie, password, uuid }: NodeOptions): CouchNode {
    const node: CouchNode = {
      name,
      cookie,
      config: new Map([
        ['admins', new Map(password === undefined ? [] : [['admin', hashOfAdmin(password)]])],
        ['chttpd', new Map([['bind_address', '0.0.0.0']])],
        ['couchdb', new Map()],
      ]),
      uuid: uuid ?? randomBytes(16).toString('hex'),
      alive: true,
      seeded: false,
      common: { members: new Map([[name, 1]]), databases: new Map(), gone: new Map() },
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
    void this.beneath?.configured();
    if (section !== 'admins' || isHash(value)) return;
    setTimeout(() => {
      if (this.setting(node, section, key) !== value) return;
      node.config.get(section)!.set(key, hashOfAdmin(value));
      void this.beneath?.configured();
    }, lag);
  }

  reload(node: CouchNode): void {
    const config = node.reread?.();
    if (config === undefined) return;
    node.config.clear();
    for (const [section, keys] of config) node.config.set(section, new Map(keys));
    void this.beneath?.configured();
  }

  unset(node: CouchNode, section: string, key: string): void {
    node.config.get(section)!.delete(key);
    void this.beneath?.configured();
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
    if (revision % 2 === 1) throw conflict();
    node.common.members.set(name, revision + 1);
    this.beneath?.touched(`member ${name}`);
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
    if (other && other.common === common) other.common = { ...common, members: new Map(common.members) };
    common.members.set(name, common.members.get(name)! + 1);
    this.beneath?.touched(`member ${name}`);
  }

  start(node: CouchNode): void {
    node.alive = true;
    node.seeded = false;
    for (const one of this.nodes) {
      const knows = one.common.members.get(node.name) ?? 0;
      if (one !== node && one.alive && knows % 2 === 1) this.#meet(one, node);
    }
  }

  create(node: CouchNode, name: string, options: DatabaseOptions): Database {
    checkName(name);
    const { databases, gone } = node.common;
    if (databases.has(name)) {
      const reason = 'The database could not be created, the file already exists.';
      throw new Refused(412, 'file_exists', reason);
    }
    const known = [...databases.values()].map(({ suffix }) => suffix).concat(...gone.values());
    const last = Math.max(this.#made, ...known.map((suffix) => Number(suffix.slice(1))));
    this.#made = Math.max(last + 1, Math.floor(Date.now() / 1000));
    const database = makeDatabase(name, options, {
      suffix: `.${this.#made}`,
      docs: this.documentsOf(name),
      members: membersOf(node.common).sort(),
    });
    databases.set(name, database);
    this.beneath?.touched(`database ${name}`);
    if (name === '_users') setTimeout(() => this.#guard(database), lag);
    return database;
  }

  /** What a user may be is looked at by ourselves; this is only what is seen of it. */
  #guard({ docs }: Database): void {
    if (docs.has('_design/_auth')) return;
    const validate_doc_update = 'function (newDoc, oldDoc, userCtx, secObj) {}';
    docs.put('_design/_auth', { language: 'javascript', validate_doc_update });
    void this.beneath?.settled();
  }

  remove(node: CouchNode, { name, suffix }: Database): void {
    node.common.databases.delete(name);
    node.common.gone.set(name, suffix);
    this.beneath?.touched(`database ${name}`);
  }

  documentsOf(database: string): Documents {
    return new Documents((id) => this.beneath?.touched(`doc ${database} ${id}`));
  }

  /** Where fewer than half of the copies could be told, it is gone when they are back. */
  secure(database: Database, security: Body): boolean {
    const isTaken = Object.values(database.byRange).every((copies) => this.isMajority(copies));
    database.security = security;
    database.securityRevision = Math.ceil(database.securityRevision) + (isTaken ? 1 : -0.5);
    this.changed(database);
    return isTaken;
  }

  changed({ name }: Database): void {
    this.beneath?.touched(`database ${name}`);
  }

  isLive(name: string): boolean {
    return this.node(name)?.alive === true;
  }

  /** Whether more than half of the nodes are there. */
  isMajority(copies: readonly string[]): boolean {
    return copies.filter((one) => this.isLive(one)).length > copies.length / 2;
  }

  /** Empty copies are filled from others, where there is one that lives. */
  synchronise(database: Database): void {
    setTimeout(() => {
      const { filled, byRange } = database;
      const before = filled.size;
      for (const [range, nodes] of Object.entries(byRange)) {
        const live = nodes.filter((one) => this.isLive(one));
        if (!live.some((one) => filled.has(`${range} ${one}`))) continue;
        for (const one of live) filled.add(`${range} ${one}`);
      }
      if (filled.size === before) return;
      this.changed(database);
      void this.beneath?.settled();
    }, lag);
  }

  /** As a reader sees it: copies answer that are empty still, unless their node is in maintenance. */
  countOf(database: Database): number {
    let sum = 0;
    for (const [range, nodes] of Object.entries(database.byRange)) {
      const asked = nodes.filter((one) => this.isLive(one) && !this.inMaintenance(one));
      sum += Math.min(...asked.map((one) => countIn(database, range, one)));
    }
    return Number.isFinite(sum) ? sum : 0;
  }

  inMaintenance(name: string): boolean {
    const node = this.node(name);
    return node !== undefined && this.setting(node, 'couchdb', 'maintenance_mode') === 'true';
  }
}

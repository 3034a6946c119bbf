/** One node of several in processes of their own: what it has in common with the others is brought to each that can be reached. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Beneath, Cluster, CouchNode } from './cluster.ts';
import { membersOf } from './databases.ts';
import type { Journal } from './journal.ts';
import type { Item, Ledger } from './ledger.ts';
import { placeOf } from './places.ts';
import type { Asker, Question, Reply } from './question.ts';
import { nodeDown } from './refused.ts';
import { Declined, Line, listen, type Speaker } from './wire.ts';

/** Milliseconds: between looks at who is there, and after which whoever does not answer is not. */
const every = 250;
const patience = 1000;
/** For what takes longer: much that a node has missed, and requests that another one does. */
const longPatience = 30_000;

type Settings = { readonly [section: string]: { readonly [key: string]: string } };

interface Hello {
  readonly from: string;
  readonly life: string;
  readonly members: readonly (readonly [string, number])[];
}

interface Welcome {
  /** Whether the one who asks is a member. */
  readonly isMember: boolean;
  readonly members: Hello['members'];
  /** Of this life of the other, and how much of its log there is. */
  readonly life: string;
  readonly length: number;
  /** How much it has of the log of the one who asks. */
  readonly heard: number;
  readonly settings: Settings;
}

interface Items {
  readonly from: string;
  readonly items: readonly (readonly [string, Item])[];
  readonly settings?: Settings;
  /** After these it has the log up to here. */
  readonly upTo?: number;
  readonly life?: string;
}

interface Peer {
  readonly line: Line;
  readonly node: CouchNode;
  isBusy: boolean;
  /** What had to be heard of it before it counts as there: its life, and the length of its log. */
  target: { readonly life: string; readonly length: number } | undefined;
}

export interface LinksOptions {
  readonly cluster: Cluster;
  readonly node: CouchNode;
  readonly ledger: Ledger;
  readonly journal: Journal | undefined;
  readonly speaker: Speaker;
  readonly host: string;
  /** Does what another node was asked for. */
  readonly perform: (told: never) => Promise<unknown>;
  /** A setting of this node has changed. */
  readonly onConfigured?: () => void;
  readonly log?: ((line: string) => void) | undefined;
}

export class Links implements Beneath, AsyncDisposable {
  readonly #is: LinksOptions;
  readonly #life = randomBytes(8).toString('hex');
  readonly #peers = new Map<string, Peer>();
  readonly #heard = new Map<string, number>();
  readonly #telling = new Set<Promise<void>>();
  #hasNewSettings = false;
  #timer: NodeJS.Timeout | undefined;
  #close: (() => Promise<void>) | undefined;

  constructor(options: LinksOptions) {
    this.#is = options;
    options.cluster.beneath = this;
  }

  /** Once it has what those have that can be reached. */
  async open(seeds: readonly string[]): Promise<void> {
    const { cluster, node, speaker, host, log } = this.#is;
    this.#close = await listen({ ...speaker, host, log }, (what, told) => this.#hear(what, told));
    const { members } = node.common;
    for (const seed of seeds) if ((members.get(seed) ?? 0) % 2 === 0) cluster.join(node, seed);
    this.#keep();
    this.#timer = setInterval(() => this.#look(), every);
    const others = () => membersOf(node.common).filter((name) => name !== node.name);
    const tried = new Set<string>();
    for (const end = performance.now() + 2 * patience; performance.now() < end; await pause(10)) {
      for (const name of others()) {
        const peer = this.#peer(name);
        if (!peer.isBusy) void this.#contact(name, peer).then((found) => found === 'away' && tried.add(name));
      }
      if (others().every((name) => cluster.isLive(name) || tried.has(name))) break;
    }
  }

  touched(key: string): void {
    this.#is.ledger.touched(key);
  }

  async configured(): Promise<void> {
    this.#hasNewSettings = true;
    this.#is.onConfigured?.();
    await this.settled();
  }

  /** Kept, and known to all that can be reached. */
  async settled(): Promise<void> {
    const telling = this.#tell();
    this.#telling.add(telling);
    void telling.finally(() => this.#telling.delete(telling));
    // Others may have taken what this one waits for along.
    await Promise.all(this.#telling);
  }

  async #tell(): Promise<void> {
    const { ledger, node } = this.#is;
    const keys = this.#keep();
    if (keys.length === 0 && !this.#hasNewSettings) return;
    const told: Items = {
      from: node.name,
      items: keys.map((key) => [key, ledger.item(key)]),
      ...(this.#hasNewSettings ? { settings: settingsOf(node) } : {}),
    };
    this.#hasNewSettings = false;
    const there = [...this.#peers].filter(([name, peer]) => peer.node.alive && this.#isMember(name));
    await Promise.all(
      there.map(([, peer]) => peer.line.say('items', told, patience).catch(() => this.#lost(peer))),
    );
  }

  /**
   * What another node does: of itself, or, as the first of those that are there, all that changes what is common. Where
   * it dies over it, the next one is asked, and told that it may have been done. Undefined: this node does it.
   */
  async pass(asker: Asker, question: Question): Promise<Reply | undefined> {
    const { node, cluster } = this.#is;
    for (;;) {
      const name = placeOf(node, question) ?? this.#leader();
      if (name === node.name || !cluster.isLive(name)) return undefined;
      const { method, path, text, at, again } = question;
      const query = String(question.query);
      const told = { from: node.name, asker, method, path, query, text, at, again };
      const peer = this.#peer(name);
      try {
        return await peer.line.say<Reply>('ask', told, longPatience);
      } catch (error) {
        if (!(error instanceof Declined)) this.#lost(peer);
        if (placeOf(node, question) === name) throw nodeDown(name);
        if (error instanceof Declined) return undefined;
        question.again = true;
      }
    }
  }

  /** The first of the members that are there. */
  #leader(): string {
    const { node, cluster } = this.#is;
    const there = membersOf(node.common).filter((name) => cluster.isLive(name));
    return [...there, node.name].sort()[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const { line } of this.#peers.values()) line.close();
    await this.#close?.();
    this.#is.journal?.close();
  }

  #keep(): string[] {
    const keys = this.#is.ledger.taken();
    this.#is.journal?.write(keys);
    return keys;
  }

  #isMember(name: string): boolean {
    return (this.#is.node.common.members.get(name) ?? 0) % 2 === 1;
  }

  #peer(name: string): Peer {
    const { cluster, node, speaker } = this.#is;
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      const shadow = cluster.add(name, { cookie: node.cookie });
      shadow.alive = false;
      peer = { line: new Line(speaker, name), node: shadow, isBusy: false, target: undefined };
      this.#peers.set(name, peer);
    }
    return peer;
  }

  #lost(peer: Peer): void {
    peer.node.alive = false;
    peer.target = undefined;
    peer.line.close();
  }

  #look(): void {
    this.#keep();
    for (const name of this.#is.node.common.members.keys()) {
      if (name === this.#is.node.name) continue;
      const peer = this.#peer(name);
      if (!peer.isBusy) void this.#contact(name, peer);
    }
  }

  /** It is there only once each has what the other has. */
  async #contact(name: string, peer: Peer): Promise<'there' | 'behind' | 'away'> {
    const { node, ledger } = this.#is;
    peer.isBusy = true;
    try {
      const hello: Hello = {
        from: node.name,
        life: this.#life,
        members: this.#isMember(name) ? [...node.common.members] : [],
      };
      const told = await peer.line.say<Welcome>('hello', hello, patience);
      // Who was removed is left alone with what it believes.
      if (!told.isMember || !this.#isMember(name)) {
        peer.node.alive = told.isMember;
        peer.node.common = node.common;
        return 'there';
      }
      this.#learn(told.members);
      take(peer.node, told.settings);
      if (peer.target?.life !== told.life) peer.target = { life: told.life, length: told.length };
      let heard = told.heard;
      while (heard < ledger.length) heard = await this.#offer(peer, heard);
      if ((this.#heard.get(told.life) ?? 0) < peer.target.length) return 'behind';
      peer.node.common = node.common;
      peer.node.alive = true;
      return 'there';
    } catch {
      this.#lost(peer);
      return 'away';
    } finally {
      peer.isBusy = false;
    }
  }

  /** It is told what there is, and says what of it is new. */
  async #offer({ line }: Peer, start: number): Promise<number> {
    const { ledger, node } = this.#is;
    const [from, upTo] = [node.name, ledger.length];
    const offers = ledger.since(start).map((key) => [key, ledger.digest(key)]);
    const wanted = await line.say<string[]>('offer', { from, offers }, longPatience);
    for (let index = 0; index === 0 || index < wanted.length; index += 500) {
      const items = wanted.slice(index, index + 500).map((key) => [key, ledger.item(key)] as const);
      const isLast = index + 500 >= wanted.length;
      const told: Items = { from, items, ...(isLast ? { upTo, life: this.#life } : {}) };
      await line.say('items', told, longPatience);
    }
    return upTo;
  }

  async #hear(what: string, told: never): Promise<unknown> {
    const { from } = told as { from: string };
    if (what === 'hello') return this.#welcome(told);
    if (!this.#isMember(from)) throw new Error(`${from} is no member.`);
    if (what === 'offer') {
      const { offers } = told as { offers: [string, string][] };
      return offers.filter(([key, digest]) => this.#is.ledger.digest(key) !== digest).map(([key]) => key);
    }
    if (what === 'items') return this.#take(told);
    return await this.#is.perform(told);
  }

  #welcome({ from, life, members }: Hello): Welcome {
    const { node, ledger } = this.#is;
    const own = node.common.members.get(from);
    // Whoever names this one as a seed, and has the cookie, is a member.
    if (own === undefined || own % 2 === 1) this.#learn(members);
    const isMember = this.#isMember(from);
    if (isMember && !this.#peer(from).node.alive) setTimeout(() => this.#look(), 0);
    return {
      isMember,
      members: isMember ? [...node.common.members] : [],
      life: this.#life,
      length: ledger.length,
      heard: this.#heard.get(life) ?? 0,
      settings: isMember ? settingsOf(node) : {},
    };
  }

  #take({ from, items, settings, upTo, life }: Items): true {
    for (const [key, item] of items) this.#is.ledger.merge(key, item);
    this.#keep();
    if (settings) take(this.#peer(from).node, settings);
    if (upTo !== undefined && life !== undefined) this.#heard.set(life, upTo);
    return true;
  }

  #learn(members: Hello['members']): void {
    for (const [name, revision] of members) this.#is.ledger.merge(`member ${name}`, { revision });
    this.#keep();
  }
}

/** What the others need to know of it. */
function settingsOf({ config }: CouchNode): Settings {
  const sections = ['couchdb', 'couch_peruser'].map((name) => [
    name,
    Object.fromEntries(config.get(name) ?? []),
  ]);
  return Object.fromEntries(sections);
}

function take(node: CouchNode, settings: Settings): void {
  for (const [section, keys] of Object.entries(settings))
    node.config.set(section, new Map(Object.entries(keys)));
}

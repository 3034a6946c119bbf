/** One node of several in processes of their own: what it has in common with the others is brought to each that can be reached. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Beneath, Cluster, CouchNode } from './cluster.ts';
import { membersOf } from './databases.ts';
import { Hearing, isMember, keep } from './hearing.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { type Hello, type Items, settingsOf, takeSettings, type Welcome } from './messages.ts';
import { placeOf } from './places.ts';
import type { Asker, Question, Reply } from './question.ts';
import { nodeDown } from './refused.ts';
import { Declined, Line, listen, type Speaker } from './wire.ts';

/** Milliseconds: between looks at who is there, and after which whoever does not answer twice is not. */
const every = 250;
const patience = 1000;
/** For what takes longer. Whoever is not there any more is not waited for. */
const longPatience = 30_000;

interface Peer {
  readonly line: Line;
  readonly node: CouchNode;
  isBusy: boolean;
  /** How often in a row it has not answered in time. */
  silences: number;
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
  readonly #hearing: Hearing;
  readonly #telling = new Set<Promise<void>>();
  #hasNewSettings = false;
  #timer: NodeJS.Timeout | undefined;
  #close: (() => Promise<void>) | undefined;

  constructor(options: LinksOptions) {
    this.#is = options;
    this.#hearing = new Hearing({
      ...options,
      life: this.#life,
      shadow: (name) => this.#peer(name).node,
      onCall: () => this.#look(),
      meet: (name) => this.#meet(name),
    });
    options.cluster.beneath = this;
  }

  /** Once it has what those have that can be reached. */
  async open(seeds: readonly string[]): Promise<void> {
    const { cluster, node, speaker, host, log } = this.#is;
    this.#close = await listen({ ...speaker, host, log }, (what, told) => this.#hearing.hear(what, told));
    const { members } = node.common;
    for (const seed of seeds) if ((members.get(seed) ?? 0) % 2 === 0) cluster.join(node, seed);
    keep(this.#is);
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
    const keys = keep(this.#is);
    if (keys.length === 0 && !this.#hasNewSettings) return;
    const told: Items = {
      from: node.name,
      items: keys.map((key) => [key, ledger.item(key)]),
      ...(this.#hasNewSettings ? { settings: settingsOf(node) } : {}),
    };
    this.#hasNewSettings = false;
    const there = [...this.#peers].filter(([name, peer]) => peer.node.alive && isMember(node, name));
    await Promise.all(
      there.map(([, peer]) => peer.line.say('items', told, longPatience).catch(() => this.#lost(peer))),
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

  #peer(name: string): Peer {
    const { cluster, node, speaker } = this.#is;
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      const shadow = cluster.add(name, { cookie: node.cookie });
      shadow.alive = false;
      peer = { line: new Line(speaker, name), node: shadow, isBusy: false, silences: 0, target: undefined };
      this.#peers.set(name, peer);
    }
    return peer;
  }

  async #meet(name: string): Promise<void> {
    const peer = this.#peer(name);
    for (const end = performance.now() + patience; performance.now() < end; await pause(10)) {
      if (!peer.node.alive && !peer.isBusy) await this.#contact(name, peer);
      if (peer.node.alive) return;
    }
  }

  #lost(peer: Peer): void {
    peer.node.alive = false;
    peer.target = undefined;
    peer.line.close();
  }

  #look(): void {
    keep(this.#is);
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
        members: isMember(node, name) ? [...node.common.members] : [],
      };
      const told = await peer.line.say<Welcome>('hello', hello, patience);
      peer.silences = 0;
      // Who was removed is left alone with what it believes.
      if (!told.isMember || !isMember(node, name)) {
        peer.node.alive = told.isMember;
        peer.node.common = node.common;
        return 'there';
      }
      this.#hearing.learn(told.members);
      takeSettings(peer.node, told.settings);
      if (peer.target?.life !== told.life) peer.target = { life: told.life, length: told.length };
      let heard = told.heard;
      // While others write there is always something more: the rest comes with the next look.
      for (let round = 0; heard < ledger.length && round < 4; round++) heard = await this.#offer(peer, heard);
      if (this.#hearing.heardOf(told.life) < peer.target.length) return 'behind';
      peer.node.common = node.common;
      const isBack = !peer.node.alive;
      peer.node.alive = true;
      // What was asked for while it was away is made up for.
      if (isBack)
        for (const database of node.common.databases.values()) this.#is.cluster.synchronise(database);
      return 'there';
    } catch (error) {
      // A machine that is busy may be late once.
      const isLate = (error as Error).name === 'AbortError' && ++peer.silences < 2;
      if (!isLate) this.#lost(peer);
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
}

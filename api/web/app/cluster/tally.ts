/** Counts who served: by node, by pair of nodes, and by time; and notices who falls silent. */
import type { Happening } from './load.ts';

export type Role = 'app' | 'db';

export interface Served {
  /** Milliseconds. */
  readonly at: number;
  readonly took: number;
  readonly tries: number;
  readonly app: string;
  readonly db: string;
  readonly count: number;
}

export interface NodeTally {
  readonly name: string;
  readonly role: Role;
  /** Its colour, 1 to 8: by the number in its name where it has one, so that it is the same each time. */
  readonly colour: number;
  readonly requests: number;
  readonly uuids: number;
  readonly seen: number;
  readonly silent: boolean;
  /** Of its last answers, in milliseconds. */
  readonly times: readonly number[];
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** How much the charts look back on. */
export const memory = 60_000;
const most = 20_000;
const colours = 8;
const order = new Intl.Collator('en', { numeric: true });
const timesKept = 500;
/** A node is silent when it has not answered for so long, and for so many of its turns. */
const silence = { milliseconds: 1500, turns: 8 };

export class Tally {
  readonly nodes: readonly NodeTally[];
  /** Of the last minute, oldest first. */
  recent: Served[] = [];
  requests = 0;
  uuids = 0;
  retries = 0;
  readonly #nodes: Changing<NodeTally>[] = [];
  #started: number | undefined;

  constructor() {
    this.nodes = this.#nodes;
  }

  /** Returns what is worth telling. */
  add(happening: Happening): string[] {
    if (happening.kind === 'retried') {
      this.retries += 1;
      return [];
    }
    const { at, took, tries, answer } = happening;
    const { app, db } = answer;
    const count = answer.uuids.length;
    this.#started ??= at;
    this.requests += 1;
    this.uuids += count;
    this.recent.push({ at, took, tries, app, db, count });
    // A little late, so that not every answer moves them all.
    if (this.recent[0]!.at < at - memory * 1.1 || this.recent.length > most) this.#forget(at);
    return [
      this.#count('app', app, happening.took, count, at),
      this.#count('db', db, took, count, at),
    ].flat();
  }

  of(role: Role): readonly NodeTally[] {
    return this.nodes.filter((node) => node.role === role).sort((a, b) => order.compare(a.name, b.name));
  }

  /** Nodes that have fallen silent since it was asked last, as sentences. To be asked only while requests go out. */
  silences(now: number): string[] {
    const told: string[] = [];
    for (const node of this.#nodes) {
      if (node.silent || now - node.seen < silence.milliseconds) continue;
      const others = this.of(node.role).filter((other) => !other.silent).length;
      const since = this.recent.filter(({ at }) => at > node.seen).length;
      if (since < silence.turns * others) continue;
      node.silent = true;
      told.push(`${short(node.name)} has fallen silent: others serve.`);
    }
    return told;
  }

  /** Of what share of the uuids of the last moments each pair of nodes has served, largest first. */
  pairs(now: number, window: number): { app: string; db: string; share: number }[] {
    const counts = new Map<string, { app: string; db: string; share: number }>();
    let sum = 0;
    for (let index = this.recent.length - 1; index >= 0; index -= 1) {
      const { at, app, db, count } = this.recent[index]!;
      if (at < now - window) break;
      const key = JSON.stringify([app, db]);
      const pair = counts.get(key) ?? { app, db, share: 0 };
      pair.share += count;
      counts.set(key, pair);
      sum += count;
    }
    return [...counts.values()].map((pair) => ({ ...pair, share: pair.share / sum }));
  }

  #count(role: Role, name: string, took: number, count: number, at: number): string[] {
    let node = this.#nodes.find((one) => one.role === role && one.name === name);
    const told: string[] = [];
    if (node === undefined) {
      const colour = colourOf(name, this.of(role));
      node = { name, role, colour, requests: 0, uuids: 0, seen: at, silent: false, times: [] };
      this.#nodes.push(node);
      // Those of the first moments are there already, as far as anybody can tell.
      if (at - this.#started! > silence.milliseconds) told.push(`${short(name)} has joined.`);
    }
    if (node.silent) told.push(`${short(name)} is back.`);
    const times = node.times as number[];
    times.push(took);
    if (times.length > timesKept) times.shift();
    node.silent = false;
    node.requests += 1;
    node.uuids += count;
    node.seen = at;
    return told;
  }

  #forget(now: number): void {
    const first = this.recent.findIndex(({ at }) => at >= now - memory);
    this.recent = this.recent.slice(Math.max(first, this.recent.length - most * 0.9, 0));
  }
}

function colourOf(name: string, others: readonly NodeTally[]): number {
  const wanted = Number(/\d+$/.exec(short(name))?.[0] ?? 1) - 1;
  const choices = Array.from(
    { length: colours },
    (_, index) => (((wanted + index) % colours) + colours) % colours,
  );
  return (choices.find((choice) => others.every(({ colour }) => colour !== choice + 1)) ?? choices[0]!) + 1;
}

/** The value below which such a part of the values lies; 0 where there are none. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}

/** `app1` of `app1.example.net`; addresses stay whole. */
export function short(name: string): string {
  return /^[\d.:[\]]+$/.test(name) ? name : name.replace(/\..*$/, '');
}

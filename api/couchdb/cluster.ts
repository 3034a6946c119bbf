/** Asks the db nodes: the one with the least to do first, and another one where it fails. */
import { hash } from 'node:crypto';
import type { CouchSettings } from '../settings.ts';
import { firstAnswer } from './answer.ts';
import { discover } from './discover.ts';
import { Member, type Question, type Reply } from './member.ts';

const interval = 2000;
/** So many nodes are asked the same at most. */
const attempts = 3;

export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

export interface Asking extends Question {
  /** A POST that may be sent twice. All other methods may. */
  readonly repeatable?: boolean;
  /**
   * Whatever has the same one is asked of the same node, by all app nodes, as long as that is well: CouchDB takes
   * writes of one document at two nodes at once, and leaves a conflict.
   */
  readonly about?: string;
}

export class Cluster {
  readonly #settings: CouchSettings;
  readonly #timer: NodeJS.Timeout;
  #members: readonly Member[] = [];
  #looking: Promise<void>;

  constructor(settings: CouchSettings) {
    this.#settings = settings;
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#look();
    }, interval);
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** Members that stay keep their connections. */
  async #look(): Promise<void> {
    const places = await discover(this.#settings);
    if (places.length > 0) {
      const known = new Map(this.#members.map((member) => [key(member.place), member]));
      const before = this.#members;
      this.#members = places.map((place) => {
        const member = known.get(key(place)) ?? new Member(place, this.#settings.verify);
        member.place = place;
        return member;
      });
      for (const member of before) if (!this.#members.includes(member)) void member.close();
    }
    await Promise.all(this.#members.map((member) => member.check()));
  }

  /**
   * Those that are well come first, and of these those that are to stay. Equals are drawn by lot: by turns, the same step
   * of each request of a person would come to the same node, and a node that has served less so far, as it was away,
   * would get all until it has caught up.
   */
  #order(about: string | undefined): Member[] {
    const rank = new Map(
      this.#members.map((member) => [
        member,
        about === undefined
          ? [member.place.priority, member.inFlight, Math.random()]
          : [member.place.priority, hash('sha256', `${member.name} ${about}`)],
      ]),
    );
    return [...this.#members].sort((one, other) => {
      if (one.isWell !== other.isWell) return one.isWell ? -1 : 1;
      const [a, b] = [rank.get(one)!, rank.get(other)!];
      const at = a.findIndex((value, index) => value !== b[index]);
      return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
    });
  }

  /** @throws Unavailable where no db node has answered. */
  async ask(asking: Asking): Promise<Reply> {
    if (this.#members.length === 0) await this.#looking;
    const mayRepeat = asking.method !== 'POST' || asking.repeatable === true;
    const members = this.#order(asking.about).slice(0, attempts);
    try {
      return await firstAnswer(members, asking, { mayRepeat });
    } catch (cause) {
      throw new Unavailable('No db node answers.', { cause });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#members.map((member) => member.close()));
  }
}

function key({ origin, servername }: Member['place']): string {
  return `${origin} ${servername}`;
}

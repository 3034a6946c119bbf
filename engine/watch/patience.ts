/** How long to wait before the same thing is put right again: who fights us is given way to, and reported. */

/** What is repeated at once, in seconds the first pause beyond, the longest, and how long calm has to last to be forgiven. */
export interface Temper {
  readonly free: number;
  readonly first: number;
  readonly longest: number;
  readonly calm: number;
  /** Repeats from which on it is said that something else changes it. */
  readonly fight: number;
}

export const evenTemper: Temper = { free: 5, first: 1, longest: 300, calm: 900, fight: 10 };

/** A thing that something else keeps changing. Times are milliseconds since the epoch. */
export interface Fight {
  readonly tag: string;
  readonly times: number;
  readonly since: number;
  /** Until then it is left alone. */
  readonly until: number;
}

interface Memory {
  times: number;
  readonly since: number;
  last: number;
  until: number;
}

export class Patience {
  readonly #temper: Temper;
  readonly #memories = new Map<string, Memory>();

  constructor(temper: Temper = evenTemper) {
    this.#temper = temper;
  }

  /** It was put right, or could not be. True where it has just become a fight. */
  repeated(tag: string, now: number): boolean {
    this.#forget(now);
    const { free, first, longest, fight } = this.#temper;
    const memory = this.#memories.get(tag) ?? { times: 0, since: now, last: now, until: now };
    memory.times += 1;
    memory.last = now;
    const doubled = memory.times - free;
    memory.until = doubled <= 0 ? now : now + 1000 * Math.min(longest, first * 2 ** (doubled - 1));
    this.#memories.set(tag, memory);
    return memory.times === fight;
  }

  /** Before that it is left alone. */
  readyAt(tag: string): number {
    return this.#memories.get(tag)?.until ?? 0;
  }

  fights(now: number): Fight[] {
    this.#forget(now);
    return [...this.#memories]
      .filter(([, { times }]) => times >= this.#temper.fight)
      .map(([tag, { times, since, until }]) => ({ tag, times, since, until }));
  }

  /** Calm is counted from when it could have been repeated. */
  #forget(now: number): void {
    for (const [tag, { last, until }] of this.#memories)
      if (now - Math.max(last, until) > this.#temper.calm * 1000) this.#memories.delete(tag);
  }
}

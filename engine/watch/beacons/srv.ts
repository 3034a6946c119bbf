/** Beacon `srv`: members of services come and go, or get other addresses. */
import { spanOf } from '../../core/span.ts';
import type { Targets } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';

/** Milliseconds from the end of one question to the next, at least: an answer may take long. */
const breath = 200;

class Services implements Beacon {
  readonly #means: Means;
  readonly #every: number;
  #alarm: Disposable | undefined;
  #asking: Promise<void> | undefined;
  #services: ReadonlySet<string> = new Set();
  #last: readonly string[] = [];
  #stopped = false;

  constructor(means: Means, every: number) {
    this.#means = means;
    this.#every = every;
  }

  aim({ services }: Targets): void {
    this.#services = services;
    if (services.size > 0 && !this.#alarm && !this.#asking) this.#wait();
  }

  /** Asks, and notifies of all that are others than those of the last run. */
  look(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      if (!this.#stopped && this.#services.size > 0) this.#wait();
    });
    return this.#asking;
  }

  tell(): string {
    const count = this.#services.size;
    if (count === 0) return 'no services: no template asks for members';
    const asked = `asks for ${count === 1 ? [...this.#services][0] : `${count} services`} every ${this.#every} s`;
    return this.#last.length > 0 ? `${asked}; changed last: ${this.#last.join(', ')}` : asked;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
  }

  #wait(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = this.#means.clock.after(Math.max(breath, this.#every * 1000), () => {
      this.#alarm = undefined;
      void this.look();
    });
  }

  async #ask(): Promise<void> {
    const changed = await this.#means.machine.changedServices();
    if (this.#stopped || changed.length === 0) return;
    this.#last = changed;
    for (const name of changed) this.#means.notify(name);
  }
}

export default defineBeacon({
  summary: 'members of services that templates ask for, by SRV records',
  description: `
What counts as a member, and how long one that is missing stays, is told by the page on discovery. An answer that says
nothing changes nothing.`,
  properties: {
    every: {
      type: ['string', 'number'],
      description:
        'Time between two questions; `discovery:interval` of the pillar holds as well, the longer one counts.',
      default: 5,
    },
  },
  standard: true,
  reaction: 'affected',
  start: ({ every }, means) => new Services(means, spanOf(every) ?? 5),
});

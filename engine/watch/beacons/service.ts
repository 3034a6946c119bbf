/** Beacon `service`: units that start, stop, fail, are masked or changed, as systemd itself tells. */
import { unitName } from '../../core/unit-name.ts';
import type { Targets } from '../../core/watch.ts';
import { type Kept, keepUp } from '../again.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';

/** Names that are remembered though nobody has asked for them. */
const remembered = 1000;

class Service implements Beacon {
  readonly #means: Means;
  readonly #own: readonly string[];
  #units: ReadonlySet<string>;
  /** While there is nothing to hear of, nobody listens. */
  #signals: Kept | undefined;
  /** Others: of one that a run looks at just now it is only known afterwards that it did. */
  readonly #others = new Set<string>();
  /** To be told together: a unit that is restarted changes half a dozen times. */
  readonly #changed = new Set<string>();
  #soon: Disposable | undefined;

  constructor(units: readonly string[], means: Means) {
    this.#means = means;
    this.#own = units.map(unitName);
    this.#units = new Set(this.#own);
    this.#listen();
  }

  aim({ units }: Targets): void {
    this.#units = new Set([...this.#own, ...units]);
    this.#listen();
    this.#note([...this.#units].filter((name) => this.#others.delete(name)));
  }

  tell(): string {
    const units = this.#units.size === 1 ? '1 unit' : `${this.#units.size} units`;
    return this.#signals?.down === undefined ? units : `${units}, unheard: ${this.#signals.down}`;
  }

  [Symbol.dispose](): void {
    this.#signals?.[Symbol.dispose]();
    this.#soon?.[Symbol.dispose]();
  }

  #listen(): void {
    if (this.#units.size === 0 || this.#signals) return;
    this.#signals = keepUp(
      this.#means.clock,
      (end) =>
        this.#means.machine.unitSignals({
          unit: (name) => this.#note([name]),
          all: () => this.#note(this.#units),
          end,
        }),
      (reason) => this.#means.warn(`Units are not watched: ${reason}.`),
    );
  }

  #note(names: Iterable<string>): void {
    for (const name of names) {
      if (this.#units.has(name)) this.#changed.add(name);
      else this.#others.add(name);
    }
    if (this.#others.size > remembered) this.#others.clear();
    if (this.#changed.size === 0) return;
    this.#soon ??= this.#means.clock.after(0, () => {
      this.#soon = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const name of changed) this.#means.notify(name);
    });
  }
}

export default defineBeacon({
  summary: 'units of systemd that states look at: started, stopped, failed, masked or changed',
  description: `
systemd tells of them itself, over its own socket, so nothing is asked and no process waits. It does so for root only.
A unit is known by all its names, so that \`sshd.service\` is told of as well where it is called \`ssh.service\`. After
systemd has read its unit files anew, or has started itself anew, all of them are looked at.`,
  properties: {
    units: {
      type: 'array',
      items: { type: 'string' },
      description: 'Further units to watch. A name without a type means a service.',
    },
  },
  standard: true,
  reaction: 'affected',
  start: ({ units = [] }, means) => new Service(units, means),
});

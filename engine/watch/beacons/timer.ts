/** Beacon `timer`: so much time has passed, or it is time. */
import { spanOf, spanText } from '../../core/span.ts';
import type { Clock } from '../../core/watch.ts';
import { type Beacon, defineBeacon } from '../beacon.ts';
import { off } from '../off.ts';
import { portionOf } from '../portion.ts';
import { byCron, everySo, type Rhythm } from '../rhythm.ts';

/** Milliseconds after which the time of day is looked at again: the clock may be set, the machine may sleep. */
const beat = 600_000;
/** Milliseconds that a clock may go wrong by itself. */
const slack = 1000;

/**
 * ```
 *             it is due
 *   asleep ──────────────▶ strikes
 *    │  ▲ ▲                   │
 *    │  │ └─── the next one ──┘
 *    └──┘ a beat is over: was the clock set?
 * ```
 * However many moments were slept through, it strikes once for them.
 */
class Timer implements Beacon {
  readonly #rhythm: Rhythm;
  readonly #clock: Clock;
  readonly #strike: () => void;
  /** Undefined: it never comes again. */
  #due: number | undefined;
  /** Milliseconds until then, as it was planned, and those that have really passed since. */
  #wait = 0;
  #passed = 0;
  /** The moment that it struck for. */
  #served: number | undefined;
  #alarm: Disposable | undefined;

  constructor(rhythm: Rhythm, atStart: boolean, clock: Clock, strike: () => void) {
    this.#rhythm = rhythm;
    this.#clock = clock;
    this.#strike = strike;
    this.#plan(atStart ? clock.now() : rhythm.next(clock.now()));
  }

  tell(): string {
    if (this.#due === undefined) return `${this.#rhythm.text}, never again`;
    const seconds = Math.max(0, this.#due - this.#clock.now()) / 1000;
    return `${this.#rhythm.text}, next in ${spanText(Math.ceil(seconds))}`;
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    this.#due = undefined;
  }

  #plan(due: number | undefined): void {
    this.#due = due;
    if (due === undefined) return;
    this.#passed = 0;
    this.#wait = due - this.#clock.now();
    this.#sleep();
  }

  #sleep(): void {
    const now = this.#clock.now();
    const left = this.#rhythm.period ? this.#wait - this.#passed : this.#due! - now;
    const spell = Math.max(0, Math.min(left, beat));
    this.#alarm = this.#clock.after(spell, () => this.#wake(spell, now + spell));
  }

  /** `expected`: what the clock shows unless it was set. */
  #wake(spell: number, expected: number): void {
    const now = this.#clock.now();
    this.#passed += spell;
    if (!this.#rhythm.period && now < expected - slack) this.#due = this.#anew(now);
    if (this.#due === undefined) return;
    const isOver = this.#rhythm.period !== undefined && this.#passed >= this.#wait;
    if (now < this.#due && !isOver) {
      this.#sleep();
      return;
    }
    this.#served = this.#due;
    // Where the clock was set, or it comes late, the next one is not at once.
    this.#plan(this.#rhythm.next(now + (this.#rhythm.period ?? 0) / 2));
    this.#strike();
  }

  /** The clock was set back: what it struck for before is left out, unless that would be a long silence. */
  #anew(now: number): number | undefined {
    const { next } = this.#rhythm;
    const served = this.#served;
    let due = next(now);
    if (served === undefined) return due;
    const usual = (next(served) ?? Number.POSITIVE_INFINITY) - served;
    while (due !== undefined && due <= served && due - now + this.#passed < usual / 2) due = next(due);
    return due;
  }
}

export default defineBeacon({
  summary: 'that so much time has passed, or that it is a certain time',
  description: `Each entry has \`every\` or \`cron\`. Nodes that are set up alike do not act at once: each has a share of the
\`splay\`, which follows from its ID and the name of the entry, and stays the same.

\`every\` does not depend on when the watch was started. What was slept through is made up for once. A \`cron\` that falls
into the hour that is left out in spring comes when that hour would have ended; in the hour that comes twice in autumn
it comes once, unless it comes in every hour.`,
  properties: {
    every: {
      type: ['string', 'number'],
      description: 'Time between two runs: `15m`, `1h`, or seconds.',
    },
    cron: {
      type: 'string',
      description: 'A time of crontab(5), such as `30 4 * * *` or `@daily`, instead of `every`.',
    },
    timezone: {
      type: 'string',
      description: 'Time zone of `cron`, such as `Europe/Vienna`. Unless given, that of the machine.',
    },
    splay: {
      type: ['string', 'number'],
      description: 'Time over which nodes are spread. Unless given, all of `every`, and none for `cron`.',
    },
    at_start: {
      type: 'boolean',
      description: 'Whether it also comes when the watch is started.',
      default: false,
    },
  },
  named: true,
  standard: { heal: { every: '15m', at_start: false } },
  reaction: 'highstate',
  start({ every, cron, timezone, splay, at_start }, means, name) {
    if ((every === undefined) === (cron === undefined))
      return off(means, `The timer "${name}" needs one of \`every\` and \`cron\`.`);
    const portion = portionOf(means.id, name);
    const width = splay === undefined ? undefined : spanOf(splay);
    if (splay !== undefined && width === undefined)
      return off(means, `The timer "${name}" is off: "${splay}" is no span of time, in \`splay\`.`);
    const strike = () => means.notify(name);
    if (every !== undefined) {
      const seconds = spanOf(every) ?? 0;
      if (seconds < 1) {
        return off(
          means,
          `The timer "${name}" is off: "${every}" is no span of a second or more, in \`every\`.`,
        );
      }
      return new Timer(everySo(seconds, width ?? seconds, portion), at_start, means.clock, strike);
    }
    return timerByCron();

    function timerByCron(): Beacon {
      try {
        return new Timer(byCron(cron!, timezone, width ?? 0, portion), at_start, means.clock, strike);
      } catch {
        const zone = timezone === undefined ? '' : `, or "${timezone}" is no time zone`;
        return off(means, `The timer "${name}" is off: "${cron}" is no time of crontab(5)${zone}.`);
      }
    }
  },
});

/** Beacon `retry`: states that failed, or warned, may come out well by now. */
import { spanOf, spanText } from '../../core/span.ts';
import type { Targets } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';
import { off } from '../off.ts';

const name = 'unsettled';

/**
 * ```
 *            some are unsettled              it is time
 *   asleep ─────────────────────▶ waiting ─────────────▶ told
 *    ▲                             │   ▲                   │
 *    └─────── none is any more ────┘   └── twice as long ──┘
 * ```
 * One that was not among them before begins from the first pause.
 */
class Retry implements Beacon {
  readonly #first: number;
  readonly #longest: number;
  readonly #means: Means;
  #unsettled: ReadonlySet<string> = new Set();
  #times = 0;
  #alarm: Disposable | undefined;

  constructor(first: number, longest: number, means: Means) {
    this.#first = first;
    this.#longest = longest;
    this.#means = means;
  }

  aim({ unsettled }: Targets): void {
    const isNew = [...unsettled].some((one) => !this.#unsettled.has(one));
    this.#unsettled = unsettled;
    if (isNew) this.#times = 0;
    if (isNew || unsettled.size === 0) this[Symbol.dispose]();
    if (isNew) this.#wait();
  }

  tell(): string {
    const { size } = this.#unsettled;
    if (size === 0) return 'nothing to try again';
    return `${size === 1 ? '1 state' : `${size} states`} again, ${spanText(Math.ceil(this.#pause() / 1000))} after the last time`;
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #pause(): number {
    return Math.min(this.#longest, this.#first * 2 ** this.#times);
  }

  #wait(): void {
    this.#alarm = this.#means.clock.after(this.#pause(), () => {
      this.#times += 1;
      this.#wait();
      this.#means.notify(name);
    });
  }
}

export default defineBeacon({
  summary: 'states that failed, or warned that something was not as it should be',
  description: `What they wait for may come without any sign that could be watched: a server that is away, a member that has not
joined yet. So they are looked at again, after \`first\`, then after twice as long each time, up to \`longest\`. Those that would
fail for the same reason are not run again, and one that has come out well is left alone.`,
  properties: {
    first: {
      type: ['string', 'number'],
      description: 'Time after which they are looked at again at first, a second at least.',
      default: '10s',
    },
    longest: {
      type: ['string', 'number'],
      description: 'The longest time between two looks.',
      default: '15m',
    },
  },
  standard: true,
  reaction: 'affected',
  start({ first, longest }, means) {
    const [least, most] = [spanOf(first) ?? 0, spanOf(longest) ?? 0];
    if (least < 1 || most < least)
      return off(
        means,
        `States that failed are not tried again: "${first}" and "${longest}" are no spans of a second or more, the longer one in \`longest\`.`,
      );
    return new Retry(least * 1000, most * 1000, means);
  },
});

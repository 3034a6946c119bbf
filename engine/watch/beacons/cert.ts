/** Beacon `cert`: certificates that are to be renewed, or have expired. */
import { certificatesOf } from '../../core/acme.ts';
import { spanOf } from '../../core/span.ts';
import type { Targets } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';
import { off } from '../off.ts';

/** Milliseconds after which a file is looked at again in any case, and the longest between two notices. */
const usual = 6 * 3_600_000;
/** Milliseconds after which the time is looked at again: the clock may be set, the machine may sleep. */
const beat = 3_600_000;
/** Milliseconds between two notices at least, however short the life of a certificate is. */
const shortest = 60_000;

type Stage = 'missing' | 'early' | 'valid' | 'due' | 'expired';

interface Mark {
  readonly stage: Stage;
  /** When it was notified. */
  readonly told: number | undefined;
  /** When it is looked at again. */
  readonly next: number;
}

/**
 * ```
 *   early ──▶ valid ──▶ due ──▶ expired
 * ```
 * Each step is told, and `due` and `expired` again and again. That a file is `missing`, or was replaced, is for others to
 * tell.
 */
class Certificates implements Beacon {
  readonly #means: Means;
  readonly #own: readonly string[];
  readonly #fraction: number;
  readonly #again: number | undefined;
  readonly #marks = new Map<string, Mark>();
  #alarm: Disposable | undefined;

  constructor(own: readonly string[], fraction: number, again: number | undefined, means: Means) {
    this.#means = means;
    this.#own = own;
    this.#fraction = fraction;
    this.#again = again;
    this.#follow(own);
  }

  aim({ certificates }: Targets): void {
    this.#follow([...this.#own, ...certificates]);
  }

  async look(): Promise<void> {
    this.#lookAt([...this.#marks.keys()]);
  }

  tell(): string {
    const stages = [...this.#marks.values()].map(({ stage }) => stage);
    const count = (wanted: Stage, words: string) => {
      const number = stages.filter((stage) => stage === wanted).length;
      return number === 0 ? '' : `, ${number} ${words}`;
    };
    const all = stages.length === 1 ? '1 certificate' : `${stages.length} certificates`;
    return `${all}${count('due', 'to be renewed')}${count('expired', 'expired')}${count('early', 'not valid yet')}${count('missing', 'not there')}`;
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    this.#marks.clear();
  }

  /** What is well is not looked at again because of a run: somebody else watches the file. */
  #follow(paths: readonly string[]): void {
    const wanted = new Set(paths);
    for (const path of this.#marks.keys()) if (!wanted.has(path)) this.#marks.delete(path);
    for (const path of wanted) {
      const mark = this.#marks.get(path);
      if (mark?.stage === 'valid') continue;
      this.#marks.set(path, { stage: 'missing', told: undefined, ...mark, next: 0 });
    }
    this.#sleep();
  }

  #sleep(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    if (this.#marks.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const mark of this.#marks.values()) next = Math.min(next, mark.next);
    const left = Math.max(0, Math.min(next - this.#means.clock.now(), beat));
    this.#alarm = this.#means.clock.after(left, () => {
      const now = this.#means.clock.now();
      // Later than that it can only be where the clock was set back.
      const due = [...this.#marks].filter((entry) => entry[1].next <= now || entry[1].next > now + usual);
      this.#lookAt(due.map(([path]) => path));
    });
  }

  #lookAt(paths: readonly string[]): void {
    const now = this.#means.clock.now();
    const told: string[] = [];
    for (const path of paths) {
      const before = this.#marks.get(path)!;
      const mark = this.#marked(path, before, now);
      this.#marks.set(path, mark);
      if (mark.told !== before.told && mark.told === now) told.push(path);
    }
    this.#sleep();
    for (const path of told) this.#means.notify(path);
  }

  #marked(path: string, before: Mark, now: number): Mark {
    const span = spanIn(this.#means.machine.content(path));
    if (span === undefined) return { stage: 'missing', told: undefined, next: now + usual };
    const { from, until } = span;
    const renewal = from + (until - from) * this.#fraction;
    const again = this.#again ?? Math.max(shortest, Math.min(usual, (until - from) / 24));
    const stage = stageAt(now, from, renewal, until);
    const isCalling = stage === 'due' || stage === 'expired';
    const isNew = stage !== before.stage && (isCalling || before.stage === 'early');
    const isLate = isCalling && (before.told === undefined || Math.abs(now - before.told) >= again);
    const told = isNew || isLate ? now : before.told;
    const moments = [from, renewal, until, now + usual, ...(isCalling ? [told! + again] : [])];
    return { stage, told, next: Math.min(...moments.filter((moment) => moment > now)) };
  }
}

function stageAt(now: number, from: number, renewal: number, until: number): Stage {
  if (now < from) return 'early';
  if (now >= until) return 'expired';
  return now >= renewal ? 'due' : 'valid';
}

/** Milliseconds since the epoch, of the first certificate, which is the one that the others are there for. */
function spanIn(content: Buffer | undefined): { readonly from: number; readonly until: number } | undefined {
  const [pem] = certificatesOf(content?.toString('latin1') ?? '');
  if (pem === undefined) return undefined;
  // Nodes without certificates do without it.
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  try {
    const { validFromDate, validToDate } = new X509Certificate(pem);
    // RFC 5280, 4.1.2.5: it is valid through this second.
    const [from, until] = [validFromDate.getTime(), validToDate.getTime() + 1000];
    return Number.isFinite(from) && Number.isFinite(until) ? { from, until } : undefined;
  } catch {
    return undefined;
  }
}

export default defineBeacon({
  summary: 'certificates that are to be renewed, or have expired',
  description: `It looks at the certificates that states of the tree renew, and at those of \`paths\`: the first one of each
file. It tells when one comes into the last third of its life, when it expires, and when one that was not valid yet is;
and again every so often as long as it stays that way. When to look next follows from the dates.`,
  properties: {
    paths: {
      type: 'array',
      items: { type: 'string', pattern: '^/' },
      description: 'PEM files that are looked at in any case.',
      default: [],
    },
    renew_at: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description:
        'Portion of its life after which a certificate is to be renewed. Unless given, two thirds.',
    },
    again: {
      type: ['string', 'number'],
      description:
        'Time after which the same certificate is told again. Unless given, six hours or a 24th of its life, whichever is less.',
    },
  },
  standard: true,
  reaction: 'affected',
  start({ paths, renew_at = 2 / 3, again }, means) {
    const seconds = again === undefined ? undefined : spanOf(again);
    if (again !== undefined && (seconds === undefined || seconds * 1000 < shortest)) {
      return off(
        means,
        `Certificates are not watched: "${again}" is no span of a minute or more, in \`again\`.`,
      );
    }
    return new Certificates(paths, renew_at, seconds && seconds * 1000, means);
  },
});

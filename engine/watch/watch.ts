/** The loop that is awake: notices come in, one reaction after the other goes out. */
import type { Clock, Notice, Reacted, Reaction } from '../core/watch.ts';
import { tagOf } from '../core/watch.ts';
import { type Fight, Patience, type Temper } from './patience.ts';
import type { Rule } from './reactor.ts';

/**
 * ```
 *          notice            its time has come
 *   idle ─────────▶ waiting ──────────────────▶ running
 *    ▲               ▲   ▲                       │   │
 *    │       resumed │   └──── over, more came ──┘   │
 *    │               │                               │
 *    │             paused ◀── its time has come, ────┤
 *    │                        and a pause is on      │
 *    └──────────────── over, nothing came ───────────┘
 *
 *   any ──stop──▶ stopped, once what runs is over
 * ```
 * Notices of one tag are one notice, whenever they come; one that comes while its reaction runs is for the next, as the
 * run may have looked before. What is waiting has a time each: now, or after the debounce, the limit or the patience
 * of its rule. A run takes along all whose time has come.
 */
export type Phase = 'idle' | 'waiting' | 'running' | 'paused' | 'stopped';

export interface WatchOptions {
  readonly clock: Clock;
  readonly ruleOf: (notice: Notice) => Rule;
  /** Never rejects. */
  readonly react: (reaction: Reaction) => Promise<Reacted>;
  /** Milliseconds since the epoch until which nothing may be changed; asked when something would be. */
  readonly pausedUntil: () => number | undefined;
  /** Told of every step. */
  readonly onStep?: () => void;
  readonly onReacted?: (reaction: Reaction, reacted: Reacted, times: Times) => void;
  /** Told when it has just become one. */
  readonly onFight?: (fight: Fight) => void;
  readonly temper?: Temper;
}

/** Milliseconds since the epoch. */
export interface Times {
  /** When the first of its notices came. */
  readonly noticed: number;
  readonly began: number;
  readonly ended: number;
}

interface Pending {
  readonly notice: Notice;
  readonly rule: Rule;
  readonly since: number;
  readonly due: number;
}

/** Milliseconds after which a pause is looked at again: somebody may have ended it. */
const pauseBeat = 2000;

export class Watch {
  #phase: Phase = 'idle';
  readonly #options: WatchOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #patience: Patience;
  /** When a rule was last followed, as often as its limit counts. */
  readonly #followed = new Map<Rule, number[]>();
  #alarm: Disposable | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #onIdle: (() => void)[] = [];

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#patience = new Patience(options.temper);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What waits, the next first. */
  queue(): { readonly tag: string; readonly since: number; readonly due: number }[] {
    return [...this.#pending]
      .map(([tag, { since, due }]) => ({ tag, since, due }))
      .sort((a, b) => a.due - b.due);
  }

  fights(): Fight[] {
    return this.#patience.fights(this.#options.clock.now());
  }

  notice(notice: Notice): void {
    if (this.#phase === 'stopped') return;
    const tag = tagOf(notice);
    const { clock, ruleOf } = this.#options;
    const now = clock.now();
    const known = this.#pending.get(tag);
    const rule = known?.rule ?? ruleOf(notice);
    if (rule.reaction === 'ignore') return;
    const since = known?.since ?? now;
    // Quiet is waited for, but not for ever.
    const settled = Math.min(now + rule.debounce * 1000, since + rule.debounce * 10_000);
    const due = Math.max(settled, this.#patience.readyAt(tag), this.#allowedAt(rule, now));
    if (known && due === known.due) return;
    this.#pending.set(tag, { notice, rule, since, due });
    this.#wait();
  }

  /** A pause may be over: it is looked at now. */
  wake(): void {
    if (this.#phase !== 'paused') return;
    this.#disarm();
    this.#arm(this.#options.clock.now());
  }

  /** What runs is finished, nothing else is begun. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#disarm();
    this.#pending.clear();
    await this.#running;
    this.#settleIdle();
  }

  /** Resolves when nothing runs, and nothing waits whose time will come within so many milliseconds. */
  idle(within = 0): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        const soon = this.#options.clock.now() + within;
        const waits = [...this.#pending.values()].some(({ due }) => due <= soon);
        if (this.#running || (waits && this.#phase !== 'stopped' && this.#phase !== 'paused'))
          this.#onIdle.push(check);
        else resolve();
      };
      check();
    });
  }

  /** For what is due next. Never begins at once, so that what comes in one go is one reaction. */
  #wait(): void {
    if (this.#phase !== 'idle' && this.#phase !== 'waiting') return;
    this.#enter(this.#pending.size === 0 ? 'idle' : 'waiting');
    if (this.#pending.size > 0) this.#arm(this.#nextDue());
  }

  #nextDue(): number {
    return Math.min(...[...this.#pending.values()].map(({ due }) => due));
  }

  readonly #ring = (): void => {
    this.#alarm = undefined;
    const { clock, pausedUntil } = this.#options;
    const now = clock.now();
    const paused = pausedUntil();
    this.#phase = 'idle';
    if (this.#pending.size === 0 || this.#nextDue() > now) this.#wait();
    else if (paused === undefined || paused <= now) this.#begin(now);
    else {
      this.#enter('paused');
      this.#settleIdle();
      this.#arm(Math.min(paused, now + pauseBeat));
    }
  };

  #begin(now: number): void {
    const taken = [...this.#pending].filter(([, { due }]) => due <= now);
    for (const [tag] of taken) this.#pending.delete(tag);
    const pendings = taken.map(([, one]) => one);
    for (const rule of new Set(pendings.map((one) => one.rule))) this.#follow(rule, now);
    this.#disarm();
    this.#enter('running');
    this.#running = this.#run(reactionTo(pendings), Math.min(...pendings.map(({ since }) => since)), now);
  }

  async #run(reaction: Reaction, noticed: number, began: number): Promise<void> {
    const { react, clock, onFight, onReacted } = this.#options;
    const reacted = await react(reaction);
    const ended = clock.now();
    for (const notice of reacted.moved) {
      const tag = tagOf(notice);
      if (this.#patience.repeated(tag, ended)) onFight?.(this.fights().find((one) => one.tag === tag)!);
    }
    onReacted?.(reaction, reacted, { noticed, began, ended });
    this.#running = undefined;
    // Who stopped meanwhile waits for this.
    if (this.#phase !== 'stopped') {
      this.#phase = 'idle';
      this.#delayRepeats();
      this.#wait();
    }
    this.#settleIdle();
  }

  /** What came again while it was put right has to be patient, too. */
  #delayRepeats(): void {
    for (const [tag, pending] of this.#pending) {
      const ready = this.#patience.readyAt(tag);
      if (ready > pending.due) this.#pending.set(tag, { ...pending, due: ready });
    }
  }

  #settleIdle(): void {
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const check of waiting) check();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#options.onStep?.();
  }

  #arm(at: number): void {
    if (this.#alarm && this.#alarmAt <= at) return;
    this.#disarm();
    this.#alarmAt = at;
    this.#alarm = this.#options.clock.after(Math.max(0, at - this.#options.clock.now()), this.#ring);
  }

  #disarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #follow(rule: Rule, now: number): void {
    if (!rule.limit) return;
    const times = [...(this.#followed.get(rule) ?? []), now].slice(-rule.limit.times);
    this.#followed.set(rule, times);
  }

  /** When the limit of its rule lets it through. */
  #allowedAt(rule: Rule, now: number): number {
    const times = this.#followed.get(rule) ?? [];
    if (!rule.limit || times.length < rule.limit.times) return now;
    return times[0]! + rule.limit.seconds * 1000;
  }
}

function reactionTo(pendings: Pending[]): Reaction {
  // What calls for most comes first, and is named as the cause.
  pendings.sort((a, b) => weightOf(b) - weightOf(a));
  const notices = pendings.map(({ notice }) => notice);
  const affected = pendings.filter(({ rule }) => rule.reaction === 'affected');
  return {
    highstate: pendings.some(({ rule }) => rule.reaction === 'highstate'),
    apply: [
      ...new Set(
        pendings.flatMap(({ rule }) => (typeof rule.reaction === 'object' ? rule.reaction.apply : [])),
      ),
    ],
    affected: affected.map(({ notice }) => notice),
    notices,
  };
}

function weightOf({ rule: { reaction } }: Pending): number {
  return reaction === 'highstate' ? 2 : typeof reaction === 'object' ? 1 : 0;
}

/** When a certificate is to be renewed, by which of several nodes, and how long a failure does no harm. */
import { createHash } from 'node:crypto';

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export function renewalAt({ from, until }: Span, fraction: number): number {
  return from + (until - from) * fraction;
}

/** Half of the time that was left for renewing it has not passed yet. */
export function isTolerable({ from, until }: Span, fraction: number, now: number): boolean {
  return until - now > ((until - from) * (1 - fraction)) / 2;
}

const minute = 60_000;
const hour = 60 * minute;

/**
 * Milliseconds that each node waits longer than the one before it, so that this one has its chance to be seen. A tenth of
 * what is left for renewing where it is renewed at two thirds.
 */
export function staggerOf(present: Span | undefined, seconds: number | undefined): number {
  if (seconds !== undefined) return seconds * 1000;
  return present ? (present.until - present.from) / 30 : 10 * minute;
}

export interface Waiting {
  readonly turn: number;
  readonly stagger?: number;
  readonly present?: Span;
  /** Since when one is due; and since when this node has known, where it noted that. */
  readonly since?: number;
  readonly noted?: number;
  readonly at: number;
}

/**
 * When this node may order. A node that was not run when its turn came may not be the only one, as after a power cut: then
 * all but the first wait for a while from then on. Undefined: it has to note that it does.
 */
export function turnAt({ turn, stagger, present, since, noted, at }: Waiting): number | undefined {
  if (turn === 0) return since ?? at;
  const valid = present && present.until > at ? present : undefined;
  if (since !== undefined) {
    const step = staggerOf(valid, stagger);
    const usual = since + turn * step;
    if (at <= usual + Math.max(step, 20 * minute)) return usual;
  }
  return noted === undefined ? undefined : noted + turn * staggerOf(undefined, stagger);
}

/** Seconds that pauses between orders that fail may grow to. */
export function longestPause(present: Span | undefined, first: number): number {
  const most = present ? Math.min(6 * hour, (present.until - present.from) / 24) : 6 * hour;
  return Math.max(first, most / 1000);
}

/** RFC 9773, 4.2: any instant of the window, but the same each time, and on all nodes that share the certificate. */
export function instantIn({ from, until }: Span, seed: string): number {
  return from + (until - from) * portionOf(seed);
}

/**
 * Whether it is this node's time to ask whether a certificate should be renewed sooner: once in six hours (or a tenth of
 * a short life), at a time of its own, for as long as it takes until it is run again by a timer.
 */
export function isTimeToAsk(present: Span, node: string, now: number): boolean {
  const period = Math.min(6 * hour, (present.until - present.from) / 10);
  return (now + portionOf(node) * period) % period < 20 * minute;
}

/** From 0 to 1. */
function portionOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32;
}

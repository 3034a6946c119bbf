/** When something is due again and again: every so often, or as cron says it. */
import { createRequire } from 'node:module';
import { spanText } from '../core/span.ts';

/** Times are milliseconds since the epoch. */
export interface Rhythm {
  /** The first moment after this one; undefined: never. */
  next(after: number): number | undefined;
  /** Milliseconds between two moments, where what counts is the time that passes, whatever the clock is set to. */
  readonly period?: number;
  /** "every 15m" */
  readonly text: string;
}

/** At the multiples of a span, all nodes later by their share of the splay. */
export function everySo(seconds: number, splay: number, portion: number): Rhythm {
  const period = seconds * 1000;
  const phase = Math.floor(Math.min(splay, seconds) * 1000 * portion);
  return {
    next: (after) => (Math.floor((after - phase) / period) + 1) * period + phase,
    period,
    text: `every ${spanText(seconds)}`,
  };
}

/**
 * At the moments of a cron expression. What falls into an hour that is left out comes when it would have ended, what
 * falls into one that comes twice comes once, unless it comes in every hour. Throws where it is none.
 */
export function byCron(
  expression: string,
  timezone: string | undefined,
  splay: number,
  portion: number,
): Rhythm {
  // Takes memory that nodes without such entries can spare.
  const { Cron } = createRequire(import.meta.url)('croner') as typeof import('croner');
  const cron = new Cron(expression, { mode: '5-part', ...(timezone !== undefined && { timezone }) });
  const later = Math.floor(splay * 1000 * portion);
  return {
    next(after) {
      const moment = cron.nextRun(new Date(after - later))?.getTime();
      return moment === undefined ? undefined : moment + later;
    },
    text: `at "${expression}"`,
  };
}

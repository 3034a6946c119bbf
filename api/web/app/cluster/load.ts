/** Asks the cluster for uuids: some requests at a time, one that fails once more, until there are enough or it is stopped. */

export interface Order {
  /** Uuids; without it the asking goes on until it is stopped. */
  readonly total?: number;
  readonly perRequest: number;
  /** Requests at a time. */
  readonly parallel: number;
  /** Milliseconds between an answer and the next request. */
  readonly pause: number;
}

export interface Answer {
  readonly app: string;
  readonly db: string;
  readonly uuids: readonly string[];
}

export type Happening =
  | {
      readonly kind: 'served';
      readonly at: number;
      readonly took: number;
      readonly tries: number;
      readonly answer: Answer;
    }
  | { readonly kind: 'retried'; readonly at: number; readonly why: string };

/** What it needs of the world around it; times in milliseconds. */
export interface Means {
  ask(count: number, signal: AbortSignal): Promise<Answer>;
  /** How long to wait before the next try and what went wrong, or nothing where another try is of no use. */
  again(error: unknown, tries: number): { readonly wait: number; readonly why: string } | undefined;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  now(): number;
}

/** Ends quietly when it is stopped by the signal; throws what no further try would mend. */
export async function load(
  order: Order,
  { ask, again, wait, now }: Means,
  tell: (happening: Happening) => void,
  stop: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([stop, failed.signal]);
  let left = order.total ?? Number.POSITIVE_INFINITY;

  /** A request until it is answered: its time counts from its first try, as its user waits from there. */
  async function one(count: number): Promise<void> {
    const begun = now();
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        const answer = await ask(count, signal);
        const at = now();
        return tell({ kind: 'served', at, took: at - begun, tries, answer });
      } catch (error) {
        if (signal.aborted) return;
        const next = again(error, tries);
        if (next === undefined) throw error;
        tell({ kind: 'retried', at: now(), why: next.why });
        await wait(next.wait, signal);
      }
    }
  }

  async function worker(): Promise<void> {
    while (left > 0 && !signal.aborted) {
      const count = Math.min(order.perRequest, left);
      left -= count;
      await one(count);
      if (order.pause > 0 && left > 0) await wait(order.pause, signal);
    }
  }

  try {
    await Promise.all(Array.from({ length: order.parallel }, worker));
  } finally {
    failed.abort();
  }
}

/** Resolves early when it is stopped. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** Stops a run from outside: by a signal or because its time is over. */

/** Signals by which people and service managers end a program; see signal(7) for their numbers. */
export const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export type Signal = keyof typeof signalNumbers;

/** The process's signals: `listen` gives back what ends the listening. */
export interface Signals {
  listen(handler: (signal: Signal) => void): () => void;
}

/**
 * ```
 *  running ──signal──▶ stopping ──signal──▶ aborted
 *     └──────────time is over────────────────▲
 * ```
 * stopping: the present effect is finished, no other is begun. aborted: its command is ended, too. Either way there is
 * a report.
 */
export interface Interruption extends Disposable {
  /** What stopped the run; undefined while nothing has. */
  reason(): string | undefined;
  /** Aborted when commands are to be ended at once. */
  readonly signal: AbortSignal;
  /** 128 + the number of the signal, where one stopped the run. */
  exitCode(): number | undefined;
}

export interface InterruptionOptions {
  readonly signals: Signals | undefined;
  /** Seconds the run may take. */
  readonly limit: number | undefined;
  readonly say: (message: string) => void;
}

export function createInterruption({ signals, limit, say }: InterruptionOptions): Interruption {
  const controller = new AbortController();
  let reason: string | undefined;
  let code: number | undefined;
  const deafen = signals?.listen((signal) => {
    if (reason === undefined) {
      reason = signal;
      code = 128 + signalNumbers[signal];
      say(`${signal}: stopping after the present step; once more to end it at once.`);
    } else if (!controller.signal.aborted) {
      say(`${signal}: ending the present step.`);
      controller.abort();
    }
  });
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(
          () => {
            reason ??= `its ${limit} seconds are over`;
            controller.abort();
          },
          Math.min(limit * 1000, 2 ** 31 - 1),
        );
  // A run that is done is not kept waiting for its limit.
  timer?.unref();
  return {
    reason: () => reason,
    signal: controller.signal,
    exitCode: () => code,
    [Symbol.dispose]() {
      deafen?.();
      clearTimeout(timer);
    },
  };
}

/** Tells machines of a run that is over: figures for Prometheus, and one line for the system log. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Event, Summary } from '../core/event.ts';
import { createLog } from './log.ts';
import { type Streams, version } from './main.ts';
import { revisionOf } from './revision.ts';
import type { World } from './world.ts';

export interface Ended {
  readonly verb: string;
  readonly words: readonly string[];
  readonly test: boolean;
  readonly run: string;
  readonly began: number;
  readonly exit: number;
  /** Undefined: it did not compile. */
  readonly summary: Summary | undefined;
  readonly tally: Tally;
  /** Why it did not compile. */
  readonly diagnostics: readonly Diagnostic[];
  readonly owed: () => number;
}

/** What the summary does not tell. */
export interface Tally {
  /** Sees every event as it may be shown. */
  note(event: Event): void;
  readonly failed: readonly string[];
  flapping(): number;
}

export function createTally(): Tally {
  const failed: string[] = [];
  let flapping = 0;
  return {
    note(event) {
      if (event.kind !== 'state-finished') return;
      const { verdict, state, fun, name, flapping: flaps } = event.result;
      if (verdict === 'failed') failed.push(`${state}.${fun} ${name}`);
      if (flaps) flapping += 1;
    },
    failed,
    flapping: () => flapping,
  };
}

/** Whether a run tells how the node as a whole is: not what somebody tries by hand. */
export function concernsNode(verb: string | undefined, cause: string): boolean {
  return verb === 'highstate' || (verb === 'apply' && cause !== 'cli');
}

/** Of an image, or of another node, there is nothing to tell here. What cannot be told is said on stderr, and stops nothing. */
export async function announce(ended: Ended, world: World, streams: Streams): Promise<void> {
  const { settings } = world;
  if (settings.journal === undefined || settings.foreignGrains) return;
  if (settings.metrics !== undefined && concernsNode(ended.verb, settings.cause)) {
    try {
      await leaveFigures(settings.metrics, settings.journal, ended, world);
    } catch (error) {
      // A dry run may be anybody's.
      if (!ended.test)
        streams.stderr.write(
          `converge: the figures in ${settings.metrics} cannot be written: ${(error as Error).message}.\n`,
        );
    }
  }
  const quiet = ended.exit === 0 && !ended.summary?.changed;
  if (ended.test || settings.syslog === 'never' || (quiet && settings.syslog !== 'always')) return;
  await log(ended, world, streams);
}

async function leaveFigures(
  file: string,
  journal: string,
  { exit, began, summary, tally, test, owed }: Ended,
  { settings }: World,
): Promise<void> {
  const { readReport, removeReport, writeReport } = await import('../journal/outlet.ts');
  const { readPause } = await import('../journal/pause.ts');
  const { expositionText, lastSuccessIn, pendingMetrics, runMetrics } = await import('../report/metrics.ts');
  const ended = Date.now();
  const readable = 0o644;
  // A file of their own, so that a dry run leaves the figures of the last run alone.
  const pending = file.replace(/(\.prom)?$/, '-pending.prom');
  if (test) {
    if (summary) writeReport(pending, expositionText(pendingMetrics(ended, summary)), readable);
    return;
  }
  // What this run has left undone it tells itself.
  removeReport(pending);
  const lastSuccess =
    exit === 0 ? 0 : (lastSuccessIn(readReport(file)) ?? (await lastSuccessOf(journal)) ?? 0);
  const figures = {
    began,
    ended,
    lastSuccess,
    exit,
    summary,
    flapping: tally.flapping(),
    owed: owed(),
    paused: readPause(journal, ended) !== undefined,
    version: version(),
    ...revisionOf(settings.states),
  };
  writeReport(file, expositionText(runMetrics(figures)), readable);
}

/** Seconds since the epoch. */
async function lastSuccessOf(journal: string): Promise<number | undefined> {
  const { readHistory } = await import('../journal/history.ts');
  const ended = readHistory(journal).findLast(
    ({ command, cause, exit }) => exit === 0 && concernsNode(command[0], cause),
  )?.ended;
  return ended === undefined ? undefined : ended / 1000;
}

async function log(ended: Ended, { settings, secrets }: World, streams: Streams): Promise<void> {
  const { logEntry } = await import('../report/log-entry.ts');
  const { sendToLog, systemLog } = await import('../host/system-log.ts');
  const { words, run, exit, summary, tally } = ended;
  const diagnostics = ended.diagnostics.map((one) => ({ ...one, message: secrets.mask(one.message) }));
  const entry = logEntry({
    run,
    command: words,
    cause: settings.cause,
    exit,
    summary,
    owed: ended.owed(),
    failed: tally.failed,
    diagnostics,
    ...revisionOf(settings.states),
  });
  const failed = sendToLog(entry, systemLog(streams.env));
  if (failed !== undefined)
    createLog(settings.logLevel, streams.stderr)('info', `nothing was logged: ${failed}`);
}

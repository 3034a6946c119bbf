/** How this node stands: what the files of the journal tell of it, and what of that is wrong. */
import type { Summary } from '../core/event.ts';
import { readHead, readMemory, sameTree } from '../journal/applied.ts';
import { type RunRecord, readHistory, readResults } from '../journal/history.ts';
import { heldBy } from '../journal/lock.ts';
import { readLedger } from '../journal/owed.ts';
import { lastPause, type Pause, readPause } from '../journal/pause.ts';
import { readUnconfirmed } from '../journal/unconfirmed.ts';
import { readWatch } from '../journal/watching.ts';
import type { Status, StatusRun } from '../report/status.ts';
import { durationText } from '../report/summary.ts';
import { visibleLine } from '../report/visible.ts';
import { concernsNode } from './announce.ts';
import { exitCodes, version } from './main.ts';
import { pauseData } from './pausing.ts';
import { revisionOf } from './revision.ts';
import { type Job, nextRun } from './schedules.ts';
import type { Settings } from './settings.ts';

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What cron and systemd run of it. */
  readonly jobs: readonly Job[];
  /** Whether the service of `converge watch` is started at boot. */
  readonly enabled?: boolean;
}

/** Of small files of the journal alone; each may be missing or damaged. */
export function statusOf(journal: string, settings: Settings, { now, jobs, enabled }: Moment): Status {
  const history = readHistory(journal).filter(isSound);
  const holder = heldBy(settings.lock);
  const present = holder && history.findLast(({ pid, ended }) => ended === undefined && pid === holder.pid);
  const over = relevant(history.filter((run) => run !== present));
  const last = over.at(-1);
  const success = over.findLast(({ exit }) => exit === 0);
  const failed = last ? readResults(journal, last.run).filter(({ verdict }) => verdict === 'failed') : [];
  const owed = readLedger(journal, settings.states).list();
  const unconfirmed = readUnconfirmed(journal);
  const status: Omit<Status, 'good' | 'problems'> = {
    version: version(),
    revision: revisionOf(settings.states).revision ?? null,
    last_run: last ? outlineOf(last) : null,
    last_success: success ? outlineOf(success) : null,
    running: holder ? { pid: holder.pid, verb: holder.verb, since: iso(holder.since) } : null,
    failed: failed.map(({ state, fun, id, name, comment }) => ({
      state: `${state}.${fun}`,
      id,
      name,
      comment,
    })),
    owed: owed.map(({ debtor: { state, fun, id, name }, since }) => ({
      state: `${state}.${fun}`,
      id,
      name,
      since: iso(since),
    })),
    unconfirmed: unconfirmed
      ? { run: unconfirmed.run, phase: unconfirmed.phase, deadline: iso(unconfirmed.deadline) }
      : null,
    ...remembered(journal, settings, now),
    schedules: jobs.map((job) => {
      const next = nextRun([job], now);
      return { file: job.file, command: job.command, next: next === undefined ? null : iso(next) };
    }),
    paused: pausedNow(journal, now),
    watch: watchOf(journal, enabled === true),
  };
  const problems = problemsOf(status, staleness(jobs, present ?? last, lastPause(journal), now));
  return { good: problems.length === 0, problems, ...status };
}

/** A line may be damaged, or of another version. */
function isSound({ began, command, pid }: RunRecord): boolean {
  return Number.isFinite(began) && Array.isArray(command) && Number.isFinite(pid);
}

/** Runs of the whole node, if there are any; else what somebody did by hand is all there is to go by. */
function relevant(runs: readonly RunRecord[]): readonly RunRecord[] {
  const whole = runs.filter(({ command, cause }) => concernsNode(command[0], cause));
  return whole.length > 0 ? whole : runs;
}

function outlineOf({ run, command, cause, began, ended, exit, revision, summary }: RunRecord): StatusRun {
  return {
    run,
    command: command.join(' '),
    cause,
    began: iso(began),
    ended: ended === undefined ? null : iso(ended),
    exit: exit ?? null,
    revision: revision ?? null,
    summary: isSummary(summary) ? summary : null,
  };
}

function isSummary(summary: RunRecord['summary']): summary is Summary {
  const { total, unchanged, changed, failed, skipped, duration_ms: duration } = summary ?? {};
  return [total, unchanged, changed, failed, skipped, duration].every(Number.isFinite);
}

const day = 24 * 60 * 60 * 1000;

/** What the states of this tree have been through. */
function remembered(
  journal: string,
  { states, flapping: most }: Settings,
  now: number,
): Pick<Status, 'flapping' | 'orphans'> {
  const heads = readHead(journal);
  if (!Array.isArray(heads)) return { flapping: [], orphans: 0 };
  const orphans = heads.find(({ roots }) => sameTree(roots, states))?.leftovers ?? 0;
  const memory = readMemory(journal).find(({ roots }) => sameTree(roots, states));
  const flapping = [...(memory?.states.values() ?? [])].flatMap(
    ({ state, fun, id, name, corrected = [] }) => {
      const times = corrected.filter((at) => at > now - day).length;
      return times > most ? [{ state: `${state}.${fun}`, id, name, times }] : [];
    },
  );
  return { flapping, orphans };
}

/** Milliseconds that a run may be late. */
const grace = 5 * 60 * 1000;

/** Two runs were due since the last one began, and neither came. */
function staleness(
  jobs: readonly Job[],
  last: RunRecord | undefined,
  pause: Pause | undefined,
  now: number,
): string | undefined {
  if (!last) return undefined;
  // None was due while the node was paused.
  const first = nextRun(jobs, Math.max(last.began, pause ? (pause.until ?? now) : 0));
  const second = first === undefined ? undefined : nextRun(jobs, first);
  if (second === undefined || now < second + grace) return undefined;
  return `No run has begun for ${durationText(now - last.began)}, though it is scheduled.`;
}

function pausedNow(journal: string, now: number): Status['paused'] {
  const pause = readPause(journal, now);
  return pause ? pauseData(pause) : null;
}

function watchOf(journal: string, enabled: boolean): Status['watch'] {
  const watch = readWatch(journal);
  if (!watch && !enabled) return null;
  const { alive = false, pid = null, state = null, queued = 0, count = 0 } = watch ?? {};
  const optional = (time: number | undefined) => (time === undefined ? null : iso(time));
  return {
    running: alive,
    enabled,
    pid,
    since: optional(watch?.since),
    state,
    beacons: watch?.beacons ?? [],
    queued,
    queue: (watch?.queue ?? []).map(({ tag, since, due }) => ({ tag, since: iso(since), due: iso(due) })),
    // What is dead leaves nothing alone.
    breakers: (alive && watch ? watch.breakers : []).map(({ tag, times, since, until }) => ({
      tag,
      times,
      since: iso(since),
      until: iso(until),
    })),
    reacted: count,
    reactions: (watch?.reactions ?? []).map(
      ({ time, tags, notices, what, run, changed, failed, trouble, latency_ms }) => ({
        time: iso(time),
        tags,
        notices,
        what,
        run: run ?? null,
        changed,
        failed,
        trouble: trouble ?? null,
        latency_ms,
      }),
    ),
  };
}

function problemsOf(status: Omit<Status, 'good' | 'problems'>, stale: string | undefined): string[] {
  const { owed, unconfirmed, flapping, watch } = status;
  return [
    lastProblem(status),
    stale,
    owed.length > 0 ? `${counted(owed.length, 'reaction is', 'reactions are')} owed.` : undefined,
    unconfirmed && `Run ${unconfirmed.run} ${phases[unconfirmed.phase] ?? 'is not confirmed'}.`,
    flapping.length > 0 ? `${counted(flapping.length, 'state is', 'states are')} flapping.` : undefined,
    watch?.enabled && !watch.running ? 'converge watch does not run, though it is enabled.' : undefined,
    ...(watch?.breakers ?? []).map(
      ({ tag, times }) => `Something else changes ${visibleLine(tag)}: it was put right ${times} times.`,
    ),
  ].filter((one) => typeof one === 'string');
}

const phases: { readonly [phase: string]: string } = {
  waiting: 'waits to be confirmed',
  reverting: 'is being taken back',
  reverted: 'was taken back, as nobody confirmed it',
};

function lastProblem({ last_run: last }: Pick<Status, 'last_run'>): string | undefined {
  if (!last) return 'No run has ended yet.';
  if (last.ended === null) return 'The last run was killed.';
  if (last.exit === 0) return undefined;
  if (last.exit === exitCodes.notCompiled) return 'The last run did not compile.';
  const by = last.summary?.stopped_by;
  const failed = last.summary?.failed ?? 0;
  return [
    ...(failed > 0 ? [`${counted(failed, 'state', 'states')} failed in the last run.`] : []),
    ...(by === undefined ? [] : [`The last run was stopped: ${by}.`]),
    ...(failed === 0 && by === undefined ? [`The last run ended with exit code ${last.exit}.`] : []),
  ].join(' ');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

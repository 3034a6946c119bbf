/** How a node is, for people: what is wrong with it in one line, and below it what was last seen. */
import type { Summary } from '../core/event.ts';
import { palette } from './colour.ts';
import { durationText, summarySentence } from './summary.ts';
import { cut, visibleLine } from './visible.ts';
import { watchRows } from './watch.ts';

/** A run, as `status` tells of it. Times are ISO 8601. */
export interface StatusRun {
  readonly run: string;
  readonly command: string;
  readonly cause: string;
  readonly began: string;
  /** Null: it was killed. */
  readonly ended: string | null;
  readonly exit: number | null;
  readonly revision: string | null;
  /** Null: it did not compile, or was killed. */
  readonly summary: Summary | null;
}

export interface StatusState {
  readonly state: string;
  readonly id: string;
  readonly name: string;
}

/** The document of `converge status --json`; docs/json.md documents it. */
export interface Status {
  readonly good: boolean;
  /** What is wrong, in sentences. */
  readonly problems: readonly string[];
  readonly version: string;
  /** Commit of the tree as it is now. */
  readonly revision: string | null;
  readonly last_run: StatusRun | null;
  readonly last_success: StatusRun | null;
  /** The run that is going on. */
  readonly running: { readonly pid: number; readonly verb: string; readonly since: string } | null;
  /** Of the last run. */
  readonly failed: readonly (StatusState & { readonly comment: string })[];
  readonly owed: readonly (StatusState & { readonly since: string })[];
  readonly unconfirmed: {
    readonly run: string;
    readonly phase: string;
    readonly deadline: string;
  } | null;
  readonly flapping: readonly (StatusState & { readonly times: number })[];
  readonly orphans: number;
  readonly schedules: readonly {
    readonly file: string;
    readonly command: string;
    readonly next: string | null;
  }[];
  /** Null: it is not, or not any more. */
  readonly paused: StatusPause | null;
  /** Null: there is none, and there is to be none. */
  readonly watch: StatusWatch | null;
}

export interface StatusPause {
  readonly since: string;
  /** Null: until somebody ends it. */
  readonly until: string | null;
  readonly reason: string | null;
  readonly by: string | null;
}

/** `converge watch`, and how it stood when it last told. */
export interface StatusWatch {
  /** False: it is installed, or was killed; what follows is of when it ran. */
  readonly running: boolean;
  /** Whether its service is started at boot. */
  readonly enabled: boolean;
  readonly pid: number | null;
  readonly since: string | null;
  /** `idle`, `waiting`, `running` or `paused`. */
  readonly state: string | null;
  readonly beacons: readonly { readonly name: string; readonly tells: string }[];
  /** How many names wait, and the first of them. */
  readonly queued: number;
  readonly queue: readonly { readonly tag: string; readonly since: string; readonly due: string }[];
  readonly breakers: readonly {
    readonly tag: string;
    readonly times: number;
    readonly since: string;
    readonly until: string;
  }[];
  /** Since it began, and the newest of them, oldest first. */
  readonly reacted: number;
  readonly reactions: readonly StatusReaction[];
}

export interface StatusReaction {
  readonly time: string;
  /** The first of so many. */
  readonly tags: readonly string[];
  readonly notices: number;
  readonly what: string;
  /** Null: there was nothing to do. */
  readonly run: string | null;
  readonly changed: number;
  readonly failed: number;
  readonly trouble: string | null;
  readonly latency_ms: number;
}

interface Print {
  readonly color: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Of each kind of thing: the rest is counted. */
const most = 10;

export function statusLines(status: Status, { color, now }: Print): string[] {
  const paint = palette(color);
  const { last_run: last, last_success: success, running, unconfirmed } = status;
  const ago = (time: string) => `${durationText(Math.max(0, now - Date.parse(time)))} ago`;
  const moment = (time: string) => `${time.replace(/\.\d+Z$/, 'Z')} (${ago(time)})`;
  const rows: [string, string][] = [];
  function list<T>(name: string, all: readonly T[], text: (one: T) => string): void {
    all.slice(0, most).forEach((one, index) => void rows.push([index === 0 ? name : '', text(one)]));
    if (all.length > most) rows.push(['', `and ${all.length - most} more`]);
  }
  const named = ({ state, id, name }: StatusState) =>
    `${state} ${visibleLine(name)}${id === name ? '' : ` (${visibleLine(id)})`}`;
  if (last) {
    rows.push([
      'last run',
      `${moment(last.began)}, ${visibleLine(last.command)} by ${visibleLine(last.cause)}`,
    ]);
    rows.push(['', outcome(last)]);
  }
  if (last?.run !== success?.run || !last)
    rows.push(['last success', success ? moment(success.began) : 'none is known']);
  if (running)
    rows.push(['running', `converge ${running.verb} (pid ${running.pid}), began ${ago(running.since)}`]);
  list('failed', status.failed, (one) => cut(`${named(one)}: ${visibleLine(one.comment.trim())}`, 200));
  list('owed', status.owed, (one) => `${named(one)}, since ${moment(one.since)}`);
  if (unconfirmed)
    rows.push(['unconfirmed', `run ${unconfirmed.run}: ${unconfirmed.phase}, ${unconfirmed.deadline}`]);
  list('flapping', status.flapping, (one) => `${named(one)}, corrected ${one.times} times within a day`);
  if (status.orphans > 0) rows.push(['orphans', `${status.orphans}, see: converge owns`]);
  list('schedule', status.schedules, ({ file, next }) =>
    next === null ? file : `${file}, next at ${next.replace(/\.\d+Z$/, 'Z')}`,
  );
  if (status.paused) rows.push(['paused', pauseText(status.paused, moment)]);
  if (status.watch) rows.push(...watchRows(status.watch, { now }));
  rows.push(['tree', treeText(status)]);
  const verdict = status.good
    ? paint.green('Good: the last run succeeded.')
    : paint.red(`Trouble: ${status.problems.join(' ')}`);
  return [verdict, ...rows.map(([name, text]) => `${paint.dim(name.padEnd(14))}${text}`)];
}

function pauseText({ since, until, reason, by }: StatusPause, moment: (time: string) => string): string {
  const end = until === null ? 'until converge resume' : `until ${until.replace(/\.\d+Z$/, 'Z')}`;
  const who = by === null ? '' : ` by ${visibleLine(by)}`;
  return cut(`${end}, since ${moment(since)}${who}${reason === null ? '' : `: ${visibleLine(reason)}`}`, 200);
}

function outcome({ summary, exit, began, ended }: StatusRun): string {
  if (ended === null) return 'it was killed';
  if (!summary) return `exit ${exit} after ${durationText(Date.parse(ended) - Date.parse(began))}`;
  const stopped = summary.stopped_by === undefined ? '' : `, stopped by ${summary.stopped_by}`;
  return summarySentence(summary, false, summary.not_tried) + stopped;
}

function treeText({ revision, version, last_run: last }: Status): string {
  const now = revision?.slice(0, 10) ?? 'no commit is known';
  const then =
    last?.revision && last.revision !== revision ? `, the last run: ${last.revision.slice(0, 10)}` : '';
  return `${now}${then}; converge ${version}`;
}

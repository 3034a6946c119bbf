/** What the watch tells others of itself: how it stands in one small file, and what it did in a list that stays short. */
import { appendFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessId } from '../core/process-id.ts';
import { makeFolder, readState, textOf, unwritable, writeState } from './file.ts';
import { isAlive, presentMoment, processId } from './unconfirmed.ts';

export type WatchMode = 'idle' | 'waiting' | 'running' | 'paused';

/** How it stands. All times are milliseconds since the epoch. */
export interface WatchSnapshot {
  readonly state: WatchMode;
  readonly beacons: readonly { readonly name: string; readonly tells: string }[];
  /** What was noticed and not yet looked at. */
  readonly queue: readonly Queued[];
  readonly breakers: readonly Breaker[];
}

export interface Queued {
  readonly tag: string;
  readonly since: number;
  readonly due: number;
}

/** A thing that is left alone for a while, as somebody else changes it again and again. */
export interface Breaker {
  readonly tag: string;
  /** How often it was put right since. */
  readonly times: number;
  readonly since: number;
  readonly until: number;
}

/** One that is over. */
export interface ReactionEntry {
  /** Of the first notice. */
  readonly time: number;
  readonly tags: readonly string[];
  /** `highstate`, `apply web`, `affected`. */
  readonly what: string;
  /** Name in the history; undefined: there was nothing to do. */
  readonly run?: string;
  readonly changed: number;
  readonly failed: number;
  readonly trouble?: string;
  /** From the first notice until it was done. */
  readonly latency_ms: number;
}

/** As it is kept: of the tags only the first few, and how many there were. */
export interface KeptReaction extends ReactionEntry {
  readonly notices: number;
}

/** What is no reaction. */
export interface WatchEvent {
  readonly time: number;
  readonly event:
    | 'started'
    | 'stopped'
    | 'reloaded'
    | 'paused'
    | 'resumed'
    | 'breaker-opened'
    | 'breaker-closed'
    | 'warning';
  readonly tag?: string;
  readonly text?: string;
}

/** Of `watch.json`. */
interface Told extends Omit<WatchSnapshot, 'beacons'> {
  readonly process: ProcessId;
  readonly boot: string;
  readonly since: number;
  readonly beacons: WatchSnapshot['beacons'];
  /** The queue may be long: how many there are in all. */
  readonly queued: number;
  /** Newest last. */
  readonly reactions: readonly KeptReaction[];
  /** Since it was started. */
  readonly count: number;
}

export interface Watching extends Omit<Told, 'process' | 'boot'> {
  readonly pid: number;
  /** Its process lives; else it was killed, and this is how it stood then. */
  readonly alive: boolean;
}

export interface WatchLog extends Disposable {
  /** To be called whenever something of it has changed; the same twice costs nothing. Another watch that runs has precedence. */
  write(snapshot: WatchSnapshot): void;
  /** Kept at once; `watch.json` has it with the next `write`. */
  reacted(entry: ReactionEntry): void;
  happened(event: WatchEvent): void;
}

export interface WatchLogOptions {
  /** The state folder. */
  readonly folder: string;
  readonly pid: number;
  readonly now: () => number;
  /** Takes secrets out of what is kept. */
  readonly mask?: (text: string) => string;
  /** A full disk stops nothing: told once. */
  readonly onTrouble?: (message: string) => void;
  /** That `reactions.ndjson` may have; 1 MiB unless told. */
  readonly bytes?: number;
}

/** Entries of each kind in `watch.json`. */
const most = 20;
/** Tags of one reaction. */
const mostTags = 5;
/** Characters of a text: a name can be as long as a path. */
const longest = 1000;

function stateFile(folder: string): string {
  return join(folder, 'watch.json');
}

function listFile(folder: string): string {
  return join(folder, 'reactions.ndjson');
}

/** Disposing of it takes `watch.json` away: this watch was stopped, not killed. */
export function createWatchLog(options: WatchLogOptions): WatchLog {
  const { folder, pid, now, mask = (text) => text, onTrouble = () => {}, bytes = 1 << 20 } = options;
  const self = processId(pid) ?? { pid, started: '' };
  const { boot } = presentMoment();
  const since = now();
  // What the watch before this one did is not forgotten with it.
  let reactions = readReactions(folder).slice(-most);
  let count = 0;
  let written = '';
  // One that looks at everything once, or in the foreground, does not speak for the service.
  let aside = isAnothers(folder, pid);
  let troubled = false;
  const short = (text: string) => mask(text).slice(0, longest);
  function safely(work: () => void): void {
    try {
      work();
      troubled = false;
    } catch (error) {
      if (!troubled) onTrouble(unwritable(folder, error));
      troubled = true;
    }
  }
  function append(entry: object): void {
    safely(() => {
      makeFolder(folder);
      const file = listFile(folder);
      appendFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      if (statSync(file).size > bytes) cut(file, bytes / 2);
    });
  }
  return {
    write({ state, beacons, queue, breakers }) {
      aside &&= isAnothers(folder, pid);
      if (aside) return;
      const told: Told = {
        process: self,
        boot,
        since,
        state,
        beacons: beacons.map(({ name, tells }) => ({ name, tells: short(tells) })),
        queue: queue.slice(0, most).map((one) => ({ ...one, tag: short(one.tag) })),
        queued: queue.length,
        breakers: breakers.slice(0, most).map((one) => ({ ...one, tag: short(one.tag) })),
        reactions,
        count,
      };
      const text = JSON.stringify(told);
      if (text === written && !troubled) return;
      safely(() => {
        writeState(stateFile(folder), told, { lasting: false });
        written = text;
      });
    },
    reacted(entry) {
      const { tags, trouble } = entry;
      const kept: KeptReaction = {
        ...entry,
        tags: tags.slice(0, mostTags).map(short),
        notices: tags.length,
        ...(trouble === undefined ? {} : { trouble: short(trouble) }),
      };
      count += 1;
      reactions = [...reactions, kept].slice(-most);
      append(kept);
    },
    happened(event) {
      const { tag, text } = event;
      append({ ...event, ...(tag && { tag: short(tag) }), ...(text && { text: short(text) }) });
    },
    [Symbol.dispose]() {
      if (readState(stateFile(folder), isTold)?.process.pid !== pid) return;
      safely(() => rmSync(stateFile(folder), { force: true }));
    },
  };
}

function isAnothers(folder: string, pid: number): boolean {
  const watch = readWatch(folder);
  return watch?.alive === true && watch.pid !== pid;
}

/** The newest lines that find room. */
function cut(file: string, bytes: number): void {
  const text = Buffer.from(textOf(file));
  const start = text.indexOf('\n', Math.max(0, text.length - bytes)) + 1;
  try {
    writeFileSync(`${file}.new`, text.subarray(start), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    throw error;
  }
}

/** Undefined: there is no watch, or it was stopped as it should be. */
export function readWatch(folder: string): Watching | undefined {
  const told = readState(stateFile(folder), isTold);
  if (!told) return undefined;
  const { process, boot, ...rest } = told;
  const alive = boot === presentMoment().boot && isAlive(process);
  return {
    ...rest,
    pid: process.pid,
    alive,
    beacons: rest.beacons.filter((one) => isText(one?.name) && isText(one?.tells)),
    queue: rest.queue.filter((one) => isText(one?.tag) && isTime(one.since) && isTime(one.due)),
    breakers: rest.breakers.filter(
      (one) => isText(one?.tag) && Number.isFinite(one.times) && isTime(one.since) && isTime(one.until),
    ),
    reactions: rest.reactions.filter(isReaction),
  };
}

/** Oldest first; without what else happened. */
export function readReactions(folder: string): KeptReaction[] {
  return textOf(listFile(folder))
    .split('\n')
    .flatMap((line) => {
      try {
        const value: unknown = line === '' ? undefined : JSON.parse(line);
        return isReaction(value) ? [value] : [];
      } catch {
        return [];
      }
    });
}

const modes: readonly unknown[] = ['idle', 'waiting', 'running', 'paused'];

function isTold(value: unknown): value is Told {
  const { process, boot, since, state, beacons, queue, queued, breakers, reactions, count } = (value ??
    {}) as Partial<Told>;
  return (
    Number.isInteger(process?.pid) &&
    isText(process?.started) &&
    isText(boot) &&
    isTime(since) &&
    modes.includes(state) &&
    Number.isFinite(queued) &&
    Number.isFinite(count) &&
    [beacons, queue, breakers, reactions].every(Array.isArray)
  );
}

function isReaction(value: unknown): value is KeptReaction {
  const { time, tags, what, run, changed, failed, trouble, latency_ms, notices } = (value ??
    {}) as Partial<KeptReaction>;
  return (
    isTime(time) &&
    Array.isArray(tags) &&
    tags.every(isText) &&
    isText(what) &&
    (run === undefined || isText(run)) &&
    (trouble === undefined || isText(trouble)) &&
    [changed, failed, latency_ms, notices].every(Number.isFinite)
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** One that a date can be made of. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

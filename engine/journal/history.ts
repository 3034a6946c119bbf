/** The history of runs: a line when one begins, a line when it ends, and a file of what it changed, if anything. */
import { appendFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChunkResult, Event, Summary } from '../core/event.ts';
import type { Plain } from '../core/value.ts';
import { makeFolder, textOf, unwritable } from './file.ts';

/** A run as the history keeps it. */
export interface RunRecord {
  /** Names it: when it began, and its process. */
  readonly run: string;
  /** The command line, without the program. */
  readonly command: readonly string[];
  /** Who asked: `cli`, `cron`, or what an event is called. */
  readonly cause: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly pid: number;
  /** Commit of the tree, where it is a git repository. */
  readonly revision?: string;
  /** Fingerprint of the pillar, keyed by this node: another one tells that the pillar is. */
  readonly pillar?: string;
  /** Undefined while it runs, and for ever where it was killed. */
  readonly ended?: number;
  readonly summary?: Summary;
  readonly exit?: number;
}

/** What became of one state that changed, failed or warned. */
export type ResultRecord = Pick<
  ChunkResult,
  | 'id'
  | 'sls'
  | 'state'
  | 'fun'
  | 'name'
  | 'verdict'
  | 'comment'
  | 'warnings'
  | 'motive'
  | 'flapping'
  | 'started'
  | 'duration_ms'
> & { readonly changes: { readonly [subject: string]: Plain } };

export interface Limits {
  /** Runs that are kept. */
  readonly runs: number;
  /** Bytes that what they changed may take. */
  readonly bytes: number;
}

export interface Recorder {
  handle(event: Event): void;
  /** The last line: how the process will leave. */
  finish(exit: number): void;
}

export interface RecorderOptions {
  readonly folder: string;
  readonly begin: Omit<RunRecord, 'ended' | 'summary' | 'exit' | 'pillar'>;
  /** What is known of the pillar when the run ends. */
  readonly pillar?: () => string | undefined;
  readonly limits: Limits;
  readonly now: () => number;
  /** The same changes as the report shows: of texts, what differs. */
  readonly changesOf: (result: ChunkResult) => ResultRecord['changes'];
  /** A history that cannot be written stops nothing: told once. */
  readonly onTrouble: (message: string) => void;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { folder, begin, limits, now, changesOf, onTrouble } = options;
  const index = join(folder, 'history.ndjson');
  const details = join(folder, 'runs', `${begin.run}.ndjson`);
  let summary: Summary | undefined;
  let troubled = false;
  /** Whether the index has the first line of this run. */
  let begun = false;
  /** Whether there is a file of what the run changed. */
  let detailed = false;
  function safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!troubled) onTrouble(unwritable(folder, error));
      troubled = true;
    }
  }
  function append(file: string, record: object): void {
    // The line before, of a run that was killed or when the disk was full, may have no end.
    const start = begun && !troubled ? '' : '\n';
    appendFileSync(file, `${start}${JSON.stringify(record)}\n`, { mode: 0o600 });
  }
  safely(() => {
    makeFolder(join(folder, 'runs'));
    append(index, begin);
    begun = true;
  });
  return {
    handle(event) {
      if (event.kind === 'run-finished') {
        // What is declared no more is kept by the memory of what was applied, once and not for every run.
        const { orphans: _, ...counts } = event.summary;
        summary = counts;
      }
      if (event.kind !== 'state-finished') return;
      const { result } = event;
      if (!/^(changed|failed)$/.test(result.verdict) && result.warnings.length === 0) return;
      const { id, sls, state, fun, name, verdict, comment, warnings, started, duration_ms } = result;
      const { motive, flapping } = result;
      const changes = changesOf(result);
      detailed = true;
      safely(() =>
        append(details, {
          id,
          sls,
          state,
          fun,
          name,
          verdict,
          comment,
          warnings,
          ...(motive && { motive }),
          ...(flapping && { flapping }),
          started,
          duration_ms,
          changes,
        }),
      );
    },
    finish(exit) {
      safely(() => {
        const pillar = options.pillar?.();
        append(index, {
          ...(begun ? { run: begin.run } : begin),
          ended: now(),
          summary,
          exit,
          ...(pillar === undefined ? {} : { pillar }),
        });
        pruneIndex(folder, limits);
        if (detailed) pruneDetails(folder, limits);
      });
    },
  };
}

/** Newest last. */
export function readHistory(folder: string): RunRecord[] {
  const runs = new Map<string, RunRecord>();
  for (const line of linesOf(join(folder, 'history.ndjson'))) {
    if (typeof line['run'] !== 'string') continue;
    const known = runs.get(line['run']);
    if (known) runs.set(known.run, { ...known, ...line });
    else if ('began' in line) runs.set(line['run'], line as unknown as RunRecord);
  }
  return [...runs.values()];
}

/** What a run changed; empty where it changed nothing. */
export function readResults(folder: string, run: string): ResultRecord[] {
  return linesOf(join(folder, 'runs', `${run}.ndjson`)) as unknown as ResultRecord[];
}

/** Lines that a crash left incomplete are passed over; what cannot be read is as good as none. */
function linesOf(file: string): { readonly [key: string]: unknown }[] {
  return textOf(file)
    .split('\n')
    .flatMap((line) => {
      try {
        const value: unknown = line === '' ? undefined : JSON.parse(line);
        return value && typeof value === 'object' ? [value as { [key: string]: unknown }] : [];
      } catch {
        return [];
      }
    });
}

/** Bytes of the index for each run that is kept, beyond which it is read and cut: seldom, and never to no effect. */
const roomy = 800;

function pruneIndex(folder: string, { runs }: Limits): void {
  const index = join(folder, 'history.ndjson');
  if (statSync(index).size <= runs * roomy) return;
  const kept = readHistory(folder).slice(-runs);
  try {
    writeFileSync(`${index}.new`, kept.map((one) => `${JSON.stringify(one)}\n`).join(''), { mode: 0o600 });
    renameSync(`${index}.new`, index);
  } catch (error) {
    rmSync(`${index}.new`, { force: true });
    throw error;
  }
  const names = new Set(kept.map(({ run }) => `${run}.ndjson`));
  for (const name of readdirSync(join(folder, 'runs'))) {
    if (!names.has(name)) rmSync(join(folder, 'runs', name));
  }
}

/** Files of runs are named by time, so the oldest come first. */
function pruneDetails(folder: string, limits: Limits): void {
  const files = readdirSync(join(folder, 'runs')).sort();
  let bytes = 0;
  for (const name of files.reverse()) {
    const file = join(folder, 'runs', name);
    bytes += statSync(file).size;
    if (bytes > limits.bytes) rmSync(file);
  }
}

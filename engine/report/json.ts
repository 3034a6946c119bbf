/** The report for programs: one JSON document at the end of the run. docs/json.md documents it. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { ChunkResult, Event, Summary } from '../core/event.ts';
import { type DiagnosticData, diagnosticData } from './diagnostic-data.ts';
import { changeDiff } from './diff.ts';
import type { Reporter } from './reporter.ts';

export interface JsonOptions {
  write(text: string): void;
}

export function createJsonReporter({ write }: JsonOptions): Reporter {
  const results: object[] = [];
  return {
    handle(event: Event) {
      if (event.kind === 'state-finished') results.push(resultData(event.result));
      if (event.kind === 'run-finished') write(document({ results, summary: summaryData(event.summary) }));
    },
    flush() {},
  };
}

/** Trouble before a run, as the whole output. */
export function errorsAsJson(diagnostics: readonly Diagnostic[]): string {
  return document({ errors: diagnostics.map(diagnosticData) });
}

/** A JSON document as every verb prints it. */
export function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

type Kept =
  | 'run_num'
  | 'id'
  | 'sls'
  | 'state'
  | 'fun'
  | 'name'
  | 'result'
  | 'changes'
  | 'comment'
  | 'started'
  | 'duration_ms';

interface ResultData extends Pick<ChunkResult, Kept> {
  /** Only where there are any. */
  readonly warnings?: readonly string[];
  readonly motive?: ChunkResult['motive'];
  readonly flapping?: ChunkResult['flapping'];
  readonly errors?: readonly DiagnosticData[];
}

export function resultData(result: ChunkResult): ResultData {
  return {
    run_num: result.run_num,
    id: result.id,
    sls: result.sls,
    state: result.state,
    fun: result.fun,
    name: result.name,
    result: result.result,
    changes: changesData(result),
    comment: result.comment,
    started: result.started,
    duration_ms: result.duration_ms,
    ...(result.warnings.length > 0 ? { warnings: result.warnings } : {}),
    ...(result.motive === undefined ? {} : { motive: result.motive }),
    ...(result.flapping === undefined ? {} : { flapping: result.flapping }),
    ...(result.diagnostics.length > 0 ? { errors: result.diagnostics.map(diagnosticData) } : {}),
  };
}

/** Whole texts become what differs in them: a report is no place for two copies of a file. */
export function changesData({ changes, differences }: ChunkResult): ChunkResult['changes'] {
  const diffs = differences.flatMap((change) => {
    const diff = change.subject in changes ? changeDiff(change) : undefined;
    return diff === undefined ? [] : [[change.subject, { diff }] as const];
  });
  if (diffs.length === 0) return changes;
  return { ...changes, ...Object.fromEntries(diffs) };
}

/** The counts of the contract; `unknown` is not one of them, as it is part of `would_change`. */
export function summaryData({
  total,
  unchanged,
  changed,
  would_change,
  failed,
  skipped,
  corrected,
  orphans,
  not_tried,
  stopped_by,
  duration_ms,
}: Summary) {
  const found = { ...(corrected ? { corrected } : {}), ...(orphans ? { orphans } : {}) };
  const stopped = {
    ...(not_tried > 0 ? { not_tried } : {}),
    ...(stopped_by === undefined ? {} : { stopped_by }),
  };
  return { total, unchanged, changed, would_change, failed, skipped, ...found, ...stopped, duration_ms };
}

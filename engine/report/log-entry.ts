/** One line about a run for the system log, with its figures as fields. docs/reports.md documents them. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Summary } from '../core/event.ts';
import { summarySentence } from './summary.ts';
import { cut, visibleLine } from './visible.ts';

export interface LogEntry {
  /** One line. */
  readonly message: string;
  /** syslog(3): 3 an error, 5 worth knowing, 6 information. */
  readonly priority: 3 | 5 | 6;
  /** Values of one line each. */
  readonly fields: { readonly [name: string]: string };
}

export interface LoggedRun {
  readonly run: string;
  readonly command: readonly string[];
  readonly cause: string;
  readonly exit: number;
  readonly revision?: string;
  /** Undefined: it did not compile. */
  readonly summary: Summary | undefined;
  readonly owed: number;
  /** States that failed, as `file.managed /etc/motd`. */
  readonly failed: readonly string[];
  /** Why it did not compile. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Characters; a system log cuts lines where it likes, and that is never less. */
const longest = 900;

export function logEntry(run: LoggedRun): LogEntry {
  const { summary, exit, cause } = run;
  const who = `${run.command.join(' ')} (${cause})`;
  const message = cut(visibleLine(`${who}: ${summary ? outcome(run, summary) : trouble(run)}`), longest);
  const counts = summary ?? { total: 0, unchanged: 0, changed: 0, failed: 0, skipped: 0, not_tried: 0 };
  const fields = {
    CONVERGE_RUN: run.run,
    CONVERGE_COMMAND: run.command.join(' '),
    CONVERGE_CAUSE: cause,
    CONVERGE_EXIT: exit,
    CONVERGE_TOTAL: counts.total,
    CONVERGE_UNCHANGED: counts.unchanged,
    CONVERGE_CHANGED: counts.changed,
    CONVERGE_CORRECTED: summary?.corrected ?? 0,
    CONVERGE_FAILED: counts.failed,
    CONVERGE_SKIPPED: counts.skipped,
    CONVERGE_NOT_TRIED: counts.not_tried,
    CONVERGE_OWED: run.owed,
    CONVERGE_DURATION_MS: Math.round(summary?.duration_ms ?? 0),
    ...(run.revision === undefined ? {} : { CONVERGE_REVISION: run.revision }),
  };
  return {
    message,
    priority: exit !== 0 ? 3 : summary && summary.changed > 0 ? 5 : 6,
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, cut(visibleLine(String(value)), longest)]),
    ),
  };
}

/** Failing states that are named. */
const named = 3;

function outcome({ failed }: LoggedRun, summary: Summary): string {
  const { stopped_by: by } = summary;
  const more = failed.length > named ? ` and ${failed.length - named} more` : '';
  return [
    summarySentence(summary, false, summary.not_tried),
    ...(by === undefined ? [] : [`stopped by ${by}`]),
    ...(failed.length === 0 ? [] : [`failed: ${failed.slice(0, named).join(', ')}${more}`]),
  ].join('; ');
}

function trouble({ diagnostics: [first, ...others] }: LoggedRun): string {
  if (!first) return 'it broke off';
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `it did not compile: ${first.message}${more}`;
}

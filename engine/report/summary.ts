/** The last line of a report, whose counts are the same however much is shown above it. */
import type { Summary } from '../core/event.ts';

/** One sentence of plain text: "12 states in 1.2 s: 10 unchanged, 2 changed, 0 failed, 0 skipped". */
export function summarySentence(summary: Summary, dry: boolean, notTried = 0): string {
  const states = summary.total === 1 ? '1 state' : `${summary.total} states`;
  const counts = [`${summary.unchanged} unchanged`];
  const drift = summary.corrected ? ` (${summary.corrected} by drift)` : '';
  if (!dry || summary.changed > 0) counts.push(`${summary.changed} changed${dry ? '' : drift}`);
  if (dry || summary.would_change > 0) {
    const unknown = summary.unknown > 0 ? ` (${summary.unknown} unknown until applied)` : '';
    counts.push(`${summary.would_change} would change${unknown}${dry ? drift : ''}`);
  }
  counts.push(`${summary.failed} failed`, `${summary.skipped} skipped`);
  if (notTried > 0) counts.push(`${notTried} not tried`);
  return `${states} in ${durationText(summary.duration_ms)}: ${counts.join(', ')}`;
}

/** Three significant digits at most: "0.4 ms", "87 ms", "1.25 s", "4 min 5 s". */
export function durationText(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9995) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

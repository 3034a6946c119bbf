/** The report for people: one line per state, what differs below it, and a summary line. */
import type { ChunkResult, Event, Summary } from '../core/event.ts';
import type { Effect, Outcome } from '../core/host.ts';
import { createBatch } from './batch.ts';
import { palette } from './colour.ts';
import { type DifferenceOptions, differenceLines, lastLines, reportedLines } from './difference.ts';
import { flappingLines, motiveWord, orphanLines } from './drift.ts';
import { renderDiagnostic } from './frame.ts';
import { createProgress, type ProgressTerminal } from './progress.ts';
import type { Reporter } from './reporter.ts';
import { isEventful, isReported, signOf } from './sign.ts';
import { durationText, summarySentence } from './summary.ts';
import { visible, visibleLine } from './visible.ts';

export interface HumanOptions {
  /** To stdout. */
  write(text: string): void;
  /** To stderr, where that is a terminal: shows what runs now. */
  readonly progress?: ProgressTerminal;
  readonly color: boolean;
  /** Signs outside ASCII can be printed. */
  readonly unicode?: boolean;
  /**
   * full: comments and all changes; changes (the default): those of states that changed or failed; terse: one line
   * per state, and why one failed.
   */
  readonly stateOutput?: 'full' | 'changes' | 'terse';
  /** Only states that changed or failed, and one line at the end; nothing at all where there are none. */
  readonly quiet?: boolean;
  /** Unchanged lines around each difference. */
  readonly context?: number;
  /** Text of a source file, for the excerpts of errors. */
  readSource(file: string): string | undefined;
  nameFile?(file: string): string;
}

/** A command's last lines that are shown when it failed. */
const failureLines = 10;

export function createHumanReporter(options: HumanOptions): Reporter {
  const { color, unicode = true, stateOutput = 'changes', quiet = false, context = 3 } = options;
  const paint = palette(color);
  const differences: DifferenceOptions = { paint, context, arrow: unicode ? '→' : '->' };
  const progress = createProgress(options.progress, () => batch.flush());
  const batch = createBatch((text) => {
    progress.clear();
    options.write(text);
  });
  let total = 0;
  /** States of the run that have not had their turn; after `failhard` some never have. */
  let ahead = 0;
  let dry = false;
  /** Whether anything happened that a quiet report tells of. */
  let told = false;
  /** What the progress line says of the present state. */
  let running = '';
  /** Commands of the present state that failed. */
  let failures: { effect: Effect; outcome: Outcome }[] = [];

  function handle(event: Event): void {
    switch (event.kind) {
      case 'run-started':
        total = event.total;
        ahead = total;
        dry = event.dry;
        return;
      case 'state-started':
        failures = [];
        running = `[${event.run_num + 1}/${total}] ${event.state}.${event.fun} ${visibleLine(event.name)}`;
        progress.show(running);
        return;
      case 'process-started':
        // What was found so far should be seen before something that may take long.
        batch.flush();
        progress.show(running);
        return;
      case 'effect-performed':
        if (event.became === 'failed' && event.outcome) {
          failures.push({ effect: event.effect, outcome: event.outcome });
        }
        return;
      case 'retrying':
        batch.flush();
        progress.show(
          `${visibleLine(event.id)}: attempt ${event.attempt} of ${event.of} in ${event.seconds} s`,
        );
        return;
      case 'warning':
        told = true;
        batch.write(`${paint.yellow('warning:')} ${visible(event.message)}\n`);
        return;
      case 'state-finished':
        // Listeners come on top of the states that were counted beforehand.
        if (event.result.fun !== 'mod_watch') ahead -= 1;
        finishState(event.result);
        return;
      case 'run-finished':
        finishRun(event.summary);
        return;
    }
  }

  function finishState(result: ChunkResult): void {
    const eventful = isEventful(result);
    if (quiet && !eventful) return;
    told = true;
    batch.write(`${headline(result)}\n`);
    for (const line of details(result, eventful)) batch.write(line === '' ? '\n' : `    ${line}\n`);
  }

  function headline(result: ChunkResult): string {
    const { sign, colour } = signOf(result, unicode, paint);
    const address = `${result.state}.${result.fun}`;
    const aside = [result.id === result.name ? undefined : result.id, result.sls || undefined]
      .filter((word) => word !== undefined)
      .map(visibleLine);
    const small = [aside.length > 0 ? `(${aside.join(', ')})` : '', durationText(result.duration_ms)];
    const word = motiveWord(result);
    const drift = word === '' ? '' : `  ${paint.yellow(word)}`;
    return `${colour(sign)} ${address} ${paint.bold(visibleLine(result.name))}  ${paint.dim(small.filter(Boolean).join(' '))}${drift}`;
  }

  function details(result: ChunkResult, eventful: boolean): string[] {
    const failed = result.verdict === 'failed';
    const lines: string[] = [];
    // Not by push(...): there may be more lines than a call takes arguments.
    function add(more: readonly string[]): void {
      for (const line of more) lines.push(line);
    }
    const warnings = result.warnings.flatMap((text) => visible(`warning: ${text}`).split('\n'));
    add(warnings.map(paint.yellow));
    if (result.flapping) add(flappingLines(result.flapping).map(paint.yellow));
    if (failed || stateOutput === 'full' || (eventful && stateOutput === 'changes')) {
      add(commentLines(result, failed ? paint.red : (text) => text));
    }
    if (failed) {
      for (const diagnostic of result.diagnostics) {
        add(renderDiagnostic(diagnostic, options).trimEnd().split('\n'));
      }
      for (const failure of failures) add(failureDetails(failure.effect, failure.outcome));
    }
    if (stateOutput !== 'terse') add(changeLines(result));
    return lines;
  }

  function commentLines(result: ChunkResult, colour: (text: string) => string): string[] {
    const text = visible(result.comment.trim());
    return text === '' ? [] : text.split('\n').map(colour);
  }

  function failureDetails(effect: Effect, outcome: Outcome): string[] {
    const said = outcome.stderr.trim() === '' ? outcome.stdout : outcome.stderr;
    return [
      ...(effect.kind === 'exec' ? [`command: ${visibleLine(effect.command.argv.join(' '))}`] : []),
      `exit status: ${outcome.status}${outcome.timedOut ? ' (it ran out of time)' : ''}`,
      ...(said.trim() === '' ? [] : lastLines(said, failureLines).map((line) => `  ${line}`)),
    ];
  }

  function changeLines(result: ChunkResult): string[] {
    return result.differences.flatMap((change) => {
      if (!isReported(change, result)) return differenceLines(change, differences);
      // Of a command that failed the end of its output is there already; silence is not worth a line.
      return failures.length > 0 || change.new === '' ? [] : reportedLines(change.subject, change.new);
    });
  }

  function finishRun(summary: Summary): void {
    const colour =
      summary.failed > 0
        ? paint.red
        : summary.changed + summary.would_change > 0
          ? paint.yellow
          : paint.green;
    const lead = summary.failed > 0 ? 'Failed' : dry ? 'Dry run' : 'Converged';
    if (!quiet && summary.total > 0) batch.write('\n');
    if (!quiet && summary.orphans) {
      for (const line of orphanLines(summary.orphans)) batch.write(`${paint.yellow(line)}\n`);
      batch.write('\n');
    }
    const wentWell = summary.failed === 0 && summary.stopped_by === undefined && ahead === 0;
    if (!quiet || told || !wentWell)
      batch.write(`${colour(`${lead}: ${summarySentence(summary, dry, ahead)}`)}\n`);
    flush();
  }

  function flush(): void {
    batch.flush();
    progress.clear();
  }

  return { handle, flush };
}

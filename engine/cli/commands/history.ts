/** `converge history`: the runs there were, what one changed, and how two differ. */
import { type ResultRecord, type RunRecord, readHistory, readResults } from '../../journal/history.ts';
import { readUndo } from '../../journal/undo-read.ts';
import { wantsColour } from '../../report/colour.ts';
import { differingGrounds, differingLines, resultLines, runLine } from '../../report/history.ts';
import { visibleLine } from '../../report/visible.ts';
import type { Command } from '../arguments.ts';
import { findRun } from '../find-run.ts';
import { exitCodes, type Streams } from '../main.ts';
import { readSettings, requireJournal } from '../settings.ts';
import { extentOf, staysOf } from '../undo-extent.ts';

type History = Extract<Command, { verb: 'history' }>;

export async function historyCommand({ runs: names, options }: History, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const { output, color } = settings;
  const journal = requireJournal(settings);
  const history = readHistory(journal);
  const isTTY = streams.stdout.isTTY === true;
  const print = { color: wantsColour(color, { isTTY, env: streams.env }) };
  const chosen = names.map((name) => findRun(name, history));
  const shown = chosen.map((run) => ({
    ...run,
    results: readResults(journal, run.run),
    ...undoOf(journal, run.run),
  }));
  if (output === 'json' || output === 'ndjson') {
    const data = shown.length === 0 ? history : shown;
    streams.stdout.write(
      output === 'json'
        ? `${JSON.stringify(data, null, 2)}\n`
        : data.map((one) => `${JSON.stringify(one)}\n`).join(''),
    );
    return exitCodes.converged;
  }
  streams.stdout.write(
    linesOf(history, shown, print)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return exitCodes.converged;
}

type Shown = RunRecord & { readonly results: readonly ResultRecord[]; readonly undo?: Undo };

/** What `rollback` would take back, and what would stay. */
interface Undo {
  readonly extent: string;
  readonly stays: readonly string[];
}

function undoOf(journal: string, run: string): { readonly undo?: Undo } {
  const undo = readUndo(journal, run);
  return undo ? { undo: { extent: extentOf(undo), stays: staysOf(undo) } } : {};
}

function undoLines({ run, undo }: Shown): string[] {
  if (!undo) return [];
  const stays = undo.stays.map((one) => `    ${visibleLine(one)}`);
  return [
    `converge rollback ${run} takes back ${undo.extent}${stays.length > 0 ? '; this stays:' : '.'}`,
    ...stays,
  ];
}

function linesOf(
  history: readonly RunRecord[],
  [first, second]: readonly Shown[],
  print: { readonly color: boolean },
): string[] {
  if (first === undefined) {
    return history.length === 0 ? ['There were no runs yet.'] : history.map((run) => runLine(run, print));
  }
  if (second === undefined)
    return [runLine(first, print), ...resultLines(first.results, print), ...undoLines(first)];
  return [
    runLine(first, print),
    runLine(second, print),
    ...differingGrounds(first, second),
    ...differingLines(first.results, second.results, print),
  ];
}

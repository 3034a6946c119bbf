/** `converge history`: the runs there were, what one changed, and how two differ. */
import { type ResultRecord, type RunRecord, readHistory, readResults } from '../../journal/history.ts';
import { wantsColour } from '../../report/colour.ts';
import { differingGrounds, differingLines, resultLines, runLine } from '../../report/history.ts';
import type { Command } from '../arguments.ts';
import { findRun } from '../find-run.ts';
import { exitCodes, type Streams } from '../main.ts';
import { readSettings, requireJournal } from '../settings.ts';

type History = Extract<Command, { verb: 'history' }>;

export async function historyCommand({ runs: names, options }: History, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const { output, color } = settings;
  const journal = requireJournal(settings);
  const history = readHistory(journal);
  const isTTY = streams.stdout.isTTY === true;
  const print = { color: wantsColour(color, { isTTY, env: streams.env }) };
  const chosen = names.map((name) => findRun(name, history));
  const shown = chosen.map((run) => ({ ...run, results: readResults(journal, run.run) }));
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

type Shown = RunRecord & { readonly results: readonly ResultRecord[] };

function linesOf(
  history: readonly RunRecord[],
  [first, second]: readonly Shown[],
  print: { readonly color: boolean },
): string[] {
  if (first === undefined) {
    return history.length === 0 ? ['There were no runs yet.'] : history.map((run) => runLine(run, print));
  }
  if (second === undefined) return [runLine(first, print), ...resultLines(first.results, print)];
  return [
    runLine(first, print),
    runLine(second, print),
    ...differingGrounds(first, second),
    ...differingLines(first.results, second.results, print),
  ];
}

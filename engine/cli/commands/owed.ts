/** `converge owed`: reactions that earlier runs owe, with since when and why. */
import { readLedger } from '../../journal/owed.ts';
import { visibleLine } from '../../report/visible.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';
import { readSettings, requireJournal } from '../settings.ts';

type OwedCommand = Extract<Command, { verb: 'owed' }>;

export async function owedCommand({ options }: OwedCommand, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const { output } = settings;
  const owed = readLedger(requireJournal(settings), settings.states).list();
  if (output === 'json') streams.stdout.write(`${JSON.stringify(owed, null, 2)}\n`);
  else if (output === 'ndjson') streams.stdout.write(owed.map((one) => `${JSON.stringify(one)}\n`).join(''));
  else if (owed.length === 0) streams.stdout.write('Nothing is owed.\n');
  else {
    for (const { debtor, sources, since, run } of owed) {
      const what = `${debtor.state}.${debtor.fun} ${visibleLine(debtor.name)}`;
      const why = sources.map(({ state, name }) => `${state} ${visibleLine(name)}`).join(', ');
      streams.stdout.write(
        `${what}\n    since ${new Date(since).toISOString()} (run ${run}), for changes of: ${why}\n`,
      );
    }
  }
  return exitCodes.converged;
}

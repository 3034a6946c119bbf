/** `converge list-states`: the states this program knows. */
import { fnmatch } from '../../core/fnmatch.ts';
import { listStates, loadState } from '../../modules/find.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, type Streams } from '../main.ts';

type ListStates = Extract<Command, { verb: 'list-states' }>;

export async function listStatesCommand(
  { patterns, options }: ListStates,
  { stdout }: Streams,
): Promise<number> {
  const wanted = patterns.map((pattern) => fnmatch(pattern));
  const addresses = listStates().filter(
    (address) => wanted.length === 0 || wanted.some((pattern) => pattern.test(address)),
  );
  const rows = await Promise.all(
    addresses.map(async (address) => ({ state: address, summary: (await loadState(address)).summary })),
  );
  if (options.output === 'json') stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (options.output === 'ndjson') stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  else {
    const width = Math.max(0, ...addresses.map((address) => address.length));
    stdout.write(rows.map(({ state, summary }) => `${state.padEnd(width)}  ${summary}\n`).join(''));
  }
  return exitCodes.converged;
}

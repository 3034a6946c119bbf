/** `converge doctor secrets`: looks for the secrets of the pillar where they should not be. */
import type { RunOrder } from '../../core/chunk.ts';
import { Trouble } from '../../core/diagnostic.ts';
import { type Leak, searchFiles } from '../../host/leaks.ts';
import { searchJournal, searchProcesses } from '../../host/live-leaks.ts';
import { visibleLine } from '../../report/visible.ts';
import type { Command } from '../arguments.ts';
import { compileNames } from '../compilation.ts';
import { leakPlaces } from '../leak-places.ts';
import { exitCodes, type Streams } from '../main.ts';
import { createWorld, type World } from '../world.ts';

type DoctorCommand = Extract<Command, { verb: 'doctor' }>;

/** Seconds for all files, and for the journal. */
const patience = { files: 120, journal: 60 };
/** Places of one secret that are told to people; programs are told all. */
const mostTold = 20;

/** Exit code 1 when a secret lies open. */
export async function doctorCommand({ options }: DoctorCommand, streams: Streams): Promise<number> {
  const world = await createWorld(options, streams);
  const { settings, secrets } = world;
  await world.pillar();
  const say = (text: string) => streams.stdout.write(`${visibleLine(text)}\n`);
  if (secrets.isEmpty) {
    if (isData(settings.output)) streams.stdout.write(`${JSON.stringify({ leaks: [] }, null, 2)}\n`);
    else say('The pillar holds no secrets.');
    return exitCodes.converged;
  }
  const find = (text: string) => secrets.find(text, { whole: true }).filter(({ weak }) => !weak);
  const order = await ordered(world, streams);
  const rooted = settings.root !== undefined && settings.root !== '/';
  // First what may be gone soon.
  const processes = rooted ? undefined : searchProcesses(find);
  const files = searchFiles(leakPlaces(settings, order), { find, until: inSeconds(patience.files) });
  const journal = rooted ? undefined : await searchJournal({ find, until: inSeconds(patience.journal) });
  const leaks = [...files.leaks, ...(processes?.leaks ?? []), ...(journal?.leaks ?? [])];
  const looked = {
    files: files.files,
    bytes: files.bytes,
    processes: processes?.processes ?? 0,
    journal_entries: journal?.entries ?? 0,
  };
  if (isData(settings.output)) {
    const data = { leaks, looked, omitted: files.omissions, too_short: secrets.weak };
    streams.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  } else {
    for (const line of told(leaks)) say(line);
    for (const { path, reason } of files.omissions)
      streams.stderr.write(`not looked at: ${path} (${reason})\n`);
    if (secrets.weak.length > 0) say(`Too short to look for: ${secrets.weak.join(', ')}.`);
    const where = `${looked.files} files, ${looked.processes} processes and ${looked.journal_entries} entries of the journal`;
    say(leaks.length === 0 ? `No secret lies open in ${where}.` : `${leaks.length} found in ${where}.`);
  }
  return leaks.length > 0 ? exitCodes.failed : exitCodes.converged;
}

/** What the states manage is looked at, too, if they compile. */
async function ordered(world: World, { stderr }: Streams): Promise<RunOrder | undefined> {
  try {
    return await compileNames(world, undefined);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    stderr.write('converge: the states do not compile, so what they manage is not looked at.\n');
    return undefined;
  }
}

function told(leaks: readonly Leak[]): string[] {
  const lines: string[] = [];
  const counts = new Map<string, number>();
  for (const leak of leaks) {
    const count = (counts.get(leak.label) ?? 0) + 1;
    counts.set(leak.label, count);
    if (count <= mostTold) lines.push(`${placeOf(leak)}  ${leak.label}`);
  }
  for (const [label, count] of counts)
    if (count > mostTold) lines.push(`${count - mostTold} more places  ${label}`);
  return lines;
}

function placeOf({ kind, where, line, pid, time }: Leak): string {
  switch (kind) {
    case 'file':
      return `${where}:${line}`;
    case 'process':
      return `process ${pid} (${where}), on its command line`;
    case 'journal':
      return `journal ${time ?? ''} ${where}`;
  }
}

function isData(output: string): boolean {
  return output === 'json' || output === 'ndjson';
}

function inSeconds(seconds: number): number {
  return Date.now() + seconds * 1000;
}

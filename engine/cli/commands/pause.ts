/** `converge pause` and `converge resume`: for a while this node is left as it is, but for what people ask for. */
import { userInfo } from 'node:os';
import { Trouble } from '../../core/diagnostic.ts';
import { spanOf, spanText } from '../../core/span.ts';
import { causeOf } from '../../journal/file.ts';
import { heldBy } from '../../journal/lock.ts';
import { endPause, type Pause, readPause, writePause } from '../../journal/pause.ts';
import { readWatch } from '../../journal/watching.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, onCommandLine, type Streams } from '../main.ts';
import { pauseData, pauseText } from '../pausing.ts';
import { readSettings, requireJournal, type Settings } from '../settings.ts';

type PauseCommand = Extract<Command, { verb: 'pause' | 'resume' }>;

export async function pauseCommand(command: PauseCommand, streams: Streams): Promise<number> {
  const settings = readSettings(command.options, streams, { treeless: true });
  const journal = requireJournal(settings);
  const now = Date.now();
  const former = readPause(journal, now);
  const pause = command.verb === 'pause' ? pauseOf(command, now, streams) : undefined;
  try {
    if (pause) writePause(journal, pause);
    else endPause(journal, now);
  } catch (error) {
    throw new Trouble([
      {
        code: 'file-unreadable',
        message: `${journal} cannot be written: ${causeOf(error)}.`,
        hint: `Run converge ${command.verb} as root.`,
        origin: onCommandLine(),
      },
    ]);
  }
  wakeWatch(journal);
  await leaveFigure(settings, pause !== undefined, streams);
  const message = pause ? `${pauseText(pause)}.` : resumed(former, now);
  const { stdout } = streams;
  if (settings.output === 'json' || settings.output === 'ndjson')
    stdout.write(`${JSON.stringify({ paused: pause ? pauseData(pause) : null, message })}\n`);
  else stdout.write(`${message}\n`);
  const holder = pause && heldBy(settings.lock);
  if (holder)
    streams.stderr.write(
      `converge: a run that has begun goes on to its end: converge ${holder.verb} (pid ${holder.pid}).\n`,
    );
  return exitCodes.converged;
}

/** Times that ECMAScript can tell end in the year 275760. */
const longest = 100 * 365 * 86_400;

function pauseOf(command: PauseCommand, now: number, streams: Streams): Pause {
  const seconds = command.for === undefined ? undefined : spanOf(command.for);
  if (command.for !== undefined && !(seconds !== undefined && seconds > 0 && seconds <= longest))
    throw new Trouble([
      {
        code: 'bad-argument',
        message: `"${command.for}" is no time to pause for.`,
        hint: 'Write 30m, 2h or 1d.',
        origin: onCommandLine(),
      },
    ]);
  const by = whoAsks(streams);
  return {
    since: now,
    ...(seconds === undefined ? {} : { until: now + Math.ceil(seconds * 1000) }),
    ...(command.reason ? { reason: command.reason.slice(0, 1000) } : {}),
    ...(by === undefined ? {} : { by }),
  };
}

/** For people, not for security: who became root by sudo is told by sudo. */
function whoAsks({ env }: Streams): string | undefined {
  if (env['SUDO_USER']) return env['SUDO_USER'];
  try {
    return userInfo().username;
  } catch {
    // Nobody knows a name for this number.
    return undefined;
  }
}

function resumed(former: Pause | undefined, now: number): string {
  if (!former) return 'This node is not paused.';
  return `This node goes on, after a pause of ${spanText((now - former.since) / 1000)}.`;
}

/** It reads the pause anew when it is told to read anything anew. */
function wakeWatch(journal: string): void {
  const watch = readWatch(journal);
  if (!watch?.alive) return;
  try {
    process.kill(watch.pid, 'SIGHUP');
  } catch {
    // Gone, or not ours: it looks before its next run.
  }
}

/** Runs that could tell are left out meanwhile. */
async function leaveFigure({ metrics }: Settings, paused: boolean, { stderr }: Streams): Promise<void> {
  if (metrics === undefined) return;
  const { readReport, writeReport } = await import('../../journal/outlet.ts');
  const { withPaused } = await import('../../report/metrics.ts');
  try {
    const readable = 0o644;
    writeReport(metrics, withPaused(readReport(metrics) ?? '', paused), readable);
  } catch (error) {
    stderr.write(`converge: the figures in ${metrics} cannot be written: ${(error as Error).message}.\n`);
  }
}

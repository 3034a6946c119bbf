/** What a pause means for a run: those that nobody waits for are left out, and people are told of it. */
import { isFirstToTell, type Pause, readPause } from '../journal/pause.ts';
import type { StatusPause } from '../report/status.ts';
import { cut, visibleLine } from '../report/visible.ts';
import { type Streams, unconfirmedCause } from './main.ts';
import type { Settings } from './settings.ts';

/** Once for each pause it says so: cron mails every line that a run prints. */
export function isHeldBack({ journal, cause }: Settings, { stderr }: Pick<Streams, 'stderr'>): boolean {
  // What nobody has confirmed may have cut off who could.
  if (journal === undefined || cause === 'cli' || cause === unconfirmedCause) return false;
  const pause = readPause(journal, Date.now());
  if (!pause) return false;
  if (isFirstToTell(journal))
    stderr.write(
      `converge: ${pauseText(pause)}. Runs with a cause, such as this (${visibleLine(cause)}), do nothing until then; no other will say so.\n`,
    );
  return true;
}

/** For who runs something by hand. */
export function tellPause({ journal, cause }: Settings, { stderr }: Pick<Streams, 'stderr'>): void {
  const pause = journal === undefined || cause !== 'cli' ? undefined : readPause(journal, Date.now());
  if (pause) stderr.write(`converge: ${pauseText(pause)}. What is run by hand is done all the same.\n`);
}

/** "This node is paused until 2026-01-31T11:00:00Z (by anna): new disk" */
export function pauseText({ until, by, reason }: Pause): string {
  const end = until === undefined ? '"converge resume"' : momentText(until);
  const who = by === undefined ? '' : ` (by ${visibleLine(by)})`;
  const why = reason === undefined ? '' : `: ${cut(visibleLine(reason), 200)}`;
  return `This node is paused until ${end}${who}${why}`;
}

function momentText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** For programs. */
export function pauseData({ since, until, reason, by }: Pause): StatusPause {
  const iso = (time: number) => new Date(time).toISOString();
  return {
    since: iso(since),
    until: until === undefined ? null : iso(until),
    reason: reason ?? null,
    by: by ?? null,
  };
}

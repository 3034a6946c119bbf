/** Whose turn it is: takes the lock of runs, and gives way to a run that waits to be confirmed. */
import { Trouble } from '../core/diagnostic.ts';
import { type Busy, type Holder, type Lock, lock } from '../journal/lock.ts';
import { readUnconfirmed } from '../journal/unconfirmed.ts';
import { durationText } from '../report/summary.ts';
import { onCommandLine, type Streams } from './main.ts';
import type { Settings } from './settings.ts';

/** The verb, and the words of the command line for the history. */
export interface Undertaken {
  readonly verb: string;
  readonly words: readonly string[];
  /** Somebody else holds the lock, and is waited for. */
  readonly onWait?: () => void;
}

/** Throws Trouble where others keep the lock for too long, or where an unconfirmed run stands in the way. */
export async function takeTurn(
  beginning: Undertaken,
  settings: Settings,
  streams: Streams,
  onTrouble: (message: string) => void,
): Promise<Lock> {
  const end = performance.now() + settings.wait * 1000;
  for (;;) {
    const held = await takeLock(beginning, settings, streams, onTrouble);
    // An image below a root has no runs that wait.
    const unconfirmed = settings.journal === undefined ? undefined : readUnconfirmed(settings.journal);
    if (unconfirmed === undefined) return held;
    beginning.onWait?.();
    const { giveWay } = await import('./giving-way.ts');
    if (await giveWay({ unconfirmed, held, beginning, end }, settings, streams)) return held;
  }
}

/** Throws Trouble where somebody else keeps it for too long. */
export async function takeLock(
  { verb, onWait: told }: Pick<Undertaken, 'verb' | 'onWait'>,
  { lock: folder, wait, cause }: Pick<Settings, 'lock' | 'wait'> & Partial<Pick<Settings, 'cause'>>,
  { stderr }: Pick<Streams, 'stderr'>,
  onTrouble: (message: string) => void,
): Promise<Lock> {
  function onWait(busy: Busy): void {
    told?.();
    // cron mails every line, and nobody waits for what it runs.
    if (cause !== undefined && cause !== 'cli') return;
    stderr.write(`converge: ${described(busy)}; waiting up to ${wait} seconds for it.\n`);
  }
  const held = await lock(
    folder,
    { pid: process.pid, verb, since: Date.now() },
    { wait, onWait, onTrouble },
  ).catch((error: Error) => {
    throw new Trouble([
      {
        code: 'no-lock',
        message: `The lock in ${folder} cannot be taken: ${error.message}.`,
        hint: 'Run converge as root, or set state_dir to a folder that you can write to.',
        origin: onCommandLine(),
      },
    ]);
  });
  if (Symbol.dispose in held) return held;
  throw new Trouble([
    {
      code: 'locked',
      message: `${capital(described(held))}.`,
      hint: 'Try again when it is done, or let --wait SECONDS do so.',
      origin: onCommandLine(),
    },
  ]);
}

function described({ holder }: Busy): string {
  if (!holder) return 'another run has just begun';
  return `another run holds the lock: converge ${holder.verb} (pid ${holder.pid}), ${ageOf(holder)}`;
}

function ageOf({ since }: Holder): string {
  return `since ${new Date(since).toISOString()} (${durationText(Date.now() - since)})`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

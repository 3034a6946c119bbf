/** What a run leaves behind: it takes the lock, begins a record in the history, and opens the ledger of what is owed. */
import { Trouble } from '../core/diagnostic.ts';
import type { ChunkResult } from '../core/event.ts';
import type { Keeper } from '../core/undo.ts';
import { unwritable } from '../journal/file.ts';
import type { HeldSecrets } from '../journal/held.ts';
import { createRecorder, type Recorder } from '../journal/history.ts';
import { type Busy, type Holder, lock } from '../journal/lock.ts';
import { createLedger, type OwedLedger } from '../journal/owed.ts';
import type { UndoLog } from '../journal/undo-log.ts';
import { changesData } from '../report/json.ts';
import { durationText } from '../report/summary.ts';
import { onCommandLine, type Streams, version } from './main.ts';
import { revisionOf } from './revision.ts';
import type { World } from './world.ts';

export interface Record extends Disposable {
  /** Undefined below a root. */
  readonly run?: string;
  readonly recorder?: Recorder;
  readonly ledger?: OwedLedger;
  /** Keeps what the run replaces: begun when it is first asked for. */
  readonly keeper?: () => Promise<Keeper>;
  /** Keeps what the next run has to know; a failure is told, and stops nothing. */
  save(held: HeldSecrets): void;
}

/** Who begins it: the verb, and the words of the command line for the history. */
export interface Beginning {
  readonly verb: string;
  readonly words: readonly string[];
  /** Nothing may be changed that cannot be taken back: it is kept for good before. */
  readonly strict?: boolean;
}

export async function startRecord(beginning: Beginning, world: World, { stderr }: Streams): Promise<Record> {
  const { settings } = world;
  const now = Date.now();
  const onWait = (busy: Busy) =>
    stderr.write(`converge: ${described(busy)}; waiting up to ${settings.wait} seconds for it.\n`);
  /** The history, the ledger and others keep their things on one disk: what ails it is said once. */
  const said = new Set<string>();
  function warn(message: string): void {
    if (!said.has(message)) stderr.write(`converge: ${message}\n`);
    said.add(message);
  }
  const held = await lock(
    settings.lock,
    { pid: process.pid, verb: beginning.verb, since: now },
    { wait: settings.wait, onWait, onTrouble: warn },
  ).catch((error: Error) => {
    throw new Trouble([
      {
        code: 'no-lock',
        message: `The lock in ${settings.lock} cannot be taken: ${error.message}.`,
        hint: 'Run converge as root, or set state_dir to a folder that you can write to.',
        origin: onCommandLine(),
      },
    ]);
  });
  if (!(Symbol.dispose in held)) {
    throw new Trouble([
      {
        code: 'locked',
        message: `${capital(described(held))}.`,
        hint: 'Try again when it is done, or let --wait SECONDS do so.',
        origin: onCommandLine(),
      },
    ]);
  }
  const run = nameOf(now);
  let undoing: UndoLog | undefined;
  async function keeper(folder: string): Promise<Keeper> {
    const { createUndoLog } = await import('../journal/undo-log.ts');
    undoing ??= createUndoLog({
      folder,
      run,
      began: now,
      size: settings.undoSize,
      runs: settings.historyRuns,
      strict: beginning.strict === true,
      mask: (text) => world.secrets.mask(text),
      onTrouble: warn,
    });
    return undoing;
  }
  return {
    ...(settings.journal === undefined
      ? {}
      : journal(beginning, { folder: settings.journal, run, now }, world, warn)),
    ...(settings.journal === undefined || settings.undoSize === 0
      ? {}
      : { keeper: keeper.bind(undefined, settings.journal) }),
    save(paths) {
      try {
        paths.save();
      } catch (error) {
        warn(unwritable(settings.journal ?? '', error));
      }
    },
    [Symbol.dispose]() {
      undoing?.[Symbol.dispose]();
      held[Symbol.dispose]();
    },
  };
}

function journal(
  beginning: Beginning,
  { folder, run, now }: { readonly folder: string; readonly run: string; readonly now: number },
  world: World,
  onTrouble: (message: string) => void,
): { readonly run: string; readonly recorder: Recorder; readonly ledger: OwedLedger } {
  const { settings, secrets } = world;
  return {
    run,
    recorder: createRecorder({
      folder,
      begin: {
        run,
        command: beginning.words,
        cause: settings.cause,
        version: version(),
        began: now,
        pid: process.pid,
        ...revisionOf(settings.states),
      },
      limits: { runs: settings.historyRuns, bytes: settings.historySize },
      now: Date.now,
      changesOf: (result: ChunkResult) => changesData(result),
      pillar: () => world.pillarFingerprint(),
      onTrouble,
    }),
    ledger: createLedger({
      folder,
      run,
      tree: settings.states,
      now: Date.now,
      mask: (text) => secrets.mask(text),
      onTrouble,
    }),
  };
}

/** "20261122-235901-4711": sorts by time, and two runs of one second differ. */
function nameOf(now: number): string {
  const [date, time] = new Date(now).toISOString().split(/[T.]/) as [string, string];
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${process.pid}`;
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

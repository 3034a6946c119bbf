/** What a run leaves behind: it takes the lock, begins a record in the history, and opens the ledger of what is owed. */
import type { ChunkResult } from '../core/event.ts';
import type { Keeper } from '../core/undo.ts';
import { writeFindings } from '../journal/discovery.ts';
import { unwritable } from '../journal/file.ts';
import type { HeldSecrets } from '../journal/held.ts';
import { createRecorder, type Recorder } from '../journal/history.ts';
import type { Lock } from '../journal/lock.ts';
import { createLedger, type OwedLedger } from '../journal/owed.ts';
import type { UndoLog } from '../journal/undo-log.ts';
import { changesData } from '../report/json.ts';
import { type Streams, version } from './main.ts';
import { isHeldBack } from './pausing.ts';
import { revisionOf } from './revision.ts';
import { takeTurn, type Undertaken } from './turn.ts';
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
  /** Says on stderr what stops nothing, once. */
  warn(message: string): void;
}

/** Who begins it, and how. */
export interface Beginning extends Undertaken {
  /** Nothing may be changed that cannot be taken back: it is kept for good before. */
  readonly strict?: boolean;
  /** The lock where it is held already: then it is neither taken nor given back. */
  readonly lock?: Lock;
  /** Who asks wants to know what the run sees, so that no other will do. */
  readonly remembers?: boolean;
  /** Asked when the lock is held: whether something else is to be done by now, so nothing is. */
  readonly isOutdated?: () => boolean;
}

/** Undefined: while it waited for its turn a pause began, or what it was to do has become outdated. */
export async function startRecord(
  beginning: Beginning,
  world: World,
  streams: Streams,
): Promise<Record | undefined> {
  const { stderr } = streams;
  const { settings } = world;
  /** The history, the ledger and others keep their things on one disk: what ails it is said once. */
  const said = new Set<string>();
  function warn(message: string): void {
    if (!said.has(message)) stderr.write(`converge: ${message}\n`);
    said.add(message);
  }
  const held = beginning.lock ?? (await takeTurn(beginning, settings, streams, warn));
  if (beginning.isOutdated?.() || isHeldBack(settings, streams)) {
    if (!beginning.lock) held[Symbol.dispose]();
    return undefined;
  }
  const now = Date.now();
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
        const found = world.discovery();
        if (found?.inquiries.length && settings.journal !== undefined)
          writeFindings(settings.journal, found.findings());
      } catch (error) {
        warn(unwritable(settings.journal ?? '', error));
      }
    },
    warn,
    [Symbol.dispose]() {
      undoing?.[Symbol.dispose]();
      if (!beginning.lock) held[Symbol.dispose]();
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

/** "20261122-235901.042-4711": sorts by time, and no two runs have the same. */
function nameOf(now: number): string {
  const [date, time] = new Date(now).toISOString().split(/[TZ]/) as [string, string];
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${process.pid}`;
}

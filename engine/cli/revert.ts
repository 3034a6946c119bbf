/** What takes a run back that nobody confirms: the command, and all it needs, kept out of reach of that run. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble } from '../core/diagnostic.ts';
import { type Plain, toPlain } from '../core/value.ts';
import {
  armProcess,
  armUnit,
  disarmProcess,
  disarmUnit,
  type Errand,
  hasSystemd,
  runErrand,
} from '../host/dead-man.ts';
import { writeState } from '../journal/file.ts';
import { type Lock, lock } from '../journal/lock.ts';
import { keepMemories, restoreMemories } from '../journal/memories.ts';
import {
  forgetUnconfirmed,
  isExpired,
  processId,
  readUnconfirmed,
  type Timer,
  type Unconfirmed,
  writeUnconfirmed,
} from '../journal/unconfirmed.ts';
import { type Streams, unconfirmedCause } from './main.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

/** Settings that matter to what takes a run back; the others are about trees. */
const keptSettings = ['history_runs', 'history_size', 'undo_size', 'timeout', 'syslog'];

/**
 * The settings and facts as they are before the run changes anything: it may break the files they come from. Throws
 * what the file system says.
 */
export function keepMeans(journal: string, { settings, grains }: World): void {
  const kept = keptSettings.flatMap((key) =>
    settings.file.has(key) ? [[key, toPlain(settings.file.get(key)!)]] : [],
  );
  const paths: { [key: string]: Plain } = {
    backups: settings.backups,
    ...(settings.cache === false ? {} : { cache: settings.cache }),
    // Unless it is set, the lock lies elsewhere.
    ...(settings.lock === journal ? { state_dir: journal } : {}),
    ...(settings.metrics === undefined ? {} : { metrics: settings.metrics }),
  };
  writeState(meansIn(journal).config, { ...paths, ...Object.fromEntries(kept) }, { lasting: true });
  writeState(meansIn(journal).grains, toPlain(grains), { lasting: true });
  keepMemories(journal);
}

function meansIn(journal: string): { readonly config: string; readonly grains: string } {
  return { config: join(journal, 'revert.yaml'), grains: join(journal, 'revert-grains.json') };
}

/** The very program that runs now. Throws Trouble where nobody knows which that is. */
export function revertCommandLine(journal: string, run: string, { program }: Streams): string[] {
  if (!program) {
    const message = 'A run cannot be taken back where nobody knows how converge is started.';
    throw new Trouble([{ code: 'bad-configuration', message, hint: 'Leave --confirm out.' }]);
  }
  const { config, grains } = meansIn(journal);
  const options = ['--force', '--cause', unconfirmedCause, '--wait', '60', '--color', 'never'];
  return [...program, 'rollback', run, ...options, '--config', config, '--grains', grains];
}

/** Throws where neither systemd nor a process can be had. */
export function armTimer(journal: string, errand: Errand, say: (message: string) => void): Timer {
  if (hasSystemd()) {
    const unit = unitOf(journal);
    try {
      armUnit(unit, errand);
      return { unit };
    } catch (error) {
      // A unit that is half there must not fire.
      disarmTimer({ unit });
      say(`systemd does not take the timer (${firstLine(error)}); a process waits instead.`);
    }
  }
  const pid = armProcess(join(journal, 'revert.log'), errand);
  return processId(pid) ?? { pid, started: '' };
}

/** Never throws: a timer that fires finds nothing to do. */
export function disarmTimer(timer: Timer): void {
  try {
    if ('unit' in timer) disarmUnit(timer.unit);
    else if (processId(timer.pid)?.started === timer.started) disarmProcess(timer.pid);
  } catch {
    // It will find nothing to do.
  }
}

/** Each place of a history has a timer of its own. */
export function unitOf(journal: string): string {
  if (journal === '/var/lib/converge') return 'converge-revert';
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `converge-revert-${createHash('sha256').update(realpathSync(journal)).digest('hex').slice(0, 8)}`;
}

/** Takes a run back now, by the same command that the timer would. Resolves to its exit code. */
export async function revertNow(journal: string, run: string, streams: Streams): Promise<number> {
  return await runErrand({ argv: revertCommandLine(journal, run, streams) });
}

/** The run that waits, while there is still time. */
export function waiting(journal: string, run?: string): Unconfirmed | undefined {
  const found = readUnconfirmed(journal);
  if (found?.phase !== 'waiting' || isExpired(found)) return undefined;
  return run === undefined || found.run === run ? found : undefined;
}

/** From now on it stays; false where it is too late. The lock is held meanwhile. */
export function confirmed(journal: string, run: string): boolean {
  const found = waiting(journal, run);
  if (!found) return false;
  forgetUnconfirmed(journal);
  disarmTimer(found.timer);
  return true;
}

/** From now on it can no longer be confirmed; false where it was. The lock is held meanwhile. */
export function condemned(journal: string, run: string): boolean {
  const found = waiting(journal, run);
  if (!found) return false;
  writeUnconfirmed(journal, { ...found, phase: 'reverting' });
  return true;
}

/** A person took it back: there is nothing left to wait for. */
export async function callOff(settings: Settings, journal: string, run: string): Promise<void> {
  if (readUnconfirmed(journal)?.run !== run) return;
  await underLock(settings, 'rollback', 10, () => {
    const found = readUnconfirmed(journal);
    if (found?.run !== run) return;
    restoreMemories(journal, run);
    forgetUnconfirmed(journal);
    disarmTimer(found.timer);
  });
}

/** Does something under the lock of runs; undefined where others keep it for too long. */
export async function underLock<T>(
  { lock: folder }: Pick<Settings, 'lock'>,
  verb: string,
  wait: number,
  work: () => T,
): Promise<T | undefined> {
  const held = await lock(folder, { pid: process.pid, verb, since: Date.now() }, { wait });
  if (!(Symbol.dispose in held)) return undefined;
  using _: Lock = held;
  return work();
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: Buffer };
  return (stderr?.toString().trim() || message).split('\n')[0]!;
}

/** A run with `--confirm`: what takes it back is armed before its first change, and called off when its probes succeed. */
import type { Confirmation } from '../core/confirm.ts';
import { Trouble } from '../core/diagnostic.ts';
import type { Summary } from '../core/event.ts';
import type { Effect, Failed, Host } from '../core/host.ts';
import { causeOf } from '../journal/file.ts';
import {
  presentMoment,
  processId,
  readUnconfirmed,
  type Unconfirmed,
  writeUnconfirmed,
} from '../journal/unconfirmed.ts';
import { durationText } from '../report/summary.ts';
import { exitCodes, type Streams } from './main.ts';
import { ask } from './probing.ts';
import {
  armTimer,
  condemned,
  confirmed,
  disarmTimer,
  keepMeans,
  revertCommandLine,
  revertNow,
  underLock,
  waiting,
} from './revert.ts';
import { revisionOf } from './revision.ts';
import type { World } from './world.ts';

export interface Pledge {
  /** The same host, of which no change is begun before the timer is armed. */
  guarded(host: Host, run: string, confirm: Confirmation | undefined): Host;
  ended(summary: Summary): void;
  /** When the lock is free again: asks the probes, or says who has to confirm. Resolves to the exit code. */
  conclude(exit: number): Promise<number>;
}

/** Touch nothing of the host itself. */
const harmless: ReadonlySet<Effect['kind']> = new Set(['await', 'environ', 'remember', 'simulate']);

/** Throws Trouble where there can be no such run. */
export function createPledge(
  words: readonly string[],
  seconds: number,
  world: World,
  streams: Streams,
): Pledge {
  const { settings } = world;
  const { journal } = settings;
  if (journal === undefined) {
    throw new Trouble([
      {
        code: 'bad-configuration',
        message: '--confirm means nothing below a root: no timer of this machine could take that back.',
        hint: 'Leave out one of the two.',
      },
    ]);
  }
  if (settings.undoSize === 0) {
    throw new Trouble([
      {
        code: 'bad-configuration',
        message: '--confirm needs copies of what is replaced, and undo_size is 0.',
        hint: 'Set undo_size, or leave --confirm out.',
      },
    ]);
  }
  const folder = journal;
  let armed: Unconfirmed | undefined;
  let refused: Failed | undefined;
  let host: Host | undefined;
  /** A run that was stopped is half a run, whatever its probes say. */
  let complete = false;
  let confirm: Confirmation | undefined;

  function say(message: string): void {
    streams.stderr.write(`converge: ${message}\n`);
  }

  /** On the disk when it returns. */
  function arm(run: string): void {
    const since = Date.now();
    const moment = presentMoment();
    const argv = revertCommandLine(folder, run, streams);
    keepMeans(folder, world);
    const errand = { title: `converge takes back ${run} unless it is confirmed`, argv };
    const deadline = since + seconds * 1000;
    const timer = armTimer(folder, { ...errand, at: deadline, seconds }, say);
    try {
      armed = {
        run,
        command: words,
        phase: 'waiting',
        since,
        deadline,
        seconds,
        moment,
        process: processId(process.pid)!,
        timer,
        probes: confirm?.probes.length ?? 0,
        ...revisionOf(settings.states),
        attempts: 0,
      };
      writeUnconfirmed(folder, armed);
    } catch (error) {
      armed = undefined;
      disarmTimer(timer);
      throw error;
    }
  }

  function howToKeep({ deadline }: Unconfirmed): string {
    const config = settings.given.config === undefined ? '' : ` --config ${settings.given.config}`;
    return `the run is taken back at ${new Date(deadline).toISOString()} (in ${durationText(Math.max(0, deadline - Date.now()))}), unless it is confirmed: converge confirm${config}`;
  }

  /** A disk that takes nothing leaves the decision to the timer. */
  async function decide(verb: string, work: () => boolean): Promise<boolean> {
    try {
      return (await underLock(settings, verb, 10, work)) === true;
    } catch (error) {
      say(`what becomes of the run cannot be kept: ${causeOf(error)}.`);
      return false;
    }
  }

  async function takeBack({ run }: Unconfirmed, why: string): Promise<number> {
    if (await decide('rollback', () => condemned(folder, run))) {
      say(`${why}; the run is taken back.`);
      const status = await revertNow(folder, run, streams);
      say(
        status === 0
          ? 'the run was taken back.'
          : `taking the run back failed (exit code ${status}); it is tried again.`,
      );
      return exitCodes.failed;
    }
    const found = readUnconfirmed(folder);
    if (found?.phase === 'waiting') say(`${why}; ${howToKeep(found)}`);
    else say(`${why}; but the run was ${found ? 'taken back' : 'confirmed'} meanwhile.`);
    return found ? exitCodes.failed : exitCodes.converged;
  }

  return {
    guarded(real, run, confirmation) {
      host = real;
      confirm = confirmation;
      return {
        ...real,
        async perform(effect) {
          if (!armed && !refused && !harmless.has(effect.kind)) {
            try {
              arm(run);
            } catch (error) {
              if (error instanceof Trouble) throw error;
              refused = {
                became: 'failed',
                reason: `Nothing is changed, as it could not be taken back: ${causeOf(error)}.`,
              };
            }
          }
          return refused && !harmless.has(effect.kind) ? refused : await real.perform(effect);
        },
      };
    },
    ended(summary) {
      complete = summary.stopped_by === undefined;
    },
    async conclude(exit) {
      if (!armed) {
        if (!refused) say('nothing was changed, so there is nothing to confirm.');
        return exit;
      }
      for (const one of await irrevocable(folder, armed.run)) say(`this cannot be taken back: ${one}`);
      if (!complete || !confirm || !host) {
        say(howToKeep(armed));
        return exit;
      }
      const { run } = armed;
      const { answer, asked } = await ask(confirm, host, {
        deadline: armed.deadline,
        isOpen: () => waiting(folder, run) !== undefined,
      });
      if (answer === 'settled') {
        const stays = readUnconfirmed(folder)?.run !== run;
        say(`the run ${run} was ${stays ? 'confirmed' : 'taken back'} meanwhile.`);
        return stays ? exit : exitCodes.failed;
      }
      if (answer === 'silent') return await takeBack(armed, asked);
      const stays = await decide('confirm', () => confirmed(folder, run));
      if (!stays) return await takeBack(armed, 'the probes succeeded too late');
      say(`confirmed: ${asked}. What was changed stays.`);
      return exit;
    },
  };
}

/** At most so many things that cannot be taken back are named. */
const named = 5;

/** What a person should know who relies on the timer. */
async function irrevocable(journal: string, run: string): Promise<string[]> {
  const { readUndo } = await import('../journal/undo-read.ts');
  const { staysOf } = await import('./undo-extent.ts');
  const undo = readUndo(journal, run);
  const all = undo ? staysOf(undo) : [];
  const more = all.length - named;
  return more > 0 ? [...all.slice(0, named), `and ${more} more.`] : all;
}

/** Has kept what an effect is about to replace, and notes what it left, so that it can be undone. */
import { type Effect, type Failed, HostTrouble, type UnitEffect } from '../core/host.ts';
import { type Keeper, type Note, type UnitBefore, Unkept } from '../core/undo.ts';
import { isOfFiles, notesOfCommand, touchesOf, unitsOf } from './touches.ts';
import { createTracks, type TracksOptions } from './tracks.ts';
import { failed, failedBecause } from './trouble.ts';

export interface Keeping {
  /** Why the effect must not be performed; undefined: go ahead. */
  before(effect: Effect): Promise<Failed | undefined>;
  /** A unit as it is found when something is about to be done to it. Throws HostTrouble where that must not be. */
  beforeUnit(unit: UnitBefore, verb: UnitEffect['verb']): void;
  after(): void;
}

export interface KeepingOptions extends TracksOptions {
  readonly keeper: Keeper;
  readonly units: (names: readonly string[]) => Promise<ReadonlyMap<string, UnitBefore>>;
}

export function createKeeping({ keeper, files, self, units }: KeepingOptions): Keeping {
  const tracks = createTracks({ keeper, files, self });

  /** What cannot be kept must not be changed where that was asked for; else it is told, and changed. */
  function guarded(what: string, notes: () => readonly Note[]): Failed | undefined {
    try {
      const made = notes();
      if (made.length > 0) keeper.write(made);
      return undefined;
    } catch (error) {
      tracks.forget();
      const why = whyNot(error);
      if (keeper.strict) return failed(`${what} is left as it is: it cannot be kept: ${why}.`);
      keeper.trouble(`${what} cannot be kept: ${why}`);
      add([{ about: 'lost', what: `${what} was not kept: ${why}.` }]);
      return undefined;
    }
  }

  function add(notes: readonly Note[]): void {
    try {
      keeper.add(notes);
    } catch (error) {
      keeper.trouble(whyNot(error));
    }
  }

  return {
    async before(effect) {
      tracks.forget();
      switch (effect.kind) {
        case 'exec': {
          const found = [...(await units(unitsOf(effect))).values()];
          const verb = verbOf(effect.command.argv);
          return guarded(`What "${effect.command.argv[0]}" changes`, () => [
            ...tracks.before(touchesOf(effect, files)),
            ...found.map((unit) => unitNote(unit, verb)),
            ...notesOfCommand(effect, keeper),
          ]);
        }
        // Noted when it is looked at.
        case 'unit':
          return undefined;
        case 'http':
          return guarded(effect.request.url, () => [
            lost(`What ${effect.request.method ?? 'GET'} ${effect.request.url} did is not undone.`),
          ]);
        case 'dns':
          return guarded(effect.zone, () => [lost(`Records of the DNS zone ${effect.zone} were changed.`)]);
      }
      if (!isOfFiles(effect))
        return guarded(effect.kind, () => [lost(`There is no way back from ${effect.kind}.`)]);
      return guarded(effect.path, () => {
        try {
          return tracks.before(touchesOf(effect, files));
        } catch (error) {
          // What stops us on the way to a path stops the effect as well, which tells it.
          if (!(error instanceof HostTrouble)) throw error;
          tracks.forget();
          return [];
        }
      });
    },
    beforeUnit(unit, verb) {
      const refusal = guarded(unit.name, () => [unitNote(unit, verb)]);
      if (refusal) throw new HostTrouble(refusal.reason);
    },
    after: () => add(tracks.after()),
  };
}

function lost(what: string): Note {
  return { about: 'lost', what };
}

/** The end of a sentence. Throws what is no trouble of the machine. */
function whyNot(error: unknown): string {
  if (error instanceof Unkept) return error.message;
  const { reason } = failedBecause(error, '');
  return reason.replace(/^: /, '').replace(/\.$/, '');
}

function unitNote({ name, enabled, active }: UnitBefore, verb: UnitEffect['verb']): Note {
  return { about: 'unit', name, verb, enabled, active };
}

const verbs = ['start', 'stop', 'restart', 'reload', 'enable', 'disable', 'mask', 'unmask'] as const;

function verbOf(argv: readonly string[]): UnitEffect['verb'] {
  return verbs.find((verb) => argv.includes(verb)) ?? 'start';
}

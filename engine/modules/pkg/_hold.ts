/** Keeping packages from being upgraded, and letting them go. */
import type { Package } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { type Database, stepOf } from './_look.ts';
import { unknownVersion } from './_targets.ts';

/** One command or file for all of them; only what differs is a change. */
export function holdSteps(
  verb: 'hold' | 'unhold',
  names: readonly string[],
  there: ReadonlyMap<string, Package | undefined>,
  { manager, locks }: Database,
  /** What the package will be where the same state changes it before. */
  coming: readonly Change[] = [],
): Step[] {
  if (names.length === 0) return [];
  const held = verb === 'hold';
  const changes = names
    .filter((name) => (there.get(name)?.held ?? false) !== held)
    .map((name) => ({ subject: `${name} held`, old: !held, new: held }));
  const packages = new Map(
    names.map((name) => {
      const change = coming.find(({ subject }) => subject === name);
      const version = change ? change.new : there.get(name)?.version;
      const known = typeof version === 'string' && version !== unknownVersion;
      return [manager.program === 'dnf' ? manager.split(name)[0] : name, known ? version : undefined];
    }),
  );
  return manager
    .holding({ verb, packages, locks })
    .map((effect, index) => (index === 0 ? stepOf(changes, effect) : { effect }));
}

/** With the locks as these steps leave them. */
export function lockedBy(steps: readonly Step[], database: Database): Database {
  const { locks } = database;
  if (!locks) return database;
  const written = steps.flatMap(({ effect }) => (effect.kind === 'write' ? [effect.content.toString()] : []));
  return { ...database, locks: { ...locks, text: written.at(-1) ?? locks.text } };
}

/** Where nothing would heed it. */
export function refuseHold({ locks }: Database): Refusal | undefined {
  if (locks?.heeded !== false) return undefined;
  return {
    refused: "Packages cannot be held: dnf's plugin versionlock is not there, or switched off.",
    hint: 'Install python3-dnf-plugin-versionlock by a state before this one.',
  };
}

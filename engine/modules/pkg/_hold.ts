/** Keeping packages from being upgraded, and letting them go. */
import type { Package } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { mark } from './_apt.ts';
import { stepOf } from './_look.ts';

/** One command for all of them; only what differs is a change. */
export function holdStep(
  verb: 'hold' | 'unhold',
  names: readonly string[],
  there: ReadonlyMap<string, Package | undefined>,
  /** What the package will be where the same state changes it before. */
  coming: readonly Change[] = [],
): Step {
  const held = verb === 'hold';
  const changes = names
    .filter((name) => (there.get(name)?.held ?? false) !== held)
    .map((name) => ({ subject: `${name} held`, old: !held, new: held }));
  return stepOf(changes, {
    kind: 'exec',
    command: mark(verb, names),
    settles: names.flatMap((name) => {
      const version = coming.find(({ subject }) => subject === name)?.new ?? there.get(name)?.version;
      return typeof version === 'string' ? [{ about: 'package' as const, name, version, held }] : [];
    }),
  });
}

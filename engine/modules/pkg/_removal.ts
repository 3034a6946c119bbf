/** What pkg.removed and pkg.purged share: which packages go, and what goes with them. */
import type { Package, Reader } from '../../core/host.ts';
import type { Change, Plan, Refusal } from '../../core/state.ts';
import { readSimulation, remove, simulated } from './_apt.ts';
import { type Naming, refuseNames, wantedOf } from './_arguments.ts';
import { satisfies } from './_dpkg-version.ts';
import { type Database, database, find, refuseRoot, repairSteps, settled, stepOf } from './_look.ts';

export interface Leaving {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  readonly names: readonly string[];
  readonly changes: readonly Change[];
}

export async function findLeaving(args: Naming, reader: Reader, purge: boolean): Promise<Leaving> {
  const packages = await reader.packages();
  const wanted = wantedOf(args);
  const leaving = wanted.flatMap(({ name, version }): Package[] => {
    const found = find(name, packages);
    if (!found || (found.state === 'config' && !purge)) return [];
    // Salt: a package that has another version than the one named stays.
    return version !== undefined && !satisfies(found.version, version) ? [] : [{ ...found, name }];
  });
  const names = leaving.map(({ name }) => name);
  const db = database(packages, reader);
  const refused = refuseNames(wanted);
  const outcome =
    refused || names.length === 0 || db.rooted
      ? undefined
      : await reader.probe(simulated(remove(names, { purge })));
  const also = outcome?.status === 0 ? readSimulation(outcome.stdout) : [];
  const own = leaving.map(({ name: subject, version: old }) => ({ subject, old, new: '' }));
  return {
    database: db,
    refused,
    names,
    changes: [...own, ...also.filter(({ subject }) => own.every((one) => one.subject !== subject))],
  };
}

export function planRemoval(now: Leaving, purge: boolean): Plan {
  const { names, changes, database } = now;
  if (now.refused) return now.refused;
  if (names.length === 0) return { steps: [], comment: 'All specified packages are already absent' };
  const effect = { kind: 'exec', command: remove(names, { purge }), settles: settled(changes) } as const;
  return refuseRoot(database) ?? [...repairSteps(database), stepOf(changes, effect)];
}

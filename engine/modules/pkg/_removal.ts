/** What pkg.removed and pkg.purged share: which packages go, and what goes with them. */
import type { Package, Reader } from '../../core/host.ts';
import type { Change, Plan, Refusal } from '../../core/state.ts';
import { joined, type Naming, refuseNames, wantedOf } from './_arguments.ts';
import { type Database, find, look, repairSteps, settled, stepOf } from './_look.ts';
import { satisfies } from './_version.ts';

export interface Leaving {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  readonly names: readonly string[];
  readonly changes: readonly Change[];
}

export async function findLeaving(
  args: Naming & { readonly ignore_epoch?: boolean },
  reader: Reader,
  purge: boolean,
): Promise<Leaving> {
  const { packages, database } = await look(reader);
  const { manager } = database;
  const wanted = wantedOf(args);
  const leaving = wanted.flatMap(({ name, version }): Package[] => {
    const found = find(name, packages, manager);
    if (!found || (found.state === 'config' && !purge)) return [];
    // Salt: a package that has another version than the one named stays.
    const other =
      version !== undefined && !satisfies(found.version, version, manager.compare, args.ignore_epoch);
    return other ? [] : [{ ...found, name }];
  });
  const names = leaving.map(({ name }) => name);
  const refused = refuseNames(wanted, manager);
  const outcome =
    refused || names.length === 0 || database.closed
      ? undefined
      : await reader.probe(manager.simulated(manager.remove(names, { purge })));
  const also = (outcome && manager.readSimulation(outcome, packages)) ?? [];
  const own = leaving.map(({ name: subject, version: old }) => ({ subject, old, new: '' }));
  return {
    database,
    refused,
    names,
    changes: [...own, ...also.filter(({ subject }) => own.every((one) => one.subject !== subject))],
  };
}

export function planRemoval(now: Leaving, purge: boolean): Plan {
  const { names, changes, database } = now;
  if (now.refused) return now.refused;
  if (names.length === 0) return { steps: [], comment: 'All specified packages are already absent' };
  const command = database.manager.remove(names, { purge });
  const effect = { kind: 'exec', command, settles: settled(changes) } as const;
  return database.closed ?? [...repairSteps(database), stepOf(changes, effect)];
}

/** Several states as one transaction. */
export const aggregateRemoval = {
  key: ({ ignore_epoch: ignore }: { readonly ignore_epoch?: boolean }) => String(ignore),
  join: <A extends Naming>(all: readonly A[]): A => ({ ...all[0]!, version: undefined, pkgs: joined(all) }),
};

/** pkg.latest: packages are there in the newest version on offer. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { installing, joined, names, refresh, wantedOf } from './_arguments.ts';
import { holdSteps } from './_hold.ts';
import { commentOf, findMissing, installSteps, type Missing, refuseHeld } from './_install.ts';
import { freshLists, look, unlistedWarning } from './_look.ts';
import { judge } from './_manager.ts';

const properties = {
  ...names,
  ...refresh,
  update_holds: {
    type: 'boolean',
    default: false,
    description: 'Upgrade held packages too; they are held afterwards as before. Otherwise that is refused.',
  },
  ...installing,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader): Promise<Missing> {
  const { packages, database: before } = await look(reader);
  const now = { packages, database: await freshLists(args, before, reader) };
  const wanted = wantedOf(args).map(({ name }) => ({ name, version: 'latest' }));
  return findMissing({ wanted, files: [], again: false }, args, now, reader);
}

function plan(args: Arguments, now: Missing): Plan {
  if (now.refused) return now.refused;
  const { targets, there, database, changes } = now;
  const warned = unlistedWarning(database);
  if (targets.length === 0)
    return { steps: [], comment: 'All specified packages are already up-to-date', ...warned };
  const held = targets.map(({ name }) => name).filter((name) => there.get(name)?.held);
  const steps = [
    ...installSteps(now, { ...args, refresh: false }),
    ...holdSteps('hold', held, there, database, changes),
  ];
  return (
    database.closed ??
    (args.update_holds ? undefined : refuseHeld(now)) ?? { steps, ...commentOf(now), ...warned }
  );
}

export default defineState({
  summary: 'the packages are installed in the newest version on offer',
  description:
    'What is on offer is known from the package lists, so these are fetched before they are looked at, once in a run. ' +
    'A dry run goes by the lists at hand.',
  properties,
  examples: [
    { title: 'one package', sls: 'tzdata:\n  pkg.latest\n' },
    {
      title: 'several packages, with lists that may be an hour old',
      sls: 'security:\n  pkg.latest:\n    pkgs: [openssl, ca-certificates]\n    cache_valid_time: 3600\n',
    },
  ],
  owns: (args) =>
    wantedOf(args).map(({ name }) => ({
      kind: 'package',
      name,
      absent: { state: 'pkg.removed', args: { name } },
    })),
  needs: (args) => [
    { kind: 'packages' },
    ...wantedOf(args).map(({ name }) => ({ kind: 'candidate' as const, name })),
  ],
  read,
  plan,
  judge,
  aggregate: {
    key: ({ name: _name, pkgs: _pkgs, ...shared }) => JSON.stringify(Object.entries(shared).sort()),
    join: (all) => ({ ...all[0]!, pkgs: joined(all) }),
  },
});

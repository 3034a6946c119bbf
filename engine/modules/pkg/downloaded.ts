/** pkg.downloaded: packages are in the cache of the package manager. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal } from '../../core/state.ts';
import { installing, names, refresh, refuseNames, version, wantedOf } from './_arguments.ts';
import { type Cached, cachedPackages, filesOf } from './_cache.ts';
import { type Database, look, refreshSteps, repairSteps, stepsFor } from './_look.ts';
import { judge } from './_manager.ts';
import { chooseTargets, type Target } from './_targets.ts';
import { satisfies } from './_version.ts';

const { only_upgrade: _, ...options } = installing;

const properties = {
  ...names,
  version: {
    ...version.version,
    description: 'A version, a shell pattern, or comparisons separated by commas. Any will do by default.',
  },
  ...refresh,
  ...options,
  ignore_epoch: {
    type: 'boolean',
    description:
      'Whether versions are compared without epoch. By default, where the wanted version names none.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  readonly targets: readonly Target[];
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const now = await look(reader);
  const { database, packages } = now;
  const { manager } = database;
  const wanted = wantedOf(args);
  const latest = wanted.some((one) => one.version === 'latest')
    ? { refused: 'pkg.downloaded takes a version, not `latest`.', certain: true }
    : undefined;
  const refused = refuseNames(wanted, manager) ?? latest;
  if (refused) return { database, refused, targets: [] };
  const cached = cachedPackages(manager.program, reader);
  const missing = wanted.filter((one) => !cached.some((file) => serves(file, one, args, database)));
  const chosen = await chooseTargets(missing, args, database, reader);
  // What is installed in that version already is fetched as if it were to be installed again.
  const targets = chosen.targets.map((one) => {
    const found = packages.get(one.name);
    const same = found && (one.version === undefined || one.version === found.version);
    return same ? { ...one, text: manager.program === 'dnf' ? one.name : one.text, again: true } : one;
  });
  return { database: chosen.database, refused: chosen.refused, targets };
}

/** Names of .rpm files tell no epoch. */
function serves(
  file: Cached,
  wanted: { readonly name: string; readonly version?: string },
  args: Arguments,
  { manager }: Database,
): boolean {
  const [name, arch] = manager.split(wanted.name);
  if (file.name !== name || (arch !== undefined && file.arch !== arch && file.arch !== '*')) return false;
  if (wanted.version === undefined) return true;
  const ignore = args.ignore_epoch ?? (manager.program === 'dnf' || undefined);
  return satisfies(file.version, wanted.version, manager.compare, ignore);
}

function plan(args: Arguments, { database, refused, targets }: Now): Plan {
  if (refused) return refused;
  if (targets.length === 0) return { steps: [], comment: 'All specified packages are already downloaded' };
  const { manager } = database;
  const changes = targets.map(({ name, version: chosen }) => ({
    subject: name,
    old: '',
    new: chosen ?? 'downloaded',
  }));
  // For a dry run: the name is what counts of these files.
  const files = targets.flatMap(({ name, version: chosen = '0' }) =>
    filesOf(manager.program, manager.split(name)[0], chosen),
  );
  return (
    database.closed ?? [
      ...repairSteps(database),
      ...refreshSteps(args, database),
      ...stepsFor(
        changes,
        manager.download(targets, args),
        files.map((effect) => ({ about: 'file', effect })),
      ),
    ]
  );
}

export default defineState({
  summary: 'the packages are in the cache of the package manager, ready to be installed',
  description:
    'What they depend on is fetched too, where it is not installed. The files lie in /var/cache/apt/archives, or in /var/cache/dnf. Repositories of `file:` URLs are at hand anyway: nothing of them is copied into a cache, so this state cannot come about with them.',
  properties,
  examples: [
    {
      title: 'fetched before the window of maintenance',
      sls: "database:\n  pkg.downloaded:\n    pkgs:\n      - couchdb: '3.3.*'\n      - haproxy\n",
    },
  ],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});

/** pkg.latest: packages are there in the newest version on offer. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { judge } from './_apt.ts';
import { installing, names, refresh, wantedOf } from './_arguments.ts';
import { findMissing, installSteps, type Missing, refuseHeld } from './_install.ts';
import { freshLists, refuseRoot } from './_look.ts';

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
  const trouble = await freshLists(args, reader);
  if (trouble) throw new HostTrouble(trouble);
  const wanted = wantedOf(args).map(({ name }) => ({ name, version: 'latest' }));
  return findMissing({ wanted, debs: [], again: false }, args, reader);
}

function plan(args: Arguments, now: Missing): Plan {
  if (now.refused) return now.refused;
  const steps = installSteps(now, { ...args, refresh: false });
  if (steps.length === 0) return { steps, comment: 'All specified packages are already up-to-date' };
  return refuseRoot(now.database) ?? (args.update_holds ? steps : (refuseHeld(now) ?? steps));
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
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});

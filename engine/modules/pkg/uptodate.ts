/** pkg.uptodate: no installed package has a newer version on offer. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { explain, install, judge, readSimulation, simulated, upgrade } from './_apt.ts';
import { installing, names, refresh, refuseNames, wantedOf } from './_arguments.ts';
import { database, find, freshLists, refuseRoot, repairSteps, settled, stepOf } from './_look.ts';

const properties = {
  pkgs: {
    ...names.pkgs,
    items: { type: 'string' },
    description: 'Upgrade only these, where they are installed.',
  },
  ...refresh,
  dist_upgrade: {
    type: 'boolean',
    default: false,
    description: 'Also where packages have to be added or removed for it (`apt-get dist-upgrade`).',
  },
  skip_verify: installing.skip_verify,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader) {
  const packages = await reader.packages();
  const db = database(packages, reader);
  const wanted = args.pkgs ? wantedOf({ name: args.name, pkgs: args.pkgs }) : [];
  const refused = refuseNames(wanted);
  const there = wanted.map(({ name }) => name).filter((name) => find(name, packages)?.state === 'installed');
  const command = args.pkgs
    ? install(there, { only_upgrade: true, skip_verify: args.skip_verify })
    : upgrade({ dist: args.dist_upgrade, skip_verify: args.skip_verify });
  const nothing = refused !== undefined || db.rooted || (args.pkgs && there.length === 0);
  if (nothing) return { database: db, refused, command, changes: [] };
  const trouble = await freshLists(args, reader);
  if (trouble) throw new HostTrouble(trouble);
  const outcome = await reader.probe(simulated(command));
  if (outcome.status !== 0)
    throw new HostTrouble(`It cannot be told what would be upgraded. ${explain(outcome)}`);
  // In a dry run an earlier state may have upgraded some already, of which apt knows nothing.
  const changes = readSimulation(outcome.stdout).filter(
    (one) => one.new !== (find(one.subject, packages)?.version ?? ''),
  );
  return { database: db, refused, command, changes };
}

function plan(_args: Arguments, now: Awaited<ReturnType<typeof read>>): Plan {
  const { changes, command } = now;
  if (now.refused) return now.refused;
  const rooted = refuseRoot(now.database);
  if (rooted) return rooted;
  if (changes.length === 0) return { steps: [], comment: 'System is already up-to-date' };
  return [
    ...repairSteps(now.database),
    stepOf(changes, { kind: 'exec', command, settles: settled(changes) }),
  ];
}

export default defineState({
  summary: 'no installed package has a newer version on offer',
  description:
    'Held packages stay as they are. As for pkg.latest, package lists are fetched before they are looked at.',
  properties,
  examples: [
    { title: 'all packages', sls: 'upgrades:\n  pkg.uptodate:\n    dist_upgrade: true\n' },
    { title: 'some packages', sls: 'upgrades:\n  pkg.uptodate:\n    pkgs: [openssl, openssh-server]\n' },
  ],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});

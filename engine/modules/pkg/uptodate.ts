/** pkg.uptodate: no installed package has a newer version on offer. */
import { HostTrouble, type Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { installing, names, refresh, refuseNames, wantedOf } from './_arguments.ts';
import { find, freshLists, look, repairSteps, settled, stepOf, unlistedWarning } from './_look.ts';
import { explain, judge } from './_manager.ts';

const { fromrepo, enablerepo, disablerepo, disableexcludes, setopt, skip_verify } = installing;

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
    description:
      'Also where packages have to be added or removed for it (`apt-get dist-upgrade`). dnf does so anyway.',
  },
  security: {
    type: 'boolean',
    default: false,
    description: 'With dnf: only what mends a security problem. Refused with apt, which cannot tell.',
  },
  fromrepo,
  enablerepo,
  disablerepo,
  disableexcludes,
  setopt,
  skip_verify,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

async function read(args: Arguments, reader: Reader) {
  const { packages, database: before } = await look(reader);
  const { manager } = before;
  const wanted = args.pkgs ? wantedOf({ name: args.name, pkgs: args.pkgs }) : [];
  const security =
    args.security && manager.program === 'apt'
      ? { refused: 'apt cannot tell which upgrades mend security problems.', certain: true }
      : undefined;
  const refused = refuseNames(wanted, manager) ?? security;
  const there = wanted
    .map(({ name }) => name)
    .filter((name) => find(name, packages, manager)?.state === 'installed');
  const { dist_upgrade: dist, ...options } = args;
  const command = manager.upgrade({ ...options, dist }, args.pkgs ? there : undefined);
  const nothing = refused !== undefined || before.closed || (args.pkgs && there.length === 0);
  if (nothing) return { database: before, refused, command, changes: [] };
  const database = await freshLists(args, before, reader);
  const outcome = await reader.probe(manager.simulated(command));
  const found = manager.readSimulation(outcome, packages);
  if (found === undefined && database.unlisted) return { database, refused, command, changes: [] };
  if (found === undefined)
    throw new HostTrouble(`It cannot be told what would be upgraded. ${explain(outcome)}`);
  // In a dry run an earlier state may have upgraded some already, of which the package manager knows nothing.
  const changes = found.filter((one) => one.new !== (find(one.subject, packages, manager)?.version ?? ''));
  return { database, refused, command, changes };
}

function plan(_args: Arguments, now: Awaited<ReturnType<typeof read>>): Plan {
  const { changes, command, database } = now;
  if (now.refused) return now.refused;
  if (database.closed) return database.closed;
  if (changes.length === 0)
    return { steps: [], comment: 'System is already up-to-date', ...unlistedWarning(database) };
  return [...repairSteps(database), stepOf(changes, { kind: 'exec', command, settles: settled(changes) })];
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

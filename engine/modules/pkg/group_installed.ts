/** pkg.group_installed: the packages of a group are there. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { installing, refresh } from './_arguments.ts';
import { groupInfo, packagesOf, readGroups } from './_groups.ts';
import { commentOf, findMissing, installSteps, type Missing, refuseHeld } from './_install.ts';
import { freshLists, look } from './_look.ts';
import { judge } from './_manager.ts';

const list = { type: 'array', items: { type: 'string' } } as const;

const properties = {
  name: { type: 'string', description: 'Id or name of the group: `development`, `Development Tools`.' },
  skip: { ...list, description: 'Packages of the group that are not wanted. They are not removed.' },
  include: { ...list, description: 'Further packages: optional ones of the group, or any others.' },
  ...refresh,
  ...installing,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now extends Missing {
  /** dnf knows of no groups yet. */
  readonly unknown: boolean;
}

async function read(args: Arguments, reader: Reader): Promise<Now> {
  const { packages, database: before } = await look(reader);
  const none = { there: new Map(), targets: [], commands: [], changes: [], along: [], unknown: false };
  const refused = before.closed ?? (before.manager.program === 'apt' ? notOnApt : undefined);
  if (refused) return { ...none, database: before, refused };
  const database = before.age === undefined ? await freshLists(args, before, reader) : before;
  const { status, stdout } = await reader.ask(groupInfo);
  if (status !== 0) return { ...none, database, refused: undefined, unknown: true };
  const members = packagesOf(args.name, readGroups(stdout));
  if (members === undefined) {
    const hint = 'See `dnf group list --hidden --ids`.';
    return { ...none, database, refused: { refused: `There is no group "${args.name}".`, hint } };
  }
  const names = new Set([...members, ...(args.include ?? [])]);
  for (const name of args.skip ?? []) names.delete(name);
  const asked = { wanted: [...names].map((name) => ({ name })), files: [], again: false };
  return { ...(await findMissing(asked, args, { packages, database }, reader)), unknown: false };
}

const notOnApt = {
  refused: 'apt has no groups of packages.',
  hint: 'Name the metapackage instead: pkg.installed with task-ssh-server.',
  certain: true,
};

function plan(args: Arguments, now: Now): Plan {
  if (now.refused) return now.refused;
  if (now.unknown) return wholeGroup(args);
  const steps = installSteps(now, args);
  if (steps.length === 0) return { steps, comment: 'All packages of the group are already installed' };
  return refuseHeld(now) ?? { steps, ...commentOf(now) };
}

/** Where nothing is known of groups, as in a dry run before the first lists are fetched. */
function wholeGroup({ name }: Arguments): Plan {
  const change = { subject: name, old: '', new: 'installed' };
  const command = { argv: ['dnf', '-y', 'group', 'install', '--', name], env: { LC_ALL: 'C.UTF-8' } };
  return [{ change, effect: { kind: 'exec', command } }];
}

export default defineState({
  summary: 'the packages of the group are installed',
  description:
    'For dnf: the mandatory and default packages of a group or an environment. What dnf knows of it is asked for once in a run. Where apt is the package manager it is refused: Debian has metapackages for that, which pkg.installed takes.',
  properties,
  required: [],
  examples: [
    {
      title: 'a group without one of its packages',
      sls: 'compilers:\n  pkg.group_installed:\n    name: development\n    skip: [byacc]\n    include: [rpm-sign]\n',
    },
  ],
  needs: () => [{ kind: 'packages' }],
  read,
  plan,
  judge,
});

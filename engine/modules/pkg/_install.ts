/** What is missing of the packages a state asks for, and the steps that install it. */
import type { Command, Reader } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { refuseNames, type Wanted } from './_arguments.ts';
import {
  type Database,
  findInstalled,
  type Look,
  refreshSteps,
  repairSteps,
  settled,
  stepsFor,
  withProvided,
} from './_look.ts';
import type { Manager } from './_manager.ts';
import type { PackageFile } from './_sources.ts';
import {
  chooseTargets,
  type InstallArguments,
  meets,
  newerOnOffer,
  type Target,
  type There,
  unknownVersion,
} from './_targets.ts';

export interface Missing {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  readonly there: There;
  readonly targets: readonly Target[];
  readonly commands: readonly Command[];
  /** The packages asked for, and those that have to go for them. */
  readonly changes: readonly Change[];
  /** Packages that come along. */
  readonly along: readonly Change[];
}

interface Asked {
  readonly wanted: readonly Wanted[];
  readonly files: readonly PackageFile[];
  /** Also what is there. */
  readonly again: boolean;
}

export async function findMissing(
  { wanted, files, again }: Asked,
  args: InstallArguments,
  now: Look,
  reader: Reader,
): Promise<Missing> {
  const { manager } = now.database;
  const names = wanted.map(({ name }) => name);
  const packages = await withProvided(names, now, reader);
  const there = new Map(
    [...wanted, ...files].map(({ name }) => [name, findInstalled(name, packages, manager)]),
  );
  const refused = refuseNames(wanted, manager);
  const nothing = { there, targets: [], commands: [], changes: [], along: [] };
  if (refused) return { ...nothing, refused, database: now.database };
  const newer = await newerOnOffer(wanted, args, there, now.database, reader);
  const isMet = (one: Wanted) => {
    const found = there.get(one.name);
    if (found && one.version === 'latest' && newer) return !newer.has(one.name);
    return meets(one, args, packages, manager);
  };
  const unmet = wanted.filter((one) => !isMet(one));
  const chosen = await chooseTargets(unmet, args, now.database, reader);
  const { database } = chosen;
  if (chosen.refused) return { ...nothing, refused: chosen.refused, database };
  const candidates: Target[] = [
    ...chosen.targets,
    ...(again ? wanted : [])
      .filter((one) => !unmet.includes(one) && there.get(one.name))
      .map(({ name, version: pin }) => {
        const { version } = there.get(name)!;
        return { name, text: pin === undefined ? name : manager.word(name, version), version, again: true };
      }),
    ...files.flatMap((file): Target[] => {
      const same = there.get(file.name)?.version === file.version;
      if (same && (!again || file.path === '')) return [];
      return [{ name: file.name, text: file.path, version: file.version, file, again: same }];
    }),
  ];
  const simulation = await simulate(candidates, args, there, now, reader);
  const targets = candidates.filter(({ name, text, again: same }) => {
    const known = same || text !== name || !there.get(name) || newer;
    // Where only the simulation knows whether something newer is on offer. In a dry run the host may have the version
    // already that the package manager, which knows nothing of that, would install.
    if (known || !simulation) return true;
    return simulation.some((one) => one.subject === name && one.new !== there.get(name)?.version);
  });
  if (targets.length === 0) return { ...nothing, refused: undefined, database };
  return {
    database,
    refused: undefined,
    there,
    targets,
    commands: commandsOf(targets, args, there, manager),
    ...changesOf(targets, simulation ?? [], there),
  };
}

function commandsOf(
  targets: readonly Target[],
  args: InstallArguments,
  there: There,
  manager: Manager,
): readonly Command[] {
  const downgrade = targets.some(({ name, version }) => {
    const now = there.get(name)?.version;
    return now !== undefined && version !== undefined && manager.compare(version, now) < 0;
  });
  const held = targets.some(({ name }) => there.get(name)?.held);
  const update = args.update_holds || (held && args.hold !== undefined);
  return manager.install(targets, { ...args, update_holds: update, downgrade });
}

/** What would be done, or undefined where that cannot be known yet. */
async function simulate(
  targets: readonly Target[],
  args: InstallArguments,
  there: There,
  { packages, database }: Look,
  reader: Reader,
): Promise<Change[] | undefined> {
  const { manager, closed } = database;
  if (targets.length === 0 || closed || targets.some(({ file }) => file?.content)) return undefined;
  const changes: Change[] = [];
  // What is held is refused later, with a sentence of its own.
  const held = targets.some(({ name }) => there.get(name)?.held);
  const update = args.update_holds || held;
  for (const command of commandsOf(targets, { ...args, update_holds: update }, there, manager)) {
    const found = manager.readSimulation(await reader.probe(manager.simulated(command)), packages);
    if (found === undefined) return undefined;
    changes.push(...found);
  }
  return changes;
}

/** What comes along is told, but no change of this state: so a first dry run, without lists, names the same changes. */
function changesOf(
  targets: readonly Target[],
  simulation: readonly Change[],
  there: There,
): Pick<Missing, 'changes' | 'along'> {
  const own = targets.map(({ name, version }) => {
    const known = simulation.find(({ subject }) => subject === name);
    return known ?? { subject: name, old: there.get(name)?.version ?? '', new: version ?? unknownVersion };
  });
  const others = simulation.filter(({ subject }) => own.every((one) => one.subject !== subject));
  return {
    changes: [...own, ...others.filter((one) => one.new === '')],
    along: others.filter((one) => one.new !== ''),
  };
}

/** A held package is changed only where the tree says so. */
export function refuseHeld({ targets, there }: Missing): Refusal | undefined {
  const held = targets.flatMap(({ name }) =>
    there.get(name)?.held ? [`${name} (${there.get(name)?.version})`] : [],
  );
  return held.length === 0
    ? undefined
    : {
        refused: `Held, so not changed: ${held.join(', ')}.`,
        hint: 'Set `update_holds: true` to change it all the same.',
      };
}

export function installSteps(missing: Missing, args: InstallArguments): Step[] {
  const { targets, commands, changes, along } = missing;
  if (targets.length === 0) return [];
  const written = targets.flatMap(({ file }) => (file?.content ? [file as Required<PackageFile>] : []));
  return [
    ...repairSteps(missing.database),
    ...(targets.every(({ file }) => file) ? [] : refreshSteps(args, missing.database)),
    ...written.map(({ path, content }): Step => ({ effect: { kind: 'write', path, content, mode: 0o644 } })),
    ...stepsFor(changes, commands, settled([...changes, ...along])),
    ...written.map(({ path }): Step => ({ effect: { kind: 'remove', path } })),
  ];
}

/** Said of a dry run; what a real run brought is told by its output. */
export function commentOf({ along }: Missing): { comment?: string } {
  if (along.length === 0) return {};
  return { comment: `With that come ${along.map((one) => `${one.subject} ${one.new}`).join(', ')}.` };
}

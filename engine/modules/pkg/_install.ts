/** What is missing of the packages a state asks for, and the steps that install it. */
import type { Command, Package, Reader } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { refuseNames, type Wanted } from './_arguments.ts';
import {
  type Database,
  find,
  findInstalled,
  freshLists,
  type Look,
  type Packages,
  type RefreshArguments,
  refreshSteps,
  repairSteps,
  settled,
  stepsFor,
  withProvided,
} from './_look.ts';
import type { InstallOptions, Manager } from './_manager.ts';
import type { PackageFile } from './_sources.ts';
import { exactly, satisfies } from './_version.ts';

export interface InstallArguments extends InstallOptions, RefreshArguments {
  readonly ignore_epoch?: boolean;
  readonly allow_updates?: boolean;
}

/** One package that is to be changed. */
export interface Target {
  readonly name: string;
  /** What the package manager is told: a name, a name with a version, or a path. */
  readonly text: string;
  /** It is there as it should be, and is installed again all the same. */
  readonly again: boolean;
  /** Undefined where the package manager chooses it. */
  readonly version: string | undefined;
  readonly file?: PackageFile;
}

export interface Missing {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  /** What is installed now of each package asked for. */
  readonly there: ReadonlyMap<string, Package | undefined>;
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

function meets(
  { name, version }: Wanted,
  args: InstallArguments,
  packages: Packages,
  manager: Manager,
): boolean {
  const found = findInstalled(name, packages, manager);
  if (!found) return args.only_upgrade === true && find(name, packages, manager)?.state !== 'broken';
  if (version === undefined) return true;
  if (version === 'latest') return false;
  const { compare } = manager;
  if (
    [found.version, ...(found.beside ?? [])].some((one) =>
      satisfies(one, version, compare, args.ignore_epoch),
    )
  )
    return true;
  const exact = exactly(version);
  return args.allow_updates === true && exact !== undefined && compare(found.version, exact) > 0;
}

/**
 * Which of the installed packages that are to be the latest have something newer on offer: one question for all of
 * the run. Undefined where only a simulation can tell, because other repositories than usual are used.
 */
async function newerOnOffer(
  wanted: readonly Wanted[],
  { fromrepo, enablerepo, disablerepo }: InstallOptions,
  there: Missing['there'],
  { manager, closed }: Database,
  reader: Reader,
): Promise<ReadonlySet<string> | undefined> {
  if (fromrepo ?? enablerepo ?? disablerepo) return undefined;
  const installed = wanted.filter(({ name, version }) => version === 'latest' && there.get(name));
  if (installed.length === 0 || closed) return new Set();
  const offered = await reader.candidates(installed.map(({ name }) => name));
  const newer = installed.filter(({ name }) => {
    const version = offered.get(name);
    return version !== undefined && manager.compare(version, there.get(name)!.version) > 0;
  });
  return new Set(newer.map(({ name }) => name));
}

/** What to ask the package manager for. Versions that are not named but described have to be known before. */
export async function chooseTargets(
  unmet: readonly Wanted[],
  args: InstallArguments,
  database: Database,
  reader: Reader,
): Promise<Chosen> {
  const { manager, closed } = database;
  let now = database;
  const offered = await offers(unmet, args, database, reader);
  const unknown = () =>
    unmet.find((one) => isDescribed(one) && !best(one, args, offered.get(one.name), manager));
  if (unknown() && !closed) {
    now = await freshLists(args, database, reader);
    for (const [name, versions] of await offers(unmet, args, database, reader)) offered.set(name, versions);
    const missing = unknown();
    if (missing && !now.unlisted)
      return { targets: [], refused: refuseVersion(missing, offered.get(missing.name) ?? []), database: now };
  }
  const targets = unmet.map((one) => targetOf(one, args, offered.get(one.name) ?? [], manager));
  return { targets, refused: undefined, database: now };
}

interface Chosen {
  readonly targets: readonly Target[];
  readonly refused: Refusal | undefined;
  /** With lists that may have been fetched for it. */
  readonly database: Database;
}

function isDescribed({ version }: Wanted): boolean {
  return version !== undefined && version !== 'latest' && exactly(version) === undefined;
}

function refuseVersion({ name, version }: Wanted, offered: readonly string[]): Refusal {
  const list = offered.length === 0 ? 'none' : offered.join(', ');
  return { refused: `No version of ${name} that is on offer meets "${version}" (on offer: ${list}).` };
}

/** The newest version on offer that will do. */
function best(
  { version }: Wanted,
  { ignore_epoch: ignoreEpoch }: InstallArguments,
  offered: readonly string[] = [],
  { compare }: Manager,
): string | undefined {
  return offered
    .filter((one) => satisfies(one, version!, compare, ignoreEpoch))
    .sort(compare)
    .at(-1);
}

async function offers(
  wanted: readonly Wanted[],
  args: InstallOptions,
  { manager, closed }: Database,
  reader: Reader,
): Promise<Map<string, string[]>> {
  const versioned = wanted
    .filter(({ version }) => version !== undefined && version !== 'latest')
    .map(({ name }) => name);
  if (versioned.length === 0 || closed) return new Map();
  const { status, stdout } = await reader.probe(manager.offers(versioned, args));
  return status === 0 ? manager.readOffers(stdout) : new Map();
}

function targetOf(
  wanted: Wanted,
  args: InstallArguments,
  offered: readonly string[],
  manager: Manager,
): Target {
  const { name } = wanted;
  if (wanted.version === undefined || wanted.version === 'latest')
    return { name, text: name, version: undefined, again: false };
  const version = best(wanted, args, offered, manager) ?? exactly(wanted.version);
  const text = version === undefined ? name : manager.word(name, version);
  return { name, text, version, again: false };
}

function commandsOf(
  targets: readonly Target[],
  args: InstallArguments,
  there: Missing['there'],
  manager: Manager,
): readonly Command[] {
  const downgrade = targets.some(({ name, version }) => {
    const now = there.get(name)?.version;
    return now !== undefined && version !== undefined && manager.compare(version, now) < 0;
  });
  const held = targets.some(({ name }) => there.get(name)?.held);
  return manager.install(targets, { ...args, update_holds: held && args.update_holds === true, downgrade });
}

/** What would be done, or undefined where that cannot be known yet. */
async function simulate(
  targets: readonly Target[],
  args: InstallArguments,
  there: Missing['there'],
  { packages, database }: Look,
  reader: Reader,
): Promise<Change[] | undefined> {
  const { manager, closed } = database;
  if (targets.length === 0 || closed || targets.some(({ file }) => file?.content)) return undefined;
  const changes: Change[] = [];
  for (const command of commandsOf(targets, { ...args, update_holds: true }, there, manager)) {
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
  there: Missing['there'],
): Pick<Missing, 'changes' | 'along'> {
  const own = targets.map(({ name, version }) => {
    const known = simulation.find(({ subject }) => subject === name);
    return known ?? { subject: name, old: there.get(name)?.version ?? '', new: version ?? 'newest' };
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

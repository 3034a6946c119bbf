/** What is missing of the packages a state asks for, and the steps that install it. */
import type { Command, Package, Reader } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { type InstallOptions, install, madison, readMadison, readSimulation, simulated } from './_apt.ts';
import { refuseNames, type Wanted } from './_arguments.ts';
import type { Deb } from './_deb.ts';
import { compareVersions, exactly, satisfies } from './_dpkg-version.ts';
import {
  type Database,
  database,
  find,
  findInstalled,
  freshLists,
  type Packages,
  type RefreshArguments,
  refreshSteps,
  repairSteps,
  settled,
  stepOf,
} from './_look.ts';

export interface InstallArguments extends InstallOptions, RefreshArguments {
  readonly ignore_epoch?: boolean;
  readonly allow_updates?: boolean;
}

/** One package that is to be changed. */
interface Target {
  readonly name: string;
  /** What apt is told: `name`, `name=version` or a path. */
  readonly word: string;
  /** Undefined where apt chooses it. */
  readonly version: string | undefined;
  readonly deb?: Deb;
}

export interface Missing {
  readonly database: Database;
  readonly refused: Refusal | undefined;
  /** What is installed now of each package asked for. */
  readonly there: ReadonlyMap<string, Package | undefined>;
  readonly targets: readonly Target[];
  readonly command: Command;
  /** The packages asked for first, then those that come along. */
  readonly changes: readonly Change[];
}

export async function findMissing(
  asked: { readonly wanted: readonly Wanted[]; readonly debs: readonly Deb[]; readonly again: boolean },
  args: InstallArguments,
  reader: Reader,
): Promise<Missing> {
  const packages = await reader.packages();
  const { wanted, debs, again } = asked;
  const there = new Map([...wanted, ...debs].map(({ name }) => [name, findInstalled(name, packages)]));
  const unmet = wanted.filter((one) => again || !meets(one, args, packages));
  const badName = refuseNames(wanted);
  const { offered, refused } = badName
    ? { offered: new Map<string, string[]>(), refused: badName }
    : await versionsFor(unmet, args, reader);
  const candidates: Target[] = [
    ...unmet.map((one) => targetOf(one, args, offered.get(one.name) ?? [])),
    ...debs
      .filter(
        ({ name, version }) =>
          again || find(name, packages)?.state !== 'installed' || find(name, packages)?.version !== version,
      )
      .map((deb) => ({ name: deb.name, word: deb.path, version: deb.version, deb })),
  ];
  const db = database(packages, reader);
  const simulation = refused ? undefined : await simulate(candidates, args, there, db, reader);
  // Whether something newer is on offer is known only from the simulation.
  const newest = new Set(
    unmet.filter(({ name, version }) => version === 'latest' && there.get(name)).map(({ name }) => name),
  );
  // In a dry run the host may have the version already that apt, which knows nothing of that, would install.
  const newer = (name: string) =>
    simulation?.some((one) => one.subject === name && one.new !== there.get(name)?.version);
  const targets = candidates.filter(({ name }) => again || !newest.has(name) || newer(name));
  return {
    database: db,
    refused,
    there,
    targets,
    command: commandOf(targets, args, there),
    changes: targets.length === 0 ? [] : changesOf(targets, simulation ?? [], there),
  };
}

function meets(wanted: Wanted, args: InstallArguments, packages: Packages): boolean {
  const { name } = wanted;
  const found = findInstalled(name, packages);
  if (!found) return args.only_upgrade === true && find(name, packages)?.state !== 'broken';
  if (wanted.version === undefined) return true;
  if (wanted.version === 'latest') return false;
  if (satisfies(found.version, wanted.version, args.ignore_epoch)) return true;
  const exact = exactly(wanted.version);
  return args.allow_updates === true && exact !== undefined && compareVersions(found.version, exact) > 0;
}

/** Versions that are not named but described have to be known before anything is done. */
async function versionsFor(unmet: readonly Wanted[], args: InstallArguments, reader: Reader) {
  const offered = await offers(unmet, reader);
  const unknown = () => unmet.find((one) => isDescribed(one) && !best(one, args, offered.get(one.name)));
  if (!unknown() || reader.rooted) return { offered, refused: undefined };
  const trouble = await freshLists(args, reader);
  if (trouble) return { offered, refused: { refused: trouble } };
  for (const [name, versions] of await offers(unmet, reader)) offered.set(name, versions);
  const missing = unknown();
  return { offered, refused: missing && refuseVersion(missing, offered.get(missing.name) ?? []) };
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
  args: InstallArguments,
  offered: readonly string[] = [],
): string | undefined {
  return offered
    .filter((one) => satisfies(one, version!, args.ignore_epoch))
    .sort(compareVersions)
    .at(-1);
}

async function offers(wanted: readonly Wanted[], reader: Reader): Promise<Map<string, string[]>> {
  const versioned = wanted
    .filter(({ version }) => version !== undefined && version !== 'latest')
    .map(({ name }) => name);
  if (versioned.length === 0 || reader.rooted) return new Map();
  const { status, stdout } = await reader.probe(madison(versioned));
  return status === 0 ? readMadison(stdout) : new Map();
}

function targetOf(wanted: Wanted, args: InstallArguments, offered: readonly string[]): Target {
  const { name } = wanted;
  if (wanted.version === undefined || wanted.version === 'latest')
    return { name, word: name, version: undefined };
  const version = best(wanted, args, offered) ?? exactly(wanted.version);
  return { name, word: version === undefined ? name : `${name}=${version}`, version };
}

function commandOf(targets: readonly Target[], args: InstallArguments, there: Missing['there']): Command {
  const downgrade = targets.some(({ name, version }) => {
    const now = there.get(name)?.version;
    return now !== undefined && version !== undefined && compareVersions(version, now) < 0;
  });
  return install(
    targets.map(({ word }) => word),
    { ...args, downgrade },
  );
}

/** What apt would do, or undefined where it cannot know yet. */
async function simulate(
  targets: readonly Target[],
  args: InstallArguments,
  there: Missing['there'],
  { rooted }: Database,
  reader: Reader,
): Promise<Change[] | undefined> {
  if (targets.length === 0 || rooted || targets.some(({ deb }) => deb?.content)) return undefined;
  const command = commandOf(targets, { ...args, update_holds: true }, there);
  const { status, stdout } = await reader.probe(simulated(command));
  return status === 0 ? readSimulation(stdout) : undefined;
}

function changesOf(
  targets: readonly Target[],
  simulation: readonly Change[],
  there: Missing['there'],
): Change[] {
  const own = targets.map(({ name, version }) => {
    const known = simulation.find(({ subject }) => subject === name);
    return known ?? { subject: name, old: there.get(name)?.version ?? '', new: version ?? 'newest' };
  });
  return [...own, ...simulation.filter(({ subject }) => own.every((one) => one.subject !== subject))];
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
  const { targets, command, changes } = missing;
  if (targets.length === 0) return [];
  const fromFiles = targets.every(({ deb }) => deb);
  return [
    ...repairSteps(missing.database),
    ...(fromFiles ? [] : refreshSteps(args, missing.database)),
    ...targets.flatMap(({ deb }) => (deb?.content ? [fileStep(deb.path, deb.content)] : [])),
    stepOf(changes, { kind: 'exec', command, settles: settled(changes) }),
  ];
}

/** Where apt itself keeps what it fetched. */
function fileStep(path: string, content: Buffer): Step {
  return { effect: { kind: 'write', path, content, mode: 0o644 } };
}

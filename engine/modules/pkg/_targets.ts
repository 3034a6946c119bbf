/** Which of the packages a state asks for have to be changed, and in which version. */
import type { Package, Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import type { Wanted } from './_arguments.ts';
import {
  type Database,
  find,
  findInstalled,
  freshLists,
  type Packages,
  type RefreshArguments,
} from './_look.ts';
import type { InstallOptions, Manager } from './_manager.ts';
import type { PackageFile } from './_sources.ts';
import { exactly, satisfies } from './_version.ts';

/** What a dry run takes for the version of a package where there are no lists to tell it. */
export const unknownVersion = 'newest';

export interface InstallArguments extends InstallOptions, RefreshArguments {
  readonly ignore_epoch?: boolean;
  readonly allow_updates?: boolean;
  /** A pin that is moved takes its hold with it. */
  readonly hold?: boolean;
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

/** What is installed now of each package asked for. */
export type There = ReadonlyMap<string, Package | undefined>;

export function meets(
  { name, version }: Wanted,
  args: InstallArguments,
  packages: Packages,
  manager: Manager,
): boolean {
  const found = findInstalled(name, packages, manager);
  if (!found) return args.only_upgrade === true && find(name, packages, manager)?.state !== 'broken';
  if (version === undefined || found.version === unknownVersion) return true;
  if (version === 'latest') return false;
  const { compare } = manager;
  const versions = [found.version, ...(found.beside ?? [])];
  if (versions.some((one) => satisfies(one, version, compare, args.ignore_epoch))) return true;
  const exact = exactly(version);
  return args.allow_updates === true && exact !== undefined && compare(found.version, exact) > 0;
}

/**
 * Which of the installed packages that are to be the latest have something newer on offer: one question for all of
 * the run. Undefined where only a simulation can tell, because other repositories than usual are used.
 */
export async function newerOnOffer(
  wanted: readonly Wanted[],
  { fromrepo, enablerepo, disablerepo }: InstallOptions,
  there: There,
  { manager, closed }: Database,
  reader: Reader,
): Promise<ReadonlySet<string> | undefined> {
  if (fromrepo ?? enablerepo ?? disablerepo) return undefined;
  const installed = wanted.filter(({ name, version }) => version === 'latest' && there.get(name));
  if (installed.length === 0 || closed) return new Set();
  const offered = await reader.candidates(installed.map(({ name }) => name));
  const newer = installed.filter(({ name }) => {
    const version = offered.get(name);
    if (there.get(name)!.version === unknownVersion) return false;
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

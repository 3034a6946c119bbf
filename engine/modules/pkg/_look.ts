/** What package states read of a host beside the packages themselves, and the first steps they share. */
import { type Command, HostTrouble, type Package, type Reader, type Settled } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { apt } from './_apt.ts';
import { explain, type Locks, type Manager, managerOf } from './_manager.ts';
import { withHolds } from './_versionlock.ts';

export type Packages = ReadonlyMap<string, Package>;

/** What is known of the package database and its lists. */
export interface Database {
  readonly manager: Manager;
  /** Why packages cannot be changed here at all. */
  readonly closed: Refusal | undefined;
  /** Packages that were left half way. */
  readonly broken: readonly string[];
  /** Those of them whose files have to be unpacked again. */
  readonly incomplete: readonly string[];
  /** Whether something was interrupted. */
  readonly interrupted: boolean;
  /** The lists were fetched in this run already. */
  readonly refreshed: boolean;
  /** Seconds since the lists were fetched; undefined where there are none. */
  readonly age: number | undefined;
  readonly locks: Locks | undefined;
  /** There are no lists, and a run would fetch them. */
  readonly unlisted?: boolean;
}

export interface Look {
  readonly packages: Packages;
  readonly database: Database;
}

const refreshedTopic = 'pkg.refreshed';

/** Runs whose lists were fetched for looking at them, and how often they had been called fresh or outdated before. */
const looked = new WeakMap<Reader, number>();

/** A changed repository (`pkgrepo`) remembers `false` here: whatever was fetched before is out of date. */
function isRefreshed(reader: Reader): boolean {
  const remembered = reader.recall(refreshedTopic);
  return remembered.at(-1) === true || looked.get(reader) === remembered.length;
}

export async function look(reader: Reader): Promise<Look> {
  const known = await reader.packages();
  const found = managerOf(reader);
  // Where there is none, nothing is done by it.
  const manager = found ?? apt;
  const locks = manager.locks(reader);
  const packages = locks ? withHolds(known, locks) : known;
  const broken = [...packages.values()].filter(({ state }) => state === 'broken');
  const journal = manager.program === 'apt' ? (reader.list('/var/lib/dpkg/updates') ?? []) : [];
  const times = manager.listFiles(reader).map((path) => reader.stat(path)?.mtime ?? 0);
  return {
    packages,
    database: {
      manager,
      closed: closed(reader, found),
      broken: namesOf(broken),
      incomplete: namesOf(broken.filter(({ incomplete }) => incomplete)),
      interrupted: broken.length > 0 || journal.some((name) => /^\d+$/.test(name)),
      refreshed: isRefreshed(reader),
      age: times.length > 0 ? (Date.now() - Math.max(...times)) / 1000 : undefined,
      locks,
    },
  };
}

function namesOf(packages: readonly Package[]): string[] {
  return [...new Set(packages.map(({ name }) => name))];
}

function closed({ rooted, grain }: Reader, manager: Manager | undefined): Refusal | undefined {
  if (rooted)
    return {
      refused: 'Packages cannot be changed below another root than /.',
      hint: 'Run it inside of that system.',
    };
  if (manager) return undefined;
  return {
    refused: `Packages cannot be changed here: there is neither apt nor dnf (os_family: ${grain('os_family')}).`,
    hint: 'Use cmd.run with the package manager of this system.',
  };
}

/**
 * Lists that are fresh enough to tell which versions there are; fetched where necessary and once in a run.
 * Unlike Salt: a dry run of a `pkg` state goes by the package lists at hand, since fetching them would change the node.
 */
export async function freshLists(args: RefreshArguments, now: Database, reader: Reader): Promise<Database> {
  if (isFresh(args, now) || now.closed) return now;
  const outcome = await reader.fetchLists(now.manager.refresh);
  if (outcome !== undefined && outcome.status !== 0)
    throw new HostTrouble(`The package lists could not be fetched. ${explain(outcome)}`);
  looked.set(reader, reader.recall(refreshedTopic).length);
  return { ...now, refreshed: true, unlisted: outcome === undefined && now.age === undefined };
}

/** For states that go by what is newest. */
export function unlistedWarning({ unlisted }: Database): { warnings?: readonly string[] } {
  if (!unlisted) return {};
  return { warnings: ['The package lists were never fetched here, so what is newest is not known yet.'] };
}

function isFresh({ refresh, cache_valid_time: valid }: RefreshArguments, now: Database): boolean {
  if (refresh === false || now.refreshed) return true;
  return valid !== undefined && now.age !== undefined && now.age <= valid;
}

/** The package of that name, with or without architecture. */
export function find(name: string, packages: Packages, { split }: Manager): Package | undefined {
  const found = packages.get(name);
  if (found) return found;
  const [bare, arch] = split(name);
  const there = arch === undefined ? undefined : packages.get(bare);
  return there && (there.arch === arch || /^(all|noarch)$/.test(there.arch) || arch === 'any')
    ? there
    : undefined;
}

/** The installed package of that name, or one that provides it (Debian policy 7.5). */
export function findInstalled(name: string, packages: Packages, manager: Manager): Package | undefined {
  const found = find(name, packages, manager);
  if (found?.state === 'installed') return found;
  for (const other of packages.values()) {
    if (other.state === 'installed' && other.provides?.includes(name)) return other;
  }
  return undefined;
}

const capabilities: Command = { argv: ['rpm', '-qa', '--qf', '[%{=NAME}\\t%{PROVIDENAME}\\n]'] };

/** rpm tells what packages provide only where it is asked for: there are many thousands. */
export async function withProvided(
  names: readonly string[],
  { packages, database }: Look,
  reader: Reader,
): Promise<Packages> {
  const { manager, closed } = database;
  if (closed || manager.program !== 'dnf' || names.every((name) => find(name, packages, manager)))
    return packages;
  const { status, stdout } = await reader.ask(capabilities);
  if (status !== 0) return packages;
  const provides = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [name, capability] = line.split('\t') as [string, string?];
    if (capability === undefined || !names.includes(capability) || packages.has(capability)) continue;
    provides.set(name, [...(provides.get(name) ?? []), capability]);
  }
  if (provides.size === 0) return packages;
  return new Map(
    [...packages].map(([key, one]) => {
      const also = provides.get(one.name);
      return [key, also ? { ...one, provides: also } : one];
    }),
  );
}

export interface RefreshArguments {
  readonly refresh?: boolean;
  readonly cache_valid_time?: number;
}

/**
 * Salt: the lists are fetched before the first installation of a run, unless `refresh` is false.
 * Unlike Salt: a state of the `pkg` family for which nothing has to be installed never fetches package lists.
 */
export function refreshSteps(args: RefreshArguments, now: Database): Step[] {
  if (isFresh(args, now)) return [];
  return [
    { effect: { kind: 'exec', command: now.manager.refresh } },
    { effect: { kind: 'remember', topic: refreshedTopic, values: [true] } },
  ];
}

/** What another run left half way is finished first, and that is told. */
export function repairSteps({ interrupted, broken, incomplete, manager }: Database): Step[] {
  if (!interrupted) return [];
  const names = broken.length === 0 ? '' : `: ${broken.join(', ')}`;
  const [subject, repaired] = manager.program === 'apt' ? ['dpkg', 'configured'] : ['rpm', 'repaired'];
  const change = { subject, old: `interrupted${names}`, new: repaired };
  return manager.repair(incomplete).map((effect, index) => (index === 0 ? { change, effect } : { effect }));
}

/** One command and every difference it closes. */
export function stepOf(changes: readonly Change[], effect: Step['effect']): Step {
  const [change, ...also] = changes;
  return { ...(change && { change }), ...(also.length > 0 && { also }), effect };
}

/** Several commands that close the differences together: the first one carries them. */
export function stepsFor(
  changes: readonly Change[],
  commands: readonly Command[],
  settles: readonly Settled[],
): Step[] {
  return commands.map((command, index) =>
    index === 0 ? stepOf(changes, { kind: 'exec', command, settles }) : { effect: { kind: 'exec', command } },
  );
}

/** So that later states of a dry run see what changes. */
export function settled(changes: readonly Change[]): Settled[] {
  return changes.map(({ subject, new: version }) => ({
    about: 'package',
    name: subject,
    version: typeof version === 'string' && version !== '' ? version : null,
  }));
}

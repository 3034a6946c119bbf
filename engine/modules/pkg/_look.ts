/** What package states read of a host beside the packages themselves, and the first steps they share. */
import type { Package, Reader, Settled } from '../../core/host.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { configureAll, explain, refresh } from './_apt.ts';

export type Packages = ReadonlyMap<string, Package>;

/** What is known of the package database and its lists. */
export interface Database {
  readonly rooted: boolean;
  /** Packages that dpkg left half way. */
  readonly broken: readonly string[];
  /** The lists were fetched in this run already. */
  readonly refreshed: boolean;
  /** Seconds since the lists were fetched; undefined where there are none. */
  readonly age: number | undefined;
}

const refreshedTopic = 'pkg.refreshed';

/** Runs whose lists were fetched for looking at them. */
const looked = new WeakSet<Reader>();

export function database(packages: Packages, reader: Reader): Database {
  const lists = ['/var/lib/apt/lists', '/var/cache/apt/pkgcache.bin'].map(
    (path) => reader.stat(path)?.mtime ?? 0,
  );
  const fetched = (reader.list('/var/lib/apt/lists') ?? []).some((name) =>
    /_(Packages|InRelease|Release)/.test(name),
  );
  return {
    rooted: reader.rooted,
    broken: [
      ...new Set([...packages.values()].flatMap(({ name, state }) => (state === 'broken' ? [name] : []))),
    ],
    refreshed: looked.has(reader) || reader.recall(refreshedTopic).length > 0,
    age: fetched ? (Date.now() - Math.max(...lists)) / 1000 : undefined,
  };
}

/**
 * Lists that are fresh enough to tell which versions there are; fetched where necessary and once in a run.
 * Returns why that failed.
 * Unlike Salt: a dry run of a `pkg` state goes by the package lists at hand, since fetching them would change the node.
 */
export async function freshLists(args: RefreshArguments, reader: Reader): Promise<string | undefined> {
  const { age, refreshed, rooted } = database(new Map(), reader);
  const fresh = args.cache_valid_time !== undefined && age !== undefined && age <= args.cache_valid_time;
  if (args.refresh === false || refreshed || rooted || fresh) return undefined;
  const outcome = await reader.fetchLists(refresh);
  if (outcome !== undefined && outcome.status !== 0)
    return `The package lists could not be fetched. ${explain(outcome)}`;
  looked.add(reader);
  return undefined;
}

/** The package of that name, with or without architecture. */
export function find(name: string, packages: Packages): Package | undefined {
  const found = packages.get(name);
  if (found) return found;
  const [bare, arch] = name.split(':');
  const there = arch === undefined ? undefined : packages.get(bare!);
  return there && (there.arch === arch || there.arch === 'all' || arch === 'any') ? there : undefined;
}

/** The installed package of that name, or one that provides it (Debian policy 7.5). */
export function findInstalled(name: string, packages: Packages): Package | undefined {
  const found = find(name, packages);
  if (found?.state === 'installed') return found;
  for (const other of packages.values()) {
    if (other.state === 'installed' && other.provides?.includes(name)) return other;
  }
  return undefined;
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
  const fresh =
    args.cache_valid_time !== undefined && now.age !== undefined && now.age <= args.cache_valid_time;
  if (args.refresh === false || now.refreshed || fresh) return [];
  return [
    { effect: { kind: 'exec', command: refresh } },
    { effect: { kind: 'remember', topic: refreshedTopic, values: [true] } },
  ];
}

/** dpkg(1) may still fail here where the package itself is at fault; apt then says more about it. */
export function repairSteps(now: Database): Step[] {
  if (now.broken.length === 0) return [];
  return [
    {
      change: { subject: 'dpkg', old: `interrupted: ${now.broken.join(', ')}`, new: 'configured' },
      effect: { kind: 'exec', command: configureAll, success: [0, 1] },
    },
  ];
}

export function refuseRoot(now: Pick<Database, 'rooted'>): Refusal | undefined {
  return now.rooted
    ? {
        refused: 'Packages cannot be changed below another root than /.',
        hint: 'Run it inside of that system.',
      }
    : undefined;
}

/** One command and every difference it closes. */
export function stepOf(changes: readonly Change[], effect: Step['effect']): Step {
  const [change, ...also] = changes;
  return { ...(change && { change }), ...(also.length > 0 && { also }), effect };
}

/** So that later states of a dry run see what changes. */
export function settled(changes: readonly Change[]): Settled[] {
  return changes.map(({ subject, new: version }) => ({
    about: 'package',
    name: subject,
    version: typeof version === 'string' && version !== '' ? version : null,
  }));
}

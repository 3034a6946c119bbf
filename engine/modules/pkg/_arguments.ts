/** Arguments that several package states share, and which packages they name. */
import type { Refusal } from '../../core/state.ts';

export const names = {
  name: { type: 'string', description: 'Name of the package, where `pkgs` is not given.' },
  pkgs: {
    type: 'array',
    minItems: 1,
    items: { type: ['string', 'object'], additionalProperties: { type: ['string', 'number'] } },
    description: 'Several packages, changed by one command; each a name, or `name: version`.',
  },
} as const;

export const version = {
  version: {
    type: ['string', 'number'],
    description:
      'A version (`2.6.12-1`), a shell pattern (`2.6.*`), comparisons separated by commas (`>=2.4,<2.9`) or `latest`. ' +
      'Quote it: the number 1.10 reads as 1.1.',
  },
} as const;

export const refresh = {
  refresh: {
    type: 'boolean',
    description:
      'Whether the package lists are fetched before something is installed. By default they are, once in a run.',
  },
  cache_valid_time: {
    type: 'integer',
    minimum: 0,
    description: 'Seconds for which package lists count as fresh enough.',
  },
} as const;

/** How apt goes about installing. */
export const installing = {
  fromrepo: {
    type: 'string',
    minLength: 1,
    description: 'The release to install from: `bookworm-backports`.',
  },
  only_upgrade: {
    type: 'boolean',
    default: false,
    description: 'Leave packages alone that are not installed.',
  },
  install_recommends: {
    type: 'boolean',
    description: "Install recommended packages too. apt's own setting by default.",
  },
  skip_verify: { type: 'boolean', default: false, description: 'Accept packages that are not signed.' },
} as const;

/** One package a state is about. */
export interface Wanted {
  readonly name: string;
  /** As the user wrote it. */
  readonly version?: string;
}

export interface Naming {
  readonly name: string;
  readonly pkgs?: readonly (string | { [name: string]: unknown })[];
  readonly version?: string | number;
}

/** Each package once, the last mention counting, in the order written. */
export function wantedOf({ name, pkgs, version }: Naming): Wanted[] {
  if (!pkgs) return [wanted(name, version)];
  const all = new Map<string, Wanted>();
  for (const entry of pkgs) {
    if (typeof entry === 'string') all.set(entry, wanted(entry, undefined));
    else for (const [each, spec] of Object.entries(entry)) all.set(each, wanted(each, spec));
  }
  return [...all.values()];
}

function wanted(name: string, version: unknown): Wanted {
  return version === undefined || version === null || version === ''
    ? { name }
    : { name, version: String(version) };
}

/**
 * Debian policy 5.6.7, optionally with an architecture. Anything else would mean something to apt: `name-` removes,
 * `name=1` and `name/testing` choose a version, `./name` is a file.
 */
export function refuseNames(packages: readonly Wanted[]): Refusal | undefined {
  for (const { name } of packages) {
    if (/^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]+)?$/.test(name)) continue;
    return {
      refused: `"${name}" cannot be the name of a package.`,
      hint: 'Write the bare name, and the version as `version` or as `name: version` in `pkgs`.',
    };
  }
  return undefined;
}

/** A number is a version only by luck. */
export function warnOfNumbers({ version, pkgs }: Naming): string[] {
  const specs = [
    version,
    ...(pkgs ?? []).flatMap((entry) => (typeof entry === 'string' ? [] : Object.values(entry))),
  ];
  return specs
    .filter((spec) => typeof spec === 'number' && !Number.isInteger(spec))
    .map(
      (spec) => `The version ${spec} is written as a number; quote it, because 1.10 would be read as 1.1.`,
    );
}

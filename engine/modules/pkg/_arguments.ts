/** Arguments that several package states share, and which packages they name. */
import type { Refusal } from '../../core/state.ts';
import type { Manager } from './_manager.ts';

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

/** Of packages that are to go. */
export const removing = {
  version: {
    ...version.version,
    description: 'Remove only a package of this version, or of versions such as `<2`.',
  },
  ignore_epoch: {
    type: 'boolean',
    description:
      'Whether versions are compared without epoch. By default, where the wanted version names none.',
  },
  normalize: {
    type: 'boolean',
    description: "Accepted for Salt's sake: names are taken as they are written.",
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

/** Several values as a list, or separated by commas. */
const several = { type: ['string', 'array'], items: { type: 'string' }, minLength: 1 } as const;

/** Where packages come from and how they are installed. */
export const installing = {
  fromrepo: {
    type: 'string',
    minLength: 1,
    description:
      'Where to install from: with apt a release (`bookworm-backports`), with dnf a repository, used alone.',
  },
  enablerepo: { ...several, description: 'With dnf: repositories that are used although they are disabled.' },
  disablerepo: { ...several, description: 'With dnf: repositories that are not used.' },
  disableexcludes: {
    type: 'string',
    minLength: 1,
    description: 'With dnf: whose `exclude` settings are ignored: `main`, `all` or a repository.',
  },
  setopt: { ...several, description: 'With dnf: settings for this transaction, such as `tsflags=nodocs`.' },
  only_upgrade: {
    type: 'boolean',
    default: false,
    description: 'Leave packages alone that are not installed.',
  },
  install_recommends: {
    type: 'boolean',
    description:
      "Install recommended packages too (dnf: weak dependencies). The package manager's own setting by default.",
  },
  force_conf_new: {
    type: 'boolean',
    default: false,
    description:
      'With apt: configuration files that were changed here are replaced by those of the package. By default they stay.',
  },
  skip_verify: { type: 'boolean', default: false, description: 'Accept packages that are not signed.' },
  resolve_capabilities: {
    type: 'boolean',
    description:
      "Accepted for Salt's sake: whatever a package provides always counts, as `perl(JSON)` or `webserver`.",
  },
  normalize: {
    type: 'boolean',
    description: "Accepted for Salt's sake: names are taken as they are written.",
  },
  skip_suggestions: {
    type: 'boolean',
    description: "Accepted for Salt's sake: no other names are looked for.",
  },
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

/** `pkgs` that asks for what several states ask for. Of two versions of one package the first counts. */
export function joined(all: readonly Naming[]): (string | { [name: string]: string })[] {
  const first = new Map<string, Wanted>();
  for (const one of all.flatMap(wantedOf)) if (!first.has(one.name)) first.set(one.name, one);
  return [...first.values()].map(({ name, version: spec }) => (spec === undefined ? name : { [name]: spec }));
}

function wanted(name: string, version: unknown): Wanted {
  return version === undefined || version === null || version === ''
    ? { name }
    : { name, version: String(version) };
}

export function refuseNames(packages: readonly Wanted[], { isName }: Manager): Refusal | undefined {
  for (const { name } of packages) {
    if (isName(name)) continue;
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

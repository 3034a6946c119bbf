/** Arguments that both states of repositories take, and which package manager they mean. */
import type { Reader } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import type { Common, Refusal } from '../../core/state.ts';
import type { Plain } from '../../core/value.ts';
import { certainly } from './_wanted.ts';

const words = { type: ['string', 'array'], items: { type: 'string' } } as const;

export const sourceProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description:
      'Debian: a name for the repository, or the repository itself as in sources.list. RPM: the id of the repository.',
  },
  uris: { ...words, description: 'Debian: where the repository is.' },
  suites: {
    ...words,
    description: 'Debian: releases, or the path of a flat repository with a slash at its end (`./`).',
  },
  dist: { type: 'string', minLength: 1, description: 'Debian: the release; wins over the one in the name.' },
  components: { ...words, description: 'Debian: parts of the repository; win over those in the name.' },
  comps: { ...words, description: 'The same as `components`.' },
  types: { ...words, description: 'Debian: `deb` (unless given), `deb-src` or both.' },
  architectures: { ...words, description: 'Debian: only packages for these.' },
  options: {
    type: 'object',
    description:
      'Further options by their names. Debian: those of sources.list(5) as in deb822 files: `trusted: true`, `check-valid-until: false`. RPM: any that are not arguments of this state.',
  },
  file: {
    type: 'string',
    minLength: 1,
    description: 'The file it is configured in: `.sources` or `.list` on Debian, `.repo` on RPM systems.',
  },
  ppa: { type: 'string', description: 'Refused: describe the repository instead.' },
  copr: { type: 'string', description: 'Refused: describe the repository instead.' },
} as const;

type Place = ArgumentsOf<typeof sourceProperties> & Common;

/** The arguments by which a repository is found again. */
export function identityOf(args: Place): { [name: string]: Plain } {
  const known = Object.keys(sourceProperties).map((key) => [key, args[key as keyof Place]] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined)) as { [name: string]: Plain };
}

export function familyOf(reader: Reader): 'apt' | 'dnf' | Refusal {
  const family = reader.grain('os_family');
  if (family === 'Debian') return 'apt';
  if (family === 'RedHat') return 'dnf';
  return certainly(
    `Package repositories of this system (os_family ${String(family ?? 'unknown')}) are not known.`,
    'Write the file by file.managed.',
  );
}

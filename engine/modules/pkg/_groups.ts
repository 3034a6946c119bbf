/** Groups of packages, from what `dnf group info` prints of all of them. */
import type { Command } from '../../core/host.ts';

/** Verbose, for only then it tells ids, and which packages are to be had. By the lists at hand. */
export const groupInfo: Command = {
  argv: ['dnf', '-C', '-v', 'group', 'info', '--hidden', '*'],
  env: { LC_ALL: 'C.UTF-8' },
};

export interface Group {
  readonly id: string;
  readonly name: string;
  /** Names of packages that can be installed or are: mandatory and default ones. */
  readonly packages: readonly string[];
  readonly optional: readonly string[];
  /** Of an environment: names of the groups it consists of. */
  readonly groups: readonly string[];
}

export function readGroups(output: string): Group[] {
  return output.split(/^(?=(?:Environment )?Group: )/m).flatMap((block) => {
    const name = /^(?:Environment )?Group: (.*)$/m.exec(block)?.[1];
    const id = /^ (?:Group|Environment)-Id: (.*)$/m.exec(block)?.[1];
    if (name === undefined || id === undefined) return [];
    const lists = new Map<string, string[]>();
    let title = '';
    for (const line of block.split('\n')) {
      title = /^ (\S.* (?:Packages|Groups)):$/.exec(line)?.[1] ?? title;
      const entry = /^ {3}(\S.*?)\s*$/.exec(line)?.[1];
      if (entry !== undefined) lists.set(title, [...(lists.get(title) ?? []), entry]);
    }
    const packages = (...titles: string[]) =>
      titles.flatMap((one) => lists.get(one) ?? []).flatMap((entry) => nameOf(entry) ?? []);
    return [
      {
        id: id.trim(),
        name: name.trim(),
        packages: packages('Mandatory Packages', 'Default Packages'),
        optional: packages('Optional Packages'),
        groups: lists.get('Mandatory Groups') ?? [],
      },
    ];
  });
}

/** `name-version-release.arch  repository`; what is not to be had is told by its bare name. */
function nameOf(entry: string): string | undefined {
  return /^(\S+)-(?:\d+:)?[^-\s]+-[^-\s]+\.[^.\s-]+(?:\s|$)/.exec(entry)?.[1];
}

/** What a group or environment brings; undefined where there is none of that id or name. */
export function packagesOf(wanted: string, groups: readonly Group[]): string[] | undefined {
  const name = wanted.replace(/^@?\^?/, '');
  const group = groups.find(({ id }) => id === name) ?? groups.find((one) => one.name === name);
  if (!group) return undefined;
  const members = group.groups.flatMap((one) => groups.filter((other) => other.name === one));
  return [...new Set([...group.packages, ...members.flatMap(({ packages }) => packages)])];
}

/** The groups of a user beside its primary one. */
import { localGroup, settledGroup } from '../../core/accounts.ts';
import type { Group, Reader, Settled } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';

export const groupProperties = {
  groups: {
    type: 'array',
    items: { type: ['string', 'integer'] },
    description:
      'Groups the user is a member of, beside its primary one. With an empty list it is a member of none; left alone unless given.',
  },
  optional_groups: {
    type: 'array',
    items: { type: ['string', 'integer'] },
    description: 'As `groups`, but those that do not exist are left out.',
  },
  remove_groups: {
    type: 'boolean',
    default: true,
    description: 'false: memberships that are not listed are kept.',
  },
} as const;

export interface GroupArguments {
  readonly groups?: readonly (string | number)[];
  readonly optional_groups?: readonly (string | number)[];
  readonly remove_groups?: boolean;
}

export interface Memberships {
  /** Groups the user is listed in now. */
  readonly now: readonly Group[];
  /** Those it is wanted in, its primary one perhaps among them. */
  readonly wanted: readonly Group[];
  readonly missing: readonly string[];
  /** In a directory, not in /etc/group. */
  readonly foreign: readonly string[];
}

/** Undefined where memberships are no business of the state. `own` is a group that is only about to be made. */
export function membershipsOf(
  name: string,
  { groups, optional_groups, remove_groups }: GroupArguments,
  own: string | undefined,
  reader: Reader,
): Memberships | undefined {
  if (groups === undefined && optional_groups === undefined) return undefined;
  const now = reader.groups().filter(({ members }) => members.includes(name));
  const found = new Map<string, Group>();
  const missing: string[] = [];
  const foreign: string[] = [];
  for (const one of (groups ?? []).map(String)) {
    const group = localGroup(reader, one);
    if (group !== undefined) found.set(one, group);
    else if (one !== own) (reader.group(one)?.name === one ? foreign : missing).push(one);
  }
  for (const one of (optional_groups ?? []).map(String)) {
    const group = localGroup(reader, one);
    if (group !== undefined) found.set(one, group);
  }
  if (remove_groups === false) for (const group of now) found.set(group.name, group);
  return { now, wanted: [...found.values()], missing, foreign };
}

export function badMemberships(name: string, groups: Memberships | undefined): Refusal | undefined {
  if (groups?.missing.length) {
    return {
      refused: `There is no group ${groups.missing.join(', ')}.`,
      hint: 'Require the group.present that makes it, or list it in optional_groups.',
    };
  }
  if (!groups?.foreign.length) return undefined;
  return {
    refused: `The group ${groups.foreign.join(', ')} does not come from /etc/group, so ${name} cannot be added here.`,
    hint: 'Change its members in the directory it comes from (LDAP, sssd).',
  };
}

export interface MembershipChange {
  readonly old: readonly string[];
  readonly wanted: readonly string[];
  /** For `-G`, with a primary group that lists the user as it is. */
  readonly list: string;
  readonly settles: readonly Settled[];
}

/** What differs, the primary group left out: it is the user's whether it lists it or not. */
export function membershipChange(
  name: string,
  groups: Memberships | undefined,
  primary: number | undefined,
  gshadow: Buffer | undefined,
): MembershipChange | undefined {
  if (groups === undefined) return undefined;
  const beside = (list: readonly Group[]) => list.filter(({ gid }) => gid !== primary);
  const old = beside(groups.now).map((group) => group.name);
  const wanted = beside(groups.wanted).map((group) => group.name);
  const left = groups.now.filter((group) => !wanted.includes(group.name) && group.gid !== primary);
  const joined = groups.wanted.filter((group) => group.gid !== primary && !old.includes(group.name));
  if (left.length === 0 && joined.length === 0) return undefined;
  const kept = groups.now.filter(({ gid }) => gid === primary).map((group) => group.name);
  return {
    old: [...old].sort(),
    wanted: [...wanted].sort(),
    list: [...wanted, ...kept].join(','),
    settles: [
      ...left.flatMap((group) => {
        const members = group.members.filter((one) => one !== name);
        return settledGroup(group.name, { ...group, members }, gshadow);
      }),
      ...joined.flatMap((group) =>
        settledGroup(group.name, { ...group, members: [...group.members, name] }, gshadow),
      ),
    ],
  };
}

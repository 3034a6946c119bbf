/** group.present: a group with its id and its members. */
import {
  accountSettings,
  badName,
  explainTool,
  groupShadow,
  localGroup,
  nextId,
  settledGroup,
  settledRecord,
  staleLocks,
  unlocked,
  userRecord,
} from '../../core/accounts.ts';
import type { Group, Reader, User } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { memberSteps } from './_members.ts';

const properties = {
  name: { type: 'string', description: 'Name of the group.' },
  gid: {
    type: 'integer',
    minimum: 0,
    maximum: 4294967294,
    description: 'Its id. A new group gets the next free one unless given; an existing one keeps its own.',
  },
  system: {
    type: 'boolean',
    default: false,
    description: 'Choose the id of a new group among those of the system.',
  },
  members: {
    type: 'array',
    items: { type: 'string' },
    description: 'Names of the users that are its members, and no others; an empty list leaves none.',
  },
  addusers: {
    type: 'array',
    items: { type: 'string' },
    description: 'Users that are members, whoever else is.',
  },
  delusers: { type: 'array', items: { type: 'string' }, description: 'Users that are no members.' },
  non_unique: {
    type: 'boolean',
    default: false,
    description: 'Allow a `gid` that another group has already.',
  },
  local: {
    type: 'boolean',
    default: false,
    description: 'Accepted for Salt trees: groups are always made in the files of this machine.',
  },
} as const;

export type Arguments = ArgumentsOf<typeof properties> & Common;

export interface Now {
  readonly group?: Group;
  /** Found, but not in /etc/group. */
  readonly foreign: boolean;
  /** Another group that has the wanted id. */
  readonly holder?: string;
  /** The id that a new group would get. */
  readonly free?: number;
  /** Users to be added that do not exist. */
  readonly nobody: readonly string[];
  readonly gshadow?: Buffer;
  readonly stale: readonly string[];
  /** Users whose primary group follows a new id. */
  readonly followers: readonly User[];
}

export default defineState({
  summary: 'the group exists, with this id and these members',
  description: `Groups are made and changed by the tools of shadow (groupadd, groupmod, gpasswd). Proved on Debian 12 and 13.

Only groups of /etc/group can be changed: one that comes from a directory (LDAP, sssd) is refused.

Unlike Salt: group.present refuses a \`gid\` that another group has before anything is changed, and members that do not exist.

Unlike Salt: group.present accepts \`members\` without users as "no members" on a new group, too.`,
  properties,
  examples: [
    {
      title: 'a group with a fixed id and exactly two members',
      sls: `developers:
  group.present:
    - gid: 3000
    - members:
      - alice
      - deploy
`,
    },
    {
      title: 'members added to and taken from a group that others manage, too',
      sls: `adm:
  group.present:
    - addusers:
      - alice
    - delusers:
      - deploy
`,
    },
  ],

  owns: ({ name }) => [{ kind: 'group', name: name, absent: { state: 'group.absent', args: { name } } }],
  read(args, reader): Now {
    const group = localGroup(reader, args.name);
    const foreign = group === undefined && reader.group(args.name)?.name === args.name;
    const holder =
      args.gid === undefined || args.gid === group?.gid ? undefined : reader.group(args.gid)?.name;
    const before = new Set(group?.members);
    const added = [...(args.members ?? []), ...(args.addusers ?? [])].filter((name) => !before.has(name));
    return {
      group,
      foreign,
      holder,
      free: group === undefined && args.gid === undefined ? freeGid(args.system, reader) : undefined,
      nobody: added.filter((name) => reader.user(name)?.name !== name),
      gshadow: groupShadow(reader),
      stale: staleLocks(reader),
      followers:
        group === undefined || args.gid === undefined || args.gid === group.gid
          ? []
          : reader.users().filter(({ gid }) => gid === group.gid),
    };
  },

  plan,
  judge: (_, outcome) => ({ comment: explainTool(outcome) }),
});

function freeGid(system: boolean, reader: Reader): number | undefined {
  return nextId(accountSettings('/etc/login.defs', reader), {
    kind: 'GID',
    system,
    used: reader.groups().map(({ gid }) => gid),
    taken: (id) => reader.group(id) !== undefined,
  });
}

function plan(args: Arguments, now: Now): Plan {
  const refusal = contradiction(args) ?? impossible(args, now);
  if (refusal) return refusal;
  const { name } = args;
  const steps: Step[] = [];
  let group = now.group;
  if (group === undefined) {
    group = { name, gid: (args.gid ?? now.free)!, members: [] };
    steps.push({
      change: { subject: 'gid', new: group.gid },
      effect: {
        kind: 'exec',
        command: {
          argv: [
            'groupadd',
            ...(args.system ? ['-r'] : []),
            ...['-g', String(group.gid)],
            ...(args.non_unique ? ['-o'] : []),
            ...['--', name],
          ],
        },
        settles: settledGroup(name, group, now.gshadow),
        foreseen: true,
      },
    });
  } else if (args.gid !== undefined && args.gid !== group.gid) {
    steps.push(gidStep(args, group, now));
    group = { ...group, gid: args.gid };
  }
  return unlocked(now.stale, [...steps, ...memberSteps(args, group, now)]);
}

function contradiction({ members, addusers = [], delusers = [], name }: Arguments): Refusal | undefined {
  const bad = [name, ...(members ?? []), ...addusers, ...delusers]
    .map((one, index) => badName(index === 0 ? 'group' : 'user', one))
    .find((one) => one !== undefined);
  if (bad) return bad;
  if (members !== undefined && (addusers.length > 0 || delusers.length > 0)) {
    return {
      refused: 'members cannot be given together with addusers or delusers.',
      hint: 'Either list all members, or who is added and taken away.',
      certain: true,
    };
  }
  const both = addusers.filter((one) => delusers.includes(one));
  if (both.length === 0) return undefined;
  return { refused: `${both.join(', ')} cannot be both added and taken away.`, certain: true };
}

function impossible(args: Arguments, now: Now): Refusal | undefined {
  if (now.foreign) {
    return {
      refused: `The group ${args.name} does not come from /etc/group, so it cannot be managed here.`,
      hint: 'Change it in the directory it comes from (LDAP, sssd), or choose another name.',
    };
  }
  if (now.holder !== undefined && !args.non_unique) {
    return {
      refused: `The id ${args.gid} belongs to the group ${now.holder}.`,
      hint: 'Choose another gid, or set non_unique: true.',
    };
  }
  if (now.group === undefined && (args.gid ?? now.free) === undefined) {
    return { refused: 'No id is free for a new group.', hint: 'Give a gid.' };
  }
  if (now.nobody.length === 0) return undefined;
  return {
    refused: `There is no user ${now.nobody.join(', ')} to be a member of ${args.name}.`,
    hint: 'Require the user.present that makes it, or name the group in its `groups` instead.',
  };
}

/** Files keep the old number as their group; users whose primary group it is follow. */
function gidStep(args: Arguments, group: Group, now: Now): Step {
  const argv = ['groupmod', '-g', String(args.gid), ...(args.non_unique ? ['-o'] : []), '--', args.name];
  return {
    change: { subject: 'gid', old: group.gid, new: args.gid },
    effect: {
      kind: 'exec',
      command: { argv },
      settles: [
        ...settledGroup(args.name, { ...group, gid: args.gid! }, now.gshadow),
        ...now.followers.map((user) =>
          settledRecord('/etc/passwd', user.name, userRecord({ ...user, gid: args.gid! })),
        ),
      ],
      foreseen: true,
    },
  };
}

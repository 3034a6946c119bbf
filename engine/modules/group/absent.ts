/** group.absent: there is no such group. */
import {
  badName,
  explainTool,
  groupShadow,
  hasDirectory,
  localGroup,
  settledGroup,
  staleLocks,
  unlocked,
} from '../../core/accounts.ts';
import { defineState } from '../../core/state.ts';

export default defineState({
  summary: 'there is no group of this name',
  description: `Unlike Salt: group.absent says which users still have the group as their primary one, before it tries.`,
  properties: {
    name: { type: 'string', description: 'Name of the group.' },
    local: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees: only the files of this machine are changed anyway.',
    },
  },
  examples: [{ title: 'a group that is removed', sls: 'oldteam:\n  group.absent: []\n' }],

  read({ name }, reader) {
    const group = localGroup(reader, name);
    if (group === undefined) {
      return { users: [], stale: [], foreign: hasDirectory(reader) && reader.group(name)?.name === name };
    }
    return {
      group,
      users: reader.users().filter(({ gid }) => gid === group.gid),
      // Another group with the same id takes its place for them.
      shared: reader.groups().some((other) => other.gid === group.gid && other.name !== name),
      gshadow: groupShadow(reader),
      stale: staleLocks(reader),
    };
  },

  plan({ name }, { group, users, shared, foreign, gshadow, stale }) {
    const refusal = badName('group', name);
    if (refusal) return refusal;
    if (foreign) {
      return {
        refused: `The group ${name} does not come from /etc/group, so it cannot be removed here.`,
        hint: 'Remove it from the directory it comes from (LDAP, sssd).',
      };
    }
    if (group === undefined) return [];
    if (users.length > 0 && !shared) {
      const names = users.map((one) => one.name).join(', ');
      return {
        refused: `The group ${name} is the primary group of ${names}.`,
        hint: 'Remove the users first, or give them another gid.',
      };
    }
    return unlocked(stale, [
      {
        change: { subject: name, old: `group ${group.gid}` },
        effect: {
          kind: 'exec',
          command: { argv: ['groupdel', '--', name] },
          settles: settledGroup(name, null, gshadow),
          foreseen: true,
        },
      },
    ]);
  },
  judge: (_, outcome) => ({ comment: explainTool(outcome) }),
});

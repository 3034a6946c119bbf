/** user.absent: there is no such user. */
import {
  accountSettings,
  badName,
  explainTool,
  groupShadow,
  hasDirectory,
  localGroup,
  localUser,
  settledGroup,
  settledRecord,
  staleLocks,
  textAt,
  unlocked,
} from '../../core/accounts.ts';
import type { Reader, Settled, Stat, User } from '../../core/host.ts';
import { defineState } from '../../core/state.ts';

interface Now {
  readonly user?: User;
  readonly foreign: boolean;
  /** Home and mailbox, as far as they are there and the user's. */
  readonly home?: Stat;
  readonly mailbox?: string;
  /** A home that belongs to somebody else, and so stays. */
  readonly keptHome?: boolean;
  readonly settles: readonly Settled[];
  readonly stale: readonly string[];
}

export default defineState({
  summary: 'there is no user of this name',
  description: `userdel also takes the user out of all groups, and removes a group of its own that nobody else needs.

Unlike Salt: user.absent with \`purge\` leaves a home alone that belongs to another user (such as / or /srv), and says so.`,
  properties: {
    name: { type: 'string', description: 'Name of the user.' },
    purge: {
      type: 'boolean',
      default: false,
      description: 'Remove its home directory and its mailbox, too.',
    },
    force: {
      type: 'boolean',
      default: false,
      description: 'Remove it even while it is logged in or something runs as it.',
    },
    local: {
      type: 'boolean',
      default: false,
      description: 'Accepted for Salt trees: only the files of this machine are changed anyway.',
    },
  },
  examples: [
    { title: 'a user that is removed, with its home', sls: 'mallory:\n  user.absent:\n    - purge: true\n' },
  ],

  read({ name, purge, force }, reader): Now {
    const user = localUser(reader, name);
    if (user === undefined) {
      return { foreign: hasDirectory(reader) && reader.user(name)?.name === name, settles: [], stale: [] };
    }
    const defs = accountSettings('/etc/login.defs', reader);
    const home = purge ? reader.stat(user.home) : undefined;
    const mailbox = `${defs.get('MAIL_DIR') || '/var/mail'}/${name}`;
    const owned = home?.uid === user.uid && home.kind === 'directory';
    return {
      user,
      foreign: false,
      home: owned ? home : undefined,
      mailbox: purge && reader.stat(mailbox) ? mailbox : undefined,
      keptHome: home !== undefined && !owned,
      stale: staleLocks(reader),
      settles: recordsGone(user, { userGroups: defs.get('USERGROUPS_ENAB') === 'yes', force }, reader),
    };
  },

  plan({ name, force }, { user, foreign, home, mailbox, keptHome, settles, stale }) {
    const refusal = badName('user', name);
    if (refusal) return refusal;
    if (foreign) {
      return {
        refused: `The user ${name} does not come from /etc/passwd, so it cannot be removed here.`,
        hint: 'Remove it from the directory it comes from (LDAP, sssd).',
      };
    }
    if (user === undefined) return [];
    const purged = [...(home ? [user.home] : []), ...(mailbox && !keptHome ? [mailbox] : [])];
    const argv = ['userdel', ...(force ? ['-f'] : []), ...(purged.length > 0 ? ['-r'] : []), '--', name];
    const steps = unlocked(stale, [
      {
        change: { subject: name, old: `user ${user.uid}` },
        also: purged.map((subject) => ({ subject, old: 'present' })),
        effect: {
          kind: 'exec',
          command: { argv },
          settles: [
            ...settles,
            ...purged.map((path): Settled => ({ about: 'file', effect: { kind: 'remove', path } })),
          ],
          foreseen: true,
        },
      },
    ]);
    if (!keptHome) return steps;
    // userdel would fail for the home, so it is not asked to remove the mailbox either.
    if (mailbox) {
      steps.push({ change: { subject: mailbox, old: 'present' }, effect: { kind: 'remove', path: mailbox } });
    }
    return { steps, warnings: [`${user.home} is left alone: it does not belong to ${name}.`] };
  },
  judge: (_, outcome) => ({
    comment: explainTool(outcome, { 8: 'Set force: true to remove it all the same.' }),
  }),
});

function recordsGone(
  user: User,
  { userGroups, force }: { readonly userGroups: boolean; readonly force: boolean },
  reader: Reader,
): Settled[] {
  const { name } = user;
  const gshadow = groupShadow(reader);
  const settled = ['/etc/passwd', '/etc/shadow', '/etc/subuid', '/etc/subgid']
    .filter((file) =>
      textAt(reader, file)
        ?.split('\n')
        .some((line) => line.startsWith(`${name}:`)),
    )
    .map((file) => settledRecord(file, name, null));
  for (const group of reader.groups()) {
    if (!group.members.includes(name)) continue;
    const members = group.members.filter((one) => one !== name);
    settled.push(...settledGroup(group.name, { ...group, members }, gshadow));
  }
  const own = localGroup(reader, name);
  if (userGroups && own?.gid === user.gid && own.members.every((one) => one === name)) {
    const needed = reader.users().some((other) => other.name !== name && other.gid === own.gid);
    if (force || !needed) settled.push(...settledGroup(name, null, gshadow));
  }
  return settled;
}

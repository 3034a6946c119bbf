/** user.present: a user with its ids, groups, home, password and expiry. */
import { explainTool, groupShadow, localUser, staleLocks, unlocked } from '../../core/accounts.ts';
import type { Group, Reader, Shadow, User } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { isLabelled } from '../../core/selinux-label.ts';
import { type Common, defineState, type Plan } from '../../core/state.ts';
import { agingProperties, agingStep } from './_aging.ts';
import { changeSteps, conversionStep } from './_change.ts';
import { creationSteps } from './_create.ts';
import { gecosProperties } from './_gecos.ts';
import { groupProperties, type Memberships, membershipsOf } from './_groups.ts';
import { isThere, type MissingHome, missingHome } from './_home.ts';
import { convertedShadow, type NewUser, newUser, settingsOf } from './_new.ts';
import { passwordProperties, passwordSteps, wantedPassword } from './_password.ts';
import { refusalOf, shadowArgument } from './_refusals.ts';

const id = { type: ['integer', 'string'], minimum: 0, maximum: 4294967294 } as const;

const properties = {
  name: { type: 'string', description: 'Name of the user.' },
  uid: {
    type: 'integer',
    minimum: 0,
    maximum: 4294967294,
    description: 'Its id. A new user gets the next free one unless given; an existing one keeps its own.',
  },
  gid: { ...id, description: 'Id or name of its primary group, which has to exist.' },
  gid_from_name: {
    type: 'boolean',
    default: false,
    description:
      'The primary group is the one of the same name, which has to exist: `gid` by an older name of Salt.',
  },
  usergroup: {
    type: 'boolean',
    description:
      'Whether a new user gets a group of its own name as its primary one, made if need be. Unless given, USERGROUPS_ENAB of /etc/login.defs says so.',
  },
  ...groupProperties,
  home: { type: 'string', minLength: 1, description: 'Path of its home directory.' },
  createhome: {
    type: 'boolean',
    default: true,
    description: 'Make the home directory, with what /etc/skel holds, where it does not exist.',
  },
  persist_home: {
    type: 'boolean',
    default: false,
    description: 'Move what the old home directory holds where `home` changes.',
  },
  ...passwordProperties,
  shell: { type: 'string', minLength: 1, description: 'Path of its login shell.' },
  unique: { type: 'boolean', default: true, description: 'false: allow a `uid` that another user has.' },
  system: {
    type: 'boolean',
    default: false,
    description: 'Choose the ids of a new user among those of the system, without ageing of its password.',
  },
  ...gecosProperties,
  loginclass: { type: 'string', description: 'Only known to the BSDs: refused.' },
  ...agingProperties,
  nologinit: {
    type: 'boolean',
    default: false,
    description: 'Do not enter a new user into the databases of last logins.',
  },
  allow_uid_change: { type: 'boolean', default: false, description: 'Change the id of an existing user.' },
  allow_gid_change: {
    type: 'boolean',
    default: false,
    description: 'Change the primary group of an existing user.',
  },
  local: {
    type: 'boolean',
    default: false,
    description: 'Accepted for Salt trees: users are always made in the files of this machine.',
  },
} as const;

export type Arguments = ArgumentsOf<typeof properties> & Common;

export interface Now {
  readonly user?: User;
  readonly shadow?: Shadow;
  /** The entry that is missing in /etc/shadow, as pwconv makes it: a power cut can come between the files. */
  readonly lacking?: Shadow;
  /** Found, but not in /etc/passwd. */
  readonly foreign: boolean;
  /** Another user that has the wanted id. */
  readonly holder?: string;
  /** The group that `gid` names; null: there is none. */
  readonly primary?: Group | null;
  readonly groups?: Memberships;
  /** Where there is no such user yet. */
  readonly fresh?: NewUser;
  readonly home?: MissingHome;
  /** SELinux wants a label for a home that useradd does not make. */
  readonly labelled: boolean;
  /** A home that would be moved. */
  readonly moves: boolean;
  /** Files in it follow a change of its owner's ids. */
  readonly homeIsThere: boolean;
  readonly password: string;
  readonly gshadow?: Buffer;
  readonly stale: readonly string[];
  /** Days since 1970-01-01. */
  readonly today: number;
}

export default defineState({
  summary: 'the user exists, with these ids, groups, home, password and expiry',
  description: `Users are made and changed by the tools of shadow (useradd, usermod, chpasswd, chage), which lock the files of accounts
against each other. Proved on Debian 12 and 13, and with the settings that RPM systems give the same tools.

Only what is given is managed, of a user that exists. A user of a directory (LDAP, sssd) is never made a second time in
the files, and is refused.

A hash of a password goes to chpasswd through a pipe, and the report says \`(hidden)\`.

Unlike Salt: user.present makes the directories above a home, too, as useradd does.

Unlike Salt: user.present refuses a \`password\` that is no hash, which would lock the user out.

Unlike Salt: user.present refuses a \`uid\` that another user has, and groups that do not exist, before anything is changed.

Unlike Salt: user.present leaves the home of an existing user alone where that is /nonexistent and \`home\` is not given.`,
  properties,
  examples: [
    {
      title: 'a user with a key to log in by and the right to use sudo',
      sls: `carol:
  user.present:
    - fullname: Carol Jones
    - shell: /bin/bash
    - optional_groups:
      - sudo
      - wheel
    - remove_groups: false

carol's key:
  ssh_auth.present:
    - user: carol
    - name: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf carol@laptop
    - require:
      - user: carol
`,
    },
    {
      title: 'a user of the system for a service, in a group that an earlier state makes',
      sls: `backup-readers:
  group.present:
    - system: true

backupd:
  user.present:
    - system: true
    - home: /var/lib/backupd
    - shell: /usr/sbin/nologin
    - groups:
      - backup-readers
`,
    },
    {
      title: 'a password from the pillar, and an account that ends',
      sls: `contractor:
  user.present:
    - password: {{ pillar.contractor.password_hash }}
    - maxdays: 90
    - warndays: 7
    - expire: '2031-03-31'
`,
      pillar: { contractor: { password_hash: '$6$Xq1hVtX8$mWz1yW0uQx0YqCq4o5cJ0' } },
    },
  ],
  owns: ({ name }) => [{ kind: 'user', name: name, absent: { state: 'user.absent', args: { name } } }],
  read,
  plan,
  judge: (_, outcome) => ({ comment: explainTool(outcome) }),
});

function read(args: Arguments, reader: Reader): Now {
  const { name } = args;
  const today = Math.floor(Date.now() / 86_400_000);
  const user = localUser(reader, name);
  const needsShadow = user !== undefined && shadowArgument(args) !== undefined;
  const shadow = needsShadow ? reader.shadow(name) : undefined;
  const lacks = needsShadow && !shadow && reader.stat('/etc/shadow') !== undefined;
  const lacking = lacks ? convertedShadow(settingsOf(reader), today) : undefined;
  const wanted = args.gid ?? (args.gid_from_name ? name : undefined);
  const primary = wanted === undefined ? undefined : (reader.group(wanted) ?? null);
  const fresh =
    user === undefined
      ? newUser({ ...args, gid: primary?.gid }, settingsOf(reader), today, reader)
      : undefined;
  const holder = args.uid === undefined || args.uid === user?.uid ? undefined : reader.user(args.uid)?.name;
  const path = args.home ?? user?.home ?? fresh!.home;
  const there = isThere(path, reader);
  const moves =
    args.persist_home && user !== undefined && path !== user.home && !there && isThere(user.home, reader);
  const makes =
    args.createhome &&
    !there &&
    !moves &&
    path.startsWith('/') &&
    (args.home !== undefined || path !== '/nonexistent');
  return {
    user,
    shadow,
    lacking,
    foreign: user === undefined && reader.user(name)?.name === name,
    holder,
    primary,
    groups: membershipsOf(name, args, fresh?.ownGroup ? name : undefined, reader),
    fresh,
    home: makes ? missingHome(path, settingsOf(reader), reader) : undefined,
    labelled: makes && isLabelled(reader),
    moves,
    homeIsThere: user !== undefined && isThere(user.home, reader),
    password: wantedPassword(args, (shadow ?? lacking ?? fresh?.shadow)?.password ?? ''),
    gshadow: groupShadow(reader),
    stale: staleLocks(reader),
    today,
  };
}

function plan(args: Arguments, now: Now): Plan {
  const refusal = refusalOf(args, now);
  if (refusal) return refusal;
  const { name } = args;
  const { user, fresh, today } = now;
  const steps = user === undefined ? creationSteps(args, now, fresh!) : changeSteps(args, now, user);
  const shadow = now.shadow ?? now.lacking ?? fresh?.shadow;
  if (shadow !== undefined) {
    if (now.lacking) steps.push(conversionStep(name, now.lacking));
    const password = passwordSteps(name, shadow, now.password, today);
    steps.push(...password.steps, ...agingStep(name, args, password.shadow));
  }
  return unlocked(now.stale, steps);
}

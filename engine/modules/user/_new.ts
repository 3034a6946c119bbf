/** What a user that does not exist yet will be: its ids, its defaults, and what useradd(8) leaves beside. */
import {
  type AccountSettings,
  accountSettings,
  localGroup,
  nextId,
  numberOf,
  settledRecord,
  textAt,
} from '../../core/accounts.ts';
import type { Reader, Settled, Shadow } from '../../core/host.ts';

export interface Settings {
  readonly defs: AccountSettings;
  readonly defaults: AccountSettings;
}

export function settingsOf(reader: Reader): Settings {
  return {
    defs: accountSettings('/etc/login.defs', reader),
    defaults: accountSettings('/etc/default/useradd', reader),
  };
}

export interface NewUser {
  /** Undefined where no id is free. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** A group of the user's name and `gid` has to be made for it. */
  readonly ownGroup: boolean;
  readonly home: string;
  readonly shell: string;
  readonly shadow: Shadow;
  /** Ranges of subordinate ids (subuid(5)), and a mailbox. */
  readonly beside: readonly Settled[];
}

export interface Wishes {
  readonly name: string;
  readonly uid?: number;
  /** Of the group that was asked for. */
  readonly gid?: number;
  readonly usergroup?: boolean;
  readonly system: boolean;
}

export function newUser(wishes: Wishes, settings: Settings, today: number, reader: Reader): NewUser {
  const { name, system } = wishes;
  const { defs, defaults } = settings;
  const uid =
    wishes.uid ??
    nextId(defs, {
      kind: 'UID',
      system,
      used: reader.users().map((one) => one.uid),
      taken: (id) => reader.user(id) !== undefined,
    });
  const password = '!';
  return {
    uid,
    ...groupFor(wishes, uid, settings, reader),
    home: `${defaults.get('HOME') || '/home'}/${name}`,
    shell: defaults.get('SHELL') || '/bin/sh',
    shadow: system
      ? { password, lastChange: today }
      : {
          password,
          lastChange: today,
          minDays: daysOf(defs, 'PASS_MIN_DAYS'),
          maxDays: daysOf(defs, 'PASS_MAX_DAYS'),
          warnDays: daysOf(defs, 'PASS_WARN_AGE'),
          inactiveDays: daysOf(defaults, 'INACTIVE'),
        },
    beside: system
      ? []
      : [...subordinateIds(name, uid, defs, reader), ...mailbox(name, uid, settings, reader)],
  };
}

/** The entry that pwconv(8) makes for a user without one: its password is none that anything could match. */
export function convertedShadow({ defs }: Settings, today: number): Shadow {
  return {
    password: 'x',
    lastChange: today,
    minDays: daysOf(defs, 'PASS_MIN_DAYS'),
    maxDays: daysOf(defs, 'PASS_MAX_DAYS'),
    warnDays: daysOf(defs, 'PASS_WARN_AGE'),
  };
}

function daysOf(settings: AccountSettings, key: string): number | undefined {
  const days = numberOf(settings, key, -1);
  return days < 0 ? undefined : days;
}

/** Salt: without `usergroup` and `gid`, login.defs says whether users get a group of their own. */
function groupFor(
  { name, gid, usergroup, system }: Wishes,
  uid: number | undefined,
  { defs, defaults }: Settings,
  reader: Reader,
): { gid: number | undefined; ownGroup: boolean } {
  if (gid !== undefined) return { gid, ownGroup: false };
  // Without any login.defs there is no choice to be read from it, and every distribution makes the group.
  if (!(usergroup ?? (defs.size === 0 || defs.get('USERGROUPS_ENAB') === 'yes'))) {
    const group = defaults.get('GROUP') || '100';
    return { gid: reader.group(group)?.gid, ownGroup: false };
  }
  const own = localGroup(reader, name);
  if (own !== undefined) return { gid: own.gid, ownGroup: false };
  const used = reader.groups().map((one) => one.gid);
  const taken = (id: number) => reader.group(id) !== undefined;
  const same = uid !== undefined && !taken(uid);
  return { gid: same ? uid : nextId(defs, { kind: 'GID', system, used, taken }), ownGroup: true };
}

function subordinateIds(
  name: string,
  uid: number | undefined,
  defs: AccountSettings,
  reader: Reader,
): Settled[] {
  const inRange =
    uid !== undefined && uid >= numberOf(defs, 'UID_MIN', 1000) && uid <= numberOf(defs, 'UID_MAX', 60000);
  if (!inRange) return [];
  return (['UID', 'GID'] as const).flatMap((kind) => {
    const file = `/etc/sub${kind.toLowerCase()}`;
    const text = textAt(reader, file);
    const count = numberOf(defs, `SUB_${kind}_COUNT`, 65536);
    if (text === undefined || count <= 0 || text.split('\n').some((line) => line.startsWith(`${name}:`)))
      return [];
    const first = firstGap(text, count, numberOf(defs, `SUB_${kind}_MIN`, 100000));
    return [settledRecord(file, name, `${name}:${first}:${count}`)];
  });
}

/** The lowest start of a range of this length that no line has a part of. */
function firstGap(text: string, count: number, min: number): number {
  const ranges = text
    .split('\n')
    .map((line) => line.split(':').slice(1).map(Number))
    .filter(([start, length]) => Number.isInteger(start) && Number.isInteger(length))
    .sort(([a], [b]) => a! - b!);
  let low = min;
  for (const [start, length] of ranges) {
    if (start! >= low + count) break;
    low = Math.max(low, start! + length!);
  }
  return low;
}

function mailbox(
  name: string,
  uid: number | undefined,
  { defs, defaults }: Settings,
  reader: Reader,
): Settled[] {
  const folder = defs.get('MAIL_DIR') || '/var/mail';
  if (defaults.get('CREATE_MAIL_SPOOL') !== 'yes' || uid === undefined) return [];
  const path = `${folder}/${name}`;
  if (!reader.stat(reader.resolve(folder)) || reader.stat(path)) return [];
  const mail = reader.group('mail')?.gid;
  const owner = {
    user: uid,
    ...(mail !== undefined && { group: mail }),
    mode: mail === undefined ? 0o600 : 0o660,
  };
  return [{ about: 'file', effect: { kind: 'write', path, content: Buffer.alloc(0), ...owner } }];
}

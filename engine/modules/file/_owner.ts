/** Who owns an entry and what its mode is, as wanted and as it is: the steps between them. */
import type { Effect, Reader, Stat } from '../../core/host.ts';
import type { Change, Step } from '../../core/state.ts';
import { type ModeArgument, modeOf, modeSchema, modeText } from './_mode.ts';

/** Arguments that most file states share. */
export const ownerProperties = {
  user: {
    type: ['string', 'integer', 'null'],
    description:
      'Name or id of the user that owns it. Left as it is unless given; a new entry belongs to the user that runs converge.',
  },
  group: {
    type: ['string', 'integer', 'null'],
    description: 'Name or id of the group that owns it. Left as it is unless given.',
  },
  mode: modeSchema(
    "Permissions as octal digits, such as '0644'. Left as they are unless given; a new entry follows the umask.",
  ),
} as const;

export interface OwnerArguments {
  readonly user?: string | number | null;
  readonly group?: string | number | null;
  readonly mode?: ModeArgument;
}

/** Owner and mode as wanted. Undefined members are left as they are. Ready to be spread into an effect. */
export interface Owner {
  /** As the user wrote it: looked up again when the effect is performed. */
  readonly user?: string | number;
  readonly group?: string | number;
  readonly mode?: number;
}

/** What is wanted, with the ids the names have now; undefined where there is no such user or group (yet). */
export interface OwnerLookup extends Owner {
  readonly uid?: number;
  readonly gid?: number;
}

const nothing: OwnerLookup = {};

/** Reads `user`, `group` and `mode` arguments. Throws HostTrouble where the mode is none. */
export function ownerOf(args: OwnerArguments, reader: Reader): OwnerLookup {
  const user = args.user === '' ? undefined : (args.user ?? undefined);
  const group = args.group === '' ? undefined : (args.group ?? undefined);
  const mode = modeOf(args.mode);
  if (user === undefined && group === undefined && mode === undefined) return nothing;
  return {
    user,
    group,
    mode,
    uid: user === undefined ? undefined : (reader.user(user)?.uid ?? idOf(user)),
    gid: group === undefined ? undefined : (reader.group(group)?.gid ?? idOf(group)),
  };
}

/** The id a number or digits stand for, even if no user has it. */
function idOf(name: string | number): number | undefined {
  return typeof name === 'number' ? name : /^\d+$/.test(name) ? Number(name) : undefined;
}

/** Only what an effect takes: names and mode. */
export function owned(owner: Owner): Owner {
  return {
    ...(owner.user !== undefined && { user: owner.user }),
    ...(owner.group !== undefined && { group: owner.group }),
    ...(owner.mode !== undefined && { mode: owner.mode }),
  };
}

/** The owner and mode an entry has after it is written: as wanted, else as they were. */
export function ownedAfter(owner: Owner, stat: Stat | undefined): Owner {
  if (stat === undefined) return owned(owner);
  return {
    user: owner.user ?? stat.uid,
    group: owner.group ?? stat.gid,
    mode: owner.mode ?? stat.mode,
  };
}

export interface OwnerDifference {
  readonly path: string;
  readonly stat: Stat;
  readonly owner: OwnerLookup;
  /** Change what a symbolic link at the path leads to. */
  readonly follow?: boolean;
  /** Put before `user`, `group` and `mode` in the report, where a state manages many entries. */
  readonly label?: string;
}

/** What differs in user, group and mode. */
export function ownerChanges({ stat, owner, label }: OwnerDifference): Change[] {
  const changes: Change[] = [];
  const subject = (name: string) => (label === undefined ? name : `${label} ${name}`);
  if (owner.user !== undefined && owner.uid !== stat.uid) {
    changes.push({ subject: subject('user'), old: stat.uid, new: owner.user });
  }
  if (owner.group !== undefined && owner.gid !== stat.gid) {
    changes.push({ subject: subject('group'), old: stat.gid, new: owner.group });
  }
  // The mode of a symbolic link means nothing and cannot be changed.
  if (owner.mode !== undefined && owner.mode !== stat.mode && stat.kind !== 'link') {
    changes.push({ subject: subject('mode'), old: modeText(stat.mode), new: modeText(owner.mode) });
  }
  return changes;
}

/** The step that sets user, group and mode, or none where they are as wanted. */
export function ownerSteps(what: OwnerDifference): Step[] {
  const { path, stat, owner } = what;
  const [change, ...also] = ownerChanges(what);
  if (change === undefined) return [];
  // chown(2) clears setuid and setgid of files, so whoever changes the owner says the mode again.
  const mode = owner.mode ?? (stat.kind === 'file' && stat.mode & 0o6000 ? stat.mode : undefined);
  const effect: Effect = {
    kind: 'attributes',
    path,
    ...(what.follow && { follow: true }),
    ...owned({ ...owner, mode: stat.kind === 'link' ? undefined : mode }),
  };
  return [also.length > 0 ? { change, also, effect } : { change, effect }];
}

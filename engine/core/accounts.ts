/** Accounts as the shadow tools keep them: their settings, the next free id, and the records they leave. */
import {
  type Group,
  HostTrouble,
  type Outcome,
  type Reader,
  type Settled,
  type Shadow,
  type User,
} from './host.ts';
import type { Refusal, Step } from './state.ts';

/** Settings of /etc/login.defs (`KEY value`) and /etc/default/useradd (`KEY=value`). */
export type AccountSettings = ReadonlyMap<string, string>;

export function accountSettings(path: string, reader: Reader): AccountSettings {
  const found = new Map<string, string>();
  for (const line of (reader.content(path)?.toString() ?? '').split('\n')) {
    const match = /^\s*([A-Z_]+)[\s=]+"?([^"\s]*)/.exec(line);
    if (match) found.set(match[1]!, match[2]!);
  }
  return found;
}

/** Numbers of login.defs(5) may be octal. */
export function numberOf(settings: AccountSettings, key: string, unless: number): number {
  const text = settings.get(key);
  if (text === undefined || !/^-?\d+$/.test(text)) return unless;
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

export interface FreeId {
  readonly kind: 'UID' | 'GID';
  readonly system: boolean;
  /** Ids in the local files. */
  readonly used: readonly number[];
  /** Whether another source has the id. */
  readonly taken: (id: number) => boolean;
}

/**
 * The id that useradd(8) and groupadd(8) would choose: one above the highest in use, and for system accounts one
 * below the lowest; only where none is left that way, whatever is free. Undefined where nothing is.
 */
export function nextId(settings: AccountSettings, { kind, system, used, taken }: FreeId): number | undefined {
  const first = numberOf(settings, `${kind}_MIN`, 1000);
  const min = system ? numberOf(settings, `SYS_${kind}_MIN`, 101) : first;
  const max = system
    ? numberOf(settings, `SYS_${kind}_MAX`, first - 1)
    : numberOf(settings, `${kind}_MAX`, 60000);
  const inRange = new Set(used.filter((id) => id >= min && id <= max));
  const free = (id: number) => !inRange.has(id) && !taken(id);
  if (system) {
    const lowest = Math.min(max + 1, ...inRange);
    for (let id = lowest - 1; id >= min; id--) if (free(id)) return id;
    for (let id = max; id >= min; id--) if (free(id)) return id;
  } else {
    const highest = Math.max(min - 1, ...inRange);
    for (let id = highest + 1; id <= max; id++) if (free(id)) return id;
    for (let id = min; id <= max; id++) if (free(id)) return id;
  }
  return undefined;
}

/** Of the local files only: what the shadow tools can change. */
export function localUser(reader: Reader, name: string): User | undefined {
  return reader.users().find((one) => one.name === name);
}

export function localGroup(reader: Reader, name: string): Group | undefined {
  return reader.groups().find((one) => one.name === name);
}

/** Why something cannot be the name of a user or group at all; undefined where it can. */
export function badName(what: 'user' | 'group', name: string): Refusal | undefined {
  if (/^[^-+~\s:,/\p{Cc}][^\s:,/\p{Cc}]{0,31}$/u.test(name) && !/^(\d+|\.{1,2})$/.test(name))
    return undefined;
  return {
    refused: `${JSON.stringify(name)} cannot be the name of a ${what}.`,
    hint: 'A name has up to 32 letters, digits, hyphens and underscores, and starts with a letter.',
    certain: true,
  };
}

/** Why a text cannot be a field of a record; undefined where it can. */
export function badField(argument: string, text: string | undefined, extra = ''): Refusal | undefined {
  if (text === undefined) return undefined;
  const bad = [...text].find((one) => one === ':' || /\p{Cc}/u.test(one) || extra.includes(one));
  if (bad === undefined) return undefined;
  const shown = /\p{Cc}/u.test(bad) ? 'a control character (such as a newline)' : `"${bad}"`;
  return {
    refused: `${argument} cannot hold ${shown}: it would break the file of accounts.`,
    hint: `Leave it out of ${argument}.`,
    certain: true,
  };
}

export function userRecord({ name, uid, gid, gecos, home, shell }: User): string {
  return [name, 'x', uid, gid, gecos, home, shell].join(':');
}

export function shadowRecord(name: string, shadow: Shadow): string {
  const { password, lastChange, minDays, maxDays, warnDays, inactiveDays, expire } = shadow;
  const days = [lastChange, minDays, maxDays, warnDays, inactiveDays, expire].map((one) => one ?? '');
  return [name, password, ...days, ''].join(':');
}

export function settledRecord(file: string, key: string, record: string | null): Settled {
  return { about: 'record', file, key, record };
}

/** What a change of a group leaves; null: it is removed. `gshadow` is that file, where there is one. */
export function settledGroup(
  name: string,
  group: { readonly gid: number; readonly members: readonly string[] } | null,
  gshadow: Buffer | undefined,
): Settled[] {
  const members = group?.members.join(',');
  const settled = [settledRecord('/etc/group', name, group && `${name}:x:${group.gid}:${members}`)];
  if (gshadow === undefined) return settled;
  const line = gshadow
    .toString()
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, password = '!', admins = ''] = line?.split(':') ?? [];
  settled.push(settledRecord('/etc/gshadow', name, group && `${name}:${password}:${admins}:${members}`));
  return settled;
}

/** Undefined also for whoever may not read it: who cannot change it need not foretell it. */
export function groupShadow(reader: Reader): Buffer | undefined {
  try {
    return reader.content('/etc/gshadow');
  } catch (error) {
    if (error instanceof HostTrouble) return undefined;
    throw error;
  }
}

export function textAt(reader: Reader, path: string): string | undefined {
  return reader.content(path)?.toString();
}

/** Whether nsswitch.conf(5) names a directory of accounts beside the files; systemd's own is none. */
export function hasDirectory(reader: Reader): boolean {
  const line = /^passwd:(.*)$/m.exec(textAt(reader, '/etc/nsswitch.conf') ?? '')?.[1] ?? '';
  return line.split(/[\s[\]]+/).some((word) => /^(ldap|sss|winbind|nis|extrausers|db)$/.test(word));
}

/** Whoever the files or a directory know; without a directory nobody else is asked, which would cost a process. */
export function knownUser(reader: Reader, name: string): User | undefined {
  return localUser(reader, name) ?? (hasDirectory(reader) ? reader.user(name) : undefined);
}

const lockFiles = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map(
  (name) => `/etc/${name}.lock`,
);

/**
 * Locks of the shadow tools that are older than this boot, so that nobody can hold them: a power cut leaves them, and
 * the tools wait in vain where another process has the number in them by now.
 */
export function staleLocks(reader: Reader): string[] {
  const there = lockFiles.flatMap((path) => {
    const stat = reader.stat(path);
    return stat?.kind === 'file' ? [{ path, mtime: stat.mtime }] : [];
  });
  if (there.length === 0) return [];
  const since = bootOf(reader);
  return there.filter(({ mtime }) => since !== undefined && mtime < since).map(({ path }) => path);
}

/** When process 1 was started, in milliseconds since the epoch: in a container that is later than the machine was. */
function bootOf(reader: Reader): number | undefined {
  const machine = /^btime (\d+)$/m.exec(textAt(reader, '/proc/stat') ?? '')?.[1];
  // proc(5): the 22nd field, of which the second is in brackets and may hold anything.
  const fields = textAt(reader, '/proc/1/stat')?.replace(/^.*\)/s, '').trim().split(' ');
  const ticks = Number(fields?.[19]);
  if (machine === undefined || !Number.isFinite(ticks)) return undefined;
  return Number(machine) * 1000 + ticks * 10;
}

/** Only before steps that need the locks: nothing else waits for them. */
export function unlocked(stale: readonly string[], steps: readonly Step[]): Step[] {
  if (steps.every(({ effect }) => effect.kind !== 'exec')) return [...steps];
  return [
    ...stale.map(
      (path): Step => ({ change: { subject: path, old: 'left behind' }, effect: { kind: 'remove', path } }),
    ),
    ...steps,
  ];
}

/** What one of the shadow tools says of its failure, and what can be done; undefined where it did not fail. */
export function explainTool(
  { status, stderr }: Pick<Outcome, 'status' | 'stderr'>,
  hints: { readonly [status: number]: string } = {},
): string | undefined {
  if (status === 0) return undefined;
  const said = stderr.split('\n').filter((line) => line.trim() !== '');
  const hint = hints[status] ?? (status === 127 ? missingTools : undefined);
  return [...said.slice(-5), ...(hint === undefined ? [] : [hint])].join('\n') || undefined;
}

const missingTools =
  'The tools of accounts are missing: install the package passwd (Debian) or shadow-utils (RPM).';

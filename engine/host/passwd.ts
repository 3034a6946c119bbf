/** Users and groups by name or id, from /etc/passwd and /etc/group of the tree at hand. */
import { spawnSync } from 'node:child_process';
import type { Group, Shadow, User } from '../core/host.ts';

export interface Accounts {
  user(name: string | number): User | undefined;
  group(name: string | number): Group | undefined;
  users(): readonly User[];
  groups(): readonly Group[];
  shadow(name: string): Shadow | undefined;
  forget(): void;
}

interface Table<T> {
  readonly all: T[];
  readonly byName: Map<string, T>;
  readonly byId: Map<number, T>;
}

/**
 * @param getent whether names unknown to the files may come from elsewhere (LDAP, systemd-userdb): then
 * getent(1) is asked, if nsswitch.conf names such a source. Never for a tree below a root.
 */
export function createAccounts(read: (path: string) => Buffer | undefined, getent: boolean): Accounts {
  let users: Table<User> | undefined;
  let groups: Table<Group> | undefined;
  let shadows: Map<string, Shadow> | undefined;
  let elsewhere: { passwd: boolean; group: boolean } | undefined;
  const asked = new Map<string, string | undefined>();

  function ask(database: 'passwd' | 'group', key: string): string | undefined {
    if (!getent || key === '' || key.startsWith('-')) return undefined;
    elsewhere ??= sourcesElsewhere(read('/etc/nsswitch.conf')?.toString() ?? '');
    if (!elsewhere[database]) return undefined;
    const question = `${database} ${key}`;
    if (!asked.has(question)) {
      const answer = spawnSync('getent', [database, key], { encoding: 'utf8', timeout: 10_000 });
      asked.set(question, answer.status === 0 ? answer.stdout : undefined);
    }
    return asked.get(question);
  }
  function usersNow(): Table<User> {
    users ??= tableOf(read('/etc/passwd'), userOf, (one) => one.uid);
    return users;
  }
  function groupsNow(): Table<Group> {
    groups ??= tableOf(read('/etc/group'), groupOf, (one) => one.gid);
    return groups;
  }
  return {
    user: (name) => find(usersNow(), name) ?? first(ask('passwd', String(name)), userOf),
    group: (name) => find(groupsNow(), name) ?? first(ask('group', String(name)), groupOf),
    users: () => usersNow().all,
    groups: () => groupsNow().all,
    shadow(name) {
      shadows ??= shadowsOf(read('/etc/shadow')?.toString() ?? '');
      return shadows.get(name);
    },
    forget() {
      users = undefined;
      groups = undefined;
      shadows = undefined;
      asked.clear();
    },
  };
}

/** A name of digits that exists wins over the id, as for chown(1). */
function find<T>(table: Table<T>, name: string | number): T | undefined {
  if (typeof name === 'number') return table.byId.get(name);
  return table.byName.get(name) ?? (/^\d+$/.test(name) ? table.byId.get(Number(name)) : undefined);
}

function first<T>(text: string | undefined, parse: (fields: string[]) => T | undefined): T | undefined {
  return text === undefined ? undefined : parse(text.split('\n')[0]!.split(':'));
}

function tableOf<T extends { name: string }>(
  content: Buffer | undefined,
  parse: (fields: string[]) => T | undefined,
  idOf: (entry: T) => number,
): Table<T> {
  const table: Table<T> = { all: [], byName: new Map(), byId: new Map() };
  for (const line of content?.toString().split('\n') ?? []) {
    const entry = line.startsWith('#') ? undefined : parse(line.split(':'));
    if (entry === undefined) continue;
    table.all.push(entry);
    if (!table.byName.has(entry.name)) table.byName.set(entry.name, entry);
    if (!table.byId.has(idOf(entry))) table.byId.set(idOf(entry), entry);
  }
  return table;
}

function userOf(fields: string[]): User | undefined {
  const [name, , uid, gid, gecos, home, shell] = fields;
  if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return {
    name,
    uid: Number(uid),
    gid: Number(gid),
    home: home || '/',
    shell: shell || '/bin/sh',
    gecos: gecos ?? '',
  };
}

function groupOf(fields: string[]): Group | undefined {
  const [name, , gid, members] = fields;
  if (!name || !gid || !/^\d+$/.test(gid)) return undefined;
  return { name, gid: Number(gid), members: (members ?? '').split(',').filter(Boolean) };
}

/** Days are left out where the field is empty or no number, as shadow(5) reads them. */
function shadowsOf(text: string): Map<string, Shadow> {
  const found = new Map<string, Shadow>();
  for (const line of text.split('\n')) {
    const [name, password = '', ...days] = line.split(':');
    if (!name || found.has(name)) continue;
    const [lastChange, minDays, maxDays, warnDays, inactiveDays, expire] = days.map((field) =>
      /^-?\d+$/.test(field) ? Number(field) : undefined,
    );
    found.set(name, { password, lastChange, minDays, maxDays, warnDays, inactiveDays, expire });
  }
  return found;
}

function sourcesElsewhere(nsswitch: string): { passwd: boolean; group: boolean } {
  function names(database: string): boolean {
    const line = new RegExp(`^${database}:(.*)$`, 'm').exec(nsswitch)?.[1] ?? '';
    return line.split(/[\s[\]]+/).some((word) => /^(ldap|sss|winbind|nis|systemd|extrausers|db)$/.test(word));
  }
  return { passwd: names('passwd'), group: names('group') };
}

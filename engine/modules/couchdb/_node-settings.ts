/** The settings of a node: what its arguments say, and what the pillar has for all nodes. */
import type { Reader } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { type Settings, unfitFor } from './_ini.ts';
import { hashOfAdmin, isHash } from './_passwords.ts';
import { told, wrong } from './_server.ts';

interface Given {
  readonly admins?: { readonly [name: string]: unknown };
  readonly salt?: string;
  readonly iterations: number;
  readonly secret?: string;
  readonly uuid?: string;
  readonly bind_address?: string;
  readonly port?: number;
  readonly per_user_databases?: boolean;
  readonly settings?: { readonly [section: string]: unknown };
}

interface Sections {
  [section: string]: { readonly [key: string]: unknown };
}

export function settingsOf(args: Given, reader: Reader): Settings | Refusal {
  const admins = adminsOf(args, reader);
  if ('refused' in admins) return admins as Refusal;
  const secret = args.secret ?? told(reader, 'secret');
  const uuid = args.uuid ?? told(reader, 'uuid');
  const all: Sections = {
    admins,
    chttpd: { bind_address: args.bind_address, port: args.port },
    chttpd_auth: { secret },
    couchdb: { uuid },
    couch_peruser: { enable: args.per_user_databases },
  };
  for (const [section, keys] of Object.entries((args.settings ?? {}) as Sections))
    all[section] = { ...all[section], ...keys };
  const settings = new Map<string, Map<string, string>>();
  for (const [section, keys] of Object.entries(all)) {
    const given = Object.entries(keys).filter(([, value]) => value !== undefined);
    for (const [key, value] of given) {
      const unfit = unfitFor(section, key, String(value));
      if (unfit) return wrong(`The setting ${unfit} is one that CouchDB could not read again`);
    }
    if (given.length > 0)
      settings.set(section, new Map(given.map(([key, value]) => [key, String(value).trim()])));
  }
  return settings;
}

/** CouchDB does not start without one. */
function adminsOf(args: Given, reader: Reader): { [name: string]: string } | Refusal {
  const password = told(reader, 'password');
  const usual = password === undefined ? {} : { [told(reader, 'username') ?? 'admin']: password };
  const admins = Object.entries((args.admins ?? usual) as { [name: string]: string });
  if (admins.length === 0)
    return wrong(
      'CouchDB does not start without an administrator',
      'Set `admins` or the pillar value couchdb:password.',
    );
  const salt = args.salt ?? told(reader, 'salt');
  const hashed: { [name: string]: string } = {};
  for (const [name, value] of admins) {
    if (value === '') return wrong(`The administrator "${name}" has an empty password`);
    if (!isHash(value) && (salt === undefined || !/^[0-9a-f]{16,64}$/.test(salt)))
      return wrong(
        'A password of an administrator is hashed with the same salt on all nodes, and none is given',
        'Set `salt` or the pillar value couchdb:salt: 32 hexadecimal digits, as `openssl rand -hex 16` makes them.',
      );
    hashed[name] = isHash(value) ? value : hashOfAdmin(value, salt!, args.iterations);
  }
  return hashed;
}

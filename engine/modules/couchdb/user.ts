/** couchdb.user: a user exists, with this password and these roles. */
import { defineState, type Refusal } from '../../core/state.ts';
import { serverWith } from './_databases.ts';
import { isSame } from './_json.ts';
import { fitsDocument } from './_passwords.ts';
import { doing, look, type Server, settled, wrong } from './_server.ts';
import { adminOf, type Doc, userPath, userProperties } from './_users.ts';

interface Now {
  readonly server: Server;
  /** Undefined: there is none. */
  readonly doc: Doc | undefined;
  readonly fits: boolean;
}

export default defineState({
  summary: 'the CouchDB user exists, with these roles and this password',
  description: `
A password is compared with what CouchDB keeps of it, and only sent where it is another one: each time it is sent, all logins
of the user end. No login is tried, so nobody is locked out.

Where databases for each user are switched on (\`per_user_databases\` of couchdb.node), CouchDB makes one for a new user.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the user.' },
    password: {
      type: 'string',
      minLength: 1,
      description:
        'The password of the user; never shown. Unless given, it is left as it is, or there is none.',
    },
    roles: {
      type: 'array',
      items: { type: 'string' },
      description: 'All its roles. Unless given, they are left as they are.',
    },
    fields: {
      type: 'object',
      description: 'Further fields of its document, such as `email`. Others are left alone.',
    },
    ...userProperties,
  },
  examples: [
    {
      title: 'a user of an application',
      sls: `anna:
  couchdb.user:
    - password: {{ pillar.anna_password }}
    - roles: [app]
    - fields:
        email: anna@example.org
`,
      pillar: { anna_password: 'a-password', couchdb: { password: 'another-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const system = args.roles?.find((role) => role.startsWith('_'));
    if (system !== undefined)
      return wrong(
        `The role "${system}" is one of CouchDB's own, which no user can have`,
        'Administrators are set by couchdb.node, or by couchdb.config in the section admins.',
      );
    const stray = Object.keys(args.fields ?? {}).find((key) => reserved.has(key) || key.startsWith('_'));
    if (stray !== undefined) return wrong(`The field "${stray}" is CouchDB's own`);
    const server = await serverWith(adminOf(args), '_users', reader);
    if ('refused' in server) return server;
    const { status, data } = await look(reader, server, userPath(args.name));
    const doc: Doc | undefined = status === 200 ? data : undefined;
    const fits =
      args.password === undefined || (doc !== undefined && (await fitsDocument(args.password, doc)));
    return { server, doc, fits };
  },
  plan({ name, password, roles, fields = {} }, now) {
    if ('refused' in now) return now;
    const { server, doc, fits } = now;
    const differing = Object.entries(fields).filter(([key, value]) => !isSame(doc?.[key], value));
    const wanted = roles && [...new Set(roles)].sort();
    const present = Array.isArray(doc?.['roles']) ? doc['roles'].map(String).sort() : [];
    const isOther = wanted !== undefined && !isSame(present, wanted);
    if (doc && fits && differing.length === 0 && !isOther) return [];
    const body = {
      ...(doc ?? { name, type: 'user', roles: [] }),
      ...fields,
      ...(isOther || !doc ? { roles: wanted ?? [] } : {}),
      ...(fits || password === undefined ? {} : { password }),
    };
    const details = [
      ...(fits ? [] : [{ subject: 'password', ...(doc ? { old: '(hidden)' } : {}), new: '(hidden)' }]),
      ...(isOther ? [{ subject: 'roles', old: doc ? present : undefined, new: wanted }] : []),
      ...differing.map(([subject, value]) => ({ subject, old: doc?.[subject], new: value })),
    ];
    const [change, ...also] = doc ? details : [{ subject: name, new: 'user' }, ...details];
    const effect = doing(server, {
      method: 'PUT',
      at: userPath(name),
      body,
      // 409: somebody else wrote it meanwhile; what is left then shows when it is looked at again.
      success: [201, 202, 409],
      settles: [settled(server, userPath(name), body)],
    });
    return [{ change: change!, ...(also.length > 0 ? { also } : {}), effect }];
  },
});

const reserved = new Set([
  'name',
  'type',
  'roles',
  'password',
  'password_scheme',
  'pbkdf2_prf',
  'salt',
  'iterations',
  'derived_key',
]);

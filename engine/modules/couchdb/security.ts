/** couchdb.security: who may use a database, and who may change its design. */
import { defineState, type Refusal, type Step } from '../../core/state.ts';
import { serverWith } from './_databases.ts';
import { isSame } from './_json.ts';
import { doing, look, path, type Server, serverProperties, settled } from './_server.ts';

interface Lists {
  readonly names?: readonly string[];
  readonly roles?: readonly string[];
}

type Security = { readonly [section: string]: unknown };

interface Now {
  readonly server: Server;
  readonly security: Security;
}

function sectionOf(description: string) {
  return {
    type: 'object',
    properties: {
      names: { type: 'array', items: { type: 'string' }, description: 'Names of users.' },
      roles: { type: 'array', items: { type: 'string' }, description: 'Roles of users.' },
    },
    additionalProperties: false,
    description,
  } as const;
}

const sections = ['members', 'admins'] as const;

export default defineState({
  summary: 'these users and roles may use the CouchDB database',
  description: `
Compares sets: order and repetition do not count. A part that is not given (\`members\` or \`admins\`) is left as it is; in one that
is given, a list that is not given is empty. A database without any members is open to everyone, so to nobody's surprise
an empty \`members\` has to be written out.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The name of the database.' },
    members: sectionOf('Who may read and write documents: `names` and `roles`.'),
    admins: sectionOf('Who may also change design documents and this list: `names` and `roles`.'),
    ...serverProperties,
  },
  examples: [
    {
      title: 'a database for the users of one role',
      sls: `app_users:
  couchdb.security:
    - members:
        roles: [app]
    - admins:
        names: [deploy]
        roles: [_admin]
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const server = await serverWith(args, args.name, reader);
    if ('refused' in server) return server;
    const { status, data } = await look(reader, server, `${path(args.name)}/_security`);
    return { server, security: status === 200 ? data : {} };
  },
  plan(args, now) {
    if ('refused' in now) return now;
    const { server, security } = now;
    const differing = sections.filter((section) => {
      const wanted = args[section];
      return wanted !== undefined && !isSame(tidied(security[section] as Lists | undefined), tidied(wanted));
    });
    if (differing.length === 0) return [];
    const wanted = Object.fromEntries(differing.map((section) => [section, tidied(args[section])]));
    const body = { ...security, ...wanted };
    const [change, ...also] = differing.map((subject) => ({
      subject,
      old: tidied(security[subject] as Lists | undefined),
      new: wanted[subject],
    }));
    const at = `${path(args.name)}/_security`;
    const hint = 'A majority of the nodes that have the database has to be there.';
    const step: Step = {
      change: change!,
      ...(also.length > 0 ? { also } : {}),
      effect: doing(server, {
        method: 'PUT',
        at,
        body,
        success: [200],
        settles: [settled(server, at, body)],
        hint,
      }),
    };
    return [step];
  },
});

function tidied(lists: Lists | undefined): Required<Lists> {
  return { names: tidyList(lists?.names), roles: tidyList(lists?.roles) };
}

/** What is stored may be anything. */
function tidyList(list: unknown): string[] {
  return Array.isArray(list) ? [...new Set(list.map(String))].sort() : [];
}

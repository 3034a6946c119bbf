/** couchdb.node: CouchDB is configured as a node that others can join. */
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Change, type Common, defineState, type Refusal } from '../../core/state.ts';
import { differing, iniText, parseIni, type Settings } from './_ini.ts';
import { type KeptFile, lookAt, ownFile, type Present, placeProperties, stepsFor } from './_kept-file.ts';
import { settingsOf } from './_node-settings.ts';
import { told, wrong } from './_server.ts';
import { shownValue } from './_settings.ts';
import { shownFlags, withFlags } from './_vm-args.ts';

const properties = {
  name: {
    type: 'string',
    pattern: '^[A-Za-z0-9_.-]+@[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$',
    description:
      'The name of the node: `couchdb@` and the address by which the others reach it (IPv4), or a full host name.',
  },
  cookie: {
    type: 'string',
    pattern: '^[A-Za-z0-9_-]{8,255}$',
    description:
      'What nodes of one cluster know each other by; never shown. Unless given, the pillar value `couchdb:cookie`.',
  },
  admins: {
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      'Administrators: name and password, or better the hash as CouchDB has it (`-pbkdf2:sha256-…`). Unless given, the pillar values `couchdb:username` (else `admin`) and `couchdb:password`.',
  },
  salt: {
    type: 'string',
    pattern: '^[0-9a-f]{16,64}$',
    description:
      'What passwords of administrators are hashed with, the same on all nodes: 16 to 64 hexadecimal digits. Unless given, the pillar value `couchdb:salt`.',
  },
  iterations: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000_000,
    default: 600_000,
    description: 'How many rounds passwords of administrators are hashed in.',
  },
  secret: {
    type: 'string',
    minLength: 1,
    description:
      'What cookies of logins are signed with; never shown. Unless given, the pillar value `couchdb:secret`.',
  },
  uuid: {
    type: 'string',
    pattern: '^[0-9a-f]{32}$',
    description: 'What the cluster is called by itself. Unless given, the pillar value `couchdb:uuid`.',
  },
  bind_address: {
    type: 'string',
    minLength: 1,
    description:
      "Where it listens for requests: an address, or `0.0.0.0`. Left as CouchDB has it (127.0.0.1) unless given; the others have to reach it, so the firewall's place is in front of it.",
  },
  port: {
    type: 'integer',
    minimum: 1,
    maximum: 65_535,
    description: 'The port for requests; 5984 unless given.',
  },
  per_user_databases: {
    type: 'boolean',
    description: 'Whether each user gets a database (`couch_peruser`); it has to be so on every node.',
  },
  settings: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
    description: 'Further settings: section, key and value.',
  },
  distribution_port: {
    type: 'integer',
    minimum: 1,
    maximum: 65_535,
    default: 9100,
    description: 'The port by which nodes talk to each other, the same on all.',
  },
  distribution_tls: {
    type: 'object',
    properties: {
      certificate: { type: 'string', pattern: '^/[^"\\s]*$', description: 'File of the certificate.' },
      key: { type: 'string', pattern: '^/[^"\\s]*$', description: 'File of its key.' },
      ca: { type: 'string', pattern: '^/[^"\\s]*$', description: 'File of who signs those of all nodes.' },
    },
    required: ['certificate', 'key', 'ca'],
    additionalProperties: false,
    description: 'Nodes talk to each other by TLS, all of them or none: `certificate`, `key` and `ca`.',
  },
  net_ticktime: {
    type: 'integer',
    minimum: 4,
    maximum: 600,
    description: 'Seconds after which a node that hangs counts as gone; 60 unless given.',
  },
  ...placeProperties,
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common;

interface Now {
  readonly files: readonly (readonly [KeptFile, Present])[];
}

export default defineState({
  summary: 'the machine is set up as a node of a CouchDB cluster',
  description: `
What all nodes of a cluster must have in common is given by the pillar, so that a login to one is good for all: the hash of the
administrators' passwords (by the same salt), the secret, the cookie and the uuid. Let a service watch this state: all of
it is read when CouchDB starts.

Files below \`/opt/couchdb\`: \`etc/local.d/20-converge.ini\`, flags in \`etc/vm.args\` (other lines of it are left alone), and
\`.erlang.cookie\`, where nobody else can read the cookie. What CouchDB is told by its API (couchdb.config) it writes
to the last file, for which there is \`etc/local.d/90-api.ini\`; that counts more.

Was tried against the recorded behaviour of CouchDB 3.5, not against CouchDB itself.`,
  properties,
  examples: [
    {
      title: 'a node of three',
      sls: `couchdb@10.0.0.1:
  couchdb.node:
    - bind_address: 0.0.0.0
    - per_user_databases: true
`,
      pillar: {
        couchdb: {
          password: 'a-password',
          salt: '00112233445566778899aabbccddeeff',
          secret: 'a-secret',
          cookie: 'a-long-cookie',
          uuid: '0123456789abcdef0123456789abcdef',
        },
      },
    },
  ],
  read(args, reader): Now | Refusal {
    const settings = settingsOf(args, reader);
    if ('refused' in settings) return settings;
    const cookie = args.cookie ?? told(reader, 'cookie');
    if (cookie === undefined || !/^[A-Za-z0-9_-]{8,255}$/.test(cookie))
      return wrong(
        'Nodes of CouchDB know each other by a cookie of 8 or more letters and digits, and none is given',
        'Set `cookie` or the pillar value couchdb:cookie.',
      );
    const flags = `${args.folder}/etc/vm.args`;
    const present = reader.content(flags)?.toString();
    if (present === undefined)
      return {
        refused: `CouchDB is not installed: there is no ${flags}.`,
        hint: 'Require the state that installs it.',
      };
    const files = filesOf(args, {
      settings,
      cookie,
      present,
      hasOwn: reader.stat(ownFile(args.folder)) !== undefined,
    });
    return { files: files.map((file) => [file, lookAt(reader, file.path)]) };
  },
  plan({ user }, now) {
    if ('refused' in now) return now;
    return now.files.flatMap(([file, present]) => stepsFor(file, present, user));
  },
});

interface Wanted {
  readonly settings: Settings;
  readonly cookie: string;
  /** Flags that are there. */
  readonly present: string;
  /** Whether there is a file for what CouchDB writes itself. */
  readonly hasOwn: boolean;
}

function filesOf(args: Arguments, { settings, cookie, present, hasOwn }: Wanted): KeptFile[] {
  const { folder, name, distribution_port: port, distribution_tls: tls, net_ticktime: ticktime } = args;
  const host = name.slice(name.indexOf('@') + 1);
  const options = `${folder}/etc/couch_ssl_dist.conf`;
  const flags = withFlags(present, {
    name,
    port,
    ...(/^\d+(\.\d+){3}$/.test(host) ? { address: host } : {}),
    ...(ticktime === undefined ? {} : { ticktime }),
    ...(tls ? { tlsOptions: options } : {}),
  });
  const whole = (path: string) => (old: string | undefined) => [{ subject: path, old, new: 'written' }];
  const own = '; What CouchDB is told by its API is kept here, by itself.\n';
  const cookieFile = `${folder}/.erlang.cookie`;
  const ini = `${folder}/etc/local.d/20-converge.ini`;
  return [
    { path: ini, content: iniText(settings), mode: 0o640, changes: (old) => settingChanges(old, settings) },
    ...(hasOwn
      ? []
      : [{ path: ownFile(folder), content: own, mode: 0o640, changes: whole(ownFile(folder)) }]),
    ...(tls ? [{ path: options, content: tlsText(tls), mode: 0o644, changes: whole(options) }] : []),
    {
      path: `${folder}/etc/vm.args`,
      content: flags,
      changes: (old = '') => [
        { subject: `${folder}/etc/vm.args`, old: shownFlags(old), new: shownFlags(flags), text: true },
      ],
    },
    {
      path: cookieFile,
      content: cookie,
      mode: 0o400,
      changes: (old) => [
        { subject: cookieFile, ...(old === undefined ? {} : { old: '(hidden)' }), new: '(hidden)' },
      ],
    },
  ];
}

function settingChanges(old: string | undefined, settings: Settings): Change[] {
  return differing(parseIni(old ?? ''), settings).map((one) => ({
    subject: `${one.section}/${one.key}`,
    old: shownValue(one, one.old),
    new: shownValue(one, one.new),
  }));
}

/** Options of Erlang's ssl_dist_optfile: both sides show a certificate, and look at that of the other. */
function tlsText({ certificate, key, ca }: { certificate: string; key: string; ca: string }): string {
  const common = `{certfile, "${certificate}"}, {keyfile, "${key}"}, {cacertfile, "${ca}"}, {verify, verify_peer}`;
  return `[{server, [${common}, {fail_if_no_peer_cert, true}]},\n {client, [${common}]}].\n`;
}

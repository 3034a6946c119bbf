import { pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import node from '../../../engine/modules/couchdb/node.ts';
import { planOf } from '../../helpers/apply.ts';
import { fitsAdmin } from '../../helpers/couchdb/passwords.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

const salt = '00112233445566778899aabbccddeeff';
const key = pbkdf2Sync('a password', salt, 10, 32, 'sha256').toString('hex');
const hash = `-pbkdf2:sha256-${key},${salt},10`;
const stock =
  '# comment\n-name couchdb@127.0.0.1\n-kernel inet_dist_use_interface {127,0,0,1}\n+K true\n-noinput\n';
const flags = `# comment
+K true
-noinput

# Written by converge: changes to these flags are lost.
-name couchdb@10.0.0.1
-start_epmd false
-erl_epmd_port 9100
-kernel inet_dist_use_interface {10,0,0,1}
`;
const own = '; What CouchDB is told by its API is kept here, by itself.\n';
const etc = '/opt/couchdb/etc';
const couchdb = { password: 'a password', salt, secret: 'hush', cookie: 'a-long-cookie' };
const files = { [`${etc}/vm.args`]: stock, [`${etc}/local.d`]: { directory: true } } as const;
const users = { couchdb: process.getuid!() === 0 ? 106 : process.getuid!() };
const name = 'couchdb@10.0.0.1';
const ini = `; Written by converge: changes here are lost.

[admins]
admin = ${hash}

[chttpd]
bind_address = 0.0.0.0

[chttpd_auth]
secret = hush

[couch_peruser]
enable = true

[log]
level = warning
`;
const args = {
  name,
  iterations: 10,
  bind_address: '0.0.0.0',
  per_user_databases: true,
  settings: { log: { level: 'warning' } },
};
const written = {
  [`${etc}/local.d/20-converge.ini`]: { content: ini, mode: 0o640 },
  [`${etc}/local.d/90-api.ini`]: { content: own, mode: 0o640 },
  [`${etc}/vm.args`]: { content: flags },
  '/opt/couchdb/.erlang.cookie': { content: 'a-long-cookie', mode: 0o400 },
};
const owned = Object.fromEntries(
  Object.entries(written).map(([path, entry]) => [
    path,
    path.endsWith('vm.args') ? entry : { ...entry, user: users.couchdb, group: users.couchdb },
  ]),
);

function refused(title: string, more: Record<string, unknown>, pattern: RegExp, pillar: object = couchdb) {
  const host = { files, users };
  return {
    title,
    args: { ...args, ...more },
    host,
    pillar: { couchdb: pillar },
    expects: { refused: pattern },
  };
}

stateTester('couchdb.node', node, [
  {
    title: 'is set up from what the package brings',
    args,
    host: { files, users },
    pillar: { couchdb },
    needsRoot: true,
    expects: {
      changes: [
        'admins/admin',
        'chttpd/bind_address',
        'chttpd_auth/secret',
        'couch_peruser/enable',
        'log/level',
        `${etc}/local.d/90-api.ini`,
        `${etc}/vm.args`,
        '/opt/couchdb/.erlang.cookie',
      ],
      files: owned,
    },
  },
  {
    title: 'is content with what it wrote, and with what CouchDB wrote beside it',
    args,
    host: { files: { ...owned, [`${etc}/local.d/90-api.ini`]: '[log]\nlevel = info\n' }, users },
    pillar: { couchdb },
    needsRoot: true,
    expects: { changes: [] },
  },
  {
    title: 'heals what was changed by hand, each by its name',
    args,
    host: {
      files: {
        ...owned,
        [`${etc}/local.d/20-converge.ini`]: {
          content: ini.replace('hush', 'known').replace('warning', 'warning\nfile = /x'),
          mode: 0o666,
        },
        [`${etc}/vm.args`]: { ...owned[`${etc}/vm.args`]!, content: `${flags}-setcookie monster\n` },
      },
      users,
    },
    pillar: { couchdb },
    needsRoot: true,
    expects: {
      changes: [
        'chttpd_auth/secret',
        'log/file',
        `mode of ${etc}/local.d/20-converge.ini`,
        `owner of ${etc}/local.d/20-converge.ini`,
        `${etc}/vm.args`,
      ],
      files: owned,
    },
  },
  {
    title: 'talks to the others by TLS where that is wished for',
    args: {
      ...args,
      name: 'couchdb@db1.example.test',
      net_ticktime: 4,
      distribution_port: 9200,
      distribution_tls: { certificate: '/tls/cert.pem', key: '/tls/key.pem', ca: '/tls/ca.pem' },
    },
    host: { files: owned, users },
    pillar: { couchdb },
    needsRoot: true,
    expects: {
      changes: [`${etc}/couch_ssl_dist.conf`, `${etc}/vm.args`],
      files: {
        [`${etc}/vm.args`]: `# comment
+K true
-noinput

# Written by converge: changes to these flags are lost.
-name couchdb@db1.example.test
-start_epmd false
-erl_epmd_port 9200
-kernel net_ticktime 4
-proto_dist couch
-couch_dist no_tls false
-ssl_dist_optfile ${etc}/couch_ssl_dist.conf
`,
      },
    },
  },
  { ...refused('is refused where CouchDB is not installed', {}, /is not installed/), host: { users } },
  refused('is refused without an administrator', {}, /without an administrator/, { cookie: 'a-long-cookie' }),
  refused('is refused without a salt', {}, /the same salt on all nodes/, { ...couchdb, salt: undefined }),
  refused('is refused without a cookie', {}, /by a cookie/, { ...couchdb, cookie: undefined }),
  refused('is refused with a cookie that is none', {}, /by a cookie/, { ...couchdb, cookie: 'a b\n-x' }),
  refused('is refused with an empty password', { admins: { admin: '' } }, /an empty password/),
  refused(
    'is refused with a value of two lines',
    { settings: { log: { file: 'a\n[admins]' } } },
    /\[log\] file/,
  ),
  refused(
    'is refused with a section that is none',
    { settings: { 'a]b': { c: 1 } } },
    /could not read again/,
  ),
  refused(
    'is refused with what would be a comment',
    { settings: { log: { file: 'a ;b' } } },
    /could not read/,
  ),
]);

describe('couchdb.node', () => {
  it('shows no secret, not even one that was there', async () => {
    const before = { ...files, [`${etc}/vm.args`]: `${stock}-setcookie monster\n` };
    await using stage = await hostOf({ host: { files: before, users }, pillar: { couchdb } });
    const { plan } = await planOf(node, args, stage.host);
    const shown = JSON.stringify(
      'refused' in plan ? plan : [...(plan as [])].map(({ change, also }) => [change, also]),
    );
    for (const secret of ['a password', key, 'hush', 'a-long-cookie', 'monster'])
      expect(shown).to.not.include(secret);
    expect(shown).to.include('(hidden)');
    expect(fitsAdmin('a password', hash)).to.equal(true);
  });
});

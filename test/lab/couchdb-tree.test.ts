/** The tree states/couchdb, from its pillar and from what discovery finds to the states of each node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import node from '../../engine/modules/couchdb/node.ts';
import { applyTo } from '../helpers/apply.ts';
import { sink } from '../helpers/cli.ts';
import { type DnsServer, dnsServer, type Row, soa } from '../helpers/dns-server.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';
import { subjectsOf } from '../helpers/state-tester.ts';

const top = join(import.meta.dirname, '../..');
const service = '_db._tcp.example.org';
const names = ['db1', 'db2', 'db3'];
const records: readonly Row[] = names.flatMap((name, index): Row[] => [
  [service, 'SRV', `10 5 5984 ${name}.example.org`],
  [`${name}.example.org`, 'A', `198.51.100.${index + 1}`],
  [`internal.${name}.example.org`, 'AAAA', `fd00:77::${index + 1}`],
  [`internal.${name}.example.org`, 'A', `10.0.0.${index + 1}`],
]);
/** The first one is about to leave. */
const parting = names.map(
  (name, index): Row => [
    '_parting._tcp.example.org',
    'SRV',
    `${index === 0 ? 65_535 : 10} 5 5984 ${name}.example.org`,
  ],
);
const couchdb = {
  password: 'a-password',
  cookie: 'a-long-cookie',
  secret: 'a-secret',
  salt: '00112233445566778899aabbccddeeff',
  uuid: '0123456789abcdef0123456789abcdef',
};
const all = ['couchdb@10.0.0.1', 'couchdb@10.0.0.2', 'couchdb@10.0.0.3'];

interface State {
  readonly state: string;
  readonly fun: string;
  readonly __id__: string;
  readonly [argument: string]: unknown;
}

describe('the tree couchdb', () => {
  let server: DnsServer;
  before(async () => {
    server = await dnsServer(({ name, type }) => {
      const answer = [...records, ...parting].filter((row) => row[0] === name && row[1] === type);
      return answer.length > 0 ? { answer } : { authority: [soa] };
    });
  });
  after(() => server[Symbol.asyncDispose]());

  async function run(id: string, words: readonly string[], pillar: object = {}, role = '', grains = {}) {
    await using folder = temporaryFolder();
    const at = (path: string) => join(folder.path, path);
    buildTree(folder.path, {
      'c.yaml': `state_dir: state\nstates: ${top}/states\npillar: pillar\nid: ${id}\ncache: cache\ngrains: ${JSON.stringify({ role, ...grains })}\n`,
      'pillar/top.yaml': "base: {'*': [p]}",
      'pillar/p.yaml': JSON.stringify({
        couchdb: { ...couchdb, ...pillar },
        discovery: { domain: 'example.org', resolvers: [server.name], timeout: 0.5, interval: 0 },
      }),
    });
    const [stdout, stderr] = [sink(), sink()];
    const streams = { stdout, stderr, env: { HOME: folder.path }, cwd: folder.path, uid: 1 };
    const code = await executeCli([...words, '--config', at('c.yaml')], streams);
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  async function statesOf(id: string, pillar: object = {}, role = '', grains = {}): Promise<State[]> {
    const words = ['show', 'lowstate', 'couchdb', '--json'];
    const { code, stdout, stderr } = await run(id, words, pillar, role, grains);
    expect(code, stderr).to.equal(0);
    const found = JSON.parse(stdout);
    return Array.isArray(found) ? found : found.lowstate;
  }

  function addresses(states: readonly State[]): string[] {
    return states.map(({ state, fun }) => `${state}.${fun}`);
  }

  it('installs, configures, starts and joins, in this order', async () => {
    const states = await statesOf('db2.example.org');
    expect(addresses(states).filter((one) => !one.startsWith('debconf'))).to.deep.equal([
      'pkgrepo.managed',
      'pkg.installed',
      'couchdb.node',
      'couchdb.seedlist',
      'service.running',
      'http.wait_for_successful_query',
      'couchdb.cluster_member',
    ]);
    const of = (fun: string) => states.find((one) => one.fun === fun);
    expect(of('node')).to.deep.include({ name: all[1], per_user_databases: true });
    expect(of('seedlist')).to.deep.include({ name: all[1], nodes: all });
    expect(of('cluster_member')).to.deep.include({ name: all[1], nodes: all });
  });

  it('trusts the vendor as the vendor says, on systems of both families, and a mirror by its own key', async () => {
    const repositoryOf = async (os_family: string, repository?: object) => {
      const grains = { os_family, osmajorrelease: 9, oscodename: 'trixie' };
      const states = await statesOf('db2.example.org', repository ? { repository } : {}, '', grains);
      return states.find(({ fun }) => fun === 'managed')!;
    };
    const keys = 'https://couchdb.apache.org/repo/keys.asc';
    const rpm = await repositoryOf('RedHat');
    expect(rpm).to.deep.include({
      baseurl: 'https://apache.jfrog.io/artifactory/couchdb-rpm/el9/$basearch/',
      gpgkey: [keys, 'https://couchdb.apache.org/repo/rpm-package-key.asc'],
      gpgcheck: 1,
      repo_gpgcheck: 1,
      skip_if_unavailable: 1,
    });
    expect(rpm).to.not.have.property('key_url');
    expect(await repositoryOf('Debian')).to.include({
      name: 'deb https://apache.jfrog.io/artifactory/couchdb-deb/ trixie main',
      key_url: keys,
    });
    const mirror = { key_url: 'http://mirror.test/keys.asc', fingerprint: ['A'.repeat(40), 'B'.repeat(40)] };
    for (const family of ['RedHat', 'Debian']) {
      const described = await repositoryOf(family, { url: 'http://mirror.test/', ...mirror });
      expect(described, family).to.deep.include(mirror).and.not.have.property('gpgkey');
    }
  });

  it('has the first node look after the copies, and after who leaves', async () => {
    const pillar = { leaving: ['couchdb@10.0.0.2'], copies: 2, port: 5999 };
    const states = await statesOf('db1.example.org', pillar);
    expect(addresses(states).slice(-4)).to.deep.equal([
      'couchdb.shards',
      'couchdb.shards',
      'couchdb.shards_absent',
      'couchdb.cluster_member_absent',
    ]);
    expect(states.filter(({ fun }) => fun === 'shards').map(({ name }) => name)).to.deep.equal([
      all[0],
      all[2],
    ]);
    expect(states.find(({ fun }) => fun === 'seedlist')?.['nodes']).to.deep.equal([all[0], all[2]]);
    expect(states.at(-1)).to.deep.include({ name: all[1], url: 'http://127.0.0.1:5999' });
    const left = addresses(await statesOf('db2.example.org', pillar));
    expect(left).to.not.include.members(['couchdb.cluster_member', 'couchdb.shards']);
  });

  it('takes a member for leaving that says so in the DNS, and one that converges again for new', async () => {
    const states = await statesOf('db2.example.org', { service: 'parting' }, 'parting');
    expect(states.find(({ fun }) => fun === 'seedlist')?.['nodes']).to.deep.equal([all[1], all[2]]);
    expect(states.filter(({ fun }) => fun.endsWith('_absent')).map(({ name }) => name)).to.deep.equal([
      all[0],
      all[0],
    ]);
    const again = await statesOf('db1.example.org', { service: 'parting' }, 'parting');
    expect(addresses(again)).to.include('couchdb.cluster_member').and.not.include('couchdb.shards');
  });

  it('takes the hash of the password where it is told', async () => {
    const password_hash = '-pbkdf2:sha256-00,aa,10';
    const states = await statesOf('db2.example.org', { password_hash });
    expect(states.find(({ fun }) => fun === 'node')?.['admins']).to.deep.equal({ admin: password_hash });
  });

  it('begins with the very first node, before there is any record', async () => {
    const states = await statesOf('db1.example.org', { service: 'new' });
    const node = states.find(({ fun }) => fun === 'node')!;
    expect(node['name']).to.match(/^couchdb@[^:@]+$/);
    for (const other of ['seedlist', 'cluster_member'])
      expect(states.find(({ fun }) => fun === other)).to.deep.include({
        name: node['name'],
        nodes: [node['name']],
      });
  });

  it('lets a node of the role join before its record is there, and leaves the copies to another', async () => {
    const states = await statesOf('db0.example.org', {}, 'db');
    const node = states.find(({ fun }) => fun === 'node')!;
    expect(all).to.not.include(node['name']);
    expect(states.find(({ fun }) => fun === 'seedlist')?.['nodes']).to.have.members([
      ...all,
      node['name'] as string,
    ]);
    expect(addresses(states)).to.include('couchdb.cluster_member').and.not.include('couchdb.shards');
  });

  it('says so where the node is no member, and holds up no other tree, such as one that makes its record', async () => {
    const states = await statesOf('other.example.org');
    expect(addresses(states)).to.deep.equal(['test.fail_without_changes']);
    expect(states[0]).to.not.have.property('failhard');
  });

  it('has arguments that all states accept, and shows no secret', async () => {
    await using root = temporaryFolder();
    const { code, stdout } = await run('db1.example.org', [
      ...['apply', 'couchdb', '--test', '--json', '--root', root.path],
    ]);
    // Below a root CouchDB is not installed: states fail, but all of it compiles.
    expect(code, stdout).to.equal(1);
    const { results } = JSON.parse(stdout) as { results: object[] };
    expect(results).to.have.length((await statesOf('db1.example.org')).length);
    for (const secret of ['a-password', 'a-long-cookie', 'a-secret']) expect(stdout).to.not.include(secret);
  });

  it('sets the node up where CouchDB is installed', async () => {
    await using root = temporaryFolder();
    buildTree(root.path, {
      'opt/couchdb/etc/vm.args': '-name couchdb@127.0.0.1\n+K true\n',
      'opt/couchdb/etc/local.d': { directory: true },
      'etc/passwd': 'root:x:0:0::/:/bin/sh\ncouchdb:x:106:106::/opt/couchdb:/bin/false\n',
      'etc/group': 'root:x:0:\ncouchdb:x:106:\n',
    });
    const states = await statesOf('db1.example.org', { settings: { log: { level: 'warning' } } });
    const told = states.find(({ fun }) => fun === 'node')!;
    const known = ([key]: readonly [string, unknown]) => Object.hasOwn(node.properties, key);
    const args = Object.fromEntries(Object.entries(told).filter(known));
    const pillar = (at: string) => couchdb[at.replace('couchdb:', '') as keyof typeof couchdb];
    const dry = createOverlay(createLocalHost({ root: root.path, pillar }));
    const { steps, again } = await applyTo(dry, node, { ...args, iterations: 1 });
    expect(subjectsOf(steps)).to.include.members(['couchdb/uuid', 'couch_peruser/enable', 'log/level']);
    expect(again).to.deep.equal([]);
    expect(dry.content('/opt/couchdb/etc/vm.args')?.toString()).to.include('-name couchdb@10.0.0.1\n');
  });

  it('has a schema of its pillar', () => {
    const schema = JSON.parse(readFileSync(join(top, 'states/couchdb/pillar.schema.json'), 'utf8'));
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
    expect(validate({ couchdb }), JSON.stringify(validate.errors)).to.equal(true);
    for (const wrong of [
      { cookie: 'short' },
      { salt: 'xyz' },
      { leaving: ['a b'] },
      { passwort: 'x' },
      { repository: { fingerprint: ['x'] } },
    ])
      expect(validate({ couchdb: { ...couchdb, ...wrong } }), JSON.stringify(wrong)).to.equal(false);
    const tree = readFileSync(join(top, 'states/couchdb/init.yaml'), 'utf8');
    for (const [, key] of tree.matchAll(/couchdb\.get\('(\w+)'/g))
      expect(schema.properties.couchdb.properties).to.have.property(key!);
  });
});

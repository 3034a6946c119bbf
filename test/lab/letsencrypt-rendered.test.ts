/** What the tree states/letsencrypt makes of its pillar and of what discovery finds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { executeCli } from '../../engine/cli/main.ts';
import { sink } from '../helpers/cli.ts';
import { type DnsServer, dnsServer, type Row, soa } from '../helpers/dns-server.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

const top = join(import.meta.dirname, '../..');
const records: readonly Row[] = ['app1', 'app2', 'app3'].flatMap((name, index): Row[] => [
  ['_app._tcp.example.org', 'SRV', `10 5 443 ${name}.example.org`],
  [`${name}.example.org`, 'A', `198.51.100.${index + 1}`],
  [
    `internal.${name}.example.org`,
    index === 2 ? 'AAAA' : 'A',
    index === 2 ? 'fd00:77::3' : `10.0.0.${index + 1}`,
  ],
]);
const secret = 'a long text that nodes share';
const site = { certificates: { site: { domains: ['www.example.org'] } } };

interface State {
  readonly fun: string;
  readonly [argument: string]: unknown;
}

describe('the tree letsencrypt, rendered', () => {
  let server: DnsServer;
  before(async () => {
    server = await dnsServer(({ name, type }) => {
      const answer = records.filter((row) => row[0] === name && row[1] === type);
      return answer.length > 0 ? { answer } : { authority: [soa] };
    });
  });
  after(() => server[Symbol.asyncDispose]());

  async function show(id: string, letsencrypt: object, more: object = {}, role = 'app') {
    await using folder = temporaryFolder();
    const config = join(folder.path, 'c.yaml');
    buildTree(folder.path, {
      'c.yaml': `state_dir: state\nstates: ${top}/states\npillar: pillar\nid: ${id}\ncache: cache\ngrains: {role: '${role}'}\n`,
      'pillar/top.yaml': "base: {'*': [p]}",
      'pillar/p.yaml': JSON.stringify({
        letsencrypt,
        discovery: { domain: 'example.org', resolvers: [server.name], timeout: 0.5, interval: 0 },
        ...more,
      }),
    });
    const [stdout, stderr] = [sink(), sink()];
    const streams = { stdout, stderr, env: { HOME: folder.path }, cwd: folder.path, uid: 1 };
    const words = ['show', 'lowstate', 'letsencrypt', '--json', '--config', config];
    const code = await executeCli(words, streams);
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  async function statesOf(...args: Parameters<typeof show>): Promise<State[]> {
    const { code, stdout, stderr } = await show(...args);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  }

  async function certificateOf(...args: Parameters<typeof show>): Promise<State> {
    return (await statesOf(...args)).find(({ fun }) => fun === 'certificate')!;
  }

  it('gives each node its turn, and the others to ask', async () => {
    const second = await certificateOf('app2.example.org', { secret, ...site });
    expect(second).to.deep.include({ turn: 1, peers: ['10.0.0.1:443', '[fd00:77::3]:443'] });
    const new_ = await certificateOf('app9.example.org', { secret, port: 8443, ...site });
    expect(new_['turn'], 'who is no member waits longest').to.equal(3);
    expect(new_['peers']).to.deep.equal(['10.0.0.1:8443', '10.0.0.2:8443', '[fd00:77::3]:8443']);
    const first = await certificateOf('db1.example.org', { secret, service: 'db', ...site });
    expect(first).to.deep.include({ turn: 0, peers: [] });
  });

  it('shares nothing without a service or a secret, and warns where others do the same', async () => {
    for (const letsencrypt of [
      { service: '', secret, ...site },
      { service: '', ...site },
    ]) {
      const states = await statesOf('app2.example.org', letsencrypt);
      expect(states.map(({ fun }) => fun)).to.deep.equal(['placeholder', 'certificate', 'served']);
      expect(states[1]).to.not.have.any.keys('turn', 'peers');
    }
    const warned = await statesOf('app2.example.org', site);
    expect(warned.map(({ fun }) => fun)).to.include('configurable_test_state');
    expect(warned.find(({ fun }) => fun === 'certificate')).to.not.have.any.keys('turn', 'peers');
    expect(await certificateOf('app2.example.org', { secret, ...site }, {}, '')).to.not.have.any.keys('turn');
  });

  it('comes first and last, wherever it stands', async () => {
    const states = await statesOf('app1.example.org', { secret, ...site });
    expect(states.map(({ fun, order }) => [fun, order])).to.deep.equal([
      ['placeholder', 0],
      ['certificate', states[1]!['order']],
      ['served', states[2]!['order']],
    ]);
    expect(states[1]!['order']).to.be.greaterThan(1_000_000);
    const owned = await statesOf('app1.example.org', { secret, group: 'web', ...site });
    expect(owned[0]!['order'], 'after what makes the group').to.be.greaterThan(0);
  });

  it('takes the names of haproxy, else of the domain; else it says what is missing', async () => {
    const named = { haproxy: { certificates: { shop: ['shop.example.org'] }, https_port: 8443 } };
    const shop = await statesOf('app1.example.org', { secret }, named);
    expect(shop[1]).to.deep.include({ name: '/etc/haproxy/certs/shop.pem', domains: ['shop.example.org'] });
    expect(shop[2]!['listeners']).to.deep.equal(['127.0.0.1:8443']);
    const bound = { haproxy: { ...named.haproxy, bind: ['fd00:77::1', '10.0.0.1'] } };
    expect((await statesOf('app1.example.org', { secret }, bound))[2]!['listeners']).to.deep.equal([
      '[fd00:77::1]:8443',
    ]);
    const plain = await certificateOf('app1.example.org', { secret }, { domain: 'example.org' });
    expect(plain).to.deep.include({ name: '/etc/haproxy/certs/site.pem', domains: ['example.org'] });
    expect(await statesOf('app1.example.org', { certificates: {} })).to.deep.equal([]);
    const { code, stdout } = await show('app1.example.org', { secret });
    expect(code).to.equal(3);
    expect(stdout).to.include('No certificate is named: set the pillar value letsencrypt:certificates.');
  });

  it('lets a certificate have settings of its own', async () => {
    const mail = { domains: 'mail.example.org', path: '/etc/ssl/mail.pem', key: 'a key', staging: true };
    const states = await statesOf('app1.example.org', { secret, staging: false, certificates: { mail } });
    expect(
      states.map(({ fun }) => fun),
      'nobody knows who serves it',
    ).to.deep.equal(['placeholder', 'certificate']);
    for (const state of states) {
      expect(state).to.include({ name: '/etc/ssl/mail.pem', key: 'a key' });
      expect(state).to.not.have.property('secret');
    }
    expect(states[1]!['staging']).to.equal(true);
    const unit = { ...mail, unit: 'postfix', listeners: ['127.0.0.1:465'] };
    const served = (await statesOf('app1.example.org', { certificates: { unit } })).at(-1);
    expect(served).to.deep.include({ fun: 'served', unit: 'postfix', listeners: ['127.0.0.1:465'] });
  });

  it('has a schema for all that it reads', () => {
    const schema = JSON.parse(readFileSync(join(top, 'states/letsencrypt/pillar.schema.json'), 'utf8'));
    const tree = readFileSync(join(top, 'states/letsencrypt/init.yaml'), 'utf8');
    const listed = [...tree.matchAll(/set of_\w+ = \[([^\]]*)\]/g)].flatMap(
      ([, list]) => list!.match(/\w+/g)!,
    );
    const asked = [...tree.matchAll(/settings\.get\('(\w+)'/g)].map(([, key]) => key!);
    const { certificates, ...common } = schema.properties.letsencrypt.properties;
    const own = certificates.additionalProperties.properties;
    expect(listed).to.have.length.greaterThan(20);
    for (const key of [...listed, ...asked, 'restart', 'server_name']) expect(own).to.have.property(key);
    for (const key of Object.keys(common)) expect(own).to.have.property(key);
  });
});

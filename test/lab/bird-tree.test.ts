/** The tree states/bird, from its pillar to its states and files, without a node. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { executeCli } from '../../engine/cli/main.ts';
import { sink } from '../helpers/cli.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

const top = join(import.meta.dirname, '../..');
const neighbours = { upstream: { address: '198.51.100.1', asn: 64515 } };
const bird = { asn: 64601, addresses: ['203.0.113.50', '2001:db8::50'], neighbours };
const grains = {
  id: 'app1',
  os_family: 'Debian',
  ip_interfaces: { eth0: ['10.0.0.1', '192.0.2.7', '2001:db8:1::7'], lo: ['127.0.0.1', '203.0.113.50'] },
};

interface State {
  readonly fun: string;
  readonly state: string;
  readonly name: string;
  readonly [argument: string]: unknown;
}

describe('the tree bird', () => {
  async function statesOf(given: object, more: object = {}): Promise<State[]> {
    await using folder = temporaryFolder();
    const at = (path: string) => join(folder.path, path);
    buildTree(folder.path, {
      'c.yaml': `state_dir: state\nstates: ${top}/states\npillar: pillar\ntemplates: ${top}/templates\ncache: cache\n`,
      'pillar/top.yaml': "base: {'*': [p]}",
      'pillar/p.yaml': JSON.stringify({ bird: { ...bird, ...given } }),
      'grains.json': JSON.stringify({ ...grains, ...more }),
    });
    const [stdout, stderr] = [sink(), sink()];
    const streams = { stdout, stderr, env: { HOME: folder.path }, cwd: folder.path, uid: 1 };
    const words = [
      'show',
      'lowstate',
      'bird',
      '--json',
      '--config',
      at('c.yaml'),
      '--grains',
      at('grains.json'),
    ];
    expect(await executeCli(words, streams), stderr.text).to.equal(0);
    const found = JSON.parse(stdout.text);
    return Array.isArray(found) ? found : found.lowstate;
  }

  const ofFile = (states: readonly State[], name: string) =>
    states.find((one) => one.name === name)!['context'] as Record<string, unknown>;

  it('knows its own addresses, and leaves floating ones out', async () => {
    const far = {
      upstream: { ...neighbours.upstream, multihop: 2 },
      six: { address: '2001:db8::1', asn: 1, multihop: 2 },
    };
    const states = await statesOf({ neighbours: far, bfd: true });
    const context = ofFile(states, '/etc/bird/bird.conf');
    expect(context['router_id']).to.equal('192.0.2.7');
    expect(context).to.deep.include({ addresses4: ['203.0.113.50'], addresses6: ['2001:db8::50'] });
    const [six, upstream] = context['neighbours'] as Record<string, unknown>[];
    expect([six!['local'], upstream!['local']]).to.deep.equal(['2001:db8:1::7', '192.0.2.7']);
    // With BFD nobody is to keep the routes of a BIRD that died.
    expect([six!['graceful_restart'], six!['bfd']]).to.deep.equal([0, true]);
  });

  it('says what a node lacks', async () => {
    const [first] = await statesOf({}, { ip_interfaces: { lo: ['127.0.0.1', '203.0.113.50'] } });
    expect(first).to.include({ fun: 'fail_without_changes', failhard: true });
    expect(first!['comment']).to.equal('This node has no IPv4 address: set bird:router_id.');
  });

  it('has the names of RPM systems there', async () => {
    const states = await statesOf({}, { os_family: 'RedHat' });
    expect(states.map(({ name }) => name)).to.include.members(['bird', '/etc/bird.conf']);
  });

  it('gives the watchdog more time than two slow rounds take', async () => {
    for (const [interval, timeout, watchdog] of [
      [0.25, 0.3, 2],
      [5, 2, 21],
    ]) {
      const unit = (await statesOf({ interval, timeout })).find(
        ({ fun, name }) => fun === 'unit' && /health/.test(name),
      );
      expect((unit!['context'] as { watchdog: number }).watchdog).to.equal(watchdog);
    }
  });

  it('has a schema of its pillar, which the example keeps to', () => {
    const schema = JSON.parse(readFileSync(join(top, 'states/bird/pillar.schema.json'), 'utf8'));
    const validate = new Ajv2020({
      allowUnionTypes: true,
      strictTypes: false,
      validateFormats: false,
    }).compile(schema);
    const check = (given: object) => validate({ bird: { ...bird, ...given } });
    expect(check({}), JSON.stringify(validate.errors)).to.equal(true);
    expect(
      validate(parse(readFileSync(join(top, 'pillar/settings.yaml'), 'utf8'))),
      JSON.stringify(validate.errors),
    ).to.equal(true);
    const passwords = ['a"b', 'ä', 'a\nb', 'x'.repeat(81), ''];
    const wrong: object[] = [
      ...passwords.map((password) => ({ neighbours: { a: { ...neighbours.upstream, password } } })),
      ...['localhost', '203.0.113.0/24', '203.0.113.5; extra', ''].map((one) => ({ addresses: [one] })),
      ...['ftp://127.0.0.1/', 'http://localhost/', 'http://127.0.0.1/a b', 'http://127.0.0.1/\nrise 1'].map(
        (url) => ({ checks: [{ url }] }),
      ),
      ...[0, -1, 4294967296, '64601'].map((asn) => ({ asn })),
      { neighbours: { 'a b': neighbours.upstream } },
      { neighbours: {} },
      { addresses: [] },
      { table: 254 },
      { interface: 'eth0; reboot' },
      { checks: [{ url: 'http://127.0.0.1/', text: 'a\nfall 9' }] },
      { hold_time: 2 },
      { announced: true },
    ];
    for (const given of wrong) expect(check(given), JSON.stringify(given)).to.equal(false);
    const tree = readFileSync(join(top, 'states/bird/init.yaml'), 'utf8');
    for (const [, key] of tree.matchAll(/bird\.get\('(\w+)'/g))
      expect(schema.properties.bird.properties).to.have.property(key!);
    const { properties } = schema.properties.bird.properties.neighbours.additionalProperties;
    for (const [, key] of tree.matchAll(/neighbour\.get\('(\w+)'/g))
      expect(properties).to.have.property(key!);
  });

  const perl = existsSync('/usr/bin/perl');
  (perl ? it : it.skip)('bird-health tells which line of its settings is wrong (needs Perl)', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'health.conf');
    const said = (text: string): string => {
      writeFileSync(file, text);
      try {
        execFileSync('/usr/bin/perl', [join(top, 'templates/bird/bird-health'), '--check', file], {
          stdio: 'pipe',
        });
        return '';
      } catch (error) {
        return String((error as { stderr: Buffer }).stderr).replaceAll(file, 'F');
      }
    };
    const good =
      'rise 3\naddress 203.0.113.50\ncheck http://[::1]:80/x\nstatus 200-299,401\ntext it is up\ncheck tcp://127.0.0.1:443\n';
    expect(said(good)).to.equal('');
    expect(said('address 203.0.113.500\n')).to.equal('F:1: no address: 203.0.113.500\n');
    expect(said(`${good}check https://127.0.0.1/\n`)).to.equal(
      'F:7: no URL for a check: https://127.0.0.1/\n',
    );
    expect(said(`${good}fall often\n`)).to.equal('F:7: not understood: fall often\n');
    expect(said(`${good}\nrize 3\n`)).to.equal('F:8: not understood: rize 3\n');
    expect(said('rise 3\n')).to.equal('F: no address\n');
    expect(said('text before any check\n')).to.match(/^F:1: not understood/);
  });
});

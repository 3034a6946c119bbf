/** The tree states/couchdb on a node: everything but CouchDB itself is real, of which the double takes the place. */
import { expect } from 'chai';
import type { Converged } from './converge.ts';
import { couchdbPillar, offerCouchdb } from './couchdb-package.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const { password } = couchdbPillar;

describeLab('lab: the tree couchdb on a node', function () {
  this.timeout(120_000);
  let node: Node;

  before('a repository like that of the vendor', async () => {
    node = await boot({ name: 'db1', packages: ['gnupg'] });
    const repository = await offerCouchdb(node);
    const discovery = { domain: 'example.test', resolvers: ['127.0.0.1:9'], timeout: 0.1 };
    const tree = {
      ...filesOf('couchdb'),
      'states/top.sls': "base: {'*': [couchdb]}\n",
      'pillar/top.sls': "base: {'*': [all]}\n",
      'pillar/all.sls': JSON.stringify({
        discovery,
        couchdb: { ...couchdbPillar, bind_address: '127.0.0.1', repository },
      }),
    };
    for (const [path, text] of Object.entries(tree)) await node.write(`/srv/tree/${path}`, text);
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  async function run(settings: object = {}, more: object = {}): Promise<Converged> {
    const done = await node.converge(undefined, { pillar: { couchdb: settings }, ...more });
    expect(done.errors, done.stderr).to.deep.equal([]);
    const said = done.results.filter(({ verdict }) => verdict === 'failed').map(({ comment }) => comment);
    expect(done.failed, said.join(' ')).to.deep.equal([]);
    for (const hidden of [password, couchdbPillar.cookie, couchdbPillar.secret])
      expect(done.stdout + done.stderr).to.not.include(hidden);
    return done;
  }

  const kinds = ({ changed }: Converged) => changed.map((one) => one.replace(/ .*/, ''));

  async function ask(path: string, method = 'GET'): Promise<Record<string, unknown>> {
    const argv = ['curl', '-s', '-X', method, '-u', `admin:${password}`, `http://127.0.0.1:5984${path}`];
    return JSON.parse(await node.must(argv));
  }

  it('makes a fresh machine the first node of a cluster, foretold as far as can be known', async () => {
    const told = await run({}, { test: true });
    const done = await run();
    expect(kinds(done)).to.deep.equal([
      'pkgrepo.managed',
      'debconf.set',
      'pkg.installed',
      'couchdb.node',
      'couchdb.seedlist',
      'service.running',
      'couchdb.cluster_member',
    ]);
    expect(told.changed).to.include.members(done.changed);
    const name = `couchdb@${node.addresses[1]}`;
    expect((await ask('/_membership'))['cluster_nodes']).to.deep.equal([name]);
    expect(await ask('/_users')).to.include({ db_name: '_users' });
    expect((await run()).changed).to.deep.equal([]);
  });

  it('heals what is damaged, in one run', async () => {
    const damages: readonly (readonly [string, readonly string[]])[] = [
      ['systemctl disable --now couchdb', ['service.running']],
      [
        "sed -i 's/^enable.*/enable = false/' /opt/couchdb/etc/local.d/20-converge.ini; echo other > /opt/couchdb/.erlang.cookie",
        ['couchdb.node', 'service.running'],
      ],
      ['rm /etc/apt/sources.list.d/couchdb.list', ['pkgrepo.managed']],
    ];
    for (const [damage, healed] of damages) {
      await node.must(damage);
      expect(kinds(await run()), damage).to.deep.equal(healed);
    }
    await ask('/_replicator', 'DELETE');
    expect(kinds(await run())).to.deep.equal(['couchdb.cluster_member']);
    expect((await run()).changed).to.deep.equal([]);
  });

  it('a setting restarts it, and nothing else', async () => {
    const settings = { settings: { log: { level: 'warning' } } };
    const told = await run(settings, { test: true });
    const done = await run(settings);
    expect(kinds(done).slice(0, 2)).to.deep.equal(['couchdb.node', 'service.running']);
    expect(told.changed.slice(0, 2)).to.deep.equal(done.changed.slice(0, 2));
    expect(await ask('/_node/_local/_config/log/level')).to.equal('warning');
    expect((await run(settings)).changed).to.deep.equal([]);
  });

  it('a setting that CouchDB could not read is told, and changes nothing', async () => {
    const text = await node.file('/opt/couchdb/etc/local.d/20-converge.ini');
    const done = await node.converge(undefined, {
      pillar: { couchdb: { settings: { log: { level: 'a\n[admins]' } } } },
    });
    const { comment } = done.results.find(({ fun }) => fun === 'node')!;
    expect(comment).to.match(/^The setting \[log\] level is one that CouchDB could not read again\./);
    expect(done.changed).to.deep.equal([]);
    expect(await node.file('/opt/couchdb/etc/local.d/20-converge.ini')).to.equal(text);
  });
});

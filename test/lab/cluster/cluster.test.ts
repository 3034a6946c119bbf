/** Bare machines become a cluster by bootstrap.sh alone, serve through a floating address, and go on when parts of it fail. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { issued, resume } from '../authority.ts';
import { describeLab } from '../lab.ts';
import { zone } from '../nameservers.ts';
import type { Node } from '../node.ts';
import { Cluster, lifetime, type Member, www } from './cluster.ts';
import { describeJourney } from './journey.ts';
import { type Account, accountSince, startLoad } from './load.ts';
import { announcedBy, floating } from './router.ts';
import { openPorts } from './scan.ts';
import { startWriting, written } from './writing.ts';

/** Whoever comes first makes what all share; further ones may come at the same time. */
const order = [['app1'], ['db1'], ['app2', 'app3'], ['db2', 'db3']];
const tree = '/opt/converge/tree/bootstrap.sh';

describeLab('lab: bare machines become a cluster', function () {
  this.timeout(600_000);
  let cluster: Cluster;

  before('the world around them', async () => {
    cluster = await Cluster.start();
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const tell = (text: string) => console.log(`      ${text}`);
  const secondsSince = (began: number) => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  const announced = () => announcedBy(cluster.upstream, cluster.of('app').length);

  async function bootstrap(name: string): Promise<Member> {
    const member = await cluster.add(name);
    const began = Date.now();
    const { status, stdout, stderr } = await cluster.bootstrap(member);
    expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
    tell(`${name}: ${secondsSince(began)}`);
    return member;
  }

  /** A highstate that changes nothing. Only certificates may be due at any moment. */
  async function expectQuiet({ name, node }: Member, isSecond = false): Promise<void> {
    const said = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 });
    const changed = said.split('\n').filter((line) => /^[~✗]/.test(line));
    if (!isSecond && changed.length > 0 && changed.every((line) => line.startsWith('~ acme.')))
      return await expectQuiet({ name, node, role: 'app' }, true);
    expect(said, `${name}: ${changed.join('\n')}`).to.match(/ 0 changed(?: \(.*\))?, 0 failed/);
  }

  /** How often each CouchDB has been started. */
  const starts = async () => {
    const all = cluster.of('db').map(async ({ name, node }) => {
      const log = await node.must('journalctl -b -q -o cat -u couchdb.service');
      return `${name} ${log.split('\n').filter((line) => line === 'Apache CouchDB has started.').length}`;
    });
    return (await Promise.all(all)).sort();
  };

  if (!Cluster.isKept)
    for (const names of order)
      it(`bootstrap.sh makes ${names.join(' and ')} a node`, async () => {
        await Promise.all(names.map(bootstrap));
        if (names === order.at(-1)) await cluster.keep();
      });

  it('answers from outside through the floating address, with a certificate of the authority', async () => {
    const { upstream } = cluster;
    await announced();
    const site = `curl -sk --resolve ${www}:443:${floating} https://${www}`;
    await upstream.until(`${site}/ -o /dev/null -w '%{certs}' | grep -i '^Issuer' | grep -q Pebble`, {
      seconds: 60,
    });
    expect(await upstream.must(`${site}/status`)).to.equal('Status: OK\n');
    expect(JSON.parse(await upstream.must(`${site}/api/openapi.json`)).paths).to.include.keys(
      '/api/sessions/uuid',
    );
  });

  const ask = (at: string) => `curl -s -u 'admin:${cluster.password}' http://127.0.0.1:5984/${at}`;
  const nameOf = (node: Node) => `couchdb@${node.addresses[1]}`;

  /** All database nodes know each other, and are connected. */
  async function expectMembers(): Promise<void> {
    const names = cluster
      .of('db')
      .map(({ node }) => nameOf(node))
      .sort();
    const told = JSON.stringify({ all_nodes: names, cluster_nodes: names });
    for (const { node } of cluster.of('db'))
      await node.until(`test "$(${ask('_membership')})" = '${told}'`, { seconds: 60 });
  }

  it('all database nodes are members of one cluster of CouchDB', async () => {
    await expectMembers();
    // The last one gets its copies from the first: when that heard of it, it may not have been a member yet, and then
    // it is looked at again after ever longer pauses.
    const complete = ['_users', '_replicator'].flatMap((name) =>
      cluster.of('db').map(({ node }) => `${ask(`${name}/_shards`)} | grep -q ${nameOf(node)}`),
    );
    for (const { node } of cluster.of('db'))
      await node.until([...complete, 'curl -sf http://127.0.0.1:5984/_up'].join(' && '), { seconds: 180 });
    // Whoever joins restarts nobody.
    expect(await starts()).to.deep.equal(['db1 1', 'db2 1', 'db3 1']);
  });

  it('changes nothing by a second highstate of any node', async () => {
    await Promise.all(cluster.members.map((member) => expectQuiet(member)));
  });

  it('is open from outside for the web and ssh alone, and for a stranger in the private network not at all', async () => {
    for (const { name, role, node } of cluster.members) {
      const open = role === 'app' ? [80, 443] : [];
      expect(await openPorts(cluster.authority, node.addresses[0]!), name).to.have.members(open);
      expect(await openPorts(cluster.authority, node.addresses[1]!), name).to.deep.equal([]);
    }
  });

  describeJourney(() => cluster);

  describe('under a steady load from outside, while an app node writes into the databases', () => {
    const writer = () => cluster.named('app1');
    let visitor: Node;

    before(async () => {
      visitor = await cluster.visitor();
      await startLoad(visitor, www, floating);
      await startWriting(
        writer(),
        cluster.password,
        cluster.of('db').map(({ name }) => `internal.${name}.${zone}`),
      );
    });

    /** Does something, waits until all is well, and tells what was lost from its beginning until a moment after. */
    async function lossOf(
      what: string,
      action: () => Promise<unknown>,
      isWell: () => Promise<unknown>,
    ): Promise<Account> {
      const since = Date.now();
      await action();
      await isWell();
      const took = secondsSince(since);
      await pause(2000);
      const account = await accountSince(visitor, since);
      const { asked, lost, outage } = account;
      const kinds = [...new Set(lost.map(({ trouble, reached }) => `${trouble} (${reached})`))].join('; ');
      tell(
        `${what}: ${lost.length} of ${asked} lost, outage ${outage.toFixed(1)} s, well after ${took} ${kinds}`,
      );
      // Whatever fails: most of the load does not notice.
      expect(lost.length, kinds).to.be.below(Math.max(20, asked / 10));
      return account;
    }

    const isActive = (node: Node, unit: string) =>
      node.until(`systemctl is-active -q ${unit}`, { seconds: 60 });

    for (const unit of ['api', 'haproxy', 'bird', 'bird-health', 'converge-watch'])
      it(`${unit} is killed on an app node`, async () => {
        const app = cluster.named('app2');
        const pid = `systemctl show -P MainPID ${unit}`;
        const killed = (await app.must(pid)).trim();
        await lossOf(
          `${unit} killed`,
          () => app.must(`systemctl kill -s KILL ${unit}`),
          async () => {
            // It may be dead before systemd knows.
            await app.until(`[ "$(${pid})" != ${killed} ]`, { seconds: 60 });
            await isActive(app, unit);
            await announced();
          },
        );
      });

    for (const unit of ['api', 'haproxy', 'bird', 'bird-health'])
      it(`somebody stops ${unit} on an app node`, async () => {
        const app = cluster.named('app2');
        await lossOf(
          `${unit} stopped`,
          () => app.run(`systemctl stop ${unit}`),
          async () => {
            await isActive(app, unit);
            await announced();
          },
        );
      });

    it('an app node dies, and comes back', async () => {
      const app = cluster.named('app3');
      const others = cluster.of('app').length - 1;
      await lossOf(
        'app node killed',
        () => app.kill(),
        () => announcedBy(cluster.upstream, others),
      );
      await lossOf('app node back', () => app.start(), announced);
    });

    it('a database is killed, a database node dies, and comes back', async () => {
      const db = cluster.named('db2');
      const isUp = () => db.until('curl -sf http://127.0.0.1:5984/_up', { seconds: 60 });
      await lossOf('CouchDB killed', () => db.must('systemctl kill -s KILL couchdb'), isUp);
      await lossOf(
        'db node killed',
        () => db.kill(),
        () => pause(5000),
      );
      await lossOf('db node back', () => db.start(), isUp);
    });

    it('the private network of an app node is cut', async () => {
      const app = cluster.named('app2');
      await lossOf(
        'private network cut',
        async () => app.cut('private'),
        () => pause(8000),
      );
      await lossOf('private network back', async () => app.heal(), announced);
    });

    it('the DNS is away, then the authority', async () => {
      const { authority } = cluster;
      for (const [what, unit] of [
        ['DNS', 'knot'],
        ['ACME', 'authority'],
      ] as const) {
        await lossOf(
          `${what} away`,
          () => authority.must(`systemctl stop ${unit}`),
          () => pause(8000),
        );
        await authority.must('systemctl start knot');
      }
      await resume(authority);
    });

    it('certificates are renewed, and the new ones shown', async () => {
      const before = await issued(cluster.authority);
      const { serials, lost } = await lossOf(
        'certificate renewed',
        () =>
          cluster.authority.until(
            `[ $(journalctl -u authority | grep -c 'Issued certificate serial') -gt ${before} ]`,
            { seconds: lifetime },
          ),
        () => pause(3000),
      );
      expect(serials.length).to.be.above(1);
      // That a reload loses nothing is shown by haproxy-tree.test.ts; here routes may change meanwhile, on a busy machine.
      expect(lost.length).to.be.below(5);
    });

    /** How many documents its own copies of what is written have. */
    async function documentsOn(node: Node): Promise<number> {
      const json = async (at: string) => JSON.parse(await node.must(ask(at)));
      const { by_node, shard_suffix } = await json('_node/_local/_dbs/kept');
      const ranges: string[] = by_node[nameOf(node)] ?? [];
      const suffix = String.fromCharCode(...shard_suffix);
      const copies = ranges.map((range) =>
        json(`_node/_local/${encodeURIComponent(`shards/${range}/kept${suffix}`)}`),
      );
      return (await Promise.all(copies)).reduce((sum, { doc_count }) => sum + doc_count, 0);
    }

    it('a fourth node of each role joins: the others take it in by themselves', async () => {
      const since = Date.now();
      const former = [...cluster.members];
      const before = await starts();
      const [app, db] = await Promise.all([bootstrap('app4'), bootstrap('db4')]);
      for (const { name, role } of [app, db])
        expect(await cluster.authority.must(`dig +short @127.0.0.1 SRV _${role}._tcp.${zone}`)).to.include(
          name,
        );
      const found = Date.now();
      const knows = (joined: Member, { role }: Member) => [
        ...(joined.role === role ? [`grep -q ${joined.name} /etc/haproxy/haproxy.cfg`] : []),
        `nft list ruleset | grep -qF ${joined.node.addresses[1]}`,
      ];
      await Promise.all(
        former.map((member) =>
          member.node.until([...knows(app, member), ...knows(db, member)].join(' && '), { seconds: 60 }),
        ),
      );
      tell(`known to all ${secondsSince(found)} after the end of their bootstrap`);
      await Promise.all([announced(), expectMembers()]);
      const { lost, asked } = await accountSince(visitor, since);
      tell(
        `app4, db4 joined: ${lost.length} of ${asked} lost ${lost.map(({ trouble }) => trouble).join('; ')}`,
      );
      expect(lost.length).to.be.below(5);
      // There are copies enough, so none move; it gets those of the next one that leaves.
      expect(await documentsOn(db.node)).to.equal(0);
      expect(await starts()).to.deep.equal([...before, 'db4 1']);
    });

    it('app3 and db3 are decommissioned: nothing of them is left, and no data is lost', async () => {
      const before = await starts();
      for (const name of ['app3', 'db3']) {
        const node = cluster.named(name);
        const left = await lossOf(
          `${name} decommissioned`,
          async () => {
            const { status, stdout, stderr } = await node.run([tree, 'decommission', '--yes'], {
              timeout: 200,
            });
            expect(status, stdout + stderr).to.equal(0);
          },
          async () => {},
        );
        expect(left.lost.length).to.be.below(5);
        cluster.dismiss(name);
        const others = cluster.members.map((member) =>
          member.node.until(
            `! grep -q ${name} /etc/haproxy/haproxy.cfg && ! nft list ruleset | grep -qF ${node.addresses[1]}`,
            { seconds: 90 },
          ),
        );
        await Promise.all(others);
        expect(await cluster.authority.must(`knotc zone-read ${zone}`)).to.not.match(
          new RegExp(`\\b${name}\\b`),
        );
      }
      expect(await starts()).to.deep.equal(before.filter((one) => !one.startsWith('db3')));
      const ids = await written(writer());
      tell(`${ids.length} documents were written`);
      expect(ids.length).to.be.above(100);
      for (const { name, node } of cluster.of('db')) {
        const { rows } = JSON.parse(await node.must(ask('kept/_all_docs')));
        const there = new Set(rows.map(({ id }: { id: string }) => id));
        expect(
          ids.filter((id) => !there.has(id)),
          name,
        ).to.deep.equal([]);
      }
      // One may have been written that the writer did not live to note.
      expect(await documentsOn(cluster.named('db4'))).to.be.at.least(ids.length);
    });

    it('changes nothing by a highstate of any node in the end', async () => {
      // They heard of the one that left a moment ago, and may be at work on it.
      await Promise.all(
        cluster.members.map(({ node }) =>
          node.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 }),
        ),
      );
      await Promise.all(cluster.members.map((member) => expectQuiet(member)));
    });
  });
});

/** Changes of the settings of the tree states/bird, while its addresses are announced. */
import { expect } from 'chai';
import { applyBird, bootApp, floating, password, pillarOf, putPassword, startApi } from './bird-app.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import {
  established,
  hasNoRoute,
  hasRoute,
  heardOf,
  type Session,
  serve,
  startUpstream,
} from './upstream.ts';

const second = '203.0.113.51';

describeLab('lab: changes of the tree bird', function () {
  this.timeout(120_000);
  let app: Node;
  let upstream: Node;
  let session: Session;
  let other: Session;

  before('an app node that announces, and an upstream', async () => {
    [app, upstream] = await Promise.all([bootApp('app'), boot({ name: 'upstream', packages: ['bird2'] })]);
    const [local, neighbour] = [upstream.addresses[0]!, app.addresses[0]!];
    session = { name: 'app', local, neighbour, asn: 64515, neighbourAsn: 64601, multihop: true, password };
    const [privately, there] = [upstream.addresses[1]!, app.addresses[1]!];
    other = { name: 'second_one', local: privately, neighbour: there, asn: 64516, neighbourAsn: 64601 };
    await startUpstream(upstream, [session]);
    await startApi(app);
    await configured();
    await hasRoute(upstream, floating);
  });
  after(async () => {
    await Promise.all([app, upstream].map((node) => node?.[Symbol.asyncDispose]()));
  });

  async function configured(more: object = {}, options: readonly string[] = []): Promise<void> {
    const pillar = pillarOf(upstream, { rise: 4, ...more });
    const done = await applyBird(app, pillar, { options });
    expect(done.failed, done.stdout + done.stderr).to.deep.equal([]);
    expect(done.status, done.stdout + done.stderr).to.equal(0);
  }

  const neighbours = (more: object = {}) =>
    (pillarOf(upstream, more).bird as { neighbours: Record<string, object> }).neighbours;
  /** The connections of sessions: what lives as long as they, unlike the time BIRD shows, which it reckons anew. */
  const connections = async () =>
    await app.must("ss -Htn state established '( sport = 179 or dport = 179 )'");

  it('another address and another filter cost no session', async () => {
    const before = await connections();
    expect(before).to.match(/:179\b/);
    const began = Date.now();
    await configured({ addresses: [floating, second] });
    await hasRoute(upstream, second);
    await app.must(`ip address show dev lo | grep -q ${second}/32`);
    expect(await upstream.must(`curl -s -m 5 http://${second}:8080/status`)).to.equal('Status: OK');
    await configured({ extra: 'filter unused { reject; }' });
    await hasNoRoute(upstream, second);
    await app.until(`! ip address show dev lo | grep -q ${second}`);
    expect(await heardOf(upstream, floating, began)).to.deep.equal([]);
    expect(await connections()).to.equal(before);
    // Another table: withdrawn for a moment, and nothing is left in the former one.
    // Another interface: the address moves there. The kernel of the lab has no dummies.
    await app.must('ip link add float0 type bridge');
    await configured({ table: 180, interface: 'float0' });
    await app.until(`ip route show table 180 | grep -q ${floating}`);
    expect(await app.must(`ip -o address show to ${floating} | awk '{ print $2 }'`)).to.equal('float0\n');
    expect((await app.run('ip route show table 179')).stdout).to.equal('');
    await configured();
    await hasRoute(upstream, floating);
    expect(await connections()).to.equal(before);
  });

  it('a neighbour more, and one less', async () => {
    await serve(upstream, [session, other]);
    const before = await connections();
    const two = { ...neighbours(), other: { address: other.local, asn: other.asn } };
    await configured({ neighbours: two });
    await established(upstream, 'second_one');
    await upstream.until(`birdc show route ${floating}/32 | grep -c 64601 | grep -q 2`);
    await configured();
    await upstream.until('! birdc show protocols second_one | grep -q Established');
    expect(await connections()).to.equal(before);
    await hasRoute(upstream, floating);
  });

  it('another password is one for both sides', async () => {
    await putPassword(app, 'another one');
    await configured();
    await upstream.until('! birdc show protocols app | grep -q Established', { seconds: 20 });
    await serve(upstream, [{ ...session, password: 'another one' }]);
    await established(upstream, 'app');
    await hasRoute(upstream, floating);
  });

  it('what is valid and wrong is taken back by --confirm', async () => {
    const before = await app.must('cat /etc/bird/bird.conf');
    const wrong = { upstream: { ...neighbours()['upstream'], asn: 64599 } };
    await configured({ neighbours: wrong }, ['--confirm', '4']);
    await hasNoRoute(upstream, floating);
    await app.until('grep -q \'"reverted"\' /var/lib/converge/unconfirmed.json', { seconds: 60 });
    expect(await app.must('cat /etc/bird/bird.conf')).to.equal(before);
    await established(upstream, 'app');
    await hasRoute(upstream, floating);
  });
});

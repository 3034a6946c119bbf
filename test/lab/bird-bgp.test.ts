/** What neighbours of the tree states/bird see: nodes that die, with and without BFD, and changes of the configuration. */
import { expect } from 'chai';
import {
  announces,
  applyBird,
  bootApp,
  floating,
  password,
  pillarOf,
  putPassword,
  setMode,
  startApi,
} from './bird-app.ts';
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
  timeUntil,
} from './upstream.ts';

const second = '203.0.113.51';

describeLab('lab: neighbours of the tree bird', function () {
  this.timeout(120_000);
  let app: Node;
  let upstream: Node;
  let session: Session;
  let other: Session;

  before('an app node that is healthy, and an upstream', async () => {
    [app, upstream] = await Promise.all([bootApp('app'), boot({ name: 'upstream', packages: ['bird2'] })]);
    const [local, neighbour] = [upstream.addresses[0]!, app.addresses[0]!];
    session = { name: 'app', local, neighbour, asn: 64515, neighbourAsn: 64601, multihop: true, password };
    const [privately, there] = [upstream.addresses[1]!, app.addresses[1]!];
    other = { name: 'second_one', local: privately, neighbour: there, asn: 64516, neighbourAsn: 64601 };
    await startUpstream(upstream, [{ ...session, bfd: true }]);
    await startApi(app);
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
  /** Since when BIRD has the session, to the millisecond. */
  const since = async (name = 'to_upstream') =>
    await app.must(`birdc show protocols ${name} | awk '/BGP/ { print $4, $5, $6 }'`);
  const kill = () => app.must('kill -9 $(pidof bird)');

  async function best(what: string, most: number, action: () => unknown, undo: () => unknown): Promise<void> {
    let took = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 && took >= most; attempt++) {
      await hasRoute(upstream, floating, 30);
      took = Math.min(took, await timeUntil(upstream, 'gone', floating, action));
      const back = await timeUntil(upstream, 'there', floating, undo, 30);
      console.log(`      ${what}: dropped after ${took} ms, back after ${back} ms`);
    }
    expect(took, what).to.be.below(most);
  }

  it('with BFD a node that is dead is dropped in less than a second', async () => {
    await configured({ bfd: true });
    await announces(app, true);
    const nothing = () => undefined;
    await best('BIRD killed, with BFD', 1000, kill, nothing);
    await best(
      'BIRD frozen, with BFD',
      1000,
      () => app.must('kill -STOP $(pidof bird)'),
      () => app.must('kill -CONT $(pidof bird)'),
    );
    await best(
      'cut off silently, with BFD',
      1000,
      () => app.cut('public'),
      () => app.heal(),
    );
  });

  it('without BFD one that is killed and comes back is hardly noticed, and one that stays dead is no trap', async () => {
    await serve(upstream, [session]);
    await configured();
    await established(upstream, 'app');
    await hasRoute(upstream, floating);
    const began = Date.now();
    await kill();
    await app.until('birdc show protocols to_upstream | grep -q Established', { seconds: 20 });
    await hasRoute(upstream, floating);
    const heard = await heardOf(upstream, floating, began);
    const without = heard.at(-1) ? heard.at(-1)!.at - heard[0]!.at : 0;
    console.log(`      BIRD killed, without BFD: no route for ${without} ms`);
    expect(heard.at(-1)?.gone).to.not.equal(true);
    expect(without).to.be.below(5000);
    // A second time, for good.
    await app.must('systemctl mask -q --runtime bird');
    const took = await timeUntil(upstream, 'gone', floating, kill);
    console.log(`      BIRD killed for good, without BFD: dropped after ${took} ms`);
    expect(took).to.be.below(15_000);
    await app.must('systemctl unmask -q --runtime bird; systemctl start bird');
    await hasRoute(upstream, floating);
  });

  it('another address and another filter cost no session', async () => {
    const before = await since();
    expect(before).to.match(/Established/);
    const began = Date.now();
    await configured({ addresses: [floating, second] });
    await hasRoute(upstream, second);
    await app.must(`ip address show dev lo | grep -q ${second}/32`);
    expect(await upstream.must(`curl -s -m 5 http://${second}:8080/status`)).to.equal('Status: OK');
    await configured({ extra: 'filter unused { reject; }' });
    await hasNoRoute(upstream, second);
    await app.until(`! ip address show dev lo | grep -q ${second}`);
    expect(await heardOf(upstream, floating, began)).to.deep.equal([]);
    expect(await since()).to.equal(before);
    // Another table: withdrawn for a moment, and nothing is left in the former one.
    await configured({ table: 180 });
    await app.until(`ip route show table 180 | grep -q ${floating}`);
    expect((await app.run('ip route show table 179')).stdout).to.equal('');
    await configured();
    await hasRoute(upstream, floating);
    expect(await since()).to.equal(before);
  });

  it('a neighbour more, and one less', async () => {
    await serve(upstream, [session, other]);
    const before = await since();
    const two = { ...neighbours(), other: { address: other.local, asn: other.asn } };
    await configured({ neighbours: two });
    await established(upstream, 'second_one');
    await upstream.until(`birdc show route ${floating}/32 | grep -c 64601 | grep -q 2`);
    await configured();
    await upstream.until('! birdc show protocols second_one | grep -q Established');
    expect(await since()).to.equal(before);
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

  it('a power cut is noticed by BFD, too; after it nothing is announced before it is healthy', async () => {
    await serve(upstream, [{ ...session, password: 'another one', bfd: true }]);
    await configured({ bfd: { interval: 50, multiplier: 4 } });
    await established(upstream, 'app');
    await best(
      'power cut, with BFD',
      1000,
      () => app.kill(),
      async () => {
        const began = Date.now();
        await app.start();
        await established(upstream, 'app');
        expect((await heardOf(upstream, floating, began)).filter(({ gone }) => !gone)).to.deep.equal([]);
        await setMode(app, 'ok');
        await startApi(app);
        await hasRoute(upstream, floating);
      },
    );
  });
});

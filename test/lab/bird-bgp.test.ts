/** What neighbours of the tree states/bird see of nodes that die, with and without BFD. */
import { expect } from 'chai';
import {
  announces,
  applyBird,
  bootApp,
  floating,
  password,
  pillarOf,
  setMode,
  startApi,
} from './bird-app.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { established, hasRoute, heardOf, type Session, serve, startUpstream, timeUntil } from './upstream.ts';

describeLab('lab: neighbours of the tree bird', function () {
  this.timeout(120_000);
  let app: Node;
  let upstream: Node;
  let session: Session;

  before('an app node that is healthy, and an upstream', async () => {
    [app, upstream] = await Promise.all([bootApp('app'), boot({ name: 'upstream', packages: ['bird2'] })]);
    const [local, neighbour] = [upstream.addresses[0]!, app.addresses[0]!];
    session = { name: 'app', local, neighbour, asn: 64515, neighbourAsn: 64601, multihop: true, password };
    await startUpstream(upstream, [{ ...session, bfd: true }]);
    await startApi(app);
  });
  after(async () => {
    await Promise.all([app, upstream].map((node) => node?.[Symbol.asyncDispose]()));
  });

  async function configured(more: object = {}): Promise<void> {
    const pillar = pillarOf(upstream, { rise: 4, ...more });
    const done = await applyBird(app, pillar);
    expect(done.failed, done.stdout + done.stderr).to.deep.equal([]);
    expect(done.status, done.stdout + done.stderr).to.equal(0);
  }

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

  it('a power cut is noticed by BFD, too; after it nothing is announced before it is healthy', async () => {
    await serve(upstream, [{ ...session, bfd: true }]);
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

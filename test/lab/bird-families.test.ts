/** The tree states/bird with BIRD 3 on Debian 13, and on the RPM node. */
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
import { offerBird } from './bird-rpm.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { established, hasNoRoute, hasRoute, heardOf, startUpstream, timeUntil } from './upstream.ts';

const second = '203.0.113.51';
const families = [
  { family: 'trixie', config: '/etc/bird/bird.conf', given: { package: 'bird3' } },
  { family: 'rpm', config: '/etc/bird.conf', given: {} },
] as const;

for (const { family, config, given } of families) {
  describeLab(
    `lab: the tree bird (${family})`,
    function () {
      this.timeout(120_000);
      let app: Node;
      let upstream: Node;
      let pillar: { bird: object };

      before(async () => {
        [app, upstream] = await Promise.all([
          bootApp('app', family),
          boot({ name: 'upstream', packages: ['bird2'] }),
        ]);
        if (family === 'rpm') await offerBird(app);
        const [local, neighbour] = [upstream.addresses[0]!, app.addresses[0]!];
        const numbers = { asn: 64515, neighbourAsn: 64601 };
        await startUpstream(upstream, [
          { name: 'app', local, neighbour, password, multihop: true, bfd: true, ...numbers },
        ]);
        const checks = [{ url: 'http://127.0.0.1:8080/status', text: 'Status: OK' }];
        pillar = pillarOf(upstream, { checks, rise: 4, bfd: true, ...given });
        await startApi(app);
      });
      after(async () => {
        await Promise.all([app, upstream].map((node) => node?.[Symbol.asyncDispose]()));
      });

      it('is foretold, applied and quiet, and announces', async () => {
        const foretold = await applyBird(app, pillar, { test: true });
        const done = await applyBird(app, pillar);
        expect(done.failed, done.stdout + done.stderr).to.deep.equal([]);
        expect(foretold.changed).to.deep.equal(done.changed);
        const again = await applyBird(app, pillar);
        expect([again.status, again.changed]).to.deep.equal([0, []]);
        await established(upstream, 'app');
        await hasRoute(upstream, floating);
        expect(await app.must(`stat -c '%a %U %G' ${config}`)).to.equal('640 root bird\n');
        expect(done.stdout + foretold.stdout).to.not.include(password);
      });

      it('withdraws and comes back', async () => {
        const main = '$(systemctl show -P MainPID bird-health)';
        const causes: Record<string, () => unknown> = {
          'API answers 503': () => setMode(app, '503'),
          'bird-health killed': () => app.must(`kill -9 ${main}`),
          'BIRD killed': () => app.must('kill -9 $(pidof bird)'),
        };
        for (const [cause, action] of Object.entries(causes)) {
          await announces(app, true);
          await hasRoute(upstream, floating, 30);
          const took = await timeUntil(upstream, 'gone', floating, action);
          console.log(`      ${cause}: dropped after ${took} ms`);
          await setMode(app, 'ok');
        }
        await hasRoute(upstream, floating, 30);
      });

      it('another address costs no session', async () => {
        const began = Date.now();
        const done = await applyBird(app, { bird: { ...pillar.bird, addresses: [floating, second] } });
        expect(done.failed, done.stdout).to.deep.equal([]);
        await hasRoute(upstream, second);
        expect((await applyBird(app, pillar)).failed).to.deep.equal([]);
        await hasNoRoute(upstream, second);
        expect(await heardOf(upstream, floating, began)).to.deep.equal([]);
      });
    },
    ['debian', family],
  );
}

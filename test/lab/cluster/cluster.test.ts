/** Bare machines become a cluster by bootstrap.sh alone, serve through a floating address, and go on when parts of it fail. */
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { Cluster, type Member, www } from './cluster.ts';
import { announcedBy, floating } from './router.ts';

/** Whoever comes first makes what all share. */
const order = ['app1', 'app2', 'app3'];

describeLab('lab: bare machines become a cluster', function () {
  this.timeout(600_000);
  let cluster: Cluster;

  before('the world around them', async () => {
    cluster = await Cluster.start();
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  if (!Cluster.isKept)
    for (const name of order)
      it(`bootstrap.sh makes ${name} a node`, async () => {
        const member = await cluster.add(name);
        const began = Date.now();
        const { status, stdout, stderr } = await cluster.bootstrap(member);
        expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
        console.log(`      ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
        if (name === order.at(-1)) await cluster.keep();
      });

  it('answers from outside through the floating address, with a certificate of the authority', async () => {
    const { upstream } = cluster;
    await announcedBy(upstream, cluster.of('app').length);
    const ask = `curl -sk --resolve ${www}:443:${floating} https://${www}`;
    await upstream.until(`${ask}/ -o /dev/null -w '%{certs}' | grep -i '^Issuer' | grep -q Pebble`, {
      seconds: 60,
    });
    expect(await upstream.must(`${ask}/status`)).to.equal('Status: OK\n');
  });

  it('changes nothing by a second highstate of any node', async () => {
    const quiet = async ({ name, node }: Member) => {
      const said = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 });
      expect(said, name).to.match(/ 0 changed, 0 failed/);
    };
    await Promise.all(cluster.members.map(quiet));
  });
});

/** A machine of the RPM family: an app node in a dry run, and as much of one as its packages allow. */
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { zone } from '../nameservers.ts';
import type { Node } from '../node.ts';
import { World } from './world.ts';

interface Result {
  readonly id: string;
  readonly state: string;
  readonly result: boolean;
  readonly changes: object;
  readonly comment: string;
}

describeLab(
  'lab: bootstrap.sh app on a machine of the RPM family',
  function () {
    this.timeout(200_000);
    let world: World;
    let node: Node;

    before('a nameserver, an authority, and the machine', async () => {
      world = await World.start({ from: 'release' });
      node = await world.machine('app1', 'rpm');
    });
    after(() => world?.[Symbol.asyncDispose]());

    it('foretells all of it by --test, and touches nothing but the engine and its settings', async () => {
      const look = `find /etc /opt /srv /usr /var/lib -newer /root/answers.yaml -type f -not -path '*/converge/*' -not -path '*/rpm/*'`;
      await node.must('touch /root/answers.yaml');
      const before = (await node.must(look)).split('\n');
      const { status, stdout, stderr } = await world.join(node, 'app', ['--test']);
      expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
      expect(stdout).to.match(/^Dry run: \d\d states .* 0 failed/m);
      const now = await node.must(look);
      expect(now.split('\n').filter((one) => !before.includes(one))).to.deep.equal([]);
      expect(await world.authority.must(`dig +short @127.0.0.1 A app1.${zone}`)).to.equal('');
    });

    it('makes the parts that its packages allow, tells which it lacks, and goes on from there', async () => {
      const first = await world.join(node, 'app');
      expect(first.status, first.stdout.slice(-6000) + first.stderr.slice(-3000)).to.equal(1);
      expect(first.stderr).to.contain('The node is not complete. Run the same again');
      await node.must('curl -sf http://127.0.0.1:8080/status | grep -q "Status: OK"');
      await node.must('nft list ruleset | grep -q "policy drop"');
      expect(await world.authority.must(`dig +short @127.0.0.1 A app1.${zone}`)).to.equal(
        `${node.addresses[0]}\n`,
      );
      const again = await node.run(['converge', 'highstate', '--json', '--wait', '100'], { timeout: 100 });
      const { results } = JSON.parse(again.stdout) as { readonly results: readonly Result[] };
      const failed = results.filter(({ result }) => !result);
      const because = /no package|requisite failed|No certificate is seen on 127\.0\.0\.1:443/;
      for (const { id, comment } of failed) expect(comment, id).to.match(because);
      expect(results.filter(({ changes }) => Object.keys(changes).length > 0)).to.deep.equal([]);
      const lacking = failed.filter(({ state }) => state.startsWith('pkg')).length;
      expect([lacking, results.length - failed.length > 30], JSON.stringify(failed)).to.deep.equal([5, true]);
    });
  },
  ['rpm', 'debian'],
);

/** Machines of the RPM family become nodes of both roles, by packages like those of CentOS, EPEL and CouchDB's vendor. */
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { zone } from '../nameservers.ts';
import type { Node, Ran } from '../node.ts';
import { World } from './world.ts';

const tree = '/opt/converge/tree/bootstrap.sh';
const url = 'http://admin:by-which-the-API-writes-accounts@127.0.0.1:5984';

describeLab(
  'lab: bootstrap.sh on machines of the RPM family',
  function () {
    this.timeout(300_000);
    let world: World;
    let [app, one, two]: Node[] = [];

    before('a nameserver, an authority, package sources, and three machines', async () => {
      world = await World.start({ from: 'release', couchdb: 'rpm' });
      [app, one, two] = await Promise.all(['app1', 'db1', 'db2'].map((name) => world.machine(name, 'rpm')));
    });
    after(() => world?.[Symbol.asyncDispose]());

    function expectDone({ status, stdout, stderr }: Ran): void {
      expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
    }

    const ask = async (node: Node, path: string) => JSON.parse(await node.must(`curl -sf ${url}${path}`));

    it('wants EPEL, without which there is no CouchDB', async () => {
      await one!.must('mv /etc/yum.repos.d/epel.repo /root');
      const { status, stderr } = await world.join(one!, 'db');
      expect(status).to.equal(1);
      expect(stderr).to.contain('missing (epel)').and.contain('1 of the requirements are not met');
      await one!.must('mv /root/epel.repo /etc/yum.repos.d');
    });

    it('foretells all of it by --test, and touches nothing but the engine and its settings', async () => {
      const look = `find /etc /opt /srv /usr /var/lib -newer /root/answers.yaml -type f -not -path '*/converge/*' -not -path '*/rpm/*'`;
      for (const [node, role] of [
        [app!, 'app'],
        [one!, 'db'],
      ] as const) {
        await node.must('touch /root/answers.yaml');
        const before = (await node.must(look)).split('\n');
        const told = await world.join(node, role, ['--test']);
        expectDone(told);
        expect(told.stdout).to.match(/^Dry run: \d\d states .* 0 failed/m);
        expect((await node.must(look)).split('\n').filter((name) => !before.includes(name))).to.deep.equal(
          [],
        );
        expect(await world.authority.must(`dig +short @127.0.0.1 A ${node.name}.${zone}`)).to.equal('');
      }
    });

    it('makes an app node', async () => {
      expectDone(await world.join(app!, 'app'));
      const ask = `curl -sk --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/status`;
      expect(await app!.must(ask)).to.equal('Status: OK\n');
      expect(await app!.must('nft list ruleset')).to.contain('policy drop');
      expect(await app!.must('birdc show status')).to.contain('Daemon is up and running');
      expect(await world.authority.must(`dig +short @127.0.0.1 A app1.${zone}`)).to.equal(
        `${app!.addresses[0]}\n`,
      );
    });

    it('makes a db node, by a package that is signed', async () => {
      expectDone(await world.join(one!, 'db'));
      const [, id] = /^Signature +: .* Key ID [0-9a-f]{8}([0-9a-f]{8})$/m.exec(
        await one!.must('rpm -qi couchdb'),
      )!;
      expect(await one!.must('rpm -q gpg-pubkey')).to.contain(`gpg-pubkey-${id}-`);
      expect(await one!.must('stat -c %U /proc/$(systemctl show -P MainPID couchdb)')).to.equal('couchdb\n');
      expect(await one!.file('/opt/couchdb/etc/vm.args')).to.contain(`-name couchdb@${one!.addresses[1]}\n`);
      expect(await one!.file('/opt/couchdb/etc/vm.args')).to.not.contain('setcookie');
      expect(await ask(one!, '/_up')).to.include({ status: 'ok' });
      expect(await ask(one!, '/_all_dbs')).to.deep.equal(['_replicator', '_users']);
    });

    it('which is in the DNS, behind haproxy, open to app nodes, and closed to others', async () => {
      expect(await world.authority.must(`dig +short @127.0.0.1 SRV _db._tcp.${zone}`)).to.match(
        /^\S+ \S+ 443 db1\.\S+\n$/,
      );
      for (const [node, address] of [
        [one!, '127.0.0.1'],
        [app!, one!.addresses[0]],
      ] as const)
        expect(await node.must(`curl -skf https://${address}/_up`), node.name).to.contain('ok');
      expect(await one!.must('nft list ruleset')).to.contain('policy drop');
      for (const address of one!.addresses) {
        const knock = `curl -s -o /dev/null -m 1 http://${address}:5984/; curl -sk -o /dev/null -m 1 https://${address}/`;
        expect((await world.authority.run(knock)).status, address).to.equal(28);
      }
    });

    it('and stands as it is after a reboot, and after a highstate that changes nothing', async () => {
      await one!.stop();
      await one!.start();
      await one!.until('curl -skf https://127.0.0.1/_up', { seconds: 30 });
      expect(await one!.must('nft list ruleset')).to.contain('policy drop');
      for (const node of [app!, one!]) {
        const again = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 });
        expect(again, node.name).to.match(/ 0 changed, 0 failed/);
      }
    });

    it("updates of the system do not wait for CouchDB's vendor", async () => {
      // The watch would see that the lists are gone. With them goes the key, and dnf would ask whether to trust it.
      await one!.must('systemctl stop converge-watch; rm -rf /var/cache/dnf/couchdb-*');
      const { status, stdout } = await one!.run('dnf check-update 2>&1');
      expect([status, /^Ignoring repositories: couchdb$/m.test(stdout)], stdout).to.deep.equal([0, true]);
      await one!.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 });
      expect(await one!.must('dnf -q -C repoquery couchdb')).to.contain('3.5.2');
    });

    it('another one is told by the first what they share, and gets copies', async () => {
      const told = await one!.must([tree, 'share']);
      const source = ['--source', world.release, '--without', 'time,public', '--answers', '-'];
      expectDone(await world.bootstrap(two!, ['db', ...source], { stdin: told }));
      await two!.until(`curl -sf ${url}/_users/_shards | grep -q couchdb@${two!.addresses[1]}`, {
        seconds: 120,
      });
      const members = [one!, two!].map(({ addresses }) => `couchdb@${addresses[1]}`);
      expect((await ask(two!, '/_membership')).cluster_nodes).to.deep.equal(members);
    });

    it('and leaves again', async () => {
      expectDone(await two!.run([tree, 'decommission', '--yes'], { timeout: 200 }));
      expect((await ask(one!, '/_membership')).cluster_nodes).to.deep.equal([`couchdb@${one!.addresses[1]}`]);
      const { stdout } = await two!.run('systemctl is-active couchdb haproxy converge-watch');
      expect(stdout).to.equal('inactive\n'.repeat(3));
    });
  },
  ['rpm', 'debian'],
);

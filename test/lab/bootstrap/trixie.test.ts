/** Machines with Debian 13 and nothing on them become nodes of both roles from a release, and a database node leaves. */
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { zone } from '../nameservers.ts';
import type { Node, Ran } from '../node.ts';
import { World } from './world.ts';

const tree = '/opt/converge/tree/bootstrap.sh';

describeLab(
  'lab: bootstrap.sh on Debian 13',
  function () {
    this.timeout(400_000);
    let world: World;
    let [app, one, two]: Node[] = [];

    before('a nameserver, an authority, and three machines', async () => {
      world = await World.start({ from: 'release', couchdb: 'trixie' });
      [app, one, two] = await Promise.all(
        ['app1', 'db1', 'db2'].map((name) => world.machine(name, 'trixie')),
      );
      // The lab has the other of the two that Debian 13 has.
      await world.tell(app!, { bird: { package: 'bird3' } });
    });
    after(() => world?.[Symbol.asyncDispose]());

    function expectDone({ status, stdout, stderr }: Ran): void {
      expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
    }

    it('makes nodes of both roles, at the same time', async () => {
      const [first, second] = await Promise.all([world.join(app!, 'app'), world.join(one!, 'db')]);
      expectDone(first);
      expectDone(second);
      expect(first.stdout).to.match(
        /That took \d+ s: \d+ to bring the tree and the engine, \d+ to converge\./,
      );
      const ask = `curl -sk --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/status`;
      expect(await app!.must(ask)).to.equal('Status: OK\n');
    });

    it('another one is told by the first what they share, without a file', async () => {
      const told = await one!.must([tree, 'share']);
      const source = ['--source', world.release, '--without', 'time,public', '--answers', '-'];
      expectDone(await world.bootstrap(two!, ['db', ...source], { stdin: told }));
      await one!.until(`curl -s http://127.0.0.1:5984/_up | grep -q ok`);
      // It gets its copies from the first one, as soon as that sees it as a member.
      const copies = `curl -s -u 'admin:${await password()}' http://127.0.0.1:5984/_users/_shards`;
      await one!.until(`${copies} | grep -q couchdb@${two!.addresses[1]}`, { seconds: 120 });
    });

    /** Of the administrator of CouchDB. */
    async function password(): Promise<string> {
      const shared = await one!.must([tree, 'share']);
      return /couchdb:\n(?: {2}.*\n)*? {2}password: "(.*)"/.exec(shared)![1]!;
    }

    it('changes nothing by a second highstate of any of them', async () => {
      for (const node of [app!, one!, two!]) {
        const again = await node.must(['converge', 'highstate', '--wait', '100'], { timeout: 200 });
        expect(again, node.name).to.match(/ 0 changed, 0 failed/);
      }
    });

    it('a database node leaves: the other takes over unasked, and nothing is lost', async () => {
      const url = `http://admin:${await password()}@127.0.0.1:5984`;
      await two!.must(
        `curl -sfX PUT ${url}/kept; for n in $(seq 20); do curl -sfX PUT ${url}/kept/$n -d '{}'; done`,
      );
      expectDone(await two!.run([tree, 'decommission', '--yes'], { timeout: 200 }));
      const { total_rows } = JSON.parse(await one!.must(`curl -s ${url}/kept/_all_docs`));
      expect(total_rows).to.equal(20);
      const { cluster_nodes } = JSON.parse(await one!.must(`curl -s ${url}/_membership`));
      expect(cluster_nodes).to.deep.equal([`couchdb@${one!.addresses[1]}`]);
      expect(await world.authority.must(`dig +short @127.0.0.1 SRV _db._tcp.${zone}`)).to.match(
        /^\S+ \S+ 443 db1\.\S+\n$/,
      );
      expect((await two!.run('systemctl is-active couchdb haproxy converge-watch')).stdout).to.equal(
        'inactive\n'.repeat(3),
      );
    });
  },
  ['trixie'],
);

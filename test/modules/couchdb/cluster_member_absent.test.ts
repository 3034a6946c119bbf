import { expect } from 'chai';
import absent from '../../../engine/modules/couchdb/cluster_member_absent.ts';
import { membersOf } from '../../helpers/couchdb/databases.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import type { DoubleNode } from '../../helpers/couchdb/server.ts';

describe('couchdb.cluster_member_absent', () => {
  it('removes a node that has nothing any more, dead or alive', async () => {
    await using double = await startDouble(3, { joined: true });
    const [one, two, three] = double.nodes as [DoubleNode, DoubleNode, DoubleNode];
    one.node.common.databases.clear();
    await three.die();
    for (const { name } of [two, three]) {
      await expectDone(one, absent, { name }, [name]);
      await expectQuiet(one, absent, { name });
    }
    expect(membersOf(one.node.common)).to.deep.equal([one.name]);
    await expectQuiet(one, absent, { name: 'couchdb@never.test' });
  });

  it('refuses what would lose data or come back', async () => {
    await using double = await startDouble(2, { joined: true });
    const [one, two] = double.nodes as [DoubleNode, DoubleNode];
    const args = { name: two.name };
    await expectRefused(one, absent, args, /has copies of _users, _replicator\.$/);
    one.node.common.databases.clear();
    double.cluster.set(one.node, 'cluster', 'seedlist', `${one.name}, ${two.name}`);
    await expectRefused(one, absent, args, /couchdb@node2 is in the seedlist of couchdb@node1/);
    await expectRefused(two, absent, args, /cannot remove itself/);
    await expectRefused(one, absent, { ...args, password: 'wrong-one' }, /does not admit/);
    expect(membersOf(one.node.common)).to.have.length(2);
  });
});

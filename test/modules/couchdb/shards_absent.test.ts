import { expect } from 'chai';
import absent from '../../../engine/modules/couchdb/shards_absent.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import type { DoubleNode } from '../../helpers/couchdb/server.ts';

describe('couchdb.shards_absent', () => {
  it('takes a dead node from the maps of all databases', async () => {
    await using double = await startDouble(3, { joined: true });
    const [one, two, three] = double.nodes as [DoubleNode, DoubleNode, DoubleNode];
    await three.die();
    await expectDone(one, absent, { name: three.name }, ['copies of _users', 'copies of _replicator']);
    for (const { byRange } of one.node.common.databases.values())
      for (const nodes of Object.values(byRange))
        expect(nodes.toSorted()).to.deep.equal([one.name, two.name]);
    await expectQuiet(two, absent, { name: three.name });
  });

  it('never takes the last copy, nor one that has more than the others', async () => {
    await using double = await startDouble(2, { joined: true });
    const [one, two] = double.nodes as [DoubleNode, DoubleNode];
    // Their copies may be filled, or not yet.
    one.node.common.databases.clear();
    const database = double.cluster.create(one.node, 'some', { q: 1, n: 2, partitioned: false });
    const range = Object.keys(database.byRange)[0]!;
    database.docs.put('a', {});
    database.filled.delete(`${range} ${one.name}`);
    await expectRefused(one, absent, { name: two.name }, /has more of some \(range .*\) than the others/);
    database.byRange[range] = [two.name];
    await expectRefused(one, absent, { name: two.name }, /too few copies of some .*: 0\.$/);
    await expectRefused(one, absent, { name: two.name, password: 'wrong-one' }, /does not admit/);
    expect(database.byRange[range]).to.deep.equal([two.name]);
  });
});

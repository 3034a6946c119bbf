import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import database from '../../../engine/modules/couchdb/database.ts';
import absent from '../../../engine/modules/couchdb/database_absent.ts';
import { planOf } from '../../helpers/apply.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';

describe('couchdb.database', () => {
  let double: Double;
  before(async () => {
    double = await startDouble(3, { joined: true });
  });
  after(() => double[Symbol.asyncDispose]());

  it('is made, seen by all nodes, made again when it is gone, and removed', async () => {
    const [one, two] = double.nodes as [Double['nodes'][0], Double['nodes'][0]];
    const args = { name: 'a_b/c+$(1)', q: 4 };
    await expectDone(one, database, args, [args.name]);
    await expectQuiet(two, database, args);
    expect(one.node.common.databases.get(args.name)?.q).to.equal(4);
    one.node.common.databases.delete(args.name);
    await expectDone(two, database, args, [args.name]);
    await expectDone(one, absent, { name: args.name }, [args.name]);
    await expectQuiet(two, absent, { name: args.name });
    expect([...one.node.common.databases.keys()]).to.deep.equal(['_users', '_replicator']);
  });

  it('is made once by three nodes at the same time', async () => {
    const all = await Promise.all(double.nodes.map((node) => apply(node, database, { name: 'together' })));
    for (const one of all) expect([one.failed, one.again]).to.deep.equal([undefined, []]);
  });

  it('of another number of pieces is told of, and left alone', async () => {
    const [one] = double.nodes;
    await apply(one!, database, { name: 'pieces', q: 2 });
    const args = { name: 'pieces', q: 3, url: one!.url, password: 'secret' };
    const { plan } = await planOf(database, args, createLocalHost());
    expect(plan).to.deep.equal({
      steps: [],
      warnings: ['The database "pieces" is made of 2 pieces, not of 3, and stays so.'],
    });
    await expectRefused(
      one!,
      database,
      { name: 'pieces', partitioned: true },
      /is not partitioned, and stays so/,
    );
    await expectDone(one!, database, { name: 'parts', partitioned: true }, ['parts']);
  });

  it('by a name or a login that is wrong is refused', async () => {
    const [one] = double.nodes;
    for (const name of ['Upper', '1st', 'a"b', "o'clock", 'a b', '_other', 'a\nb'])
      for (const state of [database, absent])
        await expectRefused(one!, state, { name }, /has no databases called/);
    await expectRefused(
      one!,
      database,
      { name: 'some', password: 'wrong-one' },
      /does not admit "admin": Name or password is incorrect\.$/,
    );
    await expectRefused(one!, database, { name: 'some', username: 'a:b' }, /there is a colon/);
    await expectRefused(
      one!,
      database,
      { name: 'some', url: 'http://admin:x@localhost' },
      /has a login in it/,
    );
    await expectRefused(one!, database, { name: 'some', url: 'http://[' }, /is no address/);
    await expectRefused(one!, database, { name: 'some', password: undefined }, /no password is given/);
    expect(one!.node.common.databases.has('some')).to.equal(false);
  });

  it('cannot be told of where nothing answers', async () => {
    await using alone = await startDouble(1);
    const [node] = alone.nodes;
    await node!.die();
    await expectRefused(node!, database, { name: 'some' }, /is not answered: connection refused\.$/);
  });
});

import { expect } from 'chai';
import security from '../../../engine/modules/couchdb/security.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import { Refused } from '../../helpers/couchdb/refused.ts';

describe('couchdb.security', () => {
  let double: Double;
  before(async () => {
    double = await startDouble(2, { joined: true });
  });
  after(() => double[Symbol.asyncDispose]());

  it('sets what differs, whatever the order, and heals it', async () => {
    const [one, two] = double.nodes;
    double.cluster.create(one!.node, 'some', { q: 2, n: 3, partitioned: false });
    const database = one!.node.common.databases.get('some')!;
    const args = { name: 'some', members: { names: ['b', 'a"', 'b'], roles: ['app'] } };
    const done = await expectDone(one!, security, args, ['members']);
    expect(done.steps[0]?.change).to.deep.equal({
      subject: 'members',
      old: { names: [], roles: ['_admin'] },
      new: { names: ['a"', 'b'], roles: ['app'] },
    });
    expect(database.security['admins'], 'not told, so left alone').to.deep.equal({ roles: ['_admin'] });
    await expectQuiet(two!, security, { ...args, members: { names: ['a"', 'b'], roles: ['app'] } });
    database.security = { ...database.security, members: {}, other: 1 };
    await expectDone(two!, security, { ...args, admins: { names: ['x'] } }, ['members', 'admins']);
    expect(database.security).to.deep.equal({
      members: { names: ['a"', 'b'], roles: ['app'] },
      admins: { names: ['x'], roles: [] },
      other: 1,
    });
    await expectDone(two!, security, { name: 'some', members: {} }, ['members']);
  });

  it('of no database, or by who may not, changes nothing', async () => {
    const [one] = double.nodes;
    await expectRefused(one!, security, { name: 'none', members: {} }, /^There is no database "none"\.$/);
    await expectRefused(one!, security, { name: 'No"ne', members: {} }, /has no databases called/);
    await expectRefused(one!, security, { name: 'some', password: 'wrong-one' }, /does not admit/);
  });

  it('that too few nodes can see is refused with a hint', async () => {
    const [one] = double.nodes;
    double.cluster.create(one!.node, 'stubborn', { q: 2, n: 3, partitioned: false });
    const database = one!.node.common.databases.get('stubborn')!;
    Object.defineProperty(database, 'security', {
      configurable: true,
      get: () => ({}),
      set() {
        throw new Refused(500, 'error', 'no_majority');
      },
    });
    const done = await apply(one!, security, { name: 'stubborn', members: { names: ['a'] } });
    expect(done.failed).to.match(/is refused with status 500: no_majority\.$/);
  });
});

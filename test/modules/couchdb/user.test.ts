import { expect } from 'chai';
import user from '../../../engine/modules/couchdb/user.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import { fitsUser } from '../../helpers/couchdb/passwords.ts';

describe('couchdb.user', () => {
  let double: Double;
  before(async () => {
    double = await startDouble(2, { joined: true });
  });
  after(() => double[Symbol.asyncDispose]());

  const users = () => double.nodes[0]!.node.common.databases.get('_users')!.docs;
  const doc = (name: string) => users().get(`org.couchdb.user:${name}`);

  it('is made, and its password is sent only where it is another', async () => {
    const [one, two] = double.nodes;
    const args = {
      name: 'anna "x"/ü',
      password: 'päss:"1"',
      roles: ['b', 'a'],
      fields: { email: 'a@b.test' },
    };
    const made = await expectDone(one!, user, args, [args.name, 'password', 'roles', 'email']);
    expect(JSON.stringify(made.steps.map(({ change, also }) => [change, also]))).to.not.include('päss');
    await expectQuiet(two!, user, { ...args, roles: ['a', 'b', 'a'] });
    const { salt, _rev } = doc(args.name);
    await expectDone(two!, user, { ...args, roles: ['a'] }, ['roles']);
    expect(doc(args.name)).to.deep.include({ salt, roles: ['a'], email: 'a@b.test' });
    expect(doc(args.name)['_rev']).to.not.equal(_rev);
    const changed = await expectDone(one!, user, { name: args.name, password: 'other-1' }, ['password']);
    expect(changed.steps[0]?.change).to.deep.equal({ subject: 'password', old: '(hidden)', new: '(hidden)' });
    expect(fitsUser('other-1', doc(args.name))).to.equal(true);
    expect(doc(args.name)['roles']).to.deep.equal(['a']);
  });

  it('whose fields are there in another order is left alone', async () => {
    const [one, two] = double.nodes;
    const place = { street: 'A', numbers: [{ of: 'house', is: 7 }] };
    await apply(one!, user, { name: 'otto', fields: { place } });
    const turned = { numbers: [{ is: 7, of: 'house' }], street: 'A' };
    await expectQuiet(two!, user, { name: 'otto', fields: { place: turned } });
  });

  it('whose document was changed by hand is healed', async () => {
    const [one] = double.nodes;
    const args = { name: 'hans', password: 'password-1', roles: ['app'] };
    await apply(one!, user, args);
    users().put('org.couchdb.user:hans', { ...doc('hans'), roles: ['staff'], derived_key: '00' });
    await expectDone(one!, user, args, ['password', 'roles']);
  });

  it('with a password that was hashed in an older way is known', async () => {
    const [one] = double.nodes;
    const { createHash, pbkdf2Sync } = process.getBuiltinModule('node:crypto');
    const sha = createHash('sha1').update('old-onesalt').digest('hex');
    const olds = [
      { name: 'simple', password_scheme: 'simple', salt: 'salt', password_sha: sha },
      {
        name: 'tenth',
        password_scheme: 'pbkdf2',
        salt: 'salt',
        iterations: 10,
        derived_key: pbkdf2Sync('old-one', 'salt', 10, 20, 'sha1').toString('hex'),
      },
    ];
    for (const old of olds) {
      users().put(`org.couchdb.user:${old.name}`, { ...old, type: 'user', roles: [] });
      await expectQuiet(one!, user, { name: old.name, password: 'old-one' });
      await expectDone(one!, user, { name: old.name, password: 'new-one' }, ['password']);
    }
  });

  it('gets a database of its own where that is switched on everywhere', async () => {
    const [one, two] = double.nodes;
    for (const { node } of [one!, two!]) double.cluster.set(node, 'couch_peruser', 'enable', 'true');
    await apply(one!, user, { name: 'eva', password: 'password-1' });
    const own = `userdb-${Buffer.from('eva').toString('hex')}`;
    while (!one!.node.common.databases.has(own)) await new Promise(setImmediate);
    const { members } = one!.node.common.databases.get(own)!.security as { members: { names: string[] } };
    expect(members.names).to.deep.equal(['eva']);
  });

  it('that CouchDB could not have is refused', async () => {
    const [one] = double.nodes;
    await expectRefused(
      one!,
      user,
      { name: 'x', roles: ['_admin'] },
      /role "_admin" is one of CouchDB's own/,
    );
    for (const key of ['salt', 'name', '_id'])
      await expectRefused(one!, user, { name: 'x', fields: { [key]: 'x' } }, /is CouchDB's own/);
    await expectRefused(one!, user, { name: 'x', admin_password: 'wrong-one' }, /does not admit "admin"/);
    await using fresh = await startDouble(1);
    await expectRefused(fresh.nodes[0]!, user, { name: 'x' }, /There is no database "_users"/);
  });
});

import { expect } from 'chai';
import config from '../../../engine/modules/couchdb/config.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import { hashOfAdmin } from '../../helpers/couchdb/passwords.ts';

describe('couchdb.config', () => {
  let double: Double;
  before(async () => {
    double = await startDouble(2, { joined: true });
  });
  after(() => double[Symbol.asyncDispose]());

  it('sets a value of this node or of another, and heals it', async () => {
    const [one, two] = double.nodes;
    const args = { name: 'chttpd/max "x"', value: ' 7 ' };
    const done = await expectDone(one!, config, args, [args.name]);
    expect(done.steps[0]?.change).to.deep.equal({ subject: args.name, old: undefined, new: '7' });
    await expectQuiet(one!, config, { ...args, value: 7 });
    await expectDone(one!, config, { ...args, node: two!.name, value: true }, [args.name]);
    expect(double.cluster.setting(two!.node, 'chttpd', 'max "x"')).to.equal('true');
    expect(double.cluster.setting(one!.node, 'chttpd', 'max "x"')).to.equal('7');
    double.cluster.set(one!.node, 'chttpd', 'max "x"', '8');
    await expectDone(one!, config, args, [args.name]);
  });

  it('compares the password of an administrator with its hash, and shows neither', async () => {
    const [one] = double.nodes;
    const args = { name: 'admins/eve', value: 'pässword:1' };
    const done = await expectDone(one!, config, args, ['admins/eve']);
    expect(done.steps[0]?.change).to.deep.equal({ subject: 'admins/eve', old: undefined, new: '(hidden)' });
    while (!double.cluster.setting(one!.node, 'admins', 'eve')!.startsWith('-'))
      await new Promise(setImmediate);
    await expectQuiet(one!, config, args);
    await expectDone(one!, config, { ...args, value: 'other-one' }, ['admins/eve']);
    const value = hashOfAdmin('other-one', 'ab');
    await expectDone(one!, config, { ...args, value }, ['admins/eve']);
    await expectQuiet(one!, config, { ...args, value });
    await expectQuiet(one!, config, { ...args, value: 'other-one' });
    const secret = await expectDone(one!, config, { name: 'chttpd_auth/secret', value: 'hush' }, [
      'chttpd_auth/secret',
    ]);
    expect(secret.steps[0]?.change?.new).to.equal('(hidden)');
  });

  it('that CouchDB could not read again is refused', async () => {
    const [one, two] = double.nodes;
    for (const name of ['a]/b', 'a/b=c', 'a/b\nc'])
      await expectRefused(one!, config, { name, value: 'x' }, /is no setting/);
    await expectRefused(one!, config, { name: 'a/b', value: 'x\ny' }, /of several lines/);
    await expectRefused(one!, config, { name: 'admins/x', value: ' ' }, /needs a password/);
    await expectRefused(
      one!,
      config,
      { name: 'a/b', value: 1, node: 'couchdb@no"ne' },
      /no such node: couchdb@no"ne/,
    );
    await expectRefused(one!, config, { name: 'a/b', value: 1, password: 'wrong-one' }, /does not admit/);
    await two!.die();
    await expectRefused(one!, config, { name: 'a/b', value: 1, node: two!.name }, /couchdb@node2 is down/);
    await two!.revive();
  });
});

import config from '../../../engine/modules/couchdb/config.ts';
import absent from '../../../engine/modules/couchdb/config_absent.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';

describe('couchdb.config_absent', () => {
  it('takes a setting away, but not who asks', async () => {
    await using double = await startDouble(1, { joined: true });
    const [one] = double.nodes;
    const name = 'couch_peruser/enable';
    await expectQuiet(one!, absent, { name });
    await apply(one!, config, { name, value: true });
    await expectDone(one!, absent, { name }, [name]);
    await apply(one!, config, { name: 'admins/eve', value: 'one-more' });
    await expectDone(one!, absent, { name: 'admins/eve' }, ['admins/eve']);
    await expectRefused(one!, absent, { name: 'admins/admin' }, /is who asks/);
    await expectRefused(one!, absent, { name, password: 'wrong-one' }, /does not admit/);
  });
});

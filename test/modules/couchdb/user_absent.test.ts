import user from '../../../engine/modules/couchdb/user.ts';
import absent from '../../../engine/modules/couchdb/user_absent.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';

describe('couchdb.user_absent', () => {
  it('removes a user, who can be made again', async () => {
    await using double = await startDouble(2, { joined: true });
    const [one, two] = double.nodes;
    const args = { name: "o'hara" };
    await expectQuiet(one!, absent, args);
    for (let times = 0; times < 2; times++) {
      await apply(two!, user, { ...args, password: 'password-1' });
      await expectDone(one!, absent, args, [args.name]);
    }
    await expectRefused(one!, absent, { ...args, admin_password: 'wrong-one' }, /does not admit/);
  });
});

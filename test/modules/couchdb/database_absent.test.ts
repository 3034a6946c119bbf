import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import database from '../../../engine/modules/couchdb/database.ts';
import absent from '../../../engine/modules/couchdb/database_absent.ts';
import security from '../../../engine/modules/couchdb/security.ts';
import { applyTo } from '../../helpers/apply.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { apply, argsFor } from '../../helpers/couchdb/life.ts';

describe('couchdb.database_absent', () => {
  it('takes all that was in it along, in a dry run too', async () => {
    await using double = await startDouble(1, { joined: true });
    const [node] = double.nodes;
    const args = { name: 'some' };
    const wanted = { ...args, members: { roles: ['app'] } };
    await apply(node!, database, args);
    await apply(node!, security, wanted);
    const dry = createOverlay(createLocalHost());
    const told = async (state: Parameters<typeof argsFor>[1], more: object) =>
      await applyTo(dry, state, argsFor(node!, state, more)).then(
        ({ steps }) => steps.length,
        (error: Error) => error.message,
      );
    expect(await told(security, wanted)).to.equal(0);
    expect(await told(absent, args)).to.equal(1);
    expect(await told(security, wanted)).to.equal('There is no database "some".');
    expect(await told(database, args)).to.equal(1);
    expect(await told(security, wanted)).to.equal(1);
    expect(node!.asked.at(-1)).to.match(/^GET/);
  });
});

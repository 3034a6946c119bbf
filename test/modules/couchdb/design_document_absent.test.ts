import { expect } from 'chai';
import design from '../../../engine/modules/couchdb/design_document.ts';
import absent from '../../../engine/modules/couchdb/design_document_absent.ts';
import { startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';

describe('couchdb.design_document_absent', () => {
  it('removes it with all its conflicts, and it can be made again', async () => {
    await using double = await startDouble(1, { joined: true });
    const [one] = double.nodes;
    double.cluster.create(one!.node, 'some', { q: 2, n: 3, partitioned: false });
    const { docs } = one!.node.common.databases.get('some')!;
    const args = { name: 'people', database: 'some' };
    await expectQuiet(one!, absent, args);
    await apply(one!, design, { ...args, document: {} });
    await expectDone(one!, absent, args, ['_design/people']);
    await expectDone(one!, design, { ...args, document: { a: 1 } }, ['_design/people']);
    docs.putBeside('_design/people', { a: 2 });
    const [lost] = docs.get('_design/people', true)['_conflicts'] as string[];
    await expectDone(one!, absent, args, [`conflict ${lost} of _design/people`, '_design/people']);
    expect(docs.ids()).to.deep.equal([]);
    await expectRefused(one!, absent, { ...args, database: 'none' }, /There is no database "none"/);
  });
});

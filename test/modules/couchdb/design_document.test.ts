import { expect } from 'chai';
import design from '../../../engine/modules/couchdb/design_document.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';

const map = 'function (doc) { emit(doc.email); }';

describe('couchdb.design_document', () => {
  let double: Double;
  before(async () => {
    double = await startDouble(3, { joined: true });
    double.cluster.create(double.nodes[0]!.node, 'some', { q: 2, n: 3, partitioned: false });
  });
  after(() => double[Symbol.asyncDispose]());

  const docs = () => double.nodes[0]!.node.common.databases.get('some')!.docs;
  const args = { name: 'people', database: 'some', document: { views: { all: { map, reduce: '_count' } } } };

  it('is written where it differs, whatever the order of keys', async () => {
    const [one, two] = double.nodes;
    await expectDone(one!, design, args, ['_design/people']);
    const { _rev } = docs().get('_design/people');
    const turned = { views: { all: { reduce: '_count', map } } };
    await expectQuiet(two!, design, { ...args, name: '_design/people', document: turned });
    expect(docs().get('_design/people')['_rev'], 'no view is built anew').to.equal(_rev);
    docs().put('_design/people', { _rev, views: {} });
    await expectDone(two!, design, args, ['_design/people']);
    await expectDone(one!, design, { ...args, document: {} }, ['_design/people']);
  });

  it('that was written by several nodes at once is freed of conflicts', async () => {
    const [one] = double.nodes;
    const name = 'torn "x"';
    await apply(one!, design, { ...args, name });
    docs().putBeside(`_design/${name}`, { views: { a: { map } } });
    docs().putBeside(`_design/${name}`, { views: { b: { map } } });
    const { _conflicts } = docs().get(`_design/${name}`, true);
    expect(_conflicts).to.have.length(2);
    await apply(one!, design, { ...args, name });
    expect(docs().get(`_design/${name}`, true)).to.not.have.property('_conflicts');
    await expectQuiet(one!, design, { ...args, name });
    docs().putBeside(`_design/${name}`, args.document);
    const [lost] = docs().get(`_design/${name}`, true)['_conflicts'] as string[];
    const done = await apply(one!, design, { ...args, name });
    expect(done.steps.map(({ change }) => change?.subject)).to.include(`conflict ${lost} of _design/${name}`);
    expect(done.again).to.deep.equal([]);
  });

  it('made by three nodes at once comes out right', async () => {
    const all = await Promise.all(
      double.nodes.map((node) => apply(node, design, { ...args, name: 'together' })),
    );
    for (const { failed, again } of all) expect([failed, again]).to.deep.equal([undefined, []]);
  });

  it('that CouchDB does not take changes nothing, and says why', async () => {
    const [one] = double.nodes;
    const document = { views: { bad: { map: 'function (' } } };
    const done = await apply(one!, design, { ...args, name: 'bad', document });
    expect(done.failed).to.match(/status 400: Compilation of the map function in the 'bad' view failed/);
    await expectRefused(one!, design, { ...args, document: { _id: 'x' } }, /told without "_id"/);
    await expectRefused(one!, design, { ...args, name: '_design/' }, /is no name of a design document/);
    await expectRefused(one!, design, { ...args, database: 'none' }, /There is no database "none"/);
    await expectRefused(one!, design, { ...args, database: 'No' }, /has no databases called/);
  });
});

import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import member from '../../../engine/modules/couchdb/cluster_member.ts';
import { type Applied, applyTo } from '../../helpers/apply.ts';
import { membersOf } from '../../helpers/couchdb/databases.ts';
import { type Double, type DoubleOptions, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, argsFor, expectRefused } from '../../helpers/couchdb/life.ts';
import type { DoubleNode } from '../../helpers/couchdb/server.ts';
import { subjectsOf } from '../../helpers/state-tester.ts';

function nodesOf({ nodes }: Double) {
  return nodes.map(({ name, url }) => ({ name, url }));
}

function told(double: Double, node: DoubleNode, more: object = {}): { name: string; [key: string]: unknown } {
  return { name: node.name, nodes: nodesOf(double), timeout: 5, ...more };
}

async function joinAt(double: Double, node: DoubleNode): Promise<Applied> {
  return await apply(node, member, told(double, node));
}

function leftOf({ again }: Applied): unknown {
  return again && 'steps' in again ? again.steps : again;
}

/** Each node knows all the others, and there is one of each database of the system. */
function expectOne({ cluster, nodes }: Double): void {
  const names = nodes.map(({ name }) => name).sort();
  for (const { node } of nodes) {
    expect(membersOf(node.common).sort()).to.deep.equal(names);
    expect(cluster.connected(node).sort()).to.deep.equal(names);
    expect([...node.common.databases.keys()].sort()).to.deep.equal(['_replicator', '_users']);
  }
}

async function started(count: number, options: DoubleOptions = {}): Promise<Double & { first: DoubleNode }> {
  const double = await startDouble(count, options);
  return { ...double, first: double.nodes[0]! };
}

describe('couchdb.cluster_member', () => {
  it('joins three nodes that apply it at once', async () => {
    await using double = await started(3);
    const all = await Promise.all(double.nodes.map((node) => joinAt(double, node)));
    for (const one of all)
      expect([one.refused, one.failed, leftOf(one)]).to.deep.equal([undefined, undefined, []]);
    expectOne(double);
    for (const node of double.nodes) expect((await joinAt(double, node)).steps).to.deep.equal([]);
  });

  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ])
    it(`joins three nodes one after the other, in the order ${order.join(' ')}`, async () => {
      await using double = await started(3);
      for (const index of order) {
        const done = await joinAt(double, double.nodes[index]!);
        expect([done.refused, done.failed, leftOf(done)]).to.deep.equal([undefined, undefined, []]);
      }
      expectOne(double);
    });

  it('does not wait for who is not there, who then joins by itself', async () => {
    await using double = await started(3);
    const [one, two, three] = double.nodes as [DoubleNode, DoubleNode, DoubleNode];
    await three.die();
    const done = await joinAt(double, one);
    expect(subjectsOf(done.steps)).to.deep.equal([two.name, 'await', '_users', '_replicator']);
    const { warnings } = done.plan as { warnings?: readonly string[] };
    expect(warnings).to.deep.equal([
      `${three.name} does not answer at ${three.url} (connection refused), so it is not waited for.`,
    ]);
    expect((await joinAt(double, two)).steps).to.deep.equal([]);
    await three.revive();
    expect((await joinAt(double, three)).failed).to.equal(undefined);
    expectOne(double);
  });

  it('warns of a member that nobody names, once it is dead', async () => {
    await using double = await started(3, { joined: true });
    const [one, two, three] = double.nodes as [DoubleNode, DoubleNode, DoubleNode];
    const both = { name: one.name, nodes: [one, two].map(({ name, url }) => ({ name, url })) };
    const seen = async () => {
      const { steps, plan } = await apply(one, member, both);
      expect(steps).to.deep.equal([]);
      return (plan as { warnings?: readonly string[] }).warnings?.join() ?? '';
    };
    expect(await seen()).to.equal('');
    await three.die();
    expect(await seen()).to.match(/^couchdb@node3 is a member, though nobody names it, and it is not there/);
  });

  it('is foretold: who joins, and what is made', async () => {
    await using double = await started(2);
    const args = argsFor(double.first, member, told(double, double.first));
    const dry = await applyTo(createOverlay(createLocalHost()), member, args);
    expect(double.first.asked.filter((line) => !line.startsWith('GET'))).to.deep.equal([]);
    expect(membersOf(double.first.node.common)).to.deep.equal(['couchdb@node1']);
    const done = await joinAt(double, double.first);
    expect(dry.steps).to.deep.equal(done.steps);
  });

  it('puts back a member that somebody removed, and makes a database again', async () => {
    await using double = await started(2, { joined: true });
    double.cluster.leave(double.first.node, double.nodes[1]!.name);
    double.first.node.common.databases.delete('_replicator');
    const done = await joinAt(double, double.first);
    expect(subjectsOf(done.steps)).to.include.members([double.nodes[1]!.name, '_replicator']);
    expect([done.failed, leftOf(done)]).to.deep.equal([undefined, []]);
  });

  it('waits for a node that seeds, but not for the first of all', async () => {
    await using double = await started(2);
    const [one, two] = double.nodes as [DoubleNode, DoubleNode];
    for (const { node } of [one, two])
      double.cluster.set(node, 'cluster', 'seedlist', `${one.name},${two.name}`);
    await two.die();
    expect(subjectsOf((await joinAt(double, one)).steps)).to.deep.equal(['_users', '_replicator']);
    await two.revive();
    const done = await joinAt(double, one);
    expect(subjectsOf(done.steps)).to.deep.equal([two.name, 'await', 'await']);
    expect([done.failed, leftOf(done)]).to.deep.equal([undefined, []]);
  });

  it('with another cookie fails, and says what to look at', async () => {
    await using double = await started(2, { cookies: ['one-cookie', 'other-cookie'] });
    const done = await apply(double.first, member, told(double, double.first, { timeout: 0.2 }));
    expect(done.failed).to.match(/^It was not reached within 0\.2 seconds/);
    const last = done.performed.at(-1);
    expect(last && 'hint' in last && last.hint).to.match(/^couchdb@node2: the cookie has to be the same/);
    expect(double.first.node.common.databases.size, 'nothing is made before they are one').to.equal(0);
  });

  it('joins nobody whose data would be lost', async () => {
    await using double = await started(2);
    const [one, two] = double.nodes as [DoubleNode, DoubleNode];
    for (const { node } of [one, two]) double.cluster.create(node, 'app', { q: 2, n: 3, partitioned: false });
    for (const node of [one, two])
      await expectRefused(
        node,
        member,
        told(double, node),
        /both have databases called app, and one of the two would be lost/,
      );
    two.node.common.databases.delete('app');
    expect((await joinAt(double, two)).failed).to.equal(undefined);
  });

  it('joins nobody of another name or another password', async () => {
    await using double = await started(2, { passwords: ['secret', 'other-one'] });
    const { first } = double;
    await expectRefused(first, member, told(double, first), /does not admit "admin"/);
    double.cluster.set(
      double.nodes[1]!.node,
      'admins',
      'admin',
      double.cluster.setting(first.node, 'admins', 'admin')!,
    );
    await expectRefused(
      first,
      member,
      { ...told(double, first), name: 'couchdb@x' },
      /is called "couchdb@node1", not "couchdb@x"/,
    );
    const nodes = [{ name: 'couchdb@other', url: first.url }];
    await expectRefused(
      first,
      member,
      { name: first.name, nodes },
      /is the node "couchdb@node1", not "couchdb@other"/,
    );
    await expectRefused(first, member, { name: first.name, nodes: ['no"name'] }, /is no name of a node/);
    await first.die();
    await expectRefused(first, member, told(double, first), /is not answered: connection refused/);
  });
});

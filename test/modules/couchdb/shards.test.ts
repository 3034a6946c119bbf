import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import { createOverlay } from '../../../engine/host/overlay.ts';
import { atLeast } from '../../../engine/modules/couchdb/_copies.ts';
import memberAbsent from '../../../engine/modules/couchdb/cluster_member_absent.ts';
import shards from '../../../engine/modules/couchdb/shards.ts';
import shardsAbsent from '../../../engine/modules/couchdb/shards_absent.ts';
import { type Applied, applyTo } from '../../helpers/apply.ts';
import type { Database } from '../../helpers/couchdb/databases.ts';
import { type Double, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, argsFor, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import type { DoubleNode } from '../../helpers/couchdb/server.ts';
import { subjectsOf } from '../../helpers/state-tester.ts';

const documents = 25;

interface Stage extends Double {
  readonly first: DoubleNode;
  readonly last: DoubleNode;
  readonly database: Database;
}

/** The last node came later, so it has nothing. */
async function grown(count: number): Promise<Stage> {
  const double = await startDouble(count, { joined: true });
  const first = double.nodes[0]!;
  const last = double.nodes.at(-1)!;
  const { members, databases } = first.node.common;
  databases.clear();
  members.delete(last.name);
  const database = double.cluster.create(first.node, 'a/b', { q: 2, n: 3, partitioned: false });
  for (let index = 0; index < documents; index++) database.docs.put(`doc${index}`, {});
  members.set(last.name, 1);
  return { ...double, first, last, database };
}

function nodesOf({ byRange }: Database): string[] {
  return [...new Set(Object.values(byRange).flat())].sort();
}

function expectFilled({ cluster, database }: Stage, names: readonly string[]): void {
  for (const [range, nodes] of Object.entries(database.byRange)) {
    expect(nodes.toSorted()).to.deep.equal(names.toSorted());
    for (const node of nodes)
      expect(database.filled.has(`${range} ${node}`), `${range} ${node}`).to.equal(true);
  }
  expect(cluster.countOf(database)).to.equal(documents);
}

function expectGood(done: Applied): void {
  expect([done.refused, done.failed, done.again]).to.deep.equal([undefined, undefined, []]);
}

/** Looks again and again while something is done, and gives back what was seen. */
async function watching<T>(look: () => T, work: () => Promise<void>): Promise<Set<T>> {
  const seen = new Set<T>();
  const timer = setInterval(() => seen.add(look()), 1);
  await work();
  clearInterval(timer);
  return seen.add(look());
}

describe('couchdb.shards', () => {
  it('fills copies on a new node, and nobody reads too little meanwhile', async () => {
    await using stage = await grown(3);
    const { cluster, first, last, database } = stage;
    const seen = await watching(
      () => cluster.countOf(database),
      async () => {
        const done = await apply(first, shards, { name: last.name });
        expectGood(done);
        expect(done.steps.flatMap(({ change }) => change?.subject ?? [])).to.deep.equal([
          'couchdb@node3 serves nobody',
          'copies of a/b',
          'couchdb@node3 serves again',
        ]);
      },
    );
    expect([...seen]).to.deep.equal([documents]);
    expectFilled(
      stage,
      stage.nodes.map(({ name }) => name),
    );
    expect(cluster.inMaintenance(last.name)).to.equal(false);
    expect(database.changelog).to.deep.include(['add', Object.keys(database.byRange)[0], last.name]);
    for (const node of stage.nodes) await expectQuiet(node, shards, { name: last.name });
  });

  it('is foretold as it is done', async () => {
    await using stage = await grown(2);
    const { first, last } = stage;
    const dry = await applyTo(
      createOverlay(createLocalHost()),
      shards,
      argsFor(first, shards, { name: last.name }),
    );
    expect(nodesOf(stage.database)).to.deep.equal([first.name]);
    expect(dry.steps).to.deep.equal((await apply(first, shards, { name: last.name })).steps);
  });

  it('goes on where it was broken off at any step', async () => {
    const { length } = await (async () => {
      await using stage = await grown(2);
      return (await apply(stage.first, shards, { name: stage.last.name })).steps;
    })();
    for (let done = 0; done <= length; done++) {
      await using stage = await grown(2);
      const { first, last, cluster, database } = stage;
      const host = createLocalHost();
      const args = argsFor(first, shards, { name: last.name });
      const { steps } = await applyTo(createOverlay(createLocalHost()), shards, args);
      for (const { effect } of steps.slice(0, done)) await host.perform(effect);
      expectGood(await apply(first, shards, { name: last.name }));
      expectFilled(stage, [first.name, last.name]);
      expect(cluster.inMaintenance(last.name), `after step ${done}`).to.equal(false);
      expect(cluster.setting(last.node, 'converge', 'filling')).to.equal(undefined);
      expect(cluster.countOf(database)).to.equal(documents);
    }
  });

  it('leaves a maintenance alone that it did not begin', async () => {
    await using stage = await grown(2);
    stage.cluster.set(stage.last.node, 'couchdb', 'maintenance_mode', 'true');
    expectGood(await apply(stage.first, shards, { name: stage.last.name }));
    expect(stage.cluster.inMaintenance(stage.last.name)).to.equal(true);
    expect(nodesOf(stage.database)).to.include(stage.last.name);
  });

  it('looks after chosen databases only, and does not add more than wanted', async () => {
    await using stage = await grown(3);
    await expectQuiet(stage.first, shards, { name: stage.last.name, copies: 2 });
    await expectQuiet(stage.first, shards, { name: stage.last.name, databases: ['other'] });
    const done = await apply(stage.first, shards, { name: stage.last.name, databases: ['a/b'] });
    expectGood(done);
  });

  it('replaces a node that died', async () => {
    await using stage = await grown(4);
    const { first, last, database, nodes } = stage;
    const dead = nodes[1]!;
    await dead.die();
    await expectRefused(first, shardsAbsent, { name: dead.name }, /too few copies of a\/b .*: 2\.$/);
    expectGood(await apply(first, shards, { name: last.name, leaving: [dead.name] }));
    await expectDone(first, shardsAbsent, { name: dead.name }, ['copies of a/b']);
    await expectDone(first, memberAbsent, { name: dead.name }, [dead.name]);
    expectFilled(stage, [first.name, nodes[2]!.name, last.name]);
    expect(nodesOf(database)).to.not.include(dead.name);
  });

  it('drains a node that is to leave', async () => {
    await using stage = await grown(4);
    const { first, last, cluster, database, nodes } = stage;
    const leaving = nodes[1]!;
    const counts = await watching(
      () => cluster.countOf(database),
      async () => {
        await expectRefused(first, memberAbsent, { name: leaving.name }, /has copies of a\/b/);
        await expectRefused(first, shardsAbsent, { name: leaving.name }, /too few copies of a\/b/);
        expectGood(await apply(first, shards, { name: last.name, leaving: [leaving.name] }));
        await expectDone(first, shardsAbsent, { name: leaving.name }, ['copies of a/b']);
        await expectDone(first, memberAbsent, { name: leaving.name }, [leaving.name]);
      },
    );
    expect([...counts]).to.deep.equal([documents]);
    expectFilled(stage, [first.name, nodes[2]!.name, last.name]);
  });

  it('is refused where there is nothing to copy from, or nobody to copy to', async () => {
    await using stage = await grown(3);
    const { first, last, database } = stage;
    await expectRefused(first, shards, { name: 'couchdb@none' }, /is no member that is there/);
    await expectQuiet(first, shards, { name: 'couchdb@none', missing_ok: true });
    await expectRefused(first, shards, { name: last.name, leaving: [last.name] }, /is leaving/);
    await expectRefused(first, shards, { name: last.name, password: 'wrong-one' }, /does not admit/);
    for (const range of Object.keys(database.byRange)) database.byRange[range] = [stage.nodes[1]!.name];
    await stage.nodes[1]!.die();
    await expectRefused(first, shards, { name: last.name }, /No node that is there has a\/b \(range /);
    expect(stage.cluster.inMaintenance(last.name)).to.equal(false);
  });

  it('that is not filled in time leaves the node in maintenance, and says so', async () => {
    await using stage = await grown(2);
    const { first, last, cluster } = stage;
    cluster.synchronise = () => {};
    const done = await apply(first, shards, { name: last.name, timeout: 0.1 });
    expect(done.failed).to.match(/^It was not reached within 0\.1 seconds/);
    expect(cluster.inMaintenance(last.name)).to.equal(true);
    expect(cluster.countOf(stage.database)).to.equal(documents);
    expect(subjectsOf(done.steps)).to.include('await');
  });

  it('knows numbers that are not smaller', () => {
    for (const least of [1, 9, 10, 42, 99, 1095, 999_999]) {
      const pattern = new RegExp(`"n":${atLeast(least)}`);
      for (const number of [
        0, 1, 5, 9, 10, 41, 42, 43, 50, 98, 99, 100, 109, 1094, 1095, 1096, 1100, 2000, 999_999, 10_000_000,
      ])
        expect(pattern.test(`{"n":${number},"m":9}`), `${number} ≥ ${least}`).to.equal(number >= least);
    }
  });
});

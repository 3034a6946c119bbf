import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Plan } from '../../../engine/core/state.ts';
import { parseIni } from '../../../engine/modules/couchdb/_ini.ts';
import seedlist from '../../../engine/modules/couchdb/seedlist.ts';
import type { CouchNode } from '../../helpers/couchdb/cluster.ts';
import { type Double, password, startDouble } from '../../helpers/couchdb/double.ts';
import { apply, expectDone, expectQuiet, expectRefused } from '../../helpers/couchdb/life.ts';
import { hashOfAdmin } from '../../helpers/couchdb/passwords.ts';
import type { DoubleNode } from '../../helpers/couchdb/server.ts';
import { buildTree, temporaryFolder } from '../../helpers/folders.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const path = '/opt/couchdb/etc/local.d/30-seedlist.ini';
const nodes = ['couchdb@10.0.0.1', 'couchdb@10.0.0.2'];
const users = { couchdb: process.getuid!() === 0 ? 106 : process.getuid!() };
const files = { '/opt/couchdb/etc/local.d': { directory: true } } as const;
const text = (list: string) => `; Written by converge: changes here are lost.\n\n${list}`;
const both = text(`[cluster]\nseedlist = ${nodes.join()}\n`);
const entry = { content: both, mode: 0o640, user: users.couchdb, group: users.couchdb };

stateTester('couchdb.seedlist, below a root', seedlist, [
  {
    title: 'is there before CouchDB is',
    args: { name: 'x', nodes },
    host: { files, users },
    needsRoot: true,
    expects: { changes: [path], files: { [path]: entry } },
  },
  {
    title: 'is healed, with its owner and its mode',
    args: { name: 'x', nodes },
    host: { files: { ...files, [path]: { content: `${both}[log]\nlevel = none\n`, mode: 0o666 } }, users },
    needsRoot: true,
    expects: { changes: [path, `mode of ${path}`, `owner of ${path}`], files: { [path]: entry } },
  },
  {
    title: 'may be of no node',
    args: { name: 'x', nodes: [] },
    host: { files: { ...files, [path]: entry }, users },
    needsRoot: true,
    expects: { changes: [path], files: { [path]: { content: text('') } } },
  },
]);

const warningsOf = (plan: Plan) => ('warnings' in plan ? String(plan.warnings) : '');

describe('couchdb.seedlist', () => {
  let double: Double;
  let one: DoubleNode;
  let folder: ReturnType<typeof temporaryFolder>;
  const file = (name: string) => join(folder.path, 'etc/local.d', name);
  const args = (...names: string[]) => ({
    name: 'x',
    nodes: names,
    folder: folder.path,
    user: userInfo().username,
  });
  const running = () => double.cluster.setting(one.node, 'cluster', 'seedlist');

  beforeEach(async () => {
    folder = temporaryFolder();
    buildTree(folder.path, { 'etc/local.d': { directory: true } });
    double = await startDouble(1);
    one = double.nodes[0]!;
    one.node.reread = (): CouchNode['config'] =>
      new Map([
        ...[...parseIni(readFileSync(file('30-seedlist.ini'), 'utf8'))].map(
          ([section, keys]) => [section, new Map(keys)] as const,
        ),
        ['admins', new Map([['admin', hashOfAdmin(password)]])],
      ]);
  });
  afterEach(async () => {
    await double?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('is read again by the CouchDB that runs', async () => {
    const own = file('30-seedlist.ini');
    await expectDone(one, seedlist, args(...nodes), [own, 'cluster/seedlist']);
    expect(running()).to.equal(nodes.join());
    await expectQuiet(one, seedlist, args(...nodes));
    const { steps } = await expectDone(one, seedlist, args(nodes[1]!), [own, 'cluster/seedlist']);
    const change = { old: nodes.join(), new: nodes[1] };
    expect(steps.map((step) => step.change)).to.deep.equal([
      { subject: own, ...change },
      { subject: 'cluster/seedlist', ...change },
    ]);
    await expectDone(one, seedlist, args(), [own, 'cluster/seedlist']);
    expect([running(), statSync(own).mode & 0o777]).to.deep.equal([undefined, 0o640]);
  });

  it('is read again where only that has failed', async () => {
    await expectDone(one, seedlist, args(...nodes), [file('30-seedlist.ini'), 'cluster/seedlist']);
    double.cluster.set(one.node, 'cluster', 'seedlist', 'couchdb@other.test');
    await expectDone(one, seedlist, args(...nodes), ['cluster/seedlist']);
    expect(running()).to.equal(nodes.join());
  });

  it('waits for the start of a CouchDB that does not run, and of one that does not know the password yet', async () => {
    const wrong = await apply(one, seedlist, { ...args(...nodes), password: 'wrong-one' });
    expect(wrong.steps.map((step) => step.change?.subject)).to.deep.equal([file('30-seedlist.ini')]);
    expect(warningsOf(wrong.plan)).to.match(/when it starts again: CouchDB at .* does not admit "admin"/);
    await one.die();
    const away = await apply(one, seedlist, args(nodes[0]!));
    expect(away.steps.map((step) => step.change?.subject)).to.deep.equal([file('30-seedlist.ini')]);
    expect(warningsOf(away.plan)).to.equal('');
    await one.revive();
    await expectDone(one, seedlist, args(nodes[0]!), ['cluster/seedlist']);
  });

  it('says what counts more', async () => {
    writeFileSync(file('90-api.ini'), '[cluster]\nseedlist = couchdb@other.test\n');
    await expectRefused(one, seedlist, args(...nodes), /has set cluster\/seedlist to "couchdb@other.test"/);
    writeFileSync(file('90-api.ini'), `[cluster]\nseedlist = ${nodes.join()}\n`);
    await expectDone(one, seedlist, args(...nodes), [file('30-seedlist.ini'), 'cluster/seedlist']);
  });
});

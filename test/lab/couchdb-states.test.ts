/** The states of CouchDB against the double, and against a real cluster of three where COUCHDB_NODES names it. */
import { expect } from 'chai';
import type { AnyState } from '../../engine/core/state.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { createOverlay } from '../../engine/host/overlay.ts';
import { loadState } from '../../engine/modules/find.ts';
import { type Applied, applyTo } from '../helpers/apply.ts';
import { ask, type Cluster, clusters, type Member, type Opened } from '../helpers/couchdb/clusters.ts';
import { subjectsOf } from '../helpers/state-tester.ts';

type Args = Record<string, unknown>;

function argsFor({ url, login = '' }: Member, state: AnyState, more: Args): Args {
  const [username, password] = [login.slice(0, login.indexOf(':')), login.slice(login.indexOf(':') + 1)];
  const isOfUsers = 'admin_name' in state.properties;
  const who = isOfUsers ? { admin_name: username, admin_password: password } : { username, password };
  return { url, ...who, ...more };
}

async function applied(member: Member, address: string, more: Args, isDry = false): Promise<Applied> {
  const state = await loadState(address);
  const host = createLocalHost();
  const done = await applyTo(isDry ? createOverlay(host) : host, state!, argsFor(member, state!, more));
  expect(done.refused ?? done.failed, `${address} ${JSON.stringify(more)}`).to.equal(undefined);
  const { again = [] } = done;
  expect('steps' in again ? again.steps : again, `${address}: what is left`).to.deep.equal([]);
  return done;
}

async function expectQuiet(member: Member, address: string, more: Args): Promise<void> {
  const done = await applied(member, address, more);
  expect(subjectsOf(done.steps), `${address} once more`).to.deep.equal([]);
}

/** Foretold as it is done, and then all nodes see it so. */
async function expectDone(
  all: readonly Member[],
  [address, more]: readonly [string, Args],
  changes: readonly string[],
): Promise<void> {
  const foretold = await applied(all[0]!, address, more, true);
  const done = await applied(all[0]!, address, more);
  expect(subjectsOf(done.steps), address).to.deep.equal(changes);
  expect(foretold.steps, `${address} in a dry run`).to.deep.equal(done.steps);
  for (const member of all) await expectQuiet(member, address, more);
}

function holds({ title, open }: Cluster): void {
  describe(`CouchDB: states hold on ${title}`, function () {
    this.timeout(120_000);
    const name = `states-${process.pid}`;
    const userPath = `/_users/org.couchdb.user:${name}`;
    const key = `converge_states/key${process.pid}`;
    let all: readonly Member[];
    let one: Member;
    let opened: Opened;
    let names: readonly string[];

    before(async () => {
      opened = await open();
      all = opened.members;
      one = all[0]!;
      const answers = await Promise.all(all.map((member) => ask(member, 'GET /_node/_local')));
      names = answers.map(({ body }) => body.name);
    });
    after(async () => {
      if (one === undefined) return;
      await ask(one, `DELETE /${name}`);
      const { status, body } = await ask(one, `GET ${userPath}`);
      if (status === 200) await ask(one, `DELETE ${userPath}?rev=${body._rev}`);
      for (const node of names) await ask(one, `DELETE /_node/${node}/_config/${key}`);
      await opened.close();
    });

    it('members are members, and copies are where they should be', async () => {
      const nodes = names.map((node, index) => ({ name: node, url: all[index]!.url }));
      for (const [index, member] of all.entries())
        await applied(member, 'couchdb.cluster_member', { name: names[index], nodes });
      for (const [index, member] of all.entries())
        await expectQuiet(member, 'couchdb.cluster_member', { name: names[index], nodes });
      const before = (await ask(one, 'GET /_all_dbs')).body;
      expect(before).to.include.members(['_users', '_replicator']);
      for (const node of names)
        await expectQuiet(one, 'couchdb.shards', { name: node, databases: ['_users'], copies: 3 });
    });

    it('a database, and who may use it', async () => {
      const database = ['couchdb.database', { name, q: 2 }] as const;
      await expectDone(all, database, [name]);
      const security = ['couchdb.security', { name, members: { roles: ['b', 'a'] } }] as const;
      await expectDone(all, security, ['members']);
      await ask(one, `PUT /${name}/_security`, { members: { roles: ['all'] } });
      await expectDone(all, security, ['members']);
      expect((await ask(all[2]!, `GET /${name}/_security`)).body.members.roles).to.deep.equal(['a', 'b']);
      for (const node of names)
        await expectQuiet(one, 'couchdb.shards', { name: node, databases: [name], copies: 3 });
    });

    it('a design document', async () => {
      const document = {
        language: 'javascript',
        views: { all: { map: 'function (doc) { emit(doc._id); }' } },
      };
      const wanted = ['couchdb.design_document', { name: 'some', database: name, document }] as const;
      await expectDone(all, wanted, ['_design/some']);
      const path = `/${name}/_design/some`;
      const { body } = await ask(one, `GET ${path}`);
      expect((await ask(one, `PUT ${path}`, { ...body, views: {} })).status).to.be.oneOf([201, 202]);
      await expectDone(all, wanted, ['_design/some']);
      const gone = ['couchdb.design_document_absent', { name: 'some', database: name }] as const;
      await expectDone(all, gone, ['_design/some']);
      await expectDone(all, wanted, ['_design/some']);
    });

    it('a user, whose password is sent only where it is another', async () => {
      const user = ['couchdb.user', { name, password: 'päss "1":', roles: ['app'] }] as const;
      await expectDone(all, user, [name, 'password', 'roles']);
      const before = (await ask(one, `GET ${userPath}`)).body;
      await ask(one, `PUT ${userPath}`, { ...before, password: 'by-hand' });
      await expectDone(all, user, ['password']);
      const login = { url: all[1]!.url, login: `${name}:päss "1":` };
      expect((await ask(login, 'GET /_session')).body.userCtx.roles).to.deep.equal(['app']);
      await expectDone(all, ['couchdb.user_absent', { name }], [name]);
    });

    it('a setting of each node', async () => {
      for (const node of names) {
        const setting = ['couchdb.config', { name: key, value: 'a "b"', node }] as const;
        await expectDone(all, setting, [key]);
        await ask(one, `PUT /_node/${node}/_config/${key}`, '"by hand"');
        await expectDone(all, setting, [key]);
        await expectDone(all, ['couchdb.config_absent', { name: key, node }], [key]);
      }
    });

    it('a database that is gone', async () => {
      await expectDone(all, ['couchdb.database_absent', { name }], [name]);
      expect((await ask(one, `GET /${name}`)).status).to.equal(404);
    });
  });
}

clusters.forEach(holds);

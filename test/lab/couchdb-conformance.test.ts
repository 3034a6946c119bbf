/** What the states of CouchDB rely on, asked of the double, and of a real cluster of three where COUCHDB_NODES names it. */
import { expect } from 'chai';
import {
  ask,
  type Cluster,
  clusters,
  type Member,
  removeTraces,
  told as toldBy,
  until,
} from '../helpers/couchdb/clusters.ts';

function conforms({ title, open }: Cluster): void {
  describe(`CouchDB: ${title} behaves as recorded`, function () {
    this.timeout(180_000);
    const database = `conformance-${process.pid}`;
    const user = `conformance-${process.pid}`;
    const userPath = `/_users/org.couchdb.user:${user}`;
    let all: readonly Member[];
    let one: Member;
    let close: () => Promise<void>;

    before(async () => {
      ({ members: all, close } = await open());
      one = all[0]!;
      const { body } = await ask(one, 'GET /_all_dbs');
      for (const name of ['_users', '_replicator']) if (!body.includes(name)) await ask(one, `PUT /${name}`);
    });
    after(async () => {
      if (one === undefined) return;
      await removeTraces(one, database, userPath);
      await close();
    });

    const told = (line: string, body?: unknown) => toldBy(one, line, body);

    it('members are all connected, and each knows its name', async () => {
      const names: string[] = [];
      for (const member of all) {
        const { body } = await ask(member, 'GET /_membership');
        expect(body.all_nodes.toSorted()).to.deep.equal(body.cluster_nodes.toSorted());
        expect(body.all_nodes).to.have.length(all.length);
        const self = await ask(member, 'GET /_node/_local');
        expect(body.all_nodes).to.include(self.body.name);
        names.push(self.body.name);
      }
      expect(new Set(names).size).to.equal(all.length);
      expect((await ask(one, 'GET /_node/couchdb@no-such-node.test/_config')).body).to.deep.include({
        error: 'not_found',
        reason: 'no such node: couchdb@no-such-node.test',
      });
    });

    it('some things are told without a login', async () => {
      const anyone = { url: one.url, login: undefined };
      expect((await ask(anyone, 'GET /')).body.couchdb).to.equal('Welcome');
      expect(await ask(anyone, 'GET /_up')).to.deep.include({ status: 200 });
      for (const path of ['/_all_dbs', '/_membership', '/_node/_local/_config']) {
        const answer = await ask(anyone, `GET ${path}`);
        expect([answer.status, answer.body.reason]).to.deep.equal([401, 'You are not a server admin.']);
      }
    });

    it('databases', async () => {
      expect(await told(`GET /${database}`)).to.deep.equal([404, 'not_found', 'Database does not exist.']);
      expect(await told(`PUT /${database}?q=2`)).to.deep.equal([201]);
      expect((await told(`PUT /${database}`)).slice(0, 2)).to.deep.equal([412, 'file_exists']);
      expect((await told('PUT /Bad')).slice(0, 2)).to.deep.equal([400, 'illegal_database_name']);
      expect(await told(`PUT /${database}x?q=0`)).to.deep.equal([
        400,
        'bad_request',
        'The `q` value should be a positive integer.',
      ]);
      for (const member of all) {
        const { body } = await ask(member, `GET /${database}`);
        expect(body).to.include({ db_name: database, doc_count: 0 });
        expect(body.cluster.q).to.equal(2);
      }
    });

    it('who may use a database', async () => {
      const path = `/${database}/_security`;
      expect((await ask(one, `GET ${path}`)).body).to.deep.equal({
        members: { roles: ['_admin'] },
        admins: { roles: ['_admin'] },
      });
      const wanted = { members: { names: ['a"b'], roles: [] }, admins: { names: [], roles: ['staff'] } };
      expect(await ask(one, `PUT ${path}`, wanted)).to.deep.equal({ status: 200, body: { ok: true } });
      expect((await ask(all.at(-1)!, `GET ${path}`)).body).to.deep.equal(wanted);
      expect(await told(`PUT ${path}`, { members: { names: 'x' } })).to.deep.equal([
        500,
        'error',
        'no_majority',
      ]);
      expect(await told(`PUT ${path}`, [])).to.deep.equal([500, 'error', 'no_majority']);
    });

    it('design documents and revisions', async () => {
      const path = `/${database}/_design/some`;
      expect(await told(`GET ${path}`)).to.deep.equal([404, 'not_found', 'missing']);
      const body = { views: { all: { map: 'function (doc) { emit(doc._id); }' } } };
      const first = await ask(one, `PUT ${path}`, body);
      expect(first.status).to.equal(201);
      expect(await told(`PUT ${path}`, body)).to.deep.equal([409, 'conflict', 'Document update conflict.']);
      const again = await ask(one, `PUT ${path}`, { ...body, _rev: first.body.rev });
      expect(again.body.rev).to.match(/^2-/);
      expect((await ask(one, `GET ${path}?conflicts=true`)).body).to.deep.equal({
        _id: '_design/some',
        _rev: again.body.rev,
        ...body,
      });
      const broken = { views: { v: { map: 'function (' } } };
      expect((await told(`PUT /${database}/_design/broken`, broken)).slice(0, 2)).to.deep.equal([
        400,
        'compilation_error',
      ]);
      expect((await told(`DELETE ${path}`)).slice(0, 1)).to.deep.equal([409]);
      expect((await ask(one, `DELETE ${path}?rev=${again.body.rev}`)).status).to.equal(200);
      expect(await told(`GET ${path}`)).to.deep.equal([404, 'not_found', 'deleted']);
      expect((await ask(one, `PUT ${path}`, body)).body.rev).to.match(/^4-|^3-/);
    });

    it('users, whose passwords are kept as a key derived with a salt', async () => {
      const doc = { name: user, type: 'user', roles: ['staff'], password: 'pärs "one"', email: 'a@b.test' };
      expect((await ask(one, `PUT ${userPath}`, doc)).status).to.equal(201);
      expect((await told(`PUT ${userPath}`, doc)).slice(0, 1)).to.deep.equal([409]);
      const { body } = await ask(one, `GET ${userPath}`);
      expect(body).to.include({ password_scheme: 'pbkdf2', pbkdf2_prf: 'sha256', email: 'a@b.test' });
      expect(body).to.not.have.property('password');
      expect(body.derived_key).to.match(/^[0-9a-f]{64}$/);
      expect(body.salt).to.match(/^[0-9a-f]{32}$/);
      const { pbkdf2Sync } = process.getBuiltinModule('node:crypto');
      const key = pbkdf2Sync(doc.password, body.salt, body.iterations, 32, 'sha256').toString('hex');
      expect(body.derived_key).to.equal(key);
      const login = `${user}:${doc.password}`;
      expect((await ask({ ...one, login }, 'GET /_session')).body.userCtx).to.deep.include({
        name: user,
        roles: ['staff'],
      });
      expect((await ask({ ...one, login }, 'GET /_all_dbs')).body.reason).to.equal(
        'You are not a server admin.',
      );
      const refusals: readonly (readonly [object, string])[] = [
        [{ name: user, type: 'x', roles: [] }, 'doc.type must be user'],
        [{ name: 'other', type: 'user', roles: [] }, 'Doc ID must be of the form org.couchdb.user:name'],
        [{ name: user, type: 'user', roles: 'x' }, 'doc.roles must be an array'],
        [
          { name: user, type: 'user', roles: ['_x'] },
          'No system roles (starting with underscore) in users db.',
        ],
        [{ name: user, type: 'user', roles: [], password: 7 }, "Password value of '7' is invalid."],
      ];
      for (const [wrong, reason] of refusals)
        expect(await told(`PUT ${userPath}`, { ...wrong, _rev: body._rev })).to.deep.equal([
          403,
          'forbidden',
          reason,
        ]);
    });

    it('settings of a node, through any other', async () => {
      const { body } = await ask(all.at(-1)!, 'GET /_node/_local');
      const path = `/_node/${body.name}/_config/conformance/key`;
      expect(await told(`GET ${path}`)).to.deep.equal([404, 'not_found', 'unknown_config_value']);
      expect((await ask(one, `PUT ${path}`, JSON.stringify(' a "b" '))).body).to.equal('');
      expect((await ask(one, `GET ${path}`)).body).to.equal('a "b"');
      expect((await ask(one, `PUT ${path}`, '"c"')).body).to.equal('a "b"');
      expect(await told(`PUT ${path}`, '1')).to.deep.equal([400, 'bad_request', 'a JSON string expected']);
      expect(await told(`PUT ${path}`, '"a\\nb"')).to.deep.equal([
        400,
        'bad_request',
        'Invalid configuration value',
      ]);
      expect((await ask(one, `DELETE ${path}`)).body).to.equal('c');
      expect((await told(`DELETE ${path}`)).slice(0, 1)).to.deep.equal([404]);
      expect((await ask(one, `GET /_node/${body.name}/_config/no-such-section`)).body).to.deep.equal({});
    });

    it('an admin, whose password is hashed a moment later', async () => {
      const path = '/_node/_local/_config/admins/conformance';
      await ask(one, `PUT ${path}`, '"pärs:one"');
      const stored = async () => (await ask(one, `GET ${path}`)).body as string;
      await until(async () => (await stored()).startsWith('-'), 'the password is hashed');
      const [, key, salt, iterations] = /^-pbkdf2:sha256-([0-9a-f]{64}),([0-9a-f]+),(\d+)$/.exec(
        await stored(),
      )!;
      const { pbkdf2Sync } = process.getBuiltinModule('node:crypto');
      expect(pbkdf2Sync('pärs:one', salt!, Number(iterations), 32, 'sha256').toString('hex')).to.equal(key);
      const login = 'conformance:pärs:one';
      await until(
        async () => (await ask({ ...one, login }, 'GET /_all_dbs')).status === 200,
        'it may log in',
      );
      const given = `-pbkdf2:sha256-${'0'.repeat(64)},aa,10`;
      await ask(one, `PUT ${path}`, JSON.stringify(given));
      expect(await stored()).to.equal(given);
      await ask(one, `DELETE ${path}`);
    });

    it('shard maps, and the copies they name', async () => {
      const { body } = await ask(one, `GET /_node/_local/_dbs/${database}`);
      expect(body).to.include.keys('_id', '_rev', 'shard_suffix', 'changelog', 'by_node', 'by_range');
      const shards = (await ask(one, `GET /${database}/_shards`)).body.shards;
      expect(Object.keys(shards).sort()).to.deep.equal(Object.keys(body.by_range).sort());
      const rows = (await ask(one, 'GET /_node/_local/_dbs/_all_docs?include_docs=true')).body.rows;
      expect(rows.find(({ id }: { id: string }) => id === database).doc).to.deep.equal(body);
      const suffix = String.fromCharCode(...body.shard_suffix);
      expect(suffix).to.match(/^\.\d+$/);
      const [range, [node]] = Object.entries(body.by_range)[0] as [string, [string]];
      const copy = encodeURIComponent(`shards/${range}/${database}${suffix}`);
      expect((await ask(one, `GET /_node/${node}/${copy}`)).body.doc_count).to.be.a('number');
      expect(
        (await ask(one, `PUT /_node/_local/_dbs/${database}`, { ...body, _rev: undefined })).status,
      ).to.equal(409);
      expect(await ask(one, `POST /${database}/_sync_shards`)).to.deep.equal({
        status: 202,
        body: { ok: true },
      });
      expect((await ask(one, 'GET /_node/_local/_system')).body.internal_replication_jobs).to.be.a('number');
    });

    it('a member that does not exist is taken without a question', async () => {
      const ghost = 'couchdb@ghost.test';
      expect((await ask(one, `PUT /_node/_local/_nodes/${ghost}`, {})).status).to.equal(201);
      expect((await ask(one, `PUT /_node/_local/_nodes/${ghost}`, {})).status).to.equal(409);
      const { body } = await ask(one, 'GET /_membership');
      expect(body.cluster_nodes).to.include(ghost);
      expect(body.all_nodes).to.not.include(ghost);
      expect((await ask(one, `GET /_node/${ghost}/_config`)).body).to.deep.include({ error: 'nodedown' });
      const { _rev } = (await ask(one, `GET /_node/_local/_nodes/${ghost}`)).body;
      expect((await ask(one, `DELETE /_node/_local/_nodes/${ghost}`)).status).to.equal(409);
      expect((await ask(one, `DELETE /_node/_local/_nodes/${ghost}?rev=${_rev}`)).status).to.equal(200);
      expect(await told(`DELETE /_node/_local/_nodes/${ghost}?rev=${_rev}`)).to.deep.equal([
        404,
        'not_found',
        'deleted',
      ]);
    });

    it('a setup that says it went well though nothing did', async () => {
      const setup = (body: object) => ask(one, 'POST /_cluster_setup', body);
      expect((await setup({})).body.reason).to.equal("Invalid Action'");
      const remote = { action: 'enable_cluster', remote_node: '192.0.2.1', port: 5984, node_count: 3 };
      const login = { username: 'x', password: 'x', bind_address: '0.0.0.0' };
      const lie = { ...remote, ...login, remote_current_user: 'x', remote_current_password: 'x' };
      expect(await setup(lie)).to.deep.equal({ status: 201, body: { ok: true } });
      expect((await setup({ action: 'finish_cluster' })).body.reason).to.equal('Cluster is already finished');
      expect((await ask(one, 'GET /_cluster_setup')).body).to.deep.equal({ state: 'cluster_finished' });
    });
  });
}

clusters.forEach(conforms);

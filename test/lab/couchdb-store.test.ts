/** What the REST API relies on, asked of the double, and of a real cluster of three where COUCHDB_NODES names it. */
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

/** A request whose headers count. */
async function raw({ url }: Member, line: string, headers: Record<string, string> = {}, body?: unknown) {
  const [method = '', path] = line.split(' ');
  const isText = typeof body === 'string';
  return await fetch(url + path, {
    ...{ method, redirect: 'manual' as const },
    headers: { ...(isText || body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
}

function serves({ title, open }: Cluster): void {
  describe(`CouchDB: ${title} serves an application as recorded`, function () {
    this.timeout(180_000);
    const database = `store-${process.pid}`;
    const user = `störe-${process.pid}`;
    const password = 'pass:"wörd"';
    const userPath = `/_users/org.couchdb.user:${encodeURIComponent(user)}`;
    let all: readonly Member[];
    let one: Member;
    let last: Member;
    let close: () => Promise<void>;

    before(async () => {
      ({ members: all, close } = await open());
      [one, last] = [all[0]!, all.at(-1)!];
      for (const name of ['_users', '_replicator']) await ask(one, `PUT /${name}`);
      expect((await ask(one, `PUT /${database}`)).status).to.equal(201);
      const names = { names: [user], roles: [] };
      await ask(one, `PUT /${database}/_security`, { members: names, admins: { names: [], roles: [] } });
      const doc = { name: user, type: 'user', roles: ['staff'], password };
      expect((await ask(one, `PUT ${userPath}`, doc)).status).to.equal(201);
    });
    after(async () => {
      if (one === undefined) return;
      await removeTraces(one, database, userPath);
      await close();
    });

    const told = (line: string, body?: unknown) => toldBy(one, line, body);
    const login = (at: Member = one) => raw(at, 'POST /_session', {}, { name: user, password });
    const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

    describe('sessions', () => {
      it('begin with a cookie that is good for all nodes, which have the same secret', async () => {
        const response = await login();
        expect(response.status).to.equal(200);
        expect(await response.json()).to.deep.equal({ ok: true, name: user, roles: ['staff'] });
        expect(response.headers.get('set-cookie')).to.match(
          /^AuthSession=[\w-]+; Version=1; Expires=[^;]+GMT; Max-Age=600; Path=\/; HttpOnly$/,
        );
        expect(response.headers.get('x-couch-request-id')).to.match(/^[0-9a-f]{10}$/);
        for (const member of all) {
          const found = await raw(member, 'GET /_session', { cookie: cookieOf(response) });
          expect(await found.json()).to.deep.equal({
            ok: true,
            userCtx: { name: user, roles: ['staff'] },
            info: { authentication_handlers: ['cookie', 'default'], authenticated: 'cookie' },
          });
          expect((await raw(member, `GET /${database}`, { cookie: cookieOf(response) })).status).to.equal(
            200,
          );
        }
      });

      it('begin by a form as well, and lead on', async () => {
        const form = new URLSearchParams({ name: user, password }).toString();
        const type = { 'content-type': 'application/x-www-form-urlencoded' };
        const response = await raw(last, 'POST /_session?next=/foo', type, form);
        expect(response.status).to.equal(302);
        expect(response.headers.get('location')).to.match(/\/foo$/);
        expect((await raw(one, 'POST /_session', { 'content-type': 'text/plain' }, form)).status).to.equal(
          415,
        );
        const nameless = await raw(one, 'POST /_session', {}, {});
        expect([nameless.status, ((await nameless.json()) as { reason: string }).reason]).to.deep.equal([
          400,
          'request body must contain a username',
        ]);
      });

      it('need the right password, and whether there is such a user is not told', async () => {
        const attempts = [
          { name: user, password: 'wrong' },
          { name: `nobody-${process.pid}`, password },
        ];
        for (const attempt of attempts) {
          const response = await raw(one, 'POST /_session', {}, attempt);
          expect(response.status).to.equal(401);
          expect(response.headers.get('set-cookie')).to.match(/^AuthSession=;/);
          expect(await response.json()).to.deep.equal({
            error: 'unauthorized',
            reason: 'Name or password is incorrect.',
          });
        }
      });

      it('are of nobody where the cookie is forged or cannot be read', async () => {
        const cookie = cookieOf(await login());
        const [token = ''] = cookie.split('=').slice(1);
        const bytes = Buffer.from(token, 'base64url');
        bytes[bytes.length - 1]! ^= 1;
        const forged = await raw(one, 'GET /_session', {
          cookie: `AuthSession=${bytes.toString('base64url')}`,
        });
        expect(((await forged.json()) as { userCtx: object }).userCtx).to.deep.equal({
          name: null,
          roles: [],
        });
        const garbage = await raw(one, 'GET /_session', { cookie: 'AuthSession=garbage' });
        expect([garbage.status, await garbage.json()]).to.deep.equal([
          400,
          { error: 'bad_request', reason: 'Malformed AuthSession cookie. Please clear your cookies.' },
        ]);
      });

      it('are renewed once a tenth of their time is over, and end', async () => {
        const path = '/_node/_local/_config/chttpd_auth/timeout';
        await ask(one, `PUT ${path}`, '"10"');
        const cookie = cookieOf(await login());
        let renewed: Response | undefined;
        await until(async () => {
          renewed = await raw(one, 'GET /_session', { cookie });
          return renewed.headers.has('set-cookie');
        }, 'another cookie comes');
        expect(cookieOf(renewed!))
          .to.match(/^AuthSession=./)
          .and.not.equal(cookie);
        await ask(one, `PUT ${path}`, '"1"');
        const isOver = async () => {
          const found = await raw(one, 'GET /_session', { cookie });
          return ((await found.json()) as { userCtx: { name: unknown } }).userCtx.name === null;
        };
        await until(isOver, 'the first cookie is not good any more');
        await ask(one, `DELETE ${path}`);
        const ended = await raw(one, 'DELETE /_session', { cookie: cookieOf(renewed!) });
        expect([ended.status, cookieOf(ended)]).to.deep.equal([200, 'AuthSession=']);
      });
    });

    it('uuids', async () => {
      const { body } = await ask(one, 'GET /_uuids?count=3');
      expect(body.uuids).to.have.length(3);
      for (const uuid of body.uuids) expect(uuid).to.match(/^[0-9a-f]{32}$/);
      expect(await told('GET /_uuids?count=1001')).to.deep.equal([
        400,
        'bad_request',
        'count parameter too large',
      ]);
    });

    it('many documents at once, each with an answer of its own', async () => {
      const docs = ['a', 'b', 'c', 'd', 'e'].map((_id, number) => ({
        _id,
        number,
        tags: [`t${number % 2}`],
      }));
      const first = await ask(one, `POST /${database}/_bulk_docs`, { docs });
      expect(first.status).to.equal(201);
      expect(first.body.map(({ ok, id }: { ok: boolean; id: string }) => [ok, id])).to.deep.equal(
        docs.map(({ _id }) => [true, _id]),
      );
      const again = { docs: [{ _id: 'a' }, { _id: 'e', _rev: first.body[4].rev, _deleted: true }, { x: 1 }] };
      const { body } = await ask(last, `POST /${database}/_bulk_docs`, again);
      expect(body[0]).to.deep.equal({ id: 'a', error: 'conflict', reason: 'Document update conflict.' });
      expect(body[1].ok).to.equal(true);
      expect(body[2].id).to.match(/^[0-9a-f]{32}$/);
      await ask(one, `DELETE /${database}/${body[2].id}?rev=${body[2].rev}`);
    });

    it('lists of documents', async () => {
      const ids = async (query: string, body?: unknown) => {
        const answer = await ask(last, `${body ? 'POST' : 'GET'} /${database}/_all_docs${query}`, body);
        return answer.body.rows.map(
          ({ id, key, error }: { [key: string]: string }) => id ?? `${key}: ${error}`,
        );
      };
      expect(await ids('')).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(await ids('?startkey="b"&endkey="c"')).to.deep.equal(['b', 'c']);
      expect(await ids('?startkey="b"&endkey="c"&inclusive_end=false')).to.deep.equal(['b']);
      expect(await ids('?descending=true&limit=2')).to.deep.equal(['d', 'c']);
      expect(await ids('?descending=true&startkey="c"&endkey="b"')).to.deep.equal(['c', 'b']);
      expect(await ids('?skip=1&limit=1')).to.deep.equal(['b']);
      expect(await ids('?key="d"')).to.deep.equal(['d']);
      expect(await ids('', { keys: ['d', 'nothing', 'a', 'e'] })).to.deep.equal([
        'd',
        'nothing: not_found',
        'a',
        'e',
      ]);
      const { body } = await ask(one, `GET /${database}/_all_docs?include_docs=true&keys=["b","e"]`);
      expect(body.rows[0].doc).to.include({ _id: 'b', number: 1 });
      expect(body.rows[1].value.deleted).to.equal(true);
      expect(body.rows[1].doc).to.equal(null);
      expect(await told(`GET /${database}/_all_docs?limit=x`)).to.deep.equal([
        ...[400, 'query_parse_error', 'Invalid value for integer: "x"'],
      ]);
      expect((await told(`GET /${database}/_all_docs?key=x`)).slice(0, 2)).to.deep.equal([
        400,
        'bad_request',
      ]);
      const all = (await ask(one, `GET /${database}/_all_docs?limit=0`)).body;
      expect([all.total_rows, all.rows]).to.deep.equal([4, []]);
    });

    it('views, fresh right after a write, on every node', async () => {
      const map = `function (doc) {
        if (doc.throws) throw new Error('no');
        if (doc.number !== undefined) emit([doc.tags[0], doc.number], doc.number);
      }`;
      const views = {
        plain: { map: 'function (doc) { emit(doc.kind === undefined ? null : doc.kind); }' },
        count: { map, reduce: '_count' },
        sum: { map, reduce: '_sum' },
        stats: { map, reduce: '_stats' },
      };
      expect((await ask(one, `PUT /${database}/_design/v`, { views })).status).to.equal(201);
      const view = async (name: string, body?: unknown, at = last) => {
        const path = `/${database}/_design/v/_view/${name}`;
        return (await ask(at, `${body ? 'POST' : 'GET'} ${path}`, body)).body;
      };
      expect((await view('sum')).rows).to.deep.equal([{ key: null, value: 6 }]);
      expect((await view('count?group_level=1')).rows).to.deep.equal([
        { key: ['t0'], value: 2 },
        { key: ['t1'], value: 2 },
      ]);
      expect((await view('sum?group=true&limit=1')).rows).to.deep.equal([{ key: ['t0', 0], value: 0 }]);
      expect((await view('stats')).rows[0].value).to.deep.equal({
        sum: 6,
        count: 4,
        min: 0,
        max: 3,
        sumsqr: 14,
      });
      expect(await view('count?reduce=false&startkey=["t1"]&endkey=["t1",{}]')).to.deep.equal({
        total_rows: 4,
        offset: 2,
        rows: [
          { id: 'b', key: ['t1', 1], value: 1 },
          { id: 'd', key: ['t1', 3], value: 3 },
        ],
      });
      const keys = {
        keys: [
          ['t1', 3],
          ['t0', 0],
        ],
      };
      expect(
        (await view('sum?group=true', keys)).rows.map(({ value }: { value: number }) => value),
      ).to.deep.equal([3, 0]);
      const kinds = [null, false, true, -1, 10, '', 'a', 'A', 'aa', 'b', 'ä', [], ['a'], {}, { a: 1 }];
      for (const [index, kind] of kinds.entries())
        await ask(all[index % all.length]!, `PUT /${database}/kind${index}`, { kind });
      const sorted = (await view('plain?include_docs=true&startkey=false')).rows;
      expect(sorted.map(({ key }: { key: unknown }) => key)).to.deep.equal([
        ...[false, true, -1, 10, '', 'a', 'A', 'ä', 'aa', 'b', [], ['a'], {}, { a: 1 }],
      ]);
      for (const member of all) {
        const { rev } = (await ask(member, `PUT /${database}/fresh`, { kind: 'fresh' })).body;
        for (const other of all)
          expect((await view('plain?key="fresh"', undefined, other)).rows).to.have.length(1);
        await ask(member, `DELETE /${database}/fresh?rev=${rev}`);
        expect((await view('plain?key="fresh"')).rows).to.deep.equal([]);
      }
      await ask(one, `PUT /${database}/thrower`, { throws: true, number: 7, tags: [] });
      expect((await view('count')).rows).to.deep.equal([{ key: null, value: 4 }]);
      expect((await told(`GET /${database}/_design/v/_view/none`)).slice(0, 3)).to.deep.equal([
        ...[404, 'not_found', 'missing_named_view'],
      ]);
      expect(await told(`GET /${database}/_design/none/_view/v`)).to.deep.equal([
        404,
        'not_found',
        'missing',
      ]);
    });

    it('documents that are looked for', async () => {
      const find = async (body: object) => (await ask(last, `POST /${database}/_find`, body)).body;
      const found = async (selector: object, more: object = {}) =>
        (await find({ selector, ...more })).docs.map(({ _id }: { _id: string }) => _id);
      expect(await found({ number: { $gte: 2 } })).to.have.members(['c', 'd', 'thrower']);
      expect(await found({ number: 1 })).to.deep.equal(['b']);
      expect(await found({ $or: [{ number: 0 }, { kind: 'b' }] })).to.have.length(2);
      expect(await found({ tags: { $elemMatch: { $eq: 't1' } } })).to.have.members(['b', 'd']);
      expect(await found({ 'kind.a': { $exists: true } })).to.have.length(1);
      expect(await found({ number: { $in: [0, 3] }, _id: { $ne: 'a' } })).to.deep.equal(['d']);
      expect((await find({ selector: { _id: 'a' }, fields: ['number'] })).docs).to.deep.equal([
        { number: 0 },
      ]);
      const index = { index: { fields: ['number'] }, name: 'by-number', ddoc: 'by-number' };
      const made = await ask(one, `POST /${database}/_index`, index);
      expect([made.status, made.body]).to.deep.equal([
        200,
        { result: 'created', id: '_design/by-number', name: 'by-number' },
      ]);
      expect((await ask(one, `POST /${database}/_index`, index)).body.result).to.equal('exists');
      const selector = { number: { $gte: 0, $lt: 7 } };
      const sorted = { sort: [{ number: 'desc' }], limit: 2 };
      expect(await found(selector, sorted)).to.deep.equal(['d', 'c']);
      const { bookmark } = await find({ selector, ...sorted });
      expect(await found(selector, { ...sorted, bookmark })).to.deep.equal(['b', 'a']);
      expect(
        (await told(`POST /${database}/_find`, { selector: { a: { $bad: 1 } } })).slice(0, 1),
      ).to.deep.equal([400]);
      expect((await told(`POST /${database}/_find`, {})).slice(0, 1)).to.deep.equal([400]);
    });

    it('changes', async () => {
      const changes = async (query: string) => (await ask(one, `GET /${database}/_changes?${query}`)).body;
      const { results, last_seq } = await changes('include_docs=true');
      const of = (name: string) => results.find(({ id }: { id: string }) => id === name);
      expect(of('e').deleted).to.equal(true);
      expect(of('a').doc).to.include({ number: 0 });
      expect((await changes(`since=${last_seq}`)).results).to.deep.equal([]);
      const waiting = changes(`feed=longpoll&since=${last_seq}&timeout=20000`);
      await ask(one, `PUT /${database}/later`, {});
      expect((await waiting).results.map(({ id }: { id: string }) => id)).to.deep.equal(['later']);
      expect((await changes(`feed=longpoll&since=now&timeout=50`)).results).to.deep.equal([]);
    });

    it('documents are looked at before they are taken', async () => {
      const validate_doc_update = `function (doc, before, who, security) {
        if (doc.forbidden) throw { forbidden: 'not ' + doc.forbidden };
        if (doc.unauthorized) throw { unauthorized: who.roles[0] };
        if (doc.broken) doc.nothing.there;
        if (before && before.fixed && !doc._deleted) throw { forbidden: security.members.names[0] };
      }`;
      await ask(one, `PUT /${database}/_design/check`, { validate_doc_update });
      const path = `/${database}/checked`;
      expect(await told(`PUT ${path}`, { forbidden: 'this' })).to.deep.equal([403, 'forbidden', 'not this']);
      expect(await told(`PUT ${path}`, { unauthorized: 1 })).to.deep.equal([401, 'unauthorized', '_admin']);
      expect((await told(`PUT ${path}`, { broken: 1 })).slice(0, 2)).to.deep.equal([500, 'TypeError']);
      const { body } = await ask(one, `PUT ${path}`, { fixed: true });
      expect(await told(`PUT ${path}`, { _rev: body.rev })).to.deep.equal([403, 'forbidden', user]);
      const rows = await ask(last, `POST /${database}/_bulk_docs`, {
        docs: [{ _id: 'x', forbidden: 'x' }, { _id: 'y' }],
      });
      expect([rows.status, rows.body[0], rows.body[1].ok]).to.deep.equal([
        201,
        { id: 'x', error: 'forbidden', reason: 'not x' },
        true,
      ]);
      expect((await ask(one, `DELETE ${path}?rev=${body.rev}`)).status).to.equal(200);
    });

    it('who is no administrator may do less', async () => {
      const member = { url: one.url, login: `${user}:${password}` };
      const asked = async (line: string, body?: unknown) => {
        const answer = await ask(member, line, body);
        return [answer.status, answer.body.reason].filter((part) => part !== undefined);
      };
      expect(await asked(`PUT /${database}/own`, {})).to.deep.equal([201]);
      expect(await asked(`PUT /${database}/_design/own`, {})).to.deep.equal([
        403,
        'You are not a db or server admin.',
      ]);
      for (const line of ['GET /_all_dbs', 'PUT /another', `DELETE /${database}`])
        expect(await asked(line)).to.deep.equal([401, 'You are not a server admin.']);
      expect(await asked('GET /_replicator')).to.deep.equal([403, 'You are not allowed to access this db.']);
      expect(await asked(`PUT /${database}/_security`, {})).to.deep.equal([500, 'no_majority']);
      expect((await ask({ ...member, login: undefined }, `GET /${database}`)).body.reason).to.equal(
        'You are not authorized to access this db.',
      );
      expect(await asked(`GET ${userPath}`)).to.deep.equal([403, 'You are not allowed to access this db.']);
    });

    it('infos of databases, and heads without a body', async () => {
      const { body } = await ask(last, 'POST /_dbs_info', { keys: [database, 'nope'] });
      expect(body[0].info.db_name).to.equal(database);
      expect(body[1]).to.deep.equal({ key: 'nope', error: 'not_found' });
      const authorization = { authorization: `Basic ${Buffer.from(one.login!).toString('base64')}` };
      for (const [path, status] of [
        [`/${database}`, 200],
        [`/${database}/a`, 200],
        ['/nope', 404],
      ] as const) {
        const response = await raw(one, `HEAD ${path}`, authorization);
        expect([response.status, await response.text()], path).to.deep.equal([status, '']);
      }
    });

    it('each user has a database where that is switched on', async () => {
      const name = `own-${process.pid}`;
      const path = `/_users/org.couchdb.user:${name}`;
      const own = `/userdb-${Buffer.from(name).toString('hex')}`;
      for (const member of all) {
        await ask(member, 'PUT /_node/_local/_config/couch_peruser/enable', '"true"');
        await ask(member, 'PUT /_node/_local/_config/couch_peruser/delete_dbs', '"true"');
      }
      const doc = { name, type: 'user', roles: [], password };
      await ask(one, `PUT ${path}`, doc);
      const isThere = async () => {
        const { body } = await ask(last, `GET ${own}/_security`);
        return body.members?.names?.includes(name);
      };
      await until(isThere, 'there is one');
      expect((await ask(last, `GET ${own}/_security`)).body).to.deep.equal({
        members: { roles: ['_admin'], names: [name] },
        admins: { roles: ['_admin'], names: [name] },
      });
      const self = { url: last.url, login: `${name}:${password}` };
      expect((await ask(self, `PUT ${own}/_design/mine`, { views: {} })).status).to.equal(201);
      const { body } = await ask(one, `GET ${path}`);
      await ask(one, `DELETE ${path}?rev=${body._rev}`);
      await until(async () => (await ask(last, `GET ${own}`)).status === 404, 'it went with the user');
      for (const member of all)
        for (const key of ['enable', 'delete_dbs'])
          await ask(member, `DELETE /_node/_local/_config/couch_peruser/${key}`);
    });

    it('who errs too often is locked out on that node, and nowhere else', async () => {
      const name = `locked-${process.pid}`;
      const path = `/_users/org.couchdb.user:${name}`;
      await ask(one, `PUT ${path}`, { name, type: 'user', roles: [], password });
      const attempt = async (at: Member, given: string) =>
        (await raw(at, 'POST /_session', {}, { name, password: given })).status;
      for (let count = 0; count < 5; count++) expect(await attempt(one, 'wrong')).to.equal(401);
      expect(await attempt(one, password)).to.equal(403);
      expect(await attempt(last, password)).to.equal(200);
      const { body } = await ask(one, `GET ${path}`);
      await ask(one, `DELETE ${path}?rev=${body._rev}`);
    });
  });
}

clusters.forEach(serves);

import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Person, type Platform, password, run, settle, startPlatform } from '../helpers/api.ts';

describe('sessions', function () {
  this.timeout(60_000);
  const anna = `anna${run}`;
  let platform: Platform;
  let person: Person;

  before(async () => {
    platform = await startPlatform(3);
    person = await settle(platform, anna);
  });
  after(() => platform?.[Symbol.asyncDispose]());

  const own = (who: Person) => who.ask('GET', `/api/users/${anna}`);

  it('are cookies that no script reads, that no other site sends, and that go by https alone', async () => {
    const { status, headers, body } = await new Person(platform.apps[0]!).signIn(anna, password);
    expect(status).to.equal(200);
    const lines = headers['set-cookie']!;
    expect(lines.map((line) => line.split('=')[0])).to.deep.equal(['AuthSession', 'Session']);
    for (const line of lines) {
      const attributes = line.split('; ').slice(1);
      expect(attributes).to.have.members(['Path=/api', 'HttpOnly', 'Secure', 'SameSite=Strict']);
    }
    expect(headers['c-token']).to.equal(body.token);
    expect(body).to.deep.include({ name: anna });
    expect(body.expires).to.be.above(0);
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('are good on every node, and one that was stopped is not missed', async () => {
    const extra = await platform.start();
    const other = new Person(extra);
    await other.signIn(anna, password);
    await extra.stop(0);
    for (const app of platform.apps) {
      other.app = app;
      expect((await own(other)).status).to.equal(200);
      const who = await other.ask('GET', '/api/sessions/');
      expect(who.body).to.deep.include({ name: anna, token: other.token });
    }
  });

  it('are of nobody where there is none', async () => {
    const nobody = new Person(platform.apps[0]!);
    const who = await nobody.ask('GET', '/api/sessions/');
    expect([who.status, who.body]).to.deep.equal([200, { name: null }]);
    for (const [method, path] of [
      ['GET', `/api/users/${anna}`],
      ['GET', '/api/sessions/uuid'],
      ['GET', '/api/sessions/uuid/stats'],
      ['DELETE', '/api/sessions/'],
    ] as const) {
      const answer = await nobody.ask(method, path);
      expect([answer.status, answer.body.type], path).to.deep.equal([401, '/problems/session']);
    }
  });

  it('fetch uuids, and count them by the nodes that served', async () => {
    let wanted = 0;
    for (const [index, app] of platform.apps.entries()) {
      person.app = app;
      for (const count of [1, 1000]) {
        const { status, body } = await person.ask(
          'GET',
          `/api/sessions/uuid${count === 1 ? '' : `?count=${count}`}`,
        );
        expect(status).to.equal(200);
        expect(new Set(body.uuids).size).to.equal(count);
        expect(body.uuids[0]).to.match(/^[0-9a-f]{32}$/);
        expect(body.app).to.equal(`app${index + 1}`);
        wanted += count;
      }
    }
    const { body } = await person.ask('GET', '/api/sessions/uuid/stats');
    expect(body).to.deep.include({ uuids: wanted, requests: 6 });
    expect(body.app).to.deep.equal({ app1: 1001, app2: 1001, app3: 1001 });
    expect(Object.keys(body.db).length).to.be.above(0);
    expect(
      body.pairs
        .map(({ requests }: { requests: number }) => requests)
        .reduce((a: number, b: number) => a + b),
    ).to.equal(6);
    for (const count of ['0', '1001', '-1', '1e2', '5&count=6', 'x', ''])
      expect((await person.ask('GET', `/api/sessions/uuid?count=${count}`)).status, count).to.equal(400);
  });

  it('make the database again where it has gone', async () => {
    const database = `userdb-${Buffer.from(anna).toString('hex')}`;
    await platform.databases.ask('DELETE', `/${database}`);
    expect((await person.ask('GET', '/api/sessions/uuid?count=2')).status).to.equal(200);
    expect((await person.ask('GET', '/api/sessions/uuid/stats')).body.uuids).to.equal(2);
  });

  it('end on all nodes when somebody signs out, and only this one', async () => {
    const [one, two] = [new Person(platform.apps[0]!), new Person(platform.apps[1]!)];
    await one.signIn(anna, password);
    await two.signIn(anna, password);
    const ended = await one.ask('DELETE', '/api/sessions/');
    expect(ended.status).to.equal(204);
    expect(one.cookies.size).to.equal(0);
    expect((await own(two)).status).to.equal(200);
  });
});

describe('sessions that are short', function () {
  this.timeout(60_000);

  before(function () {
    // How long a session is good for is a setting of CouchDB's.
    if (run !== '') this.skip();
  });

  it('go on as long as they are used, with the same token, and end then', async () => {
    await using platform = await startPlatform(2, {}, 1, { chttpd_auth: { timeout: '3' } });
    const person = await settle(platform, 'anna');
    const [first, token] = [person.cookies.get('AuthSession'), person.token];
    const end = Date.now() + 5000;
    for (let turn = 0; Date.now() < end; turn++) {
      person.app = platform.apps[turn % 2]!;
      expect((await person.ask('GET', '/api/users/anna')).status).to.equal(200);
      await wait(200);
    }
    expect(person.cookies.get('AuthSession')).to.not.equal(first);
    expect((await person.ask('GET', '/api/sessions/')).body.token).to.equal(token);
    const answer = async () =>
      (await person.ask('GET', '/api/sessions/', { headers: { Cookie: frozen } })).body.name;
    const frozen = person.cookieLine();
    while ((await answer()) !== null) await wait(200);
  });
});

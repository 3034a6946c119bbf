import { expect } from 'chai';
import { Person, type Platform, password, run, settle, startPlatform, tokenFor } from '../helpers/api.ts';

describe('attacks', function () {
  this.timeout(60_000);
  const [anna, eve] = [`anna${run}`, `eve${run}`];
  let platform: Platform;
  let person: Person;
  let thief: Person;

  before(async () => {
    platform = await startPlatform(2);
    person = await settle(platform, anna);
    thief = await settle(platform, eve);
  });
  after(() => platform?.[Symbol.asyncDispose]());

  const stranger = () => new Person(platform.apps[0]!);
  const mailTo = (name: string) => `${name}${run}@example.org`;

  describe('another site sends requests of a browser that is signed in', () => {
    it('without the token, with one made up, or with one of somebody else', async () => {
      for (const token of ['', 'x', thief.token, `${person.token}x`]) {
        for (const [method, path, body] of [
          ['DELETE', '/api/sessions/', undefined],
          ['DELETE', `/api/users/${anna}`, { password }],
          ['PUT', `/api/users/${anna}/email`, { email: mailTo('x'), password }],
          ['PUT', `/api/users/${anna}/password`, { current: password, password: 'of somebody else' }],
          ['GET', '/api/sessions/uuid', undefined],
        ] as const) {
          const answer = await person.ask(method, path, { body, headers: { 'C-Token': token } });
          expect([answer.status, answer.body.type], path).to.deep.equal([403, '/problems/token']);
        }
      }
      expect((await person.ask('GET', `/api/users/${anna}`)).status).to.equal(200);
    });

    it('with a token of an earlier session of the same person', async () => {
      const again = stranger();
      await again.signIn(anna, password);
      const answer = await again.ask('DELETE', '/api/sessions/', { headers: { 'C-Token': person.token } });
      expect(answer.status).to.equal(403);
    });

    it('as a form, as nothing but JSON is read', async () => {
      for (const type of [
        'application/x-www-form-urlencoded',
        'text/plain',
        'multipart/form-data; boundary=x',
      ]) {
        const raw = JSON.stringify({ name: anna, password });
        const answer = await stranger().ask('POST', '/api/sessions/', {
          raw,
          headers: { 'Content-Type': type },
        });
        expect([answer.status, answer.body.type], type).to.deep.equal([415, '/problems/media-type']);
      }
    });

    it('and reads no answer: nothing is said to other origins', async () => {
      const answer = await person.ask('GET', '/api/sessions/', {
        headers: { Origin: 'https://evil.example' },
      });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).to.deep.equal(
        [],
      );
      expect(answer.headers['cross-origin-resource-policy']).to.equal('same-origin');
    });
  });

  describe('sessions', () => {
    it('that are fixed before somebody signs in are not taken over', async () => {
      const victim = stranger();
      for (const [name, value] of thief.cookies) victim.cookies.set(name, value);
      const before = new Map(victim.cookies);
      await victim.signIn(anna, password);
      for (const [name, value] of before) expect(victim.cookies.get(name)).to.not.equal(value);
      expect(victim.token).to.not.equal(thief.token);
      expect((await thief.ask('GET', '/api/sessions/')).body.name).to.equal(eve);
    });

    it('are not played again after they have ended, on any node', async () => {
      const victim = stranger();
      await victim.signIn(anna, password);
      const [line, token] = [victim.cookieLine(), victim.token];
      expect((await victim.ask('DELETE', '/api/sessions/')).status).to.equal(204);
      for (const app of platform.apps) {
        const replayed = new Person(app);
        const headers = { Cookie: line, 'C-Token': token };
        expect((await replayed.ask('GET', `/api/users/${anna}`, { headers })).status).to.equal(401);
        expect((await replayed.ask('GET', '/api/sessions/uuid', { headers })).status).to.equal(401);
        expect((await replayed.ask('GET', '/api/sessions/', { headers })).body).to.deep.equal({ name: null });
      }
    });

    it('are not made of parts of others, or of something like them', async () => {
      const auth = person.cookies.get('AuthSession')!;
      const session = person.cookies.get('Session')!;
      const forged = Buffer.from(
        `${anna}:${Math.floor(Date.now() / 1000)
          .toString(16)
          .toUpperCase()}:xxxxxxxxxxxxxxxxxxxx`,
      );
      for (const [one, other] of [
        [auth, thief.cookies.get('Session')],
        [thief.cookies.get('AuthSession'), session],
        [forged.toString('base64url'), session],
        [auth, `${session}x`],
        [auth, 'x.y'],
        [auth, ''],
        ['', session],
        ['%00%0d%0a', session],
        [auth.slice(0, -2), session],
      ]) {
        const answer = await stranger().ask('GET', '/api/sessions/', {
          headers: { Cookie: `AuthSession=${one}; Session=${other}` },
        });
        expect([answer.status, answer.body], `${one} ${other}`).to.deep.equal([200, { name: null }]);
      }
    });

    it('do not get at the account of somebody else', async () => {
      for (const [method, path, body] of [
        ['GET', `/api/users/${anna}`, undefined],
        ['DELETE', `/api/users/${anna}`, { password }],
        ['PUT', `/api/users/${anna}/email`, { email: mailTo('x'), password }],
        ['PUT', `/api/users/${anna}/password`, { current: password, password: 'of somebody else' }],
      ] as const) {
        const answer = await thief.ask(method, path, { body });
        expect([answer.status, answer.body.type], path).to.deep.equal([403, '/problems/forbidden']);
      }
    });
  });

  describe('who has an account', () => {
    const unnamed = ({ instance, ...rest }: { instance: string }) => rest;

    it('is not told at sign-in by what is said', async () => {
      const known = await stranger().signIn(anna, 'wrong password');
      const unknown = await stranger().signIn(`nobody${run}`, 'wrong password');
      expect(known.status).to.equal(401);
      expect(unnamed(known.body)).to.deep.equal(unnamed(unknown.body));
      expect(Object.keys(known.headers)).to.deep.equal(Object.keys(unknown.headers));
      const admin = await stranger().signIn('admin', 'secret');
      expect(unnamed(admin.body)).to.deep.equal(unnamed(known.body));
    });

    it('is not told at sign-in by how long it takes', async () => {
      const time = async (name: string) => {
        const begin = process.hrtime.bigint();
        await stranger().signIn(name, 'wrong password');
        return Number(process.hrtime.bigint() - begin) / 1e6;
      };
      const times = { known: [] as number[], unknown: [] as number[] };
      for (let round = 0; round < 7; round++) {
        times.known.push(await time(anna));
        times.unknown.push(await time(`nobody${run}`));
      }
      const middle = (all: number[]) => all.sort((a, b) => a - b)[3]!;
      const ratio = middle(times.known) / middle(times.unknown);
      // Without the hash for nobody it would be a hundred.
      expect(ratio, JSON.stringify(times)).to.be.within(1 / 3, 3);
    });

    it('is not told by asking for a new password', async () => {
      const ask = (email: string) => stranger().ask('POST', '/api/users/password/reset', { body: { email } });
      const count = platform.mailbox.mails.length;
      const [known, unknown] = [await ask(`${anna}@example.org`), await ask(mailTo('nobody'))];
      expect(known.status).to.equal(202);
      expect(unknown.status).to.equal(202);
      expect(Object.keys(known.headers)).to.deep.equal(Object.keys(unknown.headers));
      await tokenFor(platform.mailbox, `${anna}@example.org`, count);
      expect(platform.mailbox.mails.slice(count).some(({ to }) => to.includes(mailTo('nobody')))).to.equal(
        false,
      );
    });

    it('is not told by the accounts of others', async () => {
      const [known, unknown] = [
        await thief.ask('GET', `/api/users/${anna}`),
        await thief.ask('GET', `/api/users/nobody${run}`),
      ];
      expect(unnamed(known.body)).to.deep.equal(unnamed(unknown.body));
    });
  });

  describe('what goes into mails', () => {
    it('has no line ends, no second address, no name and no markup in an address', async () => {
      for (const email of [
        'a@example.org\r\nBcc: b@example.org',
        'a@example.org\nSubject: x',
        'a@example.org, b@example.org',
        'a@example.org;b@example.org',
        'A <a@example.org>',
        '"a b"@example.org',
        'a@example.org%0d%0aBcc:b@example.org',
        '<script>@example.org',
        'a@b',
        'a@-example.org',
        'a@[127.0.0.1]',
        'a b@example.org',
        'ä@example.org',
        `${'a'.repeat(250)}@example.org`,
        '',
      ]) {
        const body = { name: `mallory${run}`, email, password };
        const answer = await stranger().ask('POST', '/api/users/', { body });
        expect([answer.status, answer.body.type], email).to.deep.equal([400, '/problems/invalid']);
        expect(answer.body.errors[0].field).to.equal('email');
      }
      const heads = platform.mailbox.mails.map(({ source }) => source.split('\r\n\r\n')[0]!);
      expect(heads.filter((head) => /^(Bcc:|Subject: x)/im.test(head))).to.deep.equal([]);
    });
  });

  describe('bodies', () => {
    it('that are too large are not read', async () => {
      const body = { name: anna, password: 'x'.repeat(20_000) };
      const answer = await stranger().ask('POST', '/api/sessions/', { body });
      expect([answer.status, answer.body.type]).to.deep.equal([413, '/problems/too-large']);
    });

    it('that are no JSON, or not the one that is wanted, are told what is wrong with them', async () => {
      for (const raw of [
        '',
        '{',
        'null',
        '[]',
        '"x"',
        '{"name":"anna"}',
        '{"name":1,"password":"0123456789"}',
        '{"name":["anna"],"password":"0123456789"}',
        '{"name":"anna","password":"0123456789","roles":["_admin"]}',
        '{"__proto__":{"admin":true},"name":"anna","password":"0123456789"}',
        '{"constructor":{"prototype":{}},"name":"anna","password":"0123456789"}',
        `{"name":"anna","password":${'['.repeat(5000)}`,
        '\ud800\0{}',
      ]) {
        const headers = { 'Content-Type': 'application/json' };
        const answer = await stranger().ask('POST', '/api/sessions/', { raw, headers });
        expect([answer.status, answer.body.type], raw).to.deep.equal([400, '/problems/invalid']);
        expect(answer.headers['content-type']).to.equal('application/problem+json');
      }
    });

    it('with selectors of a database in place of texts select nothing', async () => {
      for (const value of [{ $gt: null }, { $regex: '.*' }, [{ $ne: 1 }], true, 1, null]) {
        for (const body of [
          { name: value, password },
          { name: anna, password: value },
        ]) {
          expect((await stranger().ask('POST', '/api/sessions/', { body })).status).to.equal(400);
        }
        const reset = await stranger().ask('POST', '/api/users/password/reset', { body: { email: value } });
        expect(reset.status).to.equal(400);
      }
    });

    it('do not make anybody more than a user', async () => {
      const body = {
        name: `mallory${run}`,
        email: mailTo('mallory'),
        password,
        roles: ['_admin'],
        type: 'x',
      };
      const answer = await stranger().ask('POST', '/api/users/', { body });
      expect(answer.status).to.equal(400);
      const document = (await platform.databases.ask('GET', `/_users/org.couchdb.user:${anna}`)).body;
      expect(document).to.deep.include({ type: 'user', roles: [] });
    });
  });

  describe('paths', () => {
    it('with dots, slashes, look-alikes or anything else in a name lead nowhere', async () => {
      for (const name of [
        '..',
        '..%2f',
        '..%2f..%2f_all_dbs',
        '%2e%2e%2f_users',
        '..%5c',
        '%00',
        `${anna}%00`,
        `${anna}%0d%0aX-Evil:1`,
        'org.couchdb.user:anna',
        '_design%2fauth',
        '%d0%b0nna',
        'ann%c3%a0',
        '%ff',
        'A'.repeat(1000),
      ]) {
        for (const who of [stranger(), thief]) {
          const answer = await who.ask('GET', `/api/users/${name}`);
          expect(answer.status, name).to.be.within(400, 404);
          expect(answer.text, name).to.not.include('root:').and.not.include('_replicator');
          expect(answer.headers).to.not.have.property('x-evil');
        }
        const body = { name: decoded(name), email: mailTo('m'), password };
        expect((await stranger().ask('POST', '/api/users/', { body })).status, name).to.equal(400);
      }
    });

    it('with tokens that are none are refused, whatever they are', async () => {
      const signed = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"name":"x"}').toString('base64url')}.`;
      for (const token of ['x', '..', signed, 'a.b.c.d.e', 'x'.repeat(1999), '%00', '..%2f..%2fx'])
        for (const kind of ['user', 'email']) {
          const answer = await stranger().ask('GET', `/api/users/confirmation/${kind}/${token}`);
          expect(answer.status, token).to.equal(400);
        }
    });

    it('with a token of another purpose are refused', async () => {
      const count = platform.mailbox.mails.length;
      await stranger().ask('POST', '/api/users/password/reset', { body: { email: `${eve}@example.org` } });
      const reset = await tokenFor(platform.mailbox, `${eve}@example.org`, count);
      for (const kind of ['user', 'email'])
        expect((await stranger().ask('GET', `/api/users/confirmation/${kind}/${reset}`)).status).to.equal(
          400,
        );
    });
  });

  describe('too many', () => {
    it('wrong passwords from one address are stopped, and those of others are not', async () => {
      const guesser = stranger();
      const statuses = await Promise.all(
        Array.from(
          { length: 40 },
          async () => (await guesser.signIn(`nobody${run}`, 'wrong password')).status,
        ),
      );
      expect(statuses.filter((status) => status === 401)).to.have.length(30);
      expect(statuses.filter((status) => status === 429)).to.have.length(10);
      const last = await guesser.signIn(anna, password);
      expect([last.status, last.body.type]).to.deep.equal([429, '/problems/too-many']);
      expect(Number(last.headers['retry-after'])).to.be.within(1, 600);
      expect((await stranger().signIn(anna, password)).status).to.equal(200);
    });

    it('addresses in X-Forwarded-For do not help, as only the last one is of a proxy of ours', async () => {
      const guesser = stranger();
      const headers = (index: number) => ({ 'X-Forwarded-For': `203.0.113.${index}, ${guesser.address}` });
      const statuses: number[] = [];
      for (let index = 0; index < 33; index++) {
        const body = { name: 'x', password: 'y' };
        statuses.push(
          (await guesser.ask('POST', '/api/sessions/', { body, headers: headers(index) })).status,
        );
      }
      expect(statuses.slice(30)).to.deep.equal([429, 429, 429]);
    });

    it('wrong passwords for one account are stopped, from wherever they come, also where there is none', async function () {
      this.timeout(120_000);
      const other = await platform.start({ API_LIMITS: '0.1' });
      for (const name of [eve, `nobody${run}`]) {
        const statuses: number[] = [];
        for (let index = 0; index < 12; index++) {
          statuses.push((await new Person(other).signIn(name, 'wrong password')).status);
        }
        expect(statuses).to.deep.equal([...Array<number>(10).fill(401), 429, 429]);
      }
    });

    it('mails to one address are stopped, whoever asks', async () => {
      const email = mailTo('flooded');
      const statuses: number[] = [];
      for (let index = 0; index < 7; index++) {
        const answer = await stranger().ask('POST', '/api/users/password/reset', { body: { email } });
        statuses.push(answer.status);
      }
      expect(statuses).to.deep.equal([202, 202, 202, 202, 202, 429, 429]);
    });
  });
});

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '\ufffd';
  }
}

import { expect } from 'chai';
import { sweep } from '../../api/sweep.ts';
import { Person, type Platform, password, run, settle, startPlatform, tokenFor } from '../helpers/api.ts';

describe('accounts', function () {
  this.timeout(30_000);
  let platform: Platform;

  before(async () => {
    platform = await startPlatform(3);
  });
  after(() => platform?.[Symbol.asyncDispose]());

  const name = (base: string) => `${base}${run}`;
  const mailTo = (base: string) => `${name(base)}@example.org`;
  const wish = (base: string, email = mailTo(base)) => ({ body: { name: name(base), email, password } });
  const token = (base: string, since?: number) => tokenFor(platform.mailbox, mailTo(base), since);
  const someone = (app = 0) => new Person(platform.apps[app]!);
  const confirm = (text: string, app = 0) => someone(app).ask('GET', `/api/users/confirmation/user/${text}`);

  it('come to be by a link in a mail, which any node takes, once', async () => {
    const anna = someone();
    const asked = await anna.ask('POST', '/api/users/', wish('anna'));
    expect([asked.status, asked.body]).to.deep.equal([202, { name: name('anna'), email: mailTo('anna') }]);
    const link = await platform.mailbox.link(mailTo('anna'));
    expect(link).to.match(/^https:\/\/www\.example\.org\/confirm\/user#[\w.-]+$/);
    expect((await anna.signIn(name('anna'), password)).status).to.equal(401);
    const confirmed = await confirm(await token('anna'), 1);
    expect([confirmed.status, confirmed.body]).to.deep.equal([200, { name: name('anna') }]);
    const again = await confirm(await token('anna'), 2);
    expect([again.status, again.body.type]).to.deep.equal([410, '/problems/link-used']);
    expect((await anna.signIn(name('anna'), password)).status).to.equal(200);
    const own = await anna.ask('GET', `/api/users/${name('anna')}`);
    expect(own.body).to.include({ name: name('anna'), email: mailTo('anna') });
  });

  it('have a database each, with its rights and the design document of this release', async () => {
    await settle(platform, name('paul'));
    const database = `userdb-${Buffer.from(name('paul')).toString('hex')}`;
    const { ask } = platform.databases;
    const security = (await ask('GET', `/${database}/_security`)).body;
    expect(security.admins.names).to.deep.equal([name('paul')]);
    expect(security.members).to.deep.equal({ names: [name('paul')], roles: ['_admin'] });
    const path = `/${database}/_design/uuids`;
    const { body: design } = await ask('GET', path);
    expect(design.views).to.have.key('by_node');
    await ask('PUT', path, { ...design, views: { old: { map: 'function (doc) {}' } } });
    await someone(1).signIn(name('paul'), password);
    expect((await ask('GET', path)).body.views).to.deep.equal(design.views);
  });

  it('are refused where the name or the address is taken, in letters of whichever case', async () => {
    await settle(platform, name('carl'));
    const taken = await someone(1).ask('POST', '/api/users/', wish('carl', 'other@example.org'));
    expect([taken.status, taken.body.type]).to.deep.equal([409, '/problems/name-taken']);
    const same = await someone(2).ask('POST', '/api/users/', wish('carla', mailTo('carl').toUpperCase()));
    expect([same.status, same.body.type]).to.deep.equal([409, '/problems/email-taken']);
    const body = { name: 'admin', email: mailTo('x'), password };
    const reserved = await someone(2).ask('POST', '/api/users/', { body });
    expect(reserved.body.type).to.equal('/problems/name-taken');
  });

  it('get an address once, whoever registers for it on different nodes at the same time', async () => {
    const shared = mailTo('shared');
    for (let round = 0; round < 5; round++) {
      const email = `${round}${shared}`;
      const names = ['dora', 'dirk', 'dana'].map((base) => `${base}${round}`);
      const since = platform.mailbox.mails.length;
      const asked = await Promise.all(
        names.map((base, app) => someone(app).ask('POST', '/api/users/', wish(base, email))),
      );
      expect(asked.map(({ status }) => status)).to.deep.equal([202, 202, 202]);
      await waitFor(() => platform.mailbox.mails.length === since + 3);
      const tokens = platform.mailbox.mails.slice(since).map(({ source }) => linkIn(source));
      const confirmed = await Promise.all(tokens.map((text, app) => confirm(text, app)));
      expect(confirmed.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409]);
      const signed = await Promise.all(names.map((base, app) => someone(app).signIn(name(base), password)));
      expect(signed.map(({ status }) => status).sort()).to.deep.equal([200, 401, 401]);
    }
  });

  it('get a name once, whoever registers for it on different nodes at the same time', async () => {
    const emails = ['one', 'two', 'three'].map(mailTo);
    await Promise.all(
      emails.map((email, app) => someone(app).ask('POST', '/api/users/', wish('emil', email))),
    );
    const tokens = await Promise.all(emails.map((email) => tokenFor(platform.mailbox, email)));
    const confirmed = await Promise.all(tokens.map((text, app) => confirm(text, app)));
    expect(confirmed.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409]);
    // Those who lost have taken no address from anybody.
    const lost = emails.filter((_, index) => confirmed[index]!.status === 409);
    const again = await Promise.all(
      lost.map((email, app) => someone(app).ask('POST', '/api/users/', wish(`em${app}`, email))),
    );
    expect(again.map(({ status }) => status)).to.deep.equal([202, 202]);
  });

  it('come to be once where a link is followed twice at the same time', async () => {
    await someone().ask('POST', '/api/users/', wish('fred'));
    const text = await token('fred');
    const confirmed = await Promise.all([0, 1, 2].map((app) => confirm(text, app)));
    for (const { status } of confirmed) expect([200, 410]).to.include(status);
    expect(confirmed.some(({ status }) => status === 200)).to.equal(true);
    expect((await someone(1).signIn(name('fred'), password)).status).to.equal(200);
  });

  it('change their address by a link to the new one, and the old one is told and free then', async () => {
    const gina = await settle(platform, name('gina'));
    const path = `/api/users/${name('gina')}/email`;
    const wrong = await gina.ask('PUT', path, { body: { email: mailTo('new'), password: 'wrong password' } });
    expect([wrong.status, wrong.body.type]).to.deep.equal([403, '/problems/wrong-password']);
    const asked = await gina.ask('PUT', path, { body: { email: mailTo('new'), password } });
    expect(asked.status).to.equal(202);
    expect((await gina.ask('GET', `/api/users/${name('gina')}`)).body.email).to.equal(mailTo('gina'));
    const text = await token('new');
    const count = platform.mailbox.mails.length;
    const changed = await someone(2).ask('GET', `/api/users/confirmation/email/${text}`);
    expect([changed.status, changed.body]).to.deep.equal([200, { name: name('gina'), email: mailTo('new') }]);
    expect((await someone(1).ask('GET', `/api/users/confirmation/email/${text}`)).status).to.equal(410);
    await waitFor(() => platform.mailbox.mails.slice(count).some(({ to }) => to.includes(mailTo('gina'))));
    expect((await someone().ask('POST', '/api/users/', wish('gina2', mailTo('gina')))).status).to.equal(202);
    expect((await someone().ask('POST', '/api/users/', wish('gina3', mailTo('new')))).status).to.equal(409);
  });

  it('change their password, which ends all sessions but the one that did it', async () => {
    const hugo = await settle(platform, name('hugo'));
    const elsewhere = someone(1);
    await elsewhere.signIn(name('hugo'), password);
    const body = { current: password, password: 'another one of these' };
    const changed = await hugo.ask('PUT', `/api/users/${name('hugo')}/password`, { body });
    expect(changed.status).to.equal(200);
    hugo.token = changed.body.token;
    hugo.app = platform.apps[2]!;
    expect((await hugo.ask('GET', `/api/users/${name('hugo')}`)).status).to.equal(200);
    expect((await elsewhere.ask('GET', `/api/users/${name('hugo')}`)).status).to.equal(401);
    expect((await elsewhere.signIn(name('hugo'), password)).status).to.equal(401);
    expect((await elsewhere.signIn(name('hugo'), 'another one of these')).status).to.equal(200);
  });

  it('get a new password by mail, with a link that is good once and only as long as the password is the old one', async () => {
    const ida = await settle(platform, name('ida'));
    const links: string[] = [];
    for (let round = 0; round < 2; round++) {
      const since = platform.mailbox.mails.length;
      const asked = await someone(1).ask('POST', '/api/users/password/reset', {
        body: { email: mailTo('ida') },
      });
      expect([asked.status, asked.body]).to.deep.equal([202, { email: mailTo('ida') }]);
      links.push(await token('ida', since));
    }
    const body = { token: links[1], password: 'forgotten no longer' };
    const reset = await someone(2).ask('PUT', '/api/users/password/reset', { body });
    expect([reset.status, reset.body]).to.deep.equal([200, { name: name('ida') }]);
    for (const text of links) {
      const again = await someone().ask('PUT', '/api/users/password/reset', {
        body: { ...body, token: text },
      });
      expect([again.status, again.body.type]).to.deep.equal([410, '/problems/link-used']);
    }
    expect((await ida.ask('GET', `/api/users/${name('ida')}`)).status).to.equal(401);
    expect((await ida.signIn(name('ida'), 'forgotten no longer')).status).to.equal(200);
  });

  it('go away with all that was theirs, and leave the name and the address to others', async () => {
    const jens = await settle(platform, name('jens'));
    const path = `/api/users/${name('jens')}`;
    expect((await jens.ask('DELETE', path, { body: { password: 'wrong password' } })).status).to.equal(403);
    expect((await jens.ask('DELETE', path, { body: { password } })).status).to.equal(204);
    expect(jens.cookies.size).to.equal(0);
    const database = `userdb-${Buffer.from(name('jens')).toString('hex')}`;
    expect((await platform.databases.ask('GET', `/${database}`)).status).to.equal(404);
    expect((await someone().signIn(name('jens'), password)).status).to.equal(401);
    // The first link does not bring the account back.
    expect((await confirm(await token('jens'))).status).to.equal(410);
    expect((await settle(platform, name('jens'))).token).to.not.equal('');
  });

  it('can be made with an address that somebody else has claimed and then got no further with', async () => {
    await settle(platform, name('kurt'));
    const { ask } = platform.databases;
    const rows = (await ask('GET', `/api${run}/_all_docs?include_docs=true`)).body.rows as {
      doc: { _id: string; user: string };
    }[];
    const kurts = rows.find(({ doc }) => doc.user === name('kurt'))!.doc;
    await ask('PUT', `/api${run}/${encodeURIComponent(kurts._id)}`, {
      ...kurts,
      user: name('nobody'),
      claim: 'x',
      at: 0,
    });
    const since = platform.mailbox.mails.length;
    const asked = await someone().ask('POST', '/api/users/', wish('lena', mailTo('kurt')));
    expect(asked.status).to.equal(202);
    expect((await confirm(await token('kurt', since))).status).to.equal(200);
  });

  it('leave nothing behind of links that have been used, once these are too old', async () => {
    const { store } = platform.apps[0]!.api!;
    const before = await store.range(store.database, 'used:', 1000);
    expect(before.length).to.be.above(0);
    expect(await sweep(store, 0)).to.equal(0);
    expect(await sweep(store, Date.now() / 1000 + 7 * 24 * 3600)).to.be.at.least(before.length);
    expect(await store.range(store.database, 'used:', 1000)).to.deep.equal([]);
  });
});

function linkIn(source: string): string {
  return /#([\w.-]+)/.exec(source.replace(/=\r?\n/g, '').replace(/=3D/g, '='))![1]!;
}

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

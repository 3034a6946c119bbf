/** The double inside another program: it is kept, its nodes die and come back one by one, and race as those of CouchDB do. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type Answer, ask } from '../helpers/couchdb/clusters.ts';
import { type Store, startStore } from '../helpers/couchdb/store.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('the double as a store', () => {
  const at = (store: Store, index: number, line: string, body?: unknown): Promise<Answer> =>
    ask({ url: store.urls[index]!, login: `${store.username}:${store.password}` }, line, body);

  it('has what it had when it starts again', async () => {
    await using folder = temporaryFolder();
    const user = { name: 'anna', type: 'user', roles: [], password: 'a password' };
    {
      await using store = await startStore({ folder: folder.path });
      await at(store, 0, 'PUT /_users/org.couchdb.user:anna', user);
      await at(store, 0, 'PUT /some', {});
      await at(store, 0, 'PUT /gone', {});
      await at(store, 0, 'DELETE /gone');
      for (let number = 0; number < 3; number++) await at(store, 0, `PUT /some/doc${number}`, { number });
    }
    await using store = await startStore({ folder: folder.path });
    expect((await at(store, 0, 'GET /_all_dbs')).body)
      .to.include('some')
      .and.not.include('gone');
    expect((await at(store, 0, 'GET /some')).body.doc_count).to.equal(3);
    const session = await ask({ url: store.urls[0]!, login: 'anna:a password' }, 'GET /_session');
    expect(session.body.userCtx.name).to.equal('anna');
  });

  it('goes on while one node after the other is away', async () => {
    await using store = await startStore({ members: 3 });
    await at(store, 0, 'PUT /some');
    for (const index of [0, 1, 2]) {
      await store.nodes[index]!.die();
      const other = (index + 1) % 3;
      expect((await at(store, other, `PUT /some/doc${index}`, {})).status).to.equal(201);
      expect((await at(store, other, 'GET /_membership')).body.all_nodes).to.have.length(2);
      await store.nodes[index]!.revive();
      expect((await at(store, index, `GET /some/doc${index}`)).status).to.equal(200);
    }
    for (const index of [0, 1]) await store.nodes[index]!.die();
    expect((await at(store, 2, 'PUT /some/alone', {})).status).to.equal(202);
    const docs = [{ _id: 'together' }];
    const { status, body } = await at(store, 2, 'POST /some/_bulk_docs', { docs });
    expect([status, body[0].accepted]).to.deep.equal([202, true]);
  });

  it('takes a new document of two nodes at once, where it is told to be like CouchDB in this', async () => {
    await using store = await startStore({ members: 3, settings: { double: { racing: 'true' } } });
    await at(store, 0, 'PUT /some');
    const seen = new Map<string, number>();
    for (let number = 0; number < 10; number++) {
      const writes = [0, 1, 2].map((index) => at(store, index, `PUT /some/doc${number}`, { index }));
      const statuses = (await Promise.all(writes)).map(({ status }) => status).sort();
      seen.set(String(statuses), (seen.get(String(statuses)) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).to.deep.equal(['201,202,409', '201,409,409']);
    const torn = async () => {
      const { body } = await at(store, 0, 'GET /some/_all_docs?include_docs=true&conflicts=true');
      return body.rows.filter(({ doc }: { doc: object }) => '_conflicts' in doc).length;
    };
    // It is seen a moment later.
    while ((await torn()) < seen.get('201,202,409')!) await pause(5);
    expect(await torn()).to.equal(seen.get('201,202,409'));
    // Who came second may take its own back at once.
    for (let count = 0; count < 2; count++) {
      const path = `/some/claim${count}`;
      const writes = [0, 1, 2].map((index) => at(store, index, `PUT ${path}`, { index }));
      const [second] = (await Promise.all(writes)).filter(({ status }) => status === 202);
      if (second) expect((await at(store, 2, `DELETE ${path}?rev=${second.body.rev}`)).status).to.equal(200);
      expect((await at(store, 0, `GET ${path}?conflicts=true`)).body).to.not.have.property('_conflicts');
    }
  });
});

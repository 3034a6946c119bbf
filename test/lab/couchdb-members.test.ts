/** The double in several processes: who is there has the same, who was away gets what it missed, nothing is lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type Answer, ask } from '../helpers/couchdb/clusters.ts';
import { password, username } from '../helpers/couchdb/double.ts';
import { type Members, type MembersOptions, startMembers } from '../helpers/couchdb/members.ts';

const login = `${username}:${password}`;

async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await pause(10))
    if (await check()) return;
  throw new Error(`It did not come to this in time: ${what}`);
}

describe('the double in several processes', function () {
  this.timeout(120_000);

  interface Stage extends Members {
    at(index: number, line: string, body?: unknown): Promise<Answer>;
    /** The same, where nothing else is to be expected. */
    told(index: number, line: string, body?: unknown): Promise<Answer['body']>;
    connected(index: number, indices: readonly number[]): Promise<void>;
  }

  async function staged(options?: MembersOptions): Promise<Stage> {
    const members = await startMembers(options);
    const at = (index: number, line: string, body?: unknown) =>
      ask({ url: members.urls[index]!, login }, line, body);
    return {
      ...members,
      at,
      async told(index, line, body) {
        const answer = await at(index, line, body);
        expect(answer.status, `${line}: ${JSON.stringify(answer.body)}`).to.be.below(300);
        return answer.body;
      },
      async connected(index, indices) {
        const wanted = indices.map((one) => members.names[one]);
        const isSo = async () => {
          const { body } = await at(index, 'GET /_membership');
          return JSON.stringify(body.all_nodes) === JSON.stringify(wanted);
        };
        await until(isSo, `${index} reaches ${indices}`);
      },
    };
  }

  it('they find each other by their seeds, and show the same at once', async () => {
    await using stage = await staged();
    for (const index of [0, 1, 2]) {
      await stage.connected(index, [0, 1, 2]);
      expect((await stage.told(index, 'GET /_up')).status).to.equal('ok');
    }
    await stage.told(2, 'PUT /shared');
    for (let number = 0; number < 30; number++)
      expect((await stage.at(number % 3, `PUT /shared/doc${number}`, { number })).status).to.equal(201);
    for (const index of [0, 1, 2]) expect((await stage.told(index, 'GET /shared')).doc_count).to.equal(30);
    const writes = [0, 1, 2].map((index) => stage.at(index, 'PUT /shared/one', { index }));
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.sort()).to.deep.equal([201, 409, 409]);
  });

  it('what was read from disk is kept on, however often a node starts', async () => {
    await using stage = await staged({ count: 1 });
    await stage.told(0, 'PUT /kept');
    await stage.told(0, 'PUT /kept/one', {});
    for (let start = 0; start < 3; start++) {
      await stage.die(0);
      await stage.revive(0);
      // A connection of before may end only now.
      const count = async () => (await stage.at(0, 'GET /kept').catch(() => undefined))?.body.doc_count;
      await until(async () => (await count()) === 1, `one document after start ${start}`);
    }
  });

  it('one that was away gets what it missed, whatever it was', async () => {
    await using stage = await staged();
    for (const name of ['gone', 'stays']) await stage.told(0, `PUT /${name}`);
    const { rev } = await stage.told(0, 'PUT /stays/first', { a: 1 });
    await stage.told(0, 'PUT /stays/lost', {});
    await stage.die(0);
    await stage.connected(1, [1, 2]);
    expect((await stage.at(1, 'PUT /stays/second', {})).status).to.equal(201);
    expect((await stage.at(2, 'PUT /stays/first', { _rev: rev, a: 2 })).status).to.equal(201);
    const { _rev } = await stage.told(2, 'GET /stays/lost');
    await stage.told(1, `DELETE /stays/lost?rev=${_rev}`);
    expect((await stage.at(1, 'DELETE /gone')).status).to.equal(202);
    await stage.told(1, 'PUT /made');
    await stage.told(1, 'PUT /stays/_security', { members: { names: ['anna'] } });
    await stage.revive(0);
    expect(await stage.told(0, 'GET /_all_dbs')).to.deep.equal(['made', 'stays']);
    expect((await stage.told(0, 'GET /stays/first')).a).to.equal(2);
    expect((await stage.told(0, 'GET /stays/_all_docs')).rows).to.have.length(2);
    expect((await stage.told(0, 'GET /stays/_security')).members.names).to.deep.equal(['anna']);
    await stage.connected(1, [0, 1, 2]);
  });

  it('no write is lost when the first of them is killed', async () => {
    await using stage = await staged();
    await stage.told(1, 'PUT /busy');
    const writes = Array.from({ length: 300 }, async (_, number) => {
      await pause(number);
      return (await stage.at(1 + (number % 2), `PUT /busy/doc${number}`, { number })).status;
    });
    await pause(150);
    await stage.die(0);
    expect(new Set(await Promise.all(writes))).to.deep.equal(new Set([201]));
    for (const index of [1, 2]) expect((await stage.told(index, 'GET /busy')).doc_count).to.equal(300);
    await stage.revive(0);
    expect((await stage.told(0, 'GET /busy/_all_docs')).total_rows).to.equal(300);
  });

  it('whoever is killed while others write, in the end all have all that was acknowledged', async () => {
    await using stage = await staged();
    await stage.told(0, 'PUT /some');
    const acknowledged = new Map<string, string>();
    let isOver = false;
    const isThere = [true, true, true];
    async function write(writer: number): Promise<void> {
      for (let number = 0; !isOver; number++) {
        const index = (writer + number) % 3;
        if (!isThere[index]) continue;
        const id = `writer${writer}-${number % 5}`;
        const before = acknowledged.get(id);
        const answer = await stage
          .at(index, `PUT /some/${id}`, { number, ...(before && { _rev: before }) })
          .catch(
            // What became of it is not known to who asked a node that was killed.
            () => stage.at(isThere.indexOf(true), `GET /some/${id}`),
          );
        const { rev, _rev = rev } = answer.body;
        if (answer.status < 300) acknowledged.set(id, _rev);
      }
    }
    const writers = [0, 1, 2].map(write);
    for (const index of [0, 1, 0, 2]) {
      isThere[index] = false;
      await stage.die(index);
      await pause(100);
      await stage.revive(index);
      isThere[index] = true;
      await pause(100);
    }
    isOver = true;
    await Promise.all(writers);
    const rows = async (index: number) =>
      (await stage.told(index, 'GET /some/_all_docs?include_docs=true&conflicts=true')).rows;
    await until(async () => {
      const [one, ...others] = await Promise.all(
        [0, 1, 2].map(async (index) => JSON.stringify(await rows(index))),
      );
      return others.every((other) => other === one);
    }, 'all have the same');
    for (const { id, doc } of await rows(0)) {
      const known = [doc._rev, ...(doc._conflicts ?? [])];
      const reached = Math.max(...known.map((rev: string) => Number.parseInt(rev, 10)));
      expect(reached, id).to.be.at.least(Number.parseInt(acknowledged.get(id) ?? '0', 10));
    }
  });

  it('all that are killed come back with what they had', async () => {
    await using stage = await staged();
    await stage.told(1, 'PUT /kept');
    for (let number = 0; number < 20; number++) await stage.told(number % 3, `PUT /kept/${number}`, {});
    for (const index of [2, 1, 0]) await stage.die(index);
    await stage.revive(2);
    expect((await stage.told(2, 'GET /kept/_all_docs')).rows).to.have.length(20);
    expect((await stage.at(2, 'PUT /kept/alone', {})).status).to.equal(202);
    expect((await stage.at(2, 'PUT /kept/_security', {})).body.reason).to.equal('no_majority');
    await stage.revive(0);
    await stage.connected(2, [0, 2]);
    expect((await stage.told(0, 'GET /kept/_all_docs')).rows).to.have.length(21);
    expect((await stage.told(2, 'GET /kept/_security')).members.roles).to.deep.equal(['_admin']);
  });

  it('who has another cookie is left out', async () => {
    await using stage = await staged({ cookies: { 2: 'another' } });
    await stage.connected(0, [0, 1]);
    await stage.connected(2, [2]);
    expect((await stage.at(2, 'GET /_up')).body).to.deep.include({ status: 'seeding' });
    await stage.told(0, 'PUT /ours');
    expect(await stage.told(2, 'GET /_all_dbs')).to.deep.equal([]);
  });

  it('who is made a member by another learns of it, and who is removed gets nothing more', async () => {
    await using stage = await staged({ seeds: () => [] });
    await stage.told(0, 'PUT /ours');
    await stage.told(0, `PUT /_node/_local/_nodes/${stage.names[2]}`, {});
    await stage.connected(2, [0, 2]);
    await stage.connected(0, [0, 2]);
    await stage.told(2, 'PUT /ours/doc', {});
    expect((await stage.told(0, 'GET /ours')).doc_count).to.equal(1);
    const { _rev } = await stage.told(0, `GET /_node/_local/_nodes/${stage.names[2]}`);
    await stage.told(0, `DELETE /_node/_local/_nodes/${stage.names[2]}?rev=${_rev}`);
    await stage.told(0, 'PUT /ours/later', {});
    await until(
      async () => (await stage.told(2, 'GET /_membership')).all_nodes.length === 1,
      'the others are not there for it any more',
    );
    expect((await stage.told(2, 'GET /_membership')).cluster_nodes).to.have.length(2);
    expect((await stage.at(2, 'GET /ours/later')).status).to.equal(404);
    expect((await stage.told(0, 'GET /_membership')).cluster_nodes).to.deep.equal([stage.names[0]]);
  });

  it('settings of another node are set there, and kept', async () => {
    await using stage = await staged();
    await stage.told(0, `PUT /_node/${stage.names[2]}/_config/couchdb/maintenance_mode`, '"true"');
    expect((await stage.at(2, 'GET /_up')).body.status).to.equal('maintenance_mode');
    expect(await stage.told(1, `GET /_node/${stage.names[2]}/_config/couchdb/maintenance_mode`)).to.equal(
      'true',
    );
    await stage.die(2);
    await stage.connected(0, [0, 1]);
    expect((await stage.at(0, `GET /_node/${stage.names[2]}/_config`)).body).to.deep.equal({
      error: 'nodedown',
      reason: `${stage.names[2]} is down`,
    });
  });
});

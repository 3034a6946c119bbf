import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Cluster, Unavailable } from '../../api/couchdb/cluster.ts';
import { discover } from '../../api/couchdb/discover.ts';
import type { CouchSettings } from '../../api/settings.ts';
import { selfSigned } from '../../engine/modules/acme/_self-signed.ts';
import { isReal, Person, password, settle, startPlatform, tokenFor } from '../helpers/api.ts';
import { dnsServer, type Row } from '../helpers/dns-server.ts';

const settings = (members: readonly string[] | string, more: Partial<CouchSettings> = {}): CouchSettings => ({
  ...{ members, resolvers: [], user: 'admin', password: 'secret', verify: true, database: 'api' },
  ...more,
});

/** A db node that does as it is told: `hang` answers nothing but its health check, `ill` not even that. */
class Scripted {
  mood: 'well' | 'hang' | 'ill' | 'away' = 'well';
  /** Whether what is asked of /slow takes more than a second. */
  slow = false;
  readonly asked: string[] = [];
  readonly #server: Server = createServer(({ method, url }, response) => {
    if (url === '/_up' && this.mood !== 'ill') return response.end('{}');
    if (url !== '/_up') this.asked.push(`${method} ${url}`);
    if (this.mood === 'hang' || this.mood === 'ill') return;
    response.statusCode = this.mood === 'away' ? 503 : 200;
    setTimeout(() => response.end('{"ok":true}'), this.slow && url === '/slow' ? 1200 : 0);
  });

  static async start(): Promise<Scripted> {
    const one = new Scripted();
    await new Promise<void>((resolve) => one.#server.listen(0, '127.0.0.1', resolve));
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Once their first checks have succeeded. */
async function allWell(cluster: Cluster): Promise<void> {
  const areWell = () => cluster.members.length > 0 && cluster.members.every(({ isWell }) => isWell);
  while (!areWell()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('what is asked of db nodes', function () {
  this.timeout(30_000);
  let nodes: Scripted[];
  let cluster: Cluster;

  beforeEach(async () => {
    nodes = [await Scripted.start(), await Scripted.start(), await Scripted.start()];
    cluster = new Cluster(settings(nodes.map(({ url }) => url)));
    await allWell(cluster);
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await cluster.close();
  });

  const get = (path: string, more: object = {}) => cluster.ask({ method: 'GET', path, ...more });
  const counts = () => nodes.map(({ asked }) => asked.length);

  it('goes to the one with the least to do', async () => {
    nodes[0]!.mood = 'hang';
    const hanging: Promise<unknown>[] = [];
    while (nodes[0]!.asked.length === 0) {
      hanging.push(get('/slow').catch(() => {}));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const before = counts();
    for (let turn = 0; turn < 6; turn++) await get('/x');
    expect(counts()[0]).to.equal(before[0]);
    nodes[0]!.mood = 'ill';
    await Promise.all(hanging);
  });

  it('is spread evenly over those that have nothing to do, whatever the steps of a task', async () => {
    for (let turn = 0; turn < 300; turn++)
      for (const path of ['/first', '/second', '/third']) await get(path);
    for (const { asked } of nodes) {
      const shares = ['first', 'second', 'third'].map(
        (path) => asked.filter((one) => one.endsWith(path)).length / 300,
      );
      for (const share of shares) expect(share).to.be.within(1 / 3 - 0.17, 1 / 3 + 0.17);
    }
  });

  it('goes to the same one, where it is about the same', async () => {
    for (let turn = 0; turn < 6; turn++) await get('/x', { about: 'anna' });
    expect(counts().sort()).to.deep.equal([0, 0, 6]);
    for (let turn = 0; turn < 30; turn++) await get('/x', { about: `someone${turn}` });
    for (const count of counts()) expect(count).to.be.above(0);
  });

  it('is asked of another one where one is away, hangs or is behind a proxy that misses it', async () => {
    for (const mood of ['away', 'ill'] as const) {
      nodes[1]!.mood = mood;
      const answers = await Promise.all(Array.from({ length: 12 }, (_, turn) => get(`/${mood}/${turn}`)));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(12).fill(200));
      nodes[1]!.mood = 'well';
    }
    await nodes[2]!.stop();
    const answers = await Promise.all(Array.from({ length: 12 }, () => get('/gone')));
    expect(answers.every(({ status }) => status === 200)).to.equal(true);
  });

  it('is asked of another one, too, where one has fallen silent, before its check tells', async () => {
    nodes[0]!.mood = 'ill';
    // Its next check begins within two seconds, and is waited for as long.
    const began = performance.now();
    await Promise.all(Array.from({ length: 12 }, () => get('/x')));
    expect(nodes[0]!.asked).to.not.deep.equal([]);
    expect(cluster.members[0]!.isWell, `${performance.now() - began} ms`).to.equal(true);
    expect(nodes.flatMap(({ asked }) => asked).length).to.equal(12 + nodes[0]!.asked.length);
  });

  it('goes on to the third where one is silent and another one away', async () => {
    nodes[0]!.mood = 'ill';
    nodes[1]!.mood = 'away';
    await Promise.all(Array.from({ length: 12 }, () => get('/x')));
    expect(nodes.map(({ asked }) => asked.length > 0)).to.deep.equal([true, true, true]);
    expect(nodes[2]!.asked).to.have.length(12);
  });

  it('is left to one that is slow and answers others', async () => {
    for (const node of nodes) node.slow = true;
    const slow = get('/slow');
    const end = performance.now() + 1200;
    while (performance.now() < end) {
      await Promise.all(Array.from({ length: 9 }, () => get('/x')));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await slow;
    const asked = nodes.flatMap((node) => node.asked).filter((one) => one.endsWith('/slow'));
    expect(asked).to.deep.equal(['GET /slow']);
  });

  it('is no more asked of one that failed three times, until its check succeeds', async () => {
    nodes[0]!.mood = 'away';
    await Promise.all(Array.from({ length: 12 }, () => get('/x')));
    const member = cluster.members[0]!;
    const [failed] = counts();
    expect(failed).to.be.at.least(3);
    expect(member.isWell).to.equal(false);
    for (let turn = 0; turn < 6; turn++) await get('/x');
    expect(counts()[0]).to.equal(failed);
    nodes[0]!.mood = 'well';
    while (!member.isWell) await new Promise((resolve) => setTimeout(resolve, 50));
    for (let turn = 0; turn < 30; turn++) await get('/x');
    expect(counts()[0]).to.be.above(failed!);
  });

  it('is not asked twice where that would do it twice', async () => {
    for (const node of nodes) node.mood = 'away';
    const posted = cluster.ask({ method: 'POST', path: '/once' });
    await posted.then(
      () => expect.fail('It was answered.'),
      (error) => expect(error).to.be.instanceOf(Unavailable),
    );
    expect(nodes.flatMap(({ asked }) => asked)).to.deep.equal(['POST /once']);
  });

  it('fails at once, and says so, where no db node is left', async () => {
    for (const node of nodes) await node.stop();
    await get('/x').then(
      () => expect.fail('It was answered.'),
      (error) => expect(error).to.be.instanceOf(Unavailable),
    );
  });
});

describe('the members of the service db', function () {
  this.timeout(30_000);
  const rows: Row[] = [
    ['_db._tcp.example.org', 'SRV', '0 0 443 db1.example.org'],
    ['_db._tcp.example.org', 'SRV', '65535 0 8443 db2.example.org'],
    ['_db._tcp.example.org', 'SRV', '0 0 443 lost.example.org'],
    ['db1.example.org', 'A', '203.0.113.1'],
    ['internal.db1.example.org', 'A', '10.77.0.1'],
    ['db2.example.org', 'AAAA', '2001:db8::2'],
  ];

  it('are found by SRV records, at their private addresses where they have some', async () => {
    await using dns = await dnsServer(({ name, type }) => ({
      answer: rows.filter((row) => row[0] === name && row[1] === type),
    }));
    const found = await discover(settings('_db._tcp.example.org', { resolvers: [dns.name] }));
    expect(found.sort((a, b) => a.name.localeCompare(b.name))).to.deep.equal([
      { name: 'db1', origin: 'https://10.77.0.1:443', servername: 'db1.example.org', priority: 0 },
      { name: 'db2', origin: 'https://[2001:db8::2]:8443', servername: 'db2.example.org', priority: 65_535 },
    ]);
    const named = settings('_db._tcp.example.org', { resolvers: [dns.name], servername: 'example.org' });
    expect((await discover(named))[0]!.servername).to.equal('example.org');
  });

  it('are asked last when they are about to leave, and first again when they stay', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const cert = selfSigned(privateKey, ['db.example.org'], Date.now() - 1000);
    const asked = [0, 0];
    const servers = await Promise.all(
      asked.map(async (_, index) => {
        const server = createSecureServer({ key, cert }, ({ url }, response) => {
          if (url !== '/_up') asked[index]!++;
          response.end('{}');
        });
        await once(server.listen(0, '127.0.0.1'), 'listening');
        return server;
      }),
    );
    const priorities = [10, 10];
    await using dns = await dnsServer(({ name, type }) => ({
      answer:
        type === 'SRV'
          ? servers.map((server, index): Row => {
              const { port } = server.address() as AddressInfo;
              return [name, 'SRV', `${priorities[index]} 0 ${port} db${index}.example.org`];
            })
          : type === 'A' && !name.startsWith('internal.')
            ? [[name, 'A', '127.0.0.1']]
            : [],
    }));
    const cluster = new Cluster(settings('_db._tcp.example.org', { resolvers: [dns.name], verify: false }));
    const until = async (priority: number) => {
      priorities[0] = priority;
      await allWell(cluster);
      while (cluster.members[0]!.place.priority !== priority)
        await new Promise((resolve) => setTimeout(resolve, 50));
      asked.fill(0);
      for (let turn = 0; turn < 40; turn++)
        await cluster.ask({ method: 'GET', path: '/x', ...(turn % 2 ? { about: `it ${turn}` } : {}) });
      return [...asked];
    };
    expect((await until(10)).every((count) => count > 0)).to.equal(true);
    expect(await until(65_535)).to.deep.equal([0, 40]);
    expect(await until(9)).to.deep.equal([40, 0]);
    await cluster.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('are those of before where the DNS says nothing', async () => {
    await using dns = await dnsServer(() => ({ rcode: 2 }));
    expect(await discover(settings('_db._tcp.example.org', { resolvers: [dns.name] }))).to.deep.equal([]);
  });
});

describe('the API while db nodes die', function () {
  this.timeout(60_000);

  before(function () {
    // Nobody kills a database that others use.
    if (isReal) this.skip();
  });

  it('loses no request when one of three is killed, nor when it comes back', async () => {
    await using platform = await startPlatform(3, { API_LIMITS: '100' }, 3);
    const anna = await settle(platform, 'anna');
    const people = platform.apps.map((app) => {
      const one = new Person(app);
      for (const [name, value] of anna.cookies) one.cookies.set(name, value);
      one.token = anna.token;
      return one;
    });
    let isDone = false;
    const statuses: number[] = [];
    let uuids = 0;
    const work = people.flatMap((one) =>
      [1, 2, 3].map(async () => {
        while (!isDone) {
          const { status } = await one.ask('GET', '/api/sessions/uuid?count=5');
          statuses.push(status);
          if (status === 200) uuids += 5;
        }
      }),
    );
    const { nodes } = platform.databases;
    const served = async (more: number) => {
      const goal = statuses.length + more;
      while (statuses.length < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await served(100);
    for (const node of nodes) {
      await node.die();
      await served(100);
      await node.revive();
      await served(100);
    }
    isDone = true;
    await Promise.all(work);
    expect(statuses.filter((status) => status !== 200)).to.deep.equal([]);
    const stats = (await people[0]!.ask('GET', '/api/sessions/uuid/stats')).body;
    expect(stats.uuids).to.equal(uuids);
    expect(stats.requests).to.equal(statuses.length);
    expect(Object.keys(stats.db)).to.have.length(3);
  });

  it('gives each of the others its share of the work when one is away, and no more to one that is back', async () => {
    await using platform = await startPlatform(1, { API_LIMITS: '100' }, 3);
    const anna = await settle(platform, 'anna');
    const { nodes } = platform.databases;
    /** Shares of the uuids, and of all questions but those that have a node of their own. */
    const shares = async (count: number) => {
      for (const { asked } of nodes) asked.length = 0;
      const served: string[] = [];
      for (let turn = 0; turn < count; turn++)
        served.push((await anna.ask('GET', '/api/sessions/uuid')).body.db);
      const free = nodes.map(({ asked }) => asked.filter((one) => !/_up$|\/ended/.test(one)).length);
      return nodes.map(({ url }, index) => ({
        uuids: served.filter((db) => url.endsWith(db)).length / count,
        questions: free[index]! / free.reduce((one, other) => one + other, 0),
      }));
    };
    // By chance a share is off by more than five standard deviations once in a million times.
    const even = (shares: { uuids: number; questions: number }[], share: number) => {
      for (const { uuids, questions } of shares) {
        expect(uuids).to.be.within(share - 0.15, share + 0.15);
        expect(questions).to.be.within(share - 0.09, share + 0.09);
      }
    };
    even(await shares(300), 1 / 3);
    const [first] = nodes;
    await first!.die();
    const [none, ...left] = await shares(300);
    expect(none).to.deep.equal({ uuids: 0, questions: 0 });
    even(left, 1 / 2);
    await first!.revive();
    const [member] = platform.apps[0]!.api!.store.cluster.members;
    while (!member!.isWell) await new Promise((resolve) => setTimeout(resolve, 50));
    even(await shares(300), 1 / 3);
  });

  it('says that it is for the moment where no db node is left, and goes on when one is back', async () => {
    await using platform = await startPlatform(1, {}, 3);
    const anna = await settle(platform, 'anna');
    for (const node of platform.databases.nodes) await node.die();
    const answer = await anna.ask('GET', '/api/sessions/uuid');
    expect([answer.status, answer.body.type]).to.deep.equal([503, '/problems/unavailable']);
    expect(answer.headers['retry-after']).to.equal('1');
    await platform.databases.nodes[1]!.revive();
    while ((await anna.ask('GET', '/api/sessions/uuid')).status !== 200);
  });

  it('makes no account without a majority, but then by the same link', async () => {
    await using platform = await startPlatform(1, {}, 3);
    const person = new Person(platform.apps[0]!);
    const email = 'bert@example.org';
    await person.ask('POST', '/api/users/', { body: { name: 'bert', email, password } });
    const token = await tokenFor(platform.mailbox, email);
    const [, ...others] = platform.databases.nodes;
    for (const node of others) await node.die();
    const path = `/api/users/confirmation/user/${token}`;
    const early = await person.ask('GET', path);
    expect([early.status, early.body.type]).to.deep.equal([503, '/problems/unavailable']);
    expect((await person.signIn('bert', password)).status).to.equal(401);
    for (const node of others) await node.revive();
    expect((await person.ask('GET', path)).status).to.equal(200);
    expect((await person.signIn('bert', password)).status).to.equal(200);
  });
});

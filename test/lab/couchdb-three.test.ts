/** The trees states/couchdb and states/firewall on three nodes: they join, lose each other and come back, and one leaves. */
import { expect } from 'chai';
import { type Converged, putTree } from './converge.ts';
import { couchdbPillar, offerCouchdb } from './couchdb-package.ts';
import { describeLab } from './lab.ts';
import { key, serve, servers, zone } from './nameservers.ts';
import { boot, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const { password } = couchdbPillar;
const documents = 15;
const knot = servers.find(({ name }) => name === 'Knot')!;

describeLab('lab: the tree couchdb on three nodes', function () {
  this.timeout(180_000);
  let outside: Node;
  let all: readonly Node[];

  before('a nameserver, a repository, and three machines', async () => {
    const names = ['outside', 'db1', 'db2', 'db3'];
    const packages = (name: string) => (name === 'outside' ? ['gnupg'] : ['nftables']);
    const nodes = await Promise.all(names.map((name) => boot({ name, packages: packages(name) })));
    [outside, ...all] = nodes as [Node, ...Node[]];
    const setUp = knot.setUp.replace('127.0.0.1@53', '0.0.0.0@53');
    const repository = await offerCouchdb(outside);
    await serve(outside, { ...knot, setUp });
    const discovery = {
      ...{ domain: zone, resolvers: [outside.addresses[0]], interval: 0 },
      ...{ quorum: 1, confirmations: 1, hold_down: 0 },
    };
    const tree = {
      ...filesOf('couchdb', 'firewall'),
      'states/top.yaml': "base: {'*': [firewall, couchdb]}\n",
      'pillar/top.yaml': "base: {'*': [all]}\n",
      'pillar/all.yaml': JSON.stringify({ discovery, couchdb: { ...couchdbPillar, repository } }),
    };
    const prepared = all.map(async (node) => {
      await putTree(node, tree);
      await node.write('/etc/converge/grains.yaml', 'role: db\n');
    });
    await Promise.all(prepared);
  });
  after(async () => {
    await Promise.all([outside, ...(all ?? [])].map((node) => node?.[Symbol.asyncDispose]()));
  });

  async function register(...lines: readonly string[]): Promise<void> {
    const script = ['server 127.0.0.1', `zone ${zone}`, ...lines, 'send'].join('\n');
    await outside.must(`nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\n${script}\nEND\n`);
  }

  function recordsOf({ name, addresses }: Node): string[] {
    return [
      `_db._tcp.${zone} 60 SRV 10 10 443 ${name}.${zone}`,
      `${name}.${zone} 60 A ${addresses[0]}`,
      `internal.${name}.${zone} 60 A ${addresses[1]}`,
    ];
  }

  async function run(node: Node, settings: object = {}): Promise<Converged> {
    const done = await node.converge(undefined, {
      options: ['--id', `${node.name}.${zone}`],
      pillar: { couchdb: settings },
    });
    const said = done.results.filter(({ verdict }) => verdict === 'failed').map(({ comment }) => comment);
    expect([done.errors, done.failed], said.join(' ') + done.stderr).to.deep.equal([[], []]);
    return done;
  }

  const nameOf = ({ addresses }: Node) => `couchdb@${addresses[1]}`;

  interface Answer {
    readonly status: number;
    // biome-ignore lint/suspicious/noExplicitAny: whatever it is
    readonly body: any;
  }

  async function ask(node: Node, line: string, body?: object): Promise<Answer> {
    const [method, path] = line.split(' ') as [string, string];
    const told = body ? ['-H', 'content-type: application/json', '-d', JSON.stringify(body)] : [];
    const login = ['-u', `admin:${password}`];
    const url = `http://127.0.0.1:5984${path}`;
    const said = await node.must([
      'curl',
      '-sm',
      '20',
      '-w',
      '%{http_code}',
      '-X',
      method,
      ...login,
      ...told,
      url,
    ]);
    return { status: Number(said.slice(-3)), body: JSON.parse(said.slice(0, -3)) };
  }

  /** It says the same as was asked for, from a moment on. */
  async function seen(node: Node, path: string, pattern: string): Promise<void> {
    await node.until(
      `curl -sm 5 -u '${`admin:${password}`}' 'http://127.0.0.1:5984${path}' | grep -Eq '${pattern}'`,
    );
  }

  const reaches = (node: Node, others: readonly Node[]) =>
    seen(node, '/_membership', `"all_nodes":\\[${others.map((one) => `"${nameOf(one)}"`).join(',')}\\]`);
  const has = (node: Node, database: string, count: number) =>
    seen(node, `/${database}/_all_docs`, `"total_rows":${count},`);

  it('one after the other becomes a member, and all see the same', async () => {
    for (const [index, node] of all.entries()) {
      await register(...recordsOf(node).map((line) => `update add ${line}`));
      // The others let it in, as a timer would have them do.
      for (const other of all.slice(0, index + 1)) await run(other);
      await reaches(node, all.slice(0, index + 1));
      if (index === 0) await ask(node, 'PUT /early', {});
    }
    for (const node of all) {
      await reaches(node, all);
      expect((await run(node)).changed.filter((one) => !one.startsWith('couchdb.shards'))).to.deep.equal([]);
    }
    const three = all.map(nameOf);
    for (const ranges of Object.values((await ask(all[2]!, 'GET /early/_shards')).body.shards))
      expect((ranges as string[]).toSorted(), 'copies on all').to.deep.equal(three);
    expect((await ask(all[2]!, 'PUT /shared')).status).to.equal(201);
    for (let number = 0; number < documents; number++)
      expect((await ask(all[number % 3]!, `PUT /shared/doc${number}`, { number })).status).to.equal(201);
    for (const node of all) await has(node, 'shared', documents);
  });

  it('speak by the port that the firewall has open to members only', async () => {
    const probe = (port: number) => `timeout 1 bash -c '</dev/tcp/${all[0]!.addresses[1]}/${port}'`;
    for (const port of [9100, 5984]) {
      await all[1]!.must(probe(port));
      expect((await outside.run(probe(port))).status, `${port} from outside`).to.not.equal(0);
    }
  });

  it('one whose power is cut comes back with what it had, and gets what it missed', async () => {
    const [one, two, three] = all as [Node, Node, Node];
    await one.kill();
    await reaches(two, [two, three]);
    expect((await ask(two, 'PUT /shared/meanwhile', {})).status).to.equal(201);
    expect((await ask(three, 'PUT /made', {})).status).to.equal(201);
    await one.start();
    await run(one);
    for (const node of all) await reaches(node, all);
    await has(one, 'shared', documents + 1);
    await has(one, 'made', 0);
  });

  it('one that is cut off goes on, and both sides come together', async () => {
    const [one, two, three] = all as [Node, Node, Node];
    const { rev } = (await ask(one, 'PUT /shared/torn', { from: 'all' })).body;
    one.cut('private');
    await reaches(one, [one]);
    await reaches(two, [two, three]);
    expect((await ask(one, 'PUT /shared/small', {})).status).to.equal(202);
    expect((await ask(two, 'PUT /shared/large', {})).status).to.equal(201);
    const revs: string[] = [];
    for (const node of [one, two])
      revs.push((await ask(node, 'PUT /shared/torn', { _rev: rev, from: node.name })).body.rev);
    expect((await ask(one, 'PUT /shared/_security', {})).body.reason).to.equal('no_majority');
    one.heal();
    for (const node of all) {
      await reaches(node, all);
      await has(node, 'shared', documents + 4);
      const { body } = await ask(node, 'GET /shared/torn?conflicts=true');
      expect([body._rev, ...body._conflicts], 'the higher hash wins').to.deep.equal(
        revs.toSorted().reverse(),
      );
      expect((await ask(node, 'GET /shared/_security')).body.members.roles).to.deep.equal(['_admin']);
    }
  });

  it('one leaves: what it had is with the others before', async () => {
    const [one, two, three] = all as [Node, Node, Node];
    const leaving = { leaving: [nameOf(three)] };
    for (const node of [two, one]) await run(node, leaving);
    for (const node of [one, two]) {
      const { body } = await ask(node, 'GET /_membership');
      expect(body.cluster_nodes).to.deep.equal([one, two].map(nameOf));
      const maps = (await ask(node, 'GET /_node/_local/_dbs/_all_docs?include_docs=true')).body.rows;
      expect(JSON.stringify(maps.map(({ doc }: Answer['body']) => doc.by_range))).to.not.include(
        nameOf(three),
      );
    }
    await ask(one, 'PUT /shared/later', {});
    expect((await ask(three, 'GET /shared/later')).status).to.equal(404);
    await three.must('systemctl stop couchdb');
    for (const node of [one, two]) {
      await reaches(node, [one, two]);
      await has(node, 'shared', documents + 5);
      expect((await run(node, leaving)).changed).to.deep.equal([]);
    }
  });
});

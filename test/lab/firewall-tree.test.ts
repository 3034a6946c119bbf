/** The trees states/firewall and states/dns on real nodes: who is found is let in, by role. */
import { expect } from 'chai';
import { type Converged, putTree } from './converge.ts';
import { listener, scan } from './firewall-peers.ts';
import { describeLab } from './lab.ts';
import { key, serve, servers, zone } from './nameservers.ts';
import { boot, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const knot = servers.find(({ name }) => name === 'Knot')!;
const listening = [80, 179, 443, 4369, 5984, 8080, 9100, 9101];
const ruleset = 'firewall.ruleset the firewall';
const listed = 'nft -s list table inet converge';
const rules = 'nft -a list chain inet converge input; nft -a list chain inet converge refused';

describeLab('lab: the tree firewall', function () {
  this.timeout(180_000);
  let outside: Node;
  let app: Node;
  let db: Node;
  let peer: Node;

  before('a nameserver, a node of each role, and one that is now this and now that', async () => {
    [outside, app, db, peer] = await Promise.all([
      boot({ name: 'outside' }),
      boot({ name: 'app', packages: ['nftables', 'openssh-server'] }),
      boot({ name: 'db' }),
      boot({ name: 'peer' }),
    ]);
    const setUp = knot.setUp.replace('127.0.0.1@53', '0.0.0.0@53');
    const names = { [app.name]: 'app', [db.name]: 'db' };
    await Promise.all([
      serve(outside, { ...knot, setUp }),
      ...[outside, app, db, peer].map((node) =>
        node.must(
          `ip addr add ${six(node, 'public')}/64 dev eth0 nodad; ip addr add ${six(node, 'private')}/64 dev eth1 nodad`,
        ),
      ),
      ...[app, db].map(async (node) => {
        const program = listener(listening, []);
        await node.must(['systemd-run', '-q', '--unit=listener', 'node', '-e', program]);
        await node.until('ss -Hltn | grep -q :9101');
        await node.write('/etc/converge/grains.yaml', `role: ${names[node.name]}\n`);
      }),
    ]);
    await app.write('/etc/ssh/sshd_config.d/port.conf', '# Of the house\nPort 2222\n');
    await app.must('systemctl restart ssh');
    const pillar = {
      domain: zone,
      discovery: {
        resolvers: [outside.addresses[0]],
        quorum: 1,
        confirmations: 1,
        hold_down: 0,
        interval: 0,
      },
      dns: { server: outside.addresses[0], key },
      bird: { neighbours: { upstream: { address: peer.addresses[0], asn: 64_515 } } },
    };
    const tree = {
      ...filesOf('firewall', 'dns'),
      'states/top.yaml': "base: {'*': [firewall, dns]}\n",
      'pillar/top.yaml': "base: {'*': [all]}\n",
      'pillar/all.yaml': JSON.stringify(pillar),
    };
    await Promise.all([app, db].map((node) => putTree(node, tree)));
  });
  after(async () => {
    await Promise.all([outside, app, db, peer].map((node) => node?.[Symbol.asyncDispose]()));
  });

  const six = (node: Node, network: 'public' | 'private') =>
    `${network === 'public' ? '2001:db8' : 'fd00:77'}::${node.addresses[0]!.split('.')[3]}`;
  const both = (node: Node): string[] =>
    [...node.addresses, six(node, 'public'), six(node, 'private')].map((one) => one!);

  interface Options {
    readonly firewall?: object;
    readonly verb?: readonly string[];
    readonly test?: boolean;
    readonly env?: { readonly [name: string]: string };
  }

  async function run(
    node: Node,
    { firewall, verb = ['highstate'], ...more }: Options = {},
  ): Promise<Converged> {
    return node.converge(undefined, {
      verb,
      options: ['--id', `${node.name}.${zone}`],
      ...(firewall && { pillar: { firewall } }),
      ...more,
    });
  }

  /** Foretold as it is done, and nothing to do afterwards. Returns what was changed. */
  async function converge(node: Node, options: Options = {}): Promise<Converged> {
    const told = await run(node, { ...options, test: true });
    const done = await run(node, options);
    expect([done.errors, done.failed], comments(done)).to.deep.equal([[], []]);
    expect(changesOf(told)).to.deep.equal(changesOf(done));
    const again = await run(node, options);
    expect([again.changed, again.failed], comments(again)).to.deep.equal([[], []]);
    expect(again.processes).to.deep.equal(['nft -j list table inet converge']);
    return done;
  }

  /** The next run of each, as a timer would start it. */
  async function goOn(...nodes: readonly Node[]): Promise<void> {
    for (const done of await Promise.all(nodes.map((node) => run(node))))
      expect([done.errors, done.failed], comments(done)).to.deep.equal([[], []]);
  }

  const changesOf = ({ results }: Converged) => results.map(({ id, changes }) => [id, changes]);
  const comments = ({ results, stderr }: Converged) =>
    `${stderr}${results.map(({ id, comment }) => `${id}: ${comment}`).join('\n')}`;

  /** Of the addresses that the sets have, in the language of nft. */
  async function setOf(node: Node, name: string): Promise<string[]> {
    const texts = await Promise.all(
      ['4', '6'].map((family) => node.must(`nft -j list set inet converge ${name}_${family}`)),
    );
    return texts.flatMap((text) => JSON.parse(text).nftables[1].set.elem ?? []).sort();
  }

  async function register(...lines: readonly string[]): Promise<void> {
    const script = ['server 127.0.0.1', `zone ${zone}`, ...lines, 'send'].join('\n');
    await outside.must(`nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\n${script}\nEND\n`);
  }

  function recordsOf(node: Node, service: string): string[] {
    const name = `${node.name}.${zone}`;
    return [
      `_${service}._tcp.${zone} 60 SRV 10 10 443 ${name}`,
      `${name} 60 A ${node.addresses[0]}`,
      `${name} 60 AAAA ${six(node, 'public')}`,
      `internal.${name} 60 A ${node.addresses[1]}`,
      `internal.${name} 60 AAAA ${six(node, 'private')}`,
    ];
  }

  /** Open ports by the four ways in: public, public IPv6, private, private IPv6. */
  async function open(from: Node, node: Node, ports?: number[]): Promise<number[][]> {
    const [pub, priv] = node.addresses as [string, string];
    const hosts = [pub, six(node, 'public'), priv, six(node, 'private')];
    const program = (host: string) => scan(host, ports ?? [22, ...listening, 2222]);
    return Promise.all(hosts.map(async (host) => JSON.parse(await from.must(['node', '-e', program(host)]))));
  }

  const everyPort = (from: Node, node: Node) =>
    open(
      from,
      node,
      Array.from({ length: 10_240 }, (_, at) => at + 1),
    );

  it('the first node of a role: nobody is let in but by ssh, and the run brings the package', async () => {
    const told = await run(db, { test: true });
    expect(told.results.map(({ id, verdict }) => [id, verdict])).to.deep.equal([
      ['the package of the firewall', 'would-change'],
      ['the firewall', 'unknown'],
      ['this node is found', 'would-change'],
    ]);
    const done = await run(db);
    expect([done.errors, done.failed], comments(done)).to.deep.equal([[], []]);
    expect(await setOf(db, 'db')).to.deep.equal([]);
    expect(await open(peer, db)).to.deep.equal([[], [], [], []]);
    expect(await db.must(listed)).to.include('iifname "eth0" tcp dport 22 accept comment "ssh"');
  });

  it('who registers is found by the others at their next run, and no rule is touched then', async () => {
    const [, first] = [await run(db), await converge(app)];
    expect(first.changed).to.deep.equal([ruleset, 'dns.srv_member this node is found']);
    expect(await setOf(app, 'db')).to.deep.equal(both(db).sort());
    expect(await setOf(app, 'app')).to.deep.equal(['192.0.2.98']);
    const before = await db.must(rules);
    const { changed, results } = await converge(db);
    expect(changed).to.deep.equal([ruleset]);
    const changes = Object.keys(results.find(({ id }) => id === 'the firewall')!.changes);
    expect(changes).to.deep.equal([
      'elements of set app_4',
      'elements of set app_6',
      '/etc/converge/firewall.nft',
    ]);
    expect(await db.must(rules)).to.equal(before);
  });

  it('a scan finds what the role takes, from wherever it comes', async () => {
    // The neighbour in BGP, and a member: its records are there, itself it knows of none.
    await register(...recordsOf(peer, 'app').map((one) => `add ${one}`));
    await goOn(app, db);
    const [toApp, toDb] = [await everyPort(outside, app), await everyPort(outside, db)];
    expect(toApp, 'app, from outside').to.deep.equal([[80, 443, 2222], [80, 443, 2222], [], []]);
    expect(toDb, 'db, from outside').to.deep.equal([[], [], [], []]);
    const ways = [open(peer, app), open(peer, db), open(db, app)];
    const [member, memberDb, between] = await Promise.all(ways);
    const all = [...listening, 2222].sort((a, b) => a - b);
    expect(member, 'app, from an app node').to.deep.equal([[80, 179, 443, 2222], [80, 443, 2222], all, all]);
    expect(memberDb, 'db, from an app node').to.deep.equal([[443], [443], [443], [443]]);
    expect(between, 'app, from a db node').to.deep.equal([[80, 443, 2222], [80, 443, 2222], all, all]);
  });

  it('who leaves is let in no more, and who comes is, by its role', async () => {
    await register(...recordsOf(peer, 'app').map((one) => `del ${one.replace(' 60 ', ' ')}`));
    await goOn(app, db);
    expect(await open(peer, db), 'db, from nobody').to.deep.equal([[], [], [], []]);
    await register(...recordsOf(peer, 'db').map((one) => `add ${one}`));
    const before = await Promise.all([app, db].map((node) => node.must(rules)));
    await goOn(app, db);
    expect(await Promise.all([app, db].map((node) => node.must(rules)))).to.deep.equal(before);
    expect(await open(peer, db), 'db, from a db node').to.deep.equal([[], [], [5984, 9100], [5984, 9100]]);
  });

  it('what is damaged is healed', async () => {
    const before = await app.must(listed);
    const some = 'nft insert rule inet converge input accept; nft flush set inet converge db_4';
    for (const damage of ['nft flush ruleset', `${some}; rm /etc/converge/firewall.nft`]) {
      await app.must(damage);
      expect((await converge(app)).changed, damage).to.deep.equal([ruleset]);
      expect(await app.must(listed)).to.equal(before);
    }
  });

  it('what the pillar says besides: services, flows, sets, zones and raw rules', async () => {
    const firewall = {
      zones: { vpn: 'wg*' },
      ssh: { from: ['admins'], zone: ['public', 'private', 'vpn'] },
      sets: { admins: [outside.addresses[1], '192.0.2.0/24'] },
      services: { metrics: { tcp: 9101 }, web: { tcp: 80 } },
      discover: { watchers: ['_app._tcp', 'db'] },
      allow: [{ service: 'metrics', zone: 'public', from: 'watchers' }],
      raw: { before: 'ip saddr 192.0.2.9 tcp dport 7 accept' },
      ping: false,
    };
    await converge(app, { firewall });
    expect(await open(outside, app)).to.deep.equal([[80], [80], [2222], []]);
    expect((await open(db, app)).slice(0, 2)).to.deep.equal([
      [80, 9101],
      [80, 9101],
    ]);
    await goOn(app);
  });

  it('nobody is locked out, and what is wrong changes nothing', async () => {
    const before = await app.must('nft -s -a list ruleset');
    const from = { SSH_CONNECTION: `${outside.addresses[1]} 50000 ${app.addresses[1]} 2222` };
    const wrong: readonly (readonly [object, RegExp, { readonly [name: string]: string }?])[] = [
      [{ ping: false }, /ssh session of this run comes from 10\.77\S+ to port 2222 of eth1, which/, from],
      [
        { role: 'none', services: { ssh: { tcp: 22 } } },
        /sshd listens on port 2222, which the ruleset drops/,
      ],
      [{ role: 'aap' }, /"firewall:role" of the pillar/],
      [{ services: { web: { tcp: 0 } } }, /"firewall:services:web:tcp" of the pillar/],
      [{ services: { web: { tcp: '0' } } }, /"0" of the service "web" is no port/],
      [{ sets: { app: ['198.51.100.1", evil'] } }, /of the set "app" is no address/],
      [{ zones: { public: 'eth"0' } }, /of the zone "public" is not the name of a network interface/],
      [{ raw: { before: ['tcp dprot 22 accept'] } }, /rule 1 of `raw:before`: syntax error/],
      [{ allow: [{ service: 'webb' }] }, /no service "webb"/],
      [{ alow: [] }, /alow/],
    ];
    for (const [at, [firewall, message, env = {}]] of wrong.entries())
      for (const test of at < 2 ? [true, false] : [false]) {
        const done = await run(app, { firewall, test, env, verb: ['apply', 'firewall'] });
        expect(`${done.errors.join()}${comments(done)}`).to.match(message);
        expect(done.changed).to.deep.equal([]);
        expect(done.status).to.not.equal(0);
      }
    expect(await app.must('nft -s -a list ruleset')).to.equal(before);
  });

  it('networks that cannot be told are asked for, and what was there stays', async () => {
    const before = await db.must('nft -s -a list ruleset');
    await db.must('ip link set eth1 down');
    const done = await run(db, { verb: ['apply', 'firewall'] });
    expect(done.failed).to.include('test.fail_without_changes the networks of this node');
    expect(comments(done)).to.match(/which network interface of this node is private/);
    expect(await db.must('nft -s -a list ruleset')).to.equal(before);
    const told = await run(db, { verb: ['apply', 'firewall'], firewall: { zones: { private: [] } } });
    expect([told.errors, told.failed], comments(told)).to.deep.equal([[], []]);
    expect(await db.must(listed)).to.not.match(/eth1|5984/);
    const odd = '"wän+1\'"';
    await db.must(`ip link set eth1 name ${odd}; ip link set ${odd} up`);
    await db.must(`ip addr add ${six(db, 'private')}/64 dev ${odd} nodad`);
    await goOn(db);
    expect(await open(peer, db), 'db, from a db node').to.deep.equal([[], [], [5984, 9100], [5984, 9100]]);
  });

  it('is there after a boot, and gone without a trace', async () => {
    await app.stop();
    await app.start();
    expect(await app.must(listed)).to.include('elements = { ');
    await run(app, { verb: ['apply', 'firewall.absent'], test: true });
    const gone = await run(app, { verb: ['apply', 'firewall.absent'] });
    expect(gone.changed, comments(gone)).to.deep.equal(['firewall.absent the firewall']);
    expect((await run(app, { verb: ['apply', 'firewall.absent'] })).changed).to.deep.equal([]);
    expect(await app.must('nft list ruleset; ls /etc/converge')).to.equal('grains.yaml\n');
  });
});

/** The tree states/dns on real nodes: they register, are found, and leave, at a real nameserver and at Cloudflare's double. */
import { expect } from 'chai';
import { type Converged, putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { key, serve, servers, weakKey, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const knot = servers.find(({ name }) => name === 'Knot')!;
const found = 'dns.srv_member this node is found';
const stranger = `10 10 443 stranger.${zone}.`;

describeLab('lab: the tree dns', function () {
  this.timeout(120_000);
  let server: Node;
  let one: Node;
  let two: Node;

  before('a nameserver, and a node of each role', async () => {
    [server, one, two] = (await Promise.all(['dns', 'one', 'two'].map((name) => boot({ name })))) as [
      Node,
      Node,
      Node,
    ];
    await serve(server, { ...knot, setUp: knot.setUp.replace('127.0.0.1@53', '0.0.0.0@53') });
    const pillar = {
      domain: zone,
      discovery: { resolvers: [server.addresses[0]], quorum: 1, confirmations: 1, hold_down: 0, interval: 0 },
      dns: { server: server.addresses[0], key },
      bird: { addresses: ['203.0.113.50', '2001:db8:f::50'] },
    };
    const tree = {
      ...filesOf('dns'),
      'states/members.yaml': `{% for service in ['app', 'db'] %}
/root/{{ service }}:
  file.managed:
    - contents: {{ salt['discovery.members'](service) | json | json }}
{% endfor %}`,
      'states/top.yaml': "base: {'*': [dns]}\n",
      'pillar/top.yaml': "base: {'*': [all]}\n",
      'pillar/all.yaml': JSON.stringify(pillar),
    };
    await Promise.all([one, two].map((node) => putTree(node, tree)));
    await one.write('/etc/converge/grains.yaml', 'role: app\n');
    await two.write('/etc/converge/grains.yaml', 'role: db\n');
  });
  after(async () => {
    await Promise.all([server, one, two].map((node) => node?.[Symbol.asyncDispose]()));
  });

  interface Options {
    readonly dns?: object;
    readonly verb?: readonly string[];
    readonly test?: boolean;
  }

  async function run(
    node: Node,
    { dns, verb = ['highstate'], test = false }: Options = {},
  ): Promise<Converged> {
    const pillar = dns && { pillar: { dns } };
    const done = await node.converge(undefined, {
      verb,
      test,
      options: ['--id', `${node.name}.${zone}`],
      ...pillar,
    });
    for (const { secret } of [key, weakKey]) expect(done.stdout + done.stderr).to.not.include(secret);
    return done;
  }

  const access = () => ({ server: server.addresses[0], key });

  const changesOf = ({ results }: Converged) => results.map(({ id, changes }) => [id, changes]);
  const comments = ({ results, errors, stderr }: Converged) =>
    [stderr, ...errors, ...results.map(({ id, comment }) => `${id}: ${comment}`)].join('\n');

  /** Foretold as it is done, and nothing to do afterwards. Returns what was changed. */
  async function converge(node: Node, options: Options = {}): Promise<readonly string[]> {
    const told = await run(node, { ...options, test: true });
    const done = await run(node, options);
    expect([done.errors, done.failed], comments(done)).to.deep.equal([[], []]);
    expect(changesOf(told)).to.deep.equal(changesOf(done));
    const again = await run(node, options);
    expect([again.changed, again.failed, again.processes], comments(again)).to.deep.equal([[], [], []]);
    return done.changed;
  }

  async function ask(...questions: readonly string[]): Promise<string[]> {
    const script = questions.map(
      (one) => `dig +short +time=2 +tries=3 @127.0.0.1 ${one} | sort | paste -sd ' '`,
    );
    return (await server.must(script.join('\n'))).split('\n').slice(0, -1);
  }

  async function register(...lines: readonly string[]): Promise<void> {
    const script = ['server 127.0.0.1', `zone ${zone}`, ...lines, 'send'].join('\n');
    await server.must(`nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\n${script}\nEND\n`);
  }

  const serial = async () => (await ask(`${zone} SOA`))[0]!.split(' ')[2];
  const of = (node: Node) => [
    `_app._tcp.${zone} SRV`,
    `_db._tcp.${zone} SRV`,
    ...[`${node.name}.${zone}`, `internal.${node.name}.${zone}`].flatMap((name) => [
      `${name} A`,
      `${name} AAAA`,
    ]),
  ];

  it('a node is found by its role, with its addresses on either side', async () => {
    await one.must('ip addr add 2001:db8::77/64 dev eth0 nodad; ip addr add fd00:77::77/64 dev eth1 nodad');
    // What floats, and what leads to containers, is no address of the node.
    await one.must('ip addr add 203.0.113.50/32 dev lo; ip addr add 203.0.113.50/32 dev eth0');
    expect(await converge(one)).to.deep.equal([
      found,
      'dns.record www.example.test A',
      'dns.record www.example.test AAAA',
    ]);
    expect(await converge(two)).to.deep.equal([found]);
    expect(await ask(...of(one))).to.deep.equal([
      `10 10 443 one.${zone}. ${stranger}`,
      `10 10 443 two.${zone}.`,
      one.addresses[0],
      '2001:db8::77',
      one.addresses[1],
      'fd00:77::77',
    ]);
    expect(await ask(`www.${zone} A`, `www.${zone} AAAA`)).to.deep.equal(['203.0.113.50', '2001:db8:f::50']);
    expect(await server.must(`dig @127.0.0.1 _db._tcp.${zone} SRV`)).to.match(/\s60\s+IN\s+SRV/);
  });

  it('discovery of another node finds it, with what it is', async () => {
    const members = (node: Node) => run(node, { verb: ['apply', 'members'] });
    expect((await members(two)).failed).to.deep.equal([]);
    const app = JSON.parse((await two.file('/root/app'))!);
    expect(app.map(({ name }: { name: string }) => name)).to.deep.equal([`one.${zone}`, `stranger.${zone}`]);
    expect(app[0]).to.deep.include({
      port: 443,
      addresses: [one.addresses[0], '2001:db8::77'],
      internals: [one.addresses[1], 'fd00:77::77'],
      self: false,
    });
    expect(JSON.parse((await two.file('/root/db'))!)).to.have.length(1);
    expect(JSON.parse((await two.file('/root/db'))!)[0]).to.deep.include({ name: `two.${zone}`, self: true });
  });

  it('one that is about to leave says so to others, and is taken for staying by its next highstate', async () => {
    expect((await run(two, { verb: ['apply', 'dns.parting'] })).failed).to.deep.equal([]);
    expect(await ask(`_db._tcp.${zone} SRV`)).to.deep.equal([`65535 10 443 two.${zone}.`]);
    await run(one, { verb: ['apply', 'members'] });
    expect(JSON.parse((await one.file('/root/db'))!)[0]).to.deep.include({ leaving: true });
    expect(await converge(two)).to.deep.equal([found]);
    await run(one, { verb: ['apply', 'members'] });
    expect(JSON.parse((await one.file('/root/db'))!)).to.have.length(1);
    expect(JSON.parse((await one.file('/root/db'))!)[0]).to.deep.include({ leaving: false });
  });

  it('what is damaged is healed, and others are left alone', async () => {
    const before = await ask(...of(one), ...of(two));
    await register(
      `del _app._tcp.${zone} SRV 10 10 443 one.${zone}`,
      `add _app._tcp.${zone} 60 SRV 0 0 1 one.${zone}`,
      `del internal.one.${zone}`,
      `add one.${zone} 60 A 192.0.2.66`,
      `del www.${zone} A`,
      `add www.${zone} 300 AAAA 2001:db8::66`,
    );
    expect(await converge(one)).to.have.length(3);
    expect(await ask(...of(one), ...of(two))).to.deep.equal(before);
    expect(await ask(`www.${zone} A`, `www.${zone} AAAA`)).to.deep.equal(['203.0.113.50', '2001:db8:f::50']);
  });

  it('what the pillar says: its own service and addresses, names of the entry, records and their end', async () => {
    const dns = {
      ...access(),
      service: '_api._tcp',
      port: 8443,
      priority: 5,
      weight: 7,
      ttl: 120,
      addresses: ['192.0.2.7'],
      internal_addresses: ['10.0.0.7'],
      entry: { names: ['www', zone, `static.${zone}`], addresses: ['203.0.113.51'], ttl: 30 },
      records: [
        { name: zone, type: 'CAA', values: '0 issue "ca.test"' },
        { name: 'mail', type: 'MX', values: [`10 other.${zone}`] },
        { name: 'note', type: 'TXT', values: 'its "quotes"' },
      ],
      records_absent: [
        { name: 'stranger' },
        { name: '_app._tcp.example.test', type: 'SRV', values: stranger },
      ],
    };
    await converge(one, { dns });
    const answers = await ask(
      `_api._tcp.${zone} SRV`,
      `one.${zone} A`,
      `internal.one.${zone} A`,
      `www.${zone} A`,
      `${zone} A`,
      `static.${zone} A`,
      `${zone} CAA`,
      `mail.${zone} MX`,
      `note.${zone} TXT`,
      `_app._tcp.${zone} SRV`,
    );
    expect(answers).to.deep.equal([
      `5 7 8443 one.${zone}.`,
      '192.0.2.7',
      '10.0.0.7',
      '203.0.113.51',
      '203.0.113.51',
      '203.0.113.51',
      '0 issue "ca.test"',
      `10 other.${zone}.`,
      '"its \\"quotes\\""',
      `10 10 443 one.${zone}.`,
    ]);
    expect(await ask(`stranger.${zone} A`)).to.deep.equal(['']);
    expect(
      await converge(one, { dns: { ...access(), service: '', entry: { addresses: [] } } }),
    ).to.deep.equal([]);
  });

  it('what is wrong is told, in a dry run too, and changes nothing', async () => {
    const before = await serial();
    const good = { ...access(), entry: { addresses: [] } };
    const wrong: readonly (readonly [object, RegExp])[] = [
      [
        { ...good, key: { ...key, secret: weakKey.secret } },
        /not accept the signature by the key "converge"/,
      ],
      [{ ...good, key: weakKey, name: `new.${zone}` }, /\((?:REFUSED|NOTAUTH|BADKEY)\)/],
      [
        { ...good, records: [{ name: 'www.nowhere.test', type: 'A', values: '192.0.2.1' }] },
        /has no zone in which www/,
      ],
      [{ ...good, server: `${server.addresses[0]}:5399` }, /does not answer/],
      [{ ...good, port: 0 }, /"dns:port" of the pillar/],
      [
        { ...good, records: [{ name: 'w"w', type: 'A', values: '192.0.2.1' }] },
        /"dns:records:0:name" of the pillar/,
      ],
      [{ ...good, records: [{ name: 'note', type: 'A', values: '192.0.2.1"' }] }, /192\.0\.2\.1\\?"/],
      [{ ...good, leaving: ['a b'] }, /"dns:leaving:0" of the pillar/],
      [{ ...good, role: 'mail' }, /"dns:role" of the pillar/],
      [{ ...good, record: [] }, /has no key "record"/],
    ];
    for (const [dns, message] of wrong) {
      const told = await run(two, { dns, test: true });
      // Whether the key may change the zone is only known when it is tried.
      if (!/REFUSED/.test(message.source)) expect(comments(told)).to.match(message);
      const done = await run(two, { dns });
      expect(comments(done)).to.match(message);
      expect([done.changed, done.status > 0]).to.deep.equal([[], true]);
    }
    expect(await serial()).to.equal(before);
  });

  it('a node without a name or an address of its own says so', async () => {
    const nameless = await run(two, { dns: { ...access(), name: `localhost.${zone}` } });
    expect(comments(nameless)).to.match(/This node has no name of its own. Set its hostname/);
    const dns = { ...access(), addresses: [], internal_addresses: [] };
    expect(comments(await run(two, { dns }))).to.match(/has no address that others could reach/);
    expect((await ask(...of(two)))[1]).to.equal(`10 10 443 two.${zone}.`);
  });

  it('an interface that is down takes no records along', async () => {
    const before = await ask(...of(two));
    await two.must('ip link set eth0 down');
    expect(await converge(two, { dns: { server: server.addresses[1], key } })).to.deep.equal([]);
    await two.must(`ip link set eth0 up`);
    expect(await ask(...of(two))).to.deep.equal(before);
  });

  it('a node leaves, and one that died is removed by the others', async () => {
    await register(
      `add _app._tcp.${zone} 60 SRV 10 10 443 dead.${zone}`,
      `add _db._tcp.${zone} 60 SRV 10 10 443 dead.${zone}`,
      `add dead.${zone} 60 A 192.0.2.9`,
      `add internal.dead.${zone} 60 AAAA fd00::9`,
    );
    expect(await converge(two, { verb: ['apply', 'dns.leaving'] })).to.deep.equal([
      'dns.srv_member_absent this node has left db',
    ]);
    expect(await ask(...of(two))).to.deep.equal([
      `10 10 443 dead.${zone}. 10 10 443 one.${zone}.`,
      `10 10 443 dead.${zone}.`,
      '',
      '',
      '',
      '',
    ]);
    const leaving = [`dead.${zone}`, `two.${zone}`];
    expect(await converge(one, { dns: { ...access(), leaving } })).to.include.members([
      `dns.srv_member_absent dead.${zone} has left app`,
      `dns.srv_member_absent dead.${zone} has left db`,
    ]);
    expect(await converge(two, { dns: { ...access(), leaving } }), 'it does not come back').to.deep.equal([]);
    expect((await ask(...of(one)))[0]).to.equal(`10 10 443 one.${zone}.`);
    expect(await ask(`dead.${zone} A`, `internal.dead.${zone} AAAA`, `_db._tcp.${zone} SRV`)).to.deep.equal([
      '',
      '',
      '',
    ]);
  });

  it('at Cloudflare all is the same', async () => {
    const token = 'a-token-for-tests';
    const program = `
const { startCloudflare } = await import('${checkout}/test/helpers/cloudflare.ts');
const { writeFileSync } = await import('node:fs');
const other = { type: 'SRV', name: '_app._tcp.${zone}', content: '10 443 stranger.${zone}', priority: 10, ttl: 60, proxied: false, data: { priority: 10, weight: 10, port: 443, target: 'stranger.${zone}' } };
const cloud = await startCloudflare({ token: '${token}', zones: { '${zone}': [other] } });
setInterval(() => writeFileSync('/run/records', JSON.stringify(cloud.records['${zone}'])), 20);
writeFileSync('/run/cloudflare', cloud.url);
`;
    await one.write('/root/cloudflare.mjs', program);
    await one.must('systemd-run -q --unit=cloudflare node /root/cloudflare.mjs');
    await one.until('test -s /run/cloudflare');
    const dns = { provider: 'cloudflare', token, url: await one.file('/run/cloudflare') };
    await converge(one, { dns: { ...dns, entry: { proxied: true } } });
    const records = async () => {
      await one.must('rm /run/records');
      await one.until('test -s /run/records');
      const all = JSON.parse((await one.file('/run/records'))!) as {
        type: string;
        name: string;
        proxied: boolean;
      }[];
      return all.map(({ type, name, proxied }) => `${name} ${type}${proxied ? ' proxied' : ''}`).sort();
    };
    expect(await records()).to.deep.equal([
      `_app._tcp.${zone} SRV`,
      `_app._tcp.${zone} SRV`,
      `internal.one.${zone} A`,
      `internal.one.${zone} AAAA`,
      `one.${zone} A`,
      `one.${zone} AAAA`,
      `www.${zone} A proxied`,
      `www.${zone} AAAA proxied`,
    ]);
    await converge(one, { dns, verb: ['apply', 'dns.leaving'] });
    expect(await records()).to.deep.equal([
      `_app._tcp.${zone} SRV`,
      `www.${zone} A proxied`,
      `www.${zone} AAAA proxied`,
    ]);
    const { failed, results } = await run(one, { dns: { ...dns, token: 'another' } });
    expect(failed).to.include(found);
    expect(results[0]!.comment).to.match(/token/i);
  });
});

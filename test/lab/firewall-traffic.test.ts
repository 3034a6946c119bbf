/** What a firewall lets in, asked from outside. */
import { expect } from 'chai';
import { type Job, runJobs } from './firewall-jobs.ts';
import { ask, knock, listener, load, moved, scan } from './firewall-peers.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';

describeLab('lab: firewall states and traffic', function () {
  this.timeout(180_000);
  let server: Node;
  let outside: Node;
  let member: Node;
  before(async () => {
    [server, outside, member] = await Promise.all([
      boot({ name: 'fw-server', packages: ['nftables', 'openssh-server'] }),
      boot({ name: 'fw-outside' }),
      boot({ name: 'fw-member' }),
    ]);
    for (const node of [server, outside, member]) {
      const number = node.addresses[0]!.split('.')[3];
      await node.must(
        `ip addr add 2001:db8::${number}/64 dev eth0 nodad; ip addr add fd00:77::${number}/64 dev eth1 nodad`,
      );
    }
    const program = listener([80, 179, 443, 2200, 4369, 5984, 8080, 9100, 9150, 9201], [443, 5353]);
    await server.must(['systemd-run', '-q', '--unit=listener', 'node', '-e', program]);
    await server.until('ss -Hltn | grep -q :9201');
  });
  after(async () => {
    await Promise.all([server, outside, member].map((node) => node?.[Symbol.asyncDispose]()));
  });

  const six = (node: Node, network: 'public' | 'private') =>
    `${network === 'public' ? '2001:db8' : 'fd00:77'}::${node.addresses[0]!.split('.')[3]}`;

  const app = () => ({
    zones: { public: 'eth0', private: 'eth1' },
    sets: {
      members: [member.addresses[1]!, six(member, 'private')],
      neighbours: [member.addresses[0]!, six(member, 'public')],
    },
    services: {
      ssh: { tcp: 22 },
      web: { tcp: [80, 443], udp: 443 },
      bgp: { tcp: 179 },
      erlang: { tcp: [4369, '9100-9200'] },
      rare: { tcp: 2200 },
    },
    allow: [
      { service: ['web', 'ssh'], zone: 'public' },
      { service: 'rare', zone: 'public', rate: '3/hour' },
      { service: 'bgp', zone: 'public', from: 'neighbours' },
      { service: 'erlang', zone: 'private', from: 'members' },
    ],
  });

  async function set(args: object): Promise<void> {
    const [done] = await runJobs(server, [{ args: args as Job['args'] }]);
    if (done!.failed) throw new Error(done!.failed);
    expect(done!.left).to.deep.equal([]);
  }

  const run = (node: Node, program: string): Promise<string> => node.must(['node', '-e', program]);
  const open = async (node: Node, host: string): Promise<number[]> => JSON.parse(await run(node, scan(host)));

  it('let in exactly what is allowed, from wherever it comes', async () => {
    await set(app());
    const [pub, priv] = server.addresses as [string, string];
    const web = [22, 80, 443, 2200];
    const [fromOutside, fromOutside6, foreign, foreign6] = await Promise.all(
      [pub, six(server, 'public'), priv, six(server, 'private')].map((host) => open(outside, host)),
    );
    expect(fromOutside, 'outside').to.deep.equal(web);
    expect(fromOutside6, 'outside, IPv6').to.deep.equal(web);
    expect(foreign, 'a foreign private address').to.deep.equal([]);
    expect(foreign6, 'a foreign private address, IPv6').to.deep.equal([]);
    const ours = [4369, 9100, 9150];
    const [fromNeighbour, fromNeighbour6, fromMember, fromMember6] = await Promise.all(
      [pub, six(server, 'public'), priv, six(server, 'private')].map((host) => open(member, host)),
    );
    expect(fromNeighbour, 'neighbour').to.deep.equal([22, 80, 179, 443, 2200]);
    expect(fromNeighbour6, 'neighbour, IPv6').to.deep.equal([22, 80, 179, 443, 2200]);
    expect(fromMember, 'member').to.deep.equal(ours);
    expect(fromMember6, 'member, IPv6').to.deep.equal(ours);
    for (const host of [pub, six(server, 'public')]) {
      expect(await run(outside, ask(host, 443)), 'UDP').to.equal('yes');
      expect(await run(outside, ask(host, 5353)), 'UDP').to.equal('no');
    }
  });

  it('know their neighbours, and are known, by IPv6', async () => {
    for (const node of [server, outside]) await node.must('ip -6 neigh flush all');
    expect(await run(outside, knock(six(server, 'public'), 80, 1))).to.equal('1');
    for (const node of [server, outside]) await node.must('ip -6 neigh flush all');
    await outside.must('ip -6 route | grep -q 2001:db8::/64');
    expect(await run(outside, ask(six(server, 'public'), 443))).to.equal('yes');
  });

  it('let a source open no more connections than its rate, and others go on', async () => {
    await set({ ...app(), ping: false });
    const [host] = server.addresses as [string];
    expect(await run(outside, knock(host, 2200, 5))).to.equal('3');
    expect(await run(outside, knock(host, 80, 5))).to.equal('5');
    expect(await run(member, knock(host, 2200, 5))).to.equal('3');
    expect(await run(outside, knock(six(server, 'public'), 2200, 5))).to.equal('3');
    // Other addresses of one network of 64 bits are the same source.
    expect(await run(member, knock(six(server, 'public'), 2200, 5))).to.equal('0');
  });

  it('follow the members of a set', async () => {
    const [, priv] = server.addresses as [string, string];
    const knocks = (): Promise<string> => run(outside, knock(priv, 4369, 1));
    await set(app());
    expect(await knocks()).to.equal('0');
    await set({ ...app(), sets: { ...app().sets, members: [outside.addresses[1]!] } });
    expect(await knocks()).to.equal('1');
    expect(await run(member, knock(priv, 4369, 1))).to.equal('0');
  });

  it('answer by a reset when a router moves a connection here, whatever is remembered of its port', async () => {
    await set(app());
    const floating = '203.0.113.50';
    for (const node of [server, member]) await node.must(`ip addr add ${floating}/32 dev lo`);
    await member.must(['systemd-run', '-q', '--unit=listener', 'node', '-e', listener([80], [])]);
    await member.until('ss -Hltn | grep -q :80');
    const [here, there] = [server.addresses[0]!, member.addresses[0]!];
    expect(await run(outside, moved(floating, 80, [there, here]))).to.equal('ECONNRESET');
    expect(await run(outside, moved(floating, 80, [here, there, here])), 'used').to.equal('ECONNRESET');
  });

  it('send nothing but what is allowed', async () => {
    const [pub, priv] = outside.addresses as [string, string];
    const program = listener([80, 81], [53]);
    await outside.must(['systemd-run', '-q', '--unit=listener', 'node', '-e', program]);
    await outside.until('ss -Hltn | grep -q :81');
    const output = { allow: [{ service: 'web', to_zone: 'public' }] };
    await set({ ...app(), output });
    const knocks = (host: string, port: number) => run(server, knock(host, port, 1));
    expect(await knocks(pub, 80)).to.equal('1');
    expect(await knocks(six(outside, 'public'), 80)).to.equal('1');
    expect(await knocks(pub, 81)).to.equal('0');
    expect(await knocks(priv, 80)).to.equal('0');
    expect(await run(server, ask(pub, 53))).to.equal('no');
    expect(await knocks('127.0.0.1', 8080), 'itself').to.equal('1');
    expect(await run(outside, knock(server.addresses[0]!, 80, 1)), 'answers').to.equal('1');
  });

  it('are replaced 100 times under load without a lost packet', async () => {
    await set(app());
    await server.must(`nft -f - <<'END'
table inet watch {
  counter tcp_before {}
  counter tcp_after {}
  counter udp_before {}
  counter udp_after {}
  chain before {
    type filter hook input priority -5; policy accept;
    iifname "eth0" tcp dport 80 counter name tcp_before
    iifname "eth0" udp dport 443 counter name udp_before
  }
  chain after {
    type filter hook input priority 5; policy accept;
    iifname "eth0" tcp dport 80 counter name tcp_after
    iifname "eth0" udp dport 443 counter name udp_after
  }
}
END`);
    const watch = 'nft -s -a list table inet watch';
    const theirs = await server.must(watch);
    const until = '/tmp/stop';
    const loading = outside.must(['node', '-e', load(server.addresses[0]!, { tcp: 80, udp: 443, until })], {
      timeout: 150,
    });
    const rulesets = [
      app(),
      { ...app(), ping: false },
      { ...app(), allow: [...app().allow].reverse() },
      { ...app(), allow: [...app().allow].reverse(), sets: { members: [], neighbours: ['192.0.2.1'] } },
    ];
    const jobs = Array.from({ length: 100 }, (_, at) => ({ args: rulesets[at % rulesets.length]! }));
    const done = await runJobs(server, jobs);
    expect(done.length).to.equal(100);
    expect(done.filter(({ failed, left }) => failed || left!.length > 0)).to.deep.equal([]);
    // The first of them is there already.
    expect(done.slice(1).filter(({ changes }) => Object.keys(changes).length < 2)).to.deep.equal([]);
    await outside.must(`touch ${until}`);
    const counts = JSON.parse(await loading);
    expect(counts.asked).to.be.greaterThan(1000);
    expect(counts.connected).to.be.greaterThan(500);
    expect(counts.answered, 'datagrams').to.equal(counts.asked);
    expect(counts.echoed, 'bytes of the connection that stayed').to.equal(counts.sent);
    expect(counts.failed, 'connections').to.equal(0);
    const packets = async (name: string): Promise<number> =>
      JSON.parse(await server.must(`nft -j list counter inet watch ${name}`)).nftables[1].counter.packets;
    for (const kind of ['tcp', 'udp']) {
      const before = await packets(`${kind}_before`);
      expect(before).to.be.greaterThan(1000);
      expect(await packets(`${kind}_after`), `${kind} packets`).to.equal(before);
    }
    expect(await server.must(watch), 'the table of somebody else').to.equal(theirs);
  });
});

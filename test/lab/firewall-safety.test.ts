/** What a firewall must not do: lock out whoever manages the machine, and fight with another one. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

const web = {
  services: { web: { tcp: 80 }, ssh: { tcp: 22 }, other: { tcp: 2222 } },
  allow: [{ service: 'web' }],
};

const files = ['/etc/converge/firewall.nft', '/etc/systemd/system/converge-firewall.service'];

function treeOf(args: object): { [file: string]: string } {
  const state = {
    firewall: { 'firewall.ruleset': Object.entries(args).map(([key, value]) => ({ [key]: value })) },
  };
  return { 'states/top.sls': "base: {'*': [fw]}\n", 'states/fw.sls': JSON.stringify(state, null, 1) };
}

describeLab('lab: firewall states and ssh', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await boot({ name: 'fw-ssh', packages: ['nftables', 'openssh-server'] });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  async function expectRefused(
    args: object,
    message: RegExp,
    env: { [name: string]: string } = {},
  ): Promise<void> {
    for (const test of [true, false]) {
      const { results, failed } = await node.converge(treeOf(args), { test, env });
      expect(failed).to.deep.equal(['firewall.ruleset firewall']);
      expect(results[0]!.comment).to.match(message);
    }
    expect(
      await node.must('nft -s list ruleset; ls /etc/converge /etc/systemd/system | grep firewall || true'),
    ).to.equal('');
  }

  it('refuse to drop the port on which sshd listens', async () => {
    await expectRefused(web, /sshd listens on port 22, which the ruleset drops for everybody/);
    await node.write('/etc/ssh/sshd_config.d/port.conf', 'Port 2222\n');
    await node.must('systemctl restart ssh');
    const ssh = { ...web, allow: [{ service: ['web', 'ssh'] }] };
    await expectRefused(ssh, /sshd listens on port 2222, which/);
    await expectRefused({ ...ssh, allow: [...ssh.allow, { service: 'other', from: [] }] }, /port 2222/);
    await node.must('systemctl disable -q --now ssh.service; systemctl enable -q --now ssh.socket');
    await expectRefused(web, /sshd listens on port 22, which/);
    await node.write(
      '/etc/systemd/system/ssh.socket.d/port.conf',
      '[Socket]\nListenStream=\nListenStream=0.0.0.0:2022\n',
    );
    await node.must('systemctl daemon-reload; systemctl restart ssh.socket');
    await expectRefused(web, /sshd listens on port 2022, which/);
    await node.must('systemctl disable -q --now ssh.socket; rm /etc/ssh/sshd_config.d/port.conf');
    await node.must('systemctl enable -q --now ssh.service');
  });

  it('refuse to cut off the session of the run, sudo or not', async () => {
    const [pub, priv] = node.addresses as [string, string];
    const only = { ...web, zones: { private: 'eth1' }, allow: [{ service: 'ssh', zone: 'private' }] };
    const from = (address: string) => ({ SSH_CONNECTION: `192.0.2.9 50000 ${address} 22` });
    const message = /The ssh session of this run comes from 192.0.2.9 to port 22 of eth0, which/;
    await expectRefused(only, message, from(pub));
    await node.must(['mkdir', '-p', '/srv/tree/states']);
    const { stdout } = await node.run(
      // Its parent has the variable, the program itself does not.
      "sh -c 'env -u SSH_CONNECTION /opt/converge/converge highstate --states /srv/tree/states --output ndjson; exit $?'",
      { env: from(pub) },
    );
    expect(stdout).to.match(message);
    const done = await node.converge(treeOf(only), { env: from(priv) });
    expect(done.failed).to.deep.equal([]);
    const quiet = await node.converge(treeOf(only), { env: from(pub) });
    expect(quiet.changed, 'what is there already is not asked about').to.deep.equal([]);
    const told = { ...only, ping: false, allow_lockout: true };
    expect((await node.converge(treeOf(told), { env: from(pub) })).changed).to.deep.equal([
      'firewall.ruleset firewall',
    ]);
  });
});

describeLab('lab: firewall states and their package', () => {
  it('work in the run that installs it, and say in a dry run that they cannot tell', async () => {
    await using node = await boot({ name: 'fw-bare' });
    const tree = {
      'states/top.sls': "base: {'*': [fw]}\n",
      'states/fw.sls': `
nftables:
  pkg.installed
firewall:
  firewall.ruleset:
    - services: {web: {tcp: 80}}
    - allow:
      - service: web
    - require:
      - pkg: nftables
`,
    };
    const foretold = await node.converge(tree, { test: true });
    expect(foretold.results.map(({ verdict }) => verdict)).to.deep.equal(['would-change', 'unknown']);
    const done = await node.converge();
    expect(done.results.map(({ verdict }) => verdict)).to.deep.equal(['changed', 'changed']);
    const again = await node.converge();
    expect(again.changed).to.deep.equal([]);
    expect(again.processes.filter((one) => /nft/.test(one))).to.deep.equal([
      'nft -j list table inet converge',
    ]);
  });
});

describeLab('lab: firewall states, taken back', function () {
  this.timeout(180_000);
  let node: Node;
  let peer: Node;
  before(async () => {
    [node, peer] = await Promise.all([
      boot({ name: 'fw-undo', packages: ['nftables', 'openssh-server'] }),
      boot({ name: 'fw-peer' }),
    ]);
  });
  after(async () => {
    await Promise.all([node?.[Symbol.asyncDispose](), peer?.[Symbol.asyncDispose]()]);
  });

  const state = `nft -s list ruleset; cat ${files.join(' ')} 2>&1; ls /etc/converge /etc/systemd/system/*.wants 2>&1`;
  const run = (args: object, ...options: string[]) => node.converge(treeOf(args), { options });
  const ssh = {
    ...web,
    allow: [{ service: ['web', 'ssh'] }],
    sets: { some: ['192.0.2.1', '2001:db8::/32'] },
  };
  const members = { ...ssh, sets: { some: ['192.0.2.1'] } };
  const cut = { ...web, allow_lockout: true, raw: { before: ['tcp dport 1 accept'] } };

  it('by a rollback, as it was before', async () => {
    await node.must('mkdir -p /etc/converge');
    const before = await node.must(state);
    for (const [args, check] of [
      [ssh, 'nft list tables | grep -q converge'],
      [members, '! nft list ruleset | grep -q 2001:db8::/32'],
      [cut, 'nft list ruleset | grep -q "tcp dport 1 accept"'],
    ] as const) {
      const then = await node.must(state);
      expect((await run(args)).failed).to.deep.equal([]);
      await node.must(check);
      if (args === ssh) continue;
      await node.must('/opt/converge/converge rollback last');
      expect(await node.must(state)).to.equal(then);
      expect((await run(ssh)).changed).to.deep.equal([]);
    }
    expect((await run({ ...ssh, ping: false })).failed).to.deep.equal([]);
    await node.must('/opt/converge/converge rollback last');
    await node.must('/opt/converge/converge single firewall.absent name=x');
    expect(await node.must(state)).to.equal(before);
    await run(ssh);
    await node.must('/opt/converge/converge rollback last');
    expect(await node.must(state)).to.equal(before);
  });

  it('where nobody confirms it', async () => {
    const answers = `timeout 2 bash -c 'exec 3<>/dev/tcp/${node.addresses[0]}/22; read -t 1 line <&3; [[ $line = SSH-* ]]'`;
    expect((await run(ssh)).failed).to.deep.equal([]);
    const before = await node.must(state);
    await peer.must(answers);
    expect((await run(cut, '--confirm', '3')).failed).to.deep.equal([]);
    expect((await peer.run(answers)).status).to.not.equal(0);
    await node.until('grep -q \'"reverted"\' /var/lib/converge/unconfirmed.json', { seconds: 60 });
    await peer.must(answers);
    expect(await node.must(state)).to.equal(before);
  });
});

describeLab('lab: firewall states beside others', function () {
  this.timeout(120_000);

  it('refuse to work beside firewalld and ufw, or take over from them', async () => {
    await using node = await boot({ name: 'fw-rival', packages: ['nftables', 'ufw', 'firewalld'] });
    const args = { ...web, allow_lockout: true };
    await node.until('firewall-cmd --state', { seconds: 60 });
    await node.until('ufw --force enable', { seconds: 60 });
    // Without counters; and both say that they run before the last of their rules is there.
    const listing = 'nft -s list ruleset';
    await node.until(`one=$(${listing}); sleep 2; test "$one" = "$(${listing})"`, { seconds: 60 });
    const before = await node.must(listing);
    const { refused } = await applyState(node, 'firewall.ruleset', args);
    expect(refused).to.equal('firewalld and ufw set up a firewall here already.');
    expect(await node.must(listing)).to.equal(before);
    const check =
      'nft list tables | grep -q "inet converge" && ! nft list tables | grep -q firewalld && ! nft list ruleset | grep -A1 "hook input" | grep -v converge | grep -q "priority filter; policy drop.*ufw"';
    await expectApplied(node, { state: 'firewall.ruleset', args: { ...args, take_over: true }, check }, [
      ...['chain refused', 'chain input', '/etc/converge'],
      ...['/etc/systemd/system/nftables.service.wants', '/etc/converge/firewall.nft'],
      ...['/etc/systemd/system/converge-firewall.service', 'at boot', 'with nftables.service'],
      ...['firewalld.service state', 'firewalld.service enablement', 'ufw'],
    ]);
    const drops =
      'nft -j list chains | tr \'}\' \'\\n\' | grep \'"hook": "input"\' | grep \'"policy": "drop"\'';
    expect((await node.must(drops)).trim().split('\n')).to.have.length(1);
    await node.stop();
    await node.start();
    expect(await node.must('nft list tables')).to.equal('table inet converge\n');
    const { changes, processes } = await applyState(node, 'firewall.ruleset', args);
    expect(changes).to.deep.equal({});
    expect(processes.length, processes.join()).to.equal(2);
  });
});

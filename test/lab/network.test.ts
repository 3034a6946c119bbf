import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

const bridge = { name: 'br0', kind: 'bridge', mtu: 1400 };
const bridgeIsThere = '[ "$(cat /sys/class/net/br0/mtu)" = 1400 ] && ip link show br0 | grep -q ",UP"';
const onBridge = { name: 'br0', addresses: ['10.88.0.1/24', 'fd00:88::1/64'] };
const bridgeHas =
  'ip addr show br0 | grep -q "inet 10.88.0.1/24" && ip addr show br0 | grep -q "inet6 fd00:88::1/64"';
const onLo = { name: 'lo', addresses: '203.0.113.50/32' };
const loHas = 'ip addr show lo | grep -q "inet 203.0.113.50/32"';
const onEth1 = { name: 'eth1', addresses: '10.77.0.250/24' };
const eth1Has = 'ip addr show eth1 | grep -q "inet 10.77.0.250/24"';
const route = { name: '10.5.0.0/16', gateway: '10.88.0.9' };
const routeIsThere = 'ip route show 10.5.0.0/16 | grep -q "via 10.88.0.9 dev br0"';

interface Files {
  readonly link: readonly string[];
  readonly addresses: readonly string[];
  readonly route: readonly string[];
}

/** The life of each, and all of them after the node was switched off and on. */
async function expectNetwork(node: Node, files: Files): Promise<void> {
  await expectLife(node, {
    state: 'network.link',
    args: bridge,
    check: bridgeIsThere,
    changes: ['br0', 'mtu of br0', 'state of br0', ...files.link],
    damage: 'ip link set br0 down mtu 1300',
  });
  await expectLife(node, {
    state: 'network.address',
    args: onBridge,
    check: bridgeHas,
    damage: 'ip addr del 10.88.0.1/24 dev br0',
    changes: ['10.88.0.1/24 on br0', 'fd00:88::1/64 on br0', ...files.addresses],
    absent: { state: 'network.address_absent', args: onBridge, check: `! (${bridgeHas})` },
  });
  await expectApplied(node, { state: 'network.address', args: onBridge, check: bridgeHas });
  await expectApplied(node, { state: 'network.address', args: onLo, check: loHas });
  await expectApplied(node, { state: 'network.address', args: onEth1, check: eth1Has });
  await expectLife(node, {
    state: 'network.route',
    args: route,
    check: routeIsThere,
    changes: ['route to 10.5.0.0/16', ...files.route],
    damage: 'ip route replace 10.5.0.0/16 dev br0',
    absent: { state: 'network.route_absent', args: { name: route.name }, check: `! (${routeIsThere})` },
  });
  await expectApplied(node, { state: 'network.route', args: route, check: routeIsThere });
  await restart(node);
  for (const check of [bridgeIsThere, bridgeHas, loHas, eth1Has, routeIsThere]) await node.until(check);
  await node.must('ip addr show eth1 | grep -q "inet 10.77.0.[0-9]*/24"');
  for (const [state, args] of [
    ['network.link', bridge],
    ['network.address', onBridge],
    ['network.address', onLo],
    ['network.address', onEth1],
    ['network.route', route],
  ] as const) {
    const after = await applyState(node, state, args);
    expect(after.changes, `${state} after a boot`).to.deep.equal({});
    expect(after.processes.length, `processes of ${state}`).to.be.at.most(2);
  }
  await expectApplied(node, { state: 'network.address_absent', args: onLo, check: `! (${loHas})` });
  await expectApplied(node, { state: 'network.address_absent', args: onEth1, check: `! (${eth1Has})` });
  await expectApplied(node, {
    state: 'network.link_absent',
    args: { name: 'br0' },
    check: '[ ! -e /sys/class/net/br0 ]',
  });
  await restart(node);
  await node.must(`[ ! -e /sys/class/net/br0 ] && ! (${loHas}) && ! (${eth1Has})`);
}

async function restart(node: Node): Promise<void> {
  await node.stop();
  await node.start();
}

describeLab('lab: network states', function () {
  this.timeout(120_000);
  let node: Node;
  before(async () => {
    node = await boot({ name: 'net' });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('refuse where nothing sets up the network at boot', async () => {
    const { refused } = await applyState(node, 'network.address', onLo);
    expect(refused).to.match(/not known what sets up the network/);
  });

  it('are foretold exactly where they build on each other, and share a process when nothing changes', async () => {
    await node.must('systemctl enable -q --now systemd-networkd');
    const states = {
      'states/top.sls': "base:\n  '*':\n    - all\n",
      'states/all.sls': `
v0:
  network.link:
    - kind: veth
    - peer: v1

br1:
  network.link:
    - kind: bridge
    - ports: v1

bridge:
  network.address:
    - name: br1
    - addresses: 10.99.0.1/24

bridge again:
  network.address:
    - name: br1
    - addresses: [10.99.0.2/24, 'fd00:99::1/64']

10.98.0.0/16:
  network.route:
    - gateway: 10.99.0.9

net.ipv4.conf.br1.rp_filter:
  sysctl.present:
    - value: 2
`,
    };
    const foretold = await node.converge(states, { test: true });
    expect(foretold.failed).to.deep.equal([]);
    const done = await node.converge();
    expect(done.failed, done.stdout).to.deep.equal([]);
    expect(done.changed.length).to.equal(6);
    const changes = (results: typeof done.results) => results.map((one) => [one.id, one.changes]);
    expect(changes(foretold.results)).to.deep.equal(changes(done.results));
    const again = await node.converge();
    expect(again.changed).to.deep.equal([]);
    expect(again.processes).to.deep.equal(['ip -j -d addr show', 'ip -j -d route show table all']);
    const gone = 'v0: {network.link_absent: []}\nbr1: {network.link_absent: []}\n';
    expect((await node.converge({ ...states, 'states/all.sls': gone })).changed.length).to.equal(2);
    expect(await node.must('ls /etc/systemd/network; rm /etc/sysctl.d/99-converge.conf')).to.equal('');
  });

  it('are there after a boot by systemd-networkd', async () => {
    await node.must('systemctl enable -q --now systemd-networkd');
    const folder = '/etc/systemd/network/50-converge-br0';
    await expectNetwork(node, {
      link: [`${folder}.netdev`, `${folder}.network`],
      addresses: [
        `${folder}.network.d`,
        `${folder}.network.d/converge-address-10-88-0-1-24.conf`,
        `${folder}.network.d/converge-address-fd00-88-1-64.conf`,
      ],
      route: [`${folder}.network.d/converge-route-10-5-0-0-16.conf`],
    });
    expect(await node.must('ls /etc/systemd/network')).to.equal('');
  });

  it('join what a file sets up for systemd-networkd', async () => {
    await node.write(
      '/etc/systemd/network/10-private.network',
      '[Match]\nName=eth1\n[Network]\nAddress=10.77.0.240/24\nKeepConfiguration=static\n',
    );
    await restart(node);
    await node.until('ip addr show eth1 | grep -q 10.77.0.240/24');
    const there = await applyState(node, 'network.address', { name: 'eth1', addresses: '10.77.0.240/24' });
    expect(there.changes).to.deep.equal({});
    await expectApplied(node, { state: 'network.address', args: onEth1, check: eth1Has });
    await restart(node);
    await node.until(eth1Has);
    await node.must('ip addr show eth1 | grep -q 10.77.0.240/24');
    const theirs = await applyState(node, 'network.address_absent', {
      name: 'eth1',
      addresses: '10.77.0.240/24',
    });
    expect(theirs.refused).to.match(/is also set up by \/etc\/systemd\/network\/10-private\.network/);
    await expectApplied(node, { state: 'network.address_absent', args: onEth1, check: `! (${eth1Has})` });
    expect((await node.must('ls /etc/systemd/network')).trim()).to.equal('10-private.network');
    await node.must(
      'rm /etc/systemd/network/*; systemctl disable -q --now systemd-networkd.service systemd-networkd.socket',
    );
  });

  it('make an address the only one, and never cut an ssh session', async () => {
    const own = node.addresses[1]!;
    const only = { name: 'eth1', addresses: ['10.77.0.250/24'], exact: true, persist: false };
    await expectApplied(node, { state: 'network.address', args: { ...only, exact: false }, check: eth1Has });
    const talk = `const net = require('node:net'); net.createServer().listen(22, () => net.connect(22, '${own}'))`;
    await node.must(['systemd-run', '-q', '--unit=talk', 'node', '-e', talk]);
    await node.until('grep -q " 01 " /proc/net/tcp /proc/net/tcp6');
    const refusal = new RegExp(`An ssh session uses the address ${own} now`);
    for (const dry of [true, false]) {
      expect((await applyState(node, 'network.address', only, { dry })).refused).to.match(refusal);
    }
    const gone = { name: 'eth1', addresses: `${own}/24`, persist: false };
    expect((await applyState(node, 'network.address_absent', gone)).refused).to.match(refusal);
    const down = { name: 'eth1', up: false, persist: false };
    expect((await applyState(node, 'network.link', down)).refused).to.match(refusal);
    await node.must('systemctl stop talk');
    await node.until('! grep -q " 01 " /proc/net/tcp /proc/net/tcp6');
    await expectApplied(node, {
      state: 'network.address',
      args: only,
      check: `! ip addr show eth1 | grep -q ${own}`,
    });
    await restart(node);
  });

  it('are there after a boot by ifupdown', async () => {
    await node.install(['ifupdown']);
    const file = '/etc/network/interfaces.d/converge-br0';
    await expectNetwork(node, {
      link: [file],
      addresses: [`${file}-address-10-88-0-1-24`, `${file}-address-fd00-88-1-64`],
      route: [`${file}-route-10-5-0-0-16`],
    });
    expect(await node.must('ls /etc/network/interfaces.d')).to.equal('');
  });

  it('are there after a boot by NetworkManager', async () => {
    await node.must('systemctl mask -q networking.service');
    await node.install(['network-manager']);
    // The lab sets up eth1 before the node boots, and NetworkManager leaves alone what is set up.
    await node.write(
      '/etc/systemd/system/bare.service',
      '[Unit]\nBefore=NetworkManager.service\n[Service]\nType=oneshot\nExecStart=ip addr flush dev eth1\nExecStart=ip link set eth1 down\n[Install]\nWantedBy=NetworkManager.service\n',
    );
    await node.must('systemctl enable -q bare.service');
    const file = '/etc/NetworkManager/system-connections/converge-br0.nmconnection';
    await expectNetwork(node, { link: [file], addresses: [file], route: [file] });
  });

  it('join a connection of NetworkManager', async () => {
    const file = '/etc/NetworkManager/system-connections/private.nmconnection';
    const own = '10.77.0.240/24';
    await node.must(
      `nmcli connection add con-name private type ethernet ifname eth1 ip4 ${own} ipv6.method disabled`,
    );
    await node.must('nmcli connection up private');
    await expectApplied(
      node,
      { state: 'network.address', args: onEth1, check: `${eth1Has} && ip addr show eth1 | grep -q ${own}` },
      ['10.77.0.250/24 on eth1', file, 'connections of NetworkManager'],
    );
    await restart(node);
    await node.until(`${eth1Has} && ip addr show eth1 | grep -q ${own}`);
    await node.must(
      `[ "$(stat -c %a ${file})" = 600 ] && nmcli -g ip4.address connection show private | grep -q 250`,
    );
    await expectApplied(node, { state: 'network.address_absent', args: onEth1, check: `! (${eth1Has})` });
    await restart(node);
    await node.until(`ip addr show eth1 | grep -q ${own}`);
    await node.must(`! (${eth1Has})`);
  });

  it('change the name of the node', async () => {
    await expectLife(node, {
      state: 'network.hostname',
      args: { name: 'web1' },
      check: '[ "$(hostname)" = web1 ] && [ "$(cat /etc/hostname)" = web1 ]',
      changes: ['name now', 'name at boot'],
      damage: 'hostname other',
    });
  });
});

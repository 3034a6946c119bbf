/** What states/common gives to machines and not to containers, on a node that passes for a machine: clock and swap. */
import { expect } from 'chai';
import { expectForetold, expectGood, expectNothing, run } from './common-runs.ts';
import type { Node } from './node.ts';

/** A time server that has the time of the node. */
const server = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (asked, from) => {
  const answer = Buffer.alloc(48);
  answer.set([0x24, 1, 6, 0xec]);
  asked.copy(answer, 24, 40, 48);
  const now = Date.now() / 1000 + 2_208_988_800;
  for (const at of [16, 32, 40]) {
    answer.writeUInt32BE(Math.floor(now), at);
    answer.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), at + 4);
  }
  socket.send(answer, from.port, from.address);
}).bind(123, '127.0.0.1');
`;

/** Nodes may not set the clock: the service asks, and is refused by the kernel what it then wants. */
const permitted = `[Unit]
ConditionCapability=
ConditionVirtualization=
[Service]
AmbientCapabilities=
CapabilityBoundingSet=
`;

export async function expectClock(node: Node): Promise<void> {
  const given = { common: { time: { servers: ['127.0.0.1'] } }, verb: ['apply', 'common.time'] };
  const unit = 'systemd-timesyncd.service';
  expectGood(await run(node, given));
  expect((await node.run(`systemctl is-active ${unit}`)).stdout, 'in a container').to.equal('inactive\n');

  await node.must(['systemd-run', '-q', '--unit=ntp', 'node', '-e', server]);
  await node.write(`/etc/systemd/system/${unit}.d/lab.conf`, permitted);
  await node.must(`systemctl daemon-reload && systemctl disable -q ${unit}`);
  await node.write('/etc/converge/grains.yaml', 'virtual: kvm\n');
  expectForetold(await run(node, { ...given, test: true }), await run(node, given));
  expectNothing(await run(node, given));
  expect(await node.must(`systemctl is-enabled ${unit}`)).to.equal('enabled\n');
  await node.until(
    'timedatectl timesync-status | grep -q "Server: 127.0.0.1 " && timedatectl timesync-status | grep -q "Stratum: 1"',
  );
  await node.must('rm /etc/converge/grains.yaml');
}

/** Says that it is done: no file of a node can be swapped to. The rest is real. */
const swapon = `#!/bin/sh
test "$(blkid -p -o value -s TYPE "$2")" = swap && test "$(stat -c %a "$2")" = 600 || exit 1
echo "$2 file $(($(stat -c %s "$2") / 1024 - 4)) 0 -2" >> /root/swaps
`;

export async function expectSwap(node: Node): Promise<void> {
  const given = (swap: unknown) => ({ common: { swap }, verb: ['apply', 'common.swap'] });
  const asked = await run(node, given('16M'));
  expect([asked.status, asked.results], 'in a container').to.deep.equal([0, []]);

  await node.write('/usr/local/sbin/swapon', swapon);
  await node.must(`
    chmod +x /usr/local/sbin/swapon
    head -n 1 /proc/swaps > /root/swaps && mount --bind /root/swaps /proc/swaps
    cat /proc/sys/vm/swappiness > /root/swappiness && mount --bind /root/swappiness /proc/sys/vm/swappiness`);
  await node.write('/etc/converge/grains.yaml', 'virtual: kvm\nmem_total: 4000\n');
  expect((await run(node, given(undefined))).results, 'enough memory').to.deep.equal([]);
  expectForetold(await run(node, { ...given('16M'), test: true }), await run(node, given('16M')));
  expectNothing(await run(node, given('16M')));
  expect(await node.must('stat -c %s /swapfile; grep -c swap /proc/swaps /etc/fstab')).to.equal(
    '16777216\n/proc/swaps:1\n/etc/fstab:1\n',
  );
  expect(await node.must('cat /root/swappiness; cat /etc/sysctl.d/90-swap.conf')).to.equal(
    '10\nvm.swappiness = 10\n',
  );
  await node.must('rm /etc/converge/grains.yaml && umount /proc/swaps /proc/sys/vm/swappiness');
}

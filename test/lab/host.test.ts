import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';

for (const family of ['debian', 'rpm'] as const)
  describeLab(
    `lab: names, kernel parameters and modules, family ${family}`,
    function () {
      this.timeout(120_000);
      let node: Node;
      before(async () => {
        node = await boot({ name: `at-${family}`, family });
      });
      after(async () => {
        await node?.[Symbol.asyncDispose]();
      });

      it('host states: the resolver of the node sees them', async () => {
        await expectLife(node, {
          state: 'host.present',
          args: { name: 'db.example.org', ip: ['192.0.2.7', '2001:db8::7'], aliases: 'db' },
          check:
            'getent ahostsv4 db | grep -q 192.0.2.7 && getent ahostsv6 db.example.org | grep -q 2001:db8::7',
          changes: ['192.0.2.7', '2001:db8::7'],
          damage: "sed -i '/^2001:db8::7/d' /etc/hosts",
          absent: {
            state: 'host.absent',
            args: { name: 'db.example.org', ip: ['192.0.2.7', '2001:db8::7'] },
            check: '! getent hosts db.example.org && getent hosts db',
          },
        });
        await expectLife(node, {
          state: 'host.only',
          args: { name: '127.0.1.1', hostnames: ['web1.example.org', 'web1'] },
          check: '[ "$(getent hosts 127.0.1.1 | tr -s " ")" = "127.0.1.1 web1.example.org web1" ]',
          changes: ['127.0.1.1'],
          damage: "sed -i 's/^127.0.1.1.*/& other/' /etc/hosts",
          absent: {
            state: 'host.only',
            args: { name: '127.0.1.1', hostnames: [] },
            check: '! grep -q 127.0.1.1 /etc/hosts',
          },
        });
      });

      it('sysctl states: now, and as systemd reads them at boot', async () => {
        const config = '/etc/sysctl.d/99-converge.conf';
        await expectLife(node, {
          state: 'sysctl.present',
          args: { name: 'net.ipv4.tcp_rmem', value: '4096 87380 8388608' },
          check: `[ "$(sysctl -n net.ipv4.tcp_rmem | tr '\\t' ' ')" = "4096 87380 8388608" ] && grep -q tcp_rmem ${config}`,
          changes: ['net.ipv4.tcp_rmem', `net.ipv4.tcp_rmem in ${config}`],
          damage: `sysctl -qw net.ipv4.tcp_rmem='4096 87380 6291456'`,
          absent: {
            state: 'sysctl.absent',
            args: { name: 'net/ipv4/tcp_rmem' },
            check: `! grep -q tcp_rmem ${config}`,
          },
        });
        await expectApplied(node, {
          state: 'sysctl.present',
          args: { name: 'net.ipv4.conf.eth0.rp_filter', value: 2 },
          check: '[ "$(sysctl -n net.ipv4.conf.eth0.rp_filter)" = 2 ]',
        });
        await node.stop();
        await node.start();
        expect((await node.must('sysctl -n net.ipv4.conf.eth0.rp_filter')).trim()).to.equal('2');
      });

      it('kmod states: what loads at boot', async () => {
        // The kernel of the node is that of the machine, and its modules are not here.
        await node.must('mkdir -p /srv/image/etc');
        const args = { mods: ['br_netfilter', 'nf-conntrack'], persist: true, name: 'modules' };
        const tree =
          'modules:\n  kmod.present:\n    - mods: [br_netfilter, nf-conntrack]\n    - persist: true\n';
        await node.write('/srv/tree/modules.sls', tree);
        const run = [
          '/opt/converge/converge',
          'apply',
          'modules',
          '--states',
          '/srv/tree',
          '--root',
          '/srv/image',
        ];
        expect((await node.run(run)).status, JSON.stringify(args)).to.equal(0);
        expect(await node.must('cat /srv/image/etc/modules-load.d/*')).to.equal(
          'br_netfilter\nnf-conntrack\n',
        );
      });
    },
    [family],
  );

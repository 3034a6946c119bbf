import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

const folder = '/etc/systemd/system';

function service(seconds: string): Record<string, unknown> {
  return {
    Unit: { Description: 'Sleeps' },
    Service: { ExecStart: `/bin/sleep ${seconds}` },
    Install: { WantedBy: 'multi-user.target' },
  };
}

for (const family of ['debian', 'trixie', 'rpm'] as const) {
  describeLab(`lab: systemd states on ${family}`, () => {
    let node: Node;
    before(async () => {
      node = await boot({ name: `unit-${family.slice(0, 5)}`, family });
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('keep a service: its file, its boot and its run', async () => {
      const args = { name: 'naps', sections: service('1000'), enable: true, running: true };
      await expectLife(node, {
        state: 'systemd.unit',
        args,
        changes: ['content', 'enablement', 'state'],
        check: [
          'systemctl is-active naps && systemctl is-enabled naps',
          `test "$(systemctl show -p NeedDaemonReload --value naps)" = no`,
          `tr '\\0' ' ' < /proc/$(systemctl show -p MainPID --value naps)/cmdline | grep -q 'sleep 1000'`,
        ].join(' && '),
        damage: `sed -i s/1000/2000/ ${folder}/naps.service; systemctl daemon-reload; systemctl restart naps; systemctl disable naps`,
      });
    });

    // The RPM node has the systemd of Debian 12, so one look at each is enough there.
    if (family === 'rpm') {
      it('keep a service of a package, and a drop-in for it', async () => {
        await expectLife(node, {
          state: 'service.running',
          args: { name: 'crond', enable: true },
          changes: [],
          check: 'systemctl is-active crond && systemctl is-enabled crond',
          damage: 'systemctl disable --now crond',
        });
        await expectApplied(
          node,
          {
            state: 'systemd.unit',
            args: { name: 'crond', dropin: 'nice', sections: { Service: { Nice: 3 } } },
            check: 'test "$(ps -o ni= -p $(systemctl show -p MainPID --value crond))" -eq 3',
          },
          [`${folder}/crond.service.d`, 'content', 'state'],
        );
      });
      return;
    }

    it('restart what runs by an older file, also where a run was cut off before', async () => {
      const args = { name: 'naps', sections: service('3000') };
      const sleeps = (seconds: number) =>
        `tr '\\0' ' ' < /proc/$(systemctl show -p MainPID --value naps)/cmdline | grep -q 'sleep ${seconds}'`;
      await expectApplied(node, { state: 'systemd.unit', args, check: sleeps(3000) }, ['content', 'state']);
      await node.must(`sed -i s/3000/4000/ ${folder}/naps.service`);
      const cut = { name: 'naps', sections: service('4000') };
      await expectApplied(node, { state: 'systemd.unit', args: cut, check: sleeps(4000) }, [
        'loaded file',
        'state',
      ]);
      const { processes } = await applyState(node, 'systemd.unit', cut);
      expect(processes.length, processes.join('\n')).to.equal(1);
    });

    it('keep a drop-in', async () => {
      await expectLife(node, {
        state: 'systemd.unit',
        args: { name: 'naps', dropin: 'nice', contents: '[Service]\nNice=7' },
        changes: [`${folder}/naps.service.d`, 'content', 'state'],
        check: 'test "$(ps -o ni= -p $(systemctl show -p MainPID --value naps))" -eq 7',
        damage: `rm ${folder}/naps.service.d/nice.conf; systemctl daemon-reload; systemctl restart naps`,
        absent: {
          state: 'systemd.unit_absent',
          args: { name: 'naps', dropin: 'nice' },
          check: `test "$(ps -o ni= -p $(systemctl show -p MainPID --value naps))" -eq 0 && ! test -e ${folder}/naps.service.d`,
        },
      });
    });

    it('take a service away', async () => {
      await expectApplied(
        node,
        {
          state: 'systemd.unit_absent',
          args: { name: 'naps' },
          check: `! test -e ${folder}/naps.service && ! test -e ${folder}/multi-user.target.wants/naps.service && ! pgrep -xf '/bin/sleep 4000' && test "$(systemctl show -p LoadState --value naps)" = not-found`,
        },
        ['state', 'enablement', `${folder}/naps.service`],
      );
    });

    it('are content with drop-ins that are masked, lead nowhere, or are none', async () => {
      const dropins = `${folder}/odd.service.d`;
      await node.must(
        `mkdir -p ${dropins}/dir.conf; ln -s /dev/null ${dropins}/a.conf; ln -s /nowhere ${dropins}/b.conf; : > ${dropins}/c.conf; ln -s /etc/hostname ${dropins}/d.txt`,
      );
      const args = { name: 'odd', sections: service('55'), running: true };
      await expectApplied(node, { state: 'systemd.unit', args, check: 'systemctl is-active odd' }, [
        'content',
        'state',
      ]);
      await expectApplied(node, {
        state: 'systemd.unit_absent',
        args: { name: 'odd' },
        check: '! systemctl is-active odd',
      });
    });

    it('forget a unit that failed', async () => {
      await node.write(`${folder}/fails.service`, '[Service]\nType=oneshot\nExecStart=/bin/false\n');
      await node.run('systemctl start fails');
      await expectApplied(node, {
        state: 'systemd.unit_absent',
        args: { name: 'fails' },
        check: 'test -z "$(systemctl --failed --no-legend | grep fails)"',
      });
    });

    it('keep a timer, and it fires', async () => {
      await applyState(node, 'systemd.unit', {
        name: 'tick',
        sections: { Service: { Type: 'oneshot', ExecStart: '/bin/sh -c "date >> /tmp/ticks"' } },
      });
      const timer = { OnActiveSec: '100ms', OnUnitActiveSec: '1s', AccuracySec: '50ms' };
      await expectLife(node, {
        state: 'systemd.unit',
        args: {
          name: 'tick.timer',
          sections: { Timer: timer, Install: { WantedBy: 'timers.target' } },
          running: true,
          enable: true,
        },
        changes: ['content', 'enablement', 'state'],
        check: 'systemctl is-active tick.timer && systemctl is-enabled tick.timer',
        damage: 'systemctl disable --now tick.timer',
      });
      await node.until('test $(wc -l < /tmp/ticks) -ge 2');
      await applyState(node, 'systemd.unit_absent', { name: 'tick.timer' });
    });

    it('keep a socket', async () => {
      await applyState(node, 'systemd.unit', {
        name: 'echo@.service',
        contents: '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n',
      });
      await expectLife(node, {
        state: 'systemd.unit',
        args: {
          name: 'echo.socket',
          contents: '[Socket]\nListenStream=127.0.0.1:7\nAccept=yes\n',
          running: true,
        },
        changes: ['content', 'state'],
        check: 'bash -c "exec 3<>/dev/tcp/127.0.0.1/7; echo hi >&3; read -t 5 x <&3; test \\$x = hi"',
        damage: 'systemctl stop echo.socket',
        absent: {
          state: 'systemd.unit_absent',
          args: { name: 'echo.socket' },
          check: '! bash -c "exec 3<>/dev/tcp/127.0.0.1/7"',
        },
      });
    });

    it('renew a socket that a service holds', async () => {
      await applyState(node, 'systemd.unit', { name: 'held.service', sections: service('333') });
      const socket = (port: number) => ({
        name: 'held.socket',
        contents: `[Socket]\nListenStream=${port}\n`,
      });
      await applyState(node, 'systemd.unit', { ...socket(4001), running: true });
      await node.must('systemctl start held.service');
      await expectApplied(
        node,
        {
          state: 'systemd.unit',
          args: socket(4002),
          check: 'systemctl is-active held.service held.socket && ss -ltn | grep -q :4002',
        },
        ['content', 'state'],
      );
    });

    it('run the instances of a template, and restart those that nobody named', async () => {
      const args = {
        name: 'inst@.service',
        sections: { Service: { ExecStart: '/bin/sleep 500%i' }, Install: { WantedBy: 'multi-user.target' } },
        instances: ['1', '2'],
        running: true,
        enable: true,
      };
      await expectApplied(
        node,
        {
          state: 'systemd.unit',
          args,
          check: "pgrep -xf '/bin/sleep 5001' && pgrep -xf '/bin/sleep 5002' && systemctl is-enabled inst@1",
        },
        [
          'content',
          'inst@1.service enablement',
          'inst@2.service enablement',
          'inst@1.service state',
          'inst@2.service state',
        ],
      );
      await node.must('systemctl start inst@3');
      await expectApplied(node, {
        state: 'systemd.unit',
        args: { ...args, sections: { Service: { ExecStart: '/bin/sleep 600%i' } }, enable: false },
        check:
          "pgrep -xf '/bin/sleep 6001' && pgrep -xf '/bin/sleep 6002' && pgrep -xf '/bin/sleep 6003' && ! pgrep -xf '/bin/sleep 500.'",
      });
      await expectApplied(node, {
        state: 'systemd.unit_absent',
        args: { name: 'inst@.service', instances: ['1', '2', '3'] },
        check: "! pgrep -xf '/bin/sleep 600.'",
      });
    });

    it('are verified first', async () => {
      const wrong = '[Service]\nExecStart=/bin/true\nRestrat=always\n';
      for (const dry of [true, false]) {
        const typo = await applyState(node, 'systemd.unit', { name: 'typo', contents: wrong }, { dry });
        expect(typo.refused).to.match(/line 3: Unknown (key|lvalue)( name)? 'Restrat'/);
      }
      expect(await node.file(`${folder}/typo.service`)).to.equal(undefined);
      const none = { name: 'none', contents: '[Service]\nType=oneshot\n' };
      expect((await applyState(node, 'systemd.unit', none)).refused).to.match(/Refusing/);
      const dropin = { name: 'dbus', dropin: 'x', contents: '[Service]\nNiec=1\n', restart: false };
      expect((await applyState(node, 'systemd.unit', dropin)).refused).to.match(/line 2: .*Niec/);
      const later = {
        name: 'later',
        sections: { Unit: { Requires: 'nosuch.service' }, Service: { ExecStart: '/opt/later' } },
      };
      const { warnings, refused, failed } = await applyState(node, 'systemd.unit', later);
      expect([refused, failed]).to.deep.equal([undefined, undefined]);
      expect(warnings.join()).to.match(/\/opt\/later is not executable/);
      expect(await node.must('ls -a /tmp')).to.not.include('tmp.');
      const once = { name: 'once', sections: { Service: { Type: 'oneshot', ExecStart: '/bin/true' } } };
      expect((await applyState(node, 'systemd.unit', { ...once, running: true })).refused).to.match(
        /ends by/,
      );
    });

    it('leave a masked unit alone unless told', async () => {
      await node.must('systemctl mask masked.service');
      const args = { name: 'masked', sections: service('77'), running: true };
      expect((await applyState(node, 'systemd.unit', args)).refused).to.equal('masked.service is masked.');
      await expectApplied(
        node,
        {
          state: 'systemd.unit',
          args: { ...args, unmask: true },
          check: 'systemctl is-active masked',
        },
        ['masked', 'content', 'state'],
      );
    });
  }, [family]);
}

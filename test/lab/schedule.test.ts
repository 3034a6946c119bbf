import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, checkout, type Node } from './node.ts';
import { applyState } from './state.ts';

/** That cron runs what is scheduled shows cron.test.ts, which waits for the full minute anyway. */
// The RPM node has the systemd of Debian 12.
for (const family of ['debian', 'trixie'] as const) {
  describeLab(`lab: schedule states on ${family}`, () => {
    let node: Node;
    before(async () => {
      node = await boot({ name: `job-${family.slice(0, 5)}`, family });
      await node.must('useradd -m app; mkdir -p /etc/cron.d');
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('keep a timer that runs the command', async () => {
      const unit = '/etc/systemd/system/converge-ticks';
      await expectLife(node, {
        state: 'schedule.present',
        args: {
          name: 'ticks',
          command: `echo "$USER 5% \\\\ $((1+1))" >> /tmp/ticks`,
          every: '1s',
          user: 'app',
        },
        changes: [`${unit}.service`, `${unit}.timer`, 'enablement', 'state'],
        check: `systemctl is-active converge-ticks.timer && systemctl is-enabled converge-ticks.timer && grep -q User=app ${unit}.service`,
        damage: `systemctl disable --now converge-ticks.timer; sed -i s/User=app// ${unit}.service`,
      });
      await node.until('test $(wc -l < /tmp/ticks) -ge 3');
      expect((await node.file('/tmp/ticks'))!.split('\n')[0]).to.equal('app 5% \\ 2');
      await expectApplied(node, {
        state: 'schedule.absent',
        args: { name: 'ticks' },
        check: `! test -e ${unit}.timer && ! test -e ${unit}.service && ! systemctl is-active converge-ticks.timer`,
      });
    });

    it('go from a timer to cron and back', async () => {
      const args = {
        name: 'nightly',
        command: '/bin/true',
        cron: '0 3 13 * fri',
        splay: '10min',
        persistent: true,
      };
      const timer = 'systemctl is-active converge-nightly.timer && ! test -e /etc/cron.d/converge-nightly';
      const cron = 'test -e /etc/cron.d/converge-nightly && ! systemctl is-active converge-nightly.timer';
      await expectApplied(node, { state: 'schedule.present', args, check: timer });
      const shown = await node.must(
        'systemctl show converge-nightly.timer -p TimersCalendar -p FixedRandomDelay',
      );
      expect(shown)
        .to.match(/OnCalendar=\*-\*-13 03:00:00/)
        .and.match(/OnCalendar=Fri \*-\*-\* 03:00:00/);
      expect(shown).to.include('FixedRandomDelay=yes');
      const withCron = { ...args, with: 'cron' };
      await expectApplied(node, { state: 'schedule.present', args: withCron, check: cron });
      await expectApplied(node, { state: 'schedule.present', args, check: timer });
    });

    it('run converge', async () => {
      await node.write('/srv/states/tick.sls', '/tmp/converged:\n  file.touch\n');
      await node.must(`ln -sf ${checkout}/converge /usr/local/bin/converge`);
      const converge = ['apply', 'tick', '--states', '/srv/states'];
      const args = { name: 'self', converge, calendar: '*-*-* *:*:*' };
      await expectApplied(node, {
        state: 'schedule.present',
        args,
        check: 'systemctl is-active converge-self.timer',
      });
      await node.until('test -e /tmp/converged', { seconds: 20 });
      await applyState(node, 'schedule.absent', { name: 'self' });
    });

    it('leave alone what their commands leave behind or are at', async () => {
      const command = 'sleep 1000 & echo $! > /tmp/left; exec sh -c "touch /tmp/at; sleep 900; true"';
      const args = { name: 'leaves', command, calendar: '*-*-* *:*:*', with: 'timer' };
      await applyState(node, 'schedule.present', args);
      await node.until('test -e /tmp/at', { seconds: 20 });
      await node.must('systemctl stop converge-leaves.timer converge-leaves.service');
      await node.must('kill -0 $(cat /tmp/left) && pgrep -xf "sleep 900"');
      await node.must('pkill -xf "sleep (900|1000)"');
      await applyState(node, 'schedule.absent', { name: 'leaves' });
    });

    it('ask no more than systemd once where nothing changes', async () => {
      const args = { name: 'quiet', command: '/bin/true', calendar: 'daily' };
      await applyState(node, 'schedule.present', args);
      const { changes, processes } = await applyState(node, 'schedule.present', args);
      expect(changes).to.deep.equal({});
      expect(processes.length, processes.join('\n')).to.equal(1);
    });

    it('say what systemd says of a calendar', async () => {
      const args = { name: 'odd', command: '/bin/true', calendar: 'now and then' };
      expect((await applyState(node, 'schedule.present', args)).refused).to.match(
        /is no calendar of systemd: Failed to parse/,
      );
    });
  }, [family]);
}

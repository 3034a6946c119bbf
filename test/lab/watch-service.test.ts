/** The service of `converge watch`: what systemd makes of it, and what it makes of its own unit. */
import { expect } from 'chai';
import type { Status } from '../../engine/report/status.ts';
import { describeLab } from './lab.ts';
import { expectLife } from './life.ts';
import { boot, checkout, type Node } from './node.ts';
import { applyState } from './state.ts';

const unit = 'converge-watch.service';
const file = `/etc/systemd/system/${unit}`;
const program = '/usr/local/bin/standin';

// The RPM node has the systemd of Debian 12.
for (const family of ['debian', 'trixie'] as const) {
  describeLab(`lab: the service of the watch on ${family}`, () => {
    let node: Node;
    const args = { name: 'watch', program };
    const show = async (property: string) =>
      (await node.must(`systemctl show -p ${property} --value ${unit}`)).trim();

    before(async () => {
      node = await boot({ name: `watch-${family.slice(0, 4)}`, family });
      await node.write(program, `#!/bin/sh\nexec node ${checkout}/test/lab/watch-standin.ts\n`);
      await node.must(`chmod +x ${program}`);
      // What the test cannot wait for.
      await node.write(`${file}.d/fast.conf`, '[Service]\nRestartSec=50ms\n');
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    /** Has the daemon run a script, as if that were a state of its tree. */
    async function inDaemon(script: string): Promise<void> {
      await node.write('/tmp/script', script);
      await node.must('mv /tmp/script /tmp/job');
    }

    it('is installed, enabled and running, and brought back', async () => {
      await expectLife(node, {
        state: 'schedule.watch',
        args,
        changes: [file, 'enablement', 'state'],
        check: [
          `systemctl is-active ${unit} && systemctl is-enabled ${unit}`,
          `test "$(systemctl show -p NRestarts --value ${unit})" = 0`,
        ].join(' && '),
        damage: `systemctl disable --now ${unit}; echo '# mine' >> ${file}`,
      });
      const warnings = await node.run(`systemd-analyze verify ${file}`);
      expect(warnings.stderr).to.not.include(unit);
    });

    it('is heard though the process that speaks for it is gone at once', async () => {
      for (let count = 0; count < 10; count++) await node.must(`timeout 20 systemctl restart ${unit}`);
      expect(await show('NotifyAccess')).to.equal('main');
      // What its commands start does not speak for it.
      await node.must('rm -f /tmp/told');
      await inDaemon('env > /tmp/env; systemd-notify --no-block STATUS=foreign; touch /tmp/told');
      await node.until('test -e /tmp/told');
      expect(await node.file('/tmp/env')).to.not.match(/NOTIFY_SOCKET|WATCHDOG/);
      expect(await show('StatusText')).to.equal('');
    });

    it('lets what runs within do all that a shell could', async () => {
      await inDaemon(
        'grep -E "NoNewPrivs|Seccomp:" /proc/self/status > /tmp/rights; mkdir -p /tmp/mounted; mount -t tmpfs x /tmp/mounted; sleep 1000 & echo $! > /tmp/pid; touch /tmp/done',
      );
      await node.until('test -e /tmp/done');
      expect(await node.file('/tmp/rights')).to.match(/NoNewPrivs:\s+0/);
      await node.must('mountpoint /tmp/mounted');
      // A daemon that a command left behind outlives the watch.
      await node.must(`systemctl restart ${unit} && kill -0 $(cat /tmp/pid)`);
      await node.must('kill $(cat /tmp/pid); umount /tmp/mounted');
    });

    it('finishes the step that it is at before it stops', async () => {
      await node.must('rm -f /tmp/began /tmp/whole');
      await inDaemon('touch /tmp/began; sleep 1; touch /tmp/whole');
      await node.until('test -e /tmp/began');
      await node.must(`systemctl restart ${unit} && test -e /tmp/whole`);
    });

    /** A run that applies a state of the watch itself, and goes on for a while. */
    async function applyInDaemon(state: string, args: object): Promise<void> {
      await node.write('/tmp/state.json', JSON.stringify({ state, args, dry: false }));
      await node.must('rm -f /tmp/applied /tmp/over');
      await inDaemon(
        `node ${checkout}/test/lab/state-inside.ts < /tmp/state.json > /tmp/applied; sleep 0.5; touch /tmp/over`,
      );
      await node.until('test -e /tmp/over');
      const { failed, refused, left, changes } = JSON.parse((await node.file('/tmp/applied'))!);
      expect([failed, refused, left]).to.deep.equal([undefined, undefined, []]);
      expect(changes).to.have.property(file);
    }

    it('starts anew by its new unit when the run that changed it is over', async () => {
      const pid = await show('MainPID');
      await applyInDaemon('schedule.watch', { ...args, description: 'Another' });
      await node.until(
        `test "$(systemctl show -p MainPID --value ${unit})" != ${pid} && systemctl is-active ${unit}`,
      );
      await node.must(
        `grep -q "^Environment=$(tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value ${unit})/environ | grep CONVERGE_UNIT)$" ${file}`,
      );
      expect(await show('Description')).to.equal('Another');
      const { changes } = await applyState(node, 'schedule.watch', { ...args, description: 'Another' });
      expect(changes).to.deep.equal({});
    });

    it('starts anew when somebody else changes its unit', async () => {
      const pid = await show('MainPID');
      const { changes } = await applyState(node, 'schedule.watch', { ...args, watchdog: '1s' });
      expect(Object.keys(changes)).to.deep.equal([file, 'state']);
      await node.until(
        `test "$(systemctl show -p MainPID --value ${unit})" != ${pid} && systemctl is-active ${unit}`,
      );
      expect(await show('WatchdogUSec')).to.equal('1s');
    });

    it('is started anew where it hangs, and only then', async () => {
      const pid = await show('MainPID');
      // Three times as long as systemd waits for a sign of life.
      await node.must('sleep 3');
      expect([await show('MainPID'), await show('NRestarts')]).to.deep.equal([pid, '0']);
      await node.must(`kill -STOP ${pid}`);
      await node.until(
        `test "$(systemctl show -p NRestarts --value ${unit})" = 1 && systemctl is-active ${unit}`,
        {
          seconds: 20,
        },
      );
      await node.must(`kill -9 $(systemctl show -p MainPID --value ${unit})`);
      await node.until(
        `test "$(systemctl show -p NRestarts --value ${unit})" = 2 && systemctl is-active ${unit}`,
      );
    });

    it('stops when the run is over that takes it away', async () => {
      await applyInDaemon('schedule.watch_absent', { name: 'watch' });
      await node.until(`! systemctl is-active ${unit} && ! test -e ${file}`);
      expect(await show('LoadState')).to.equal('not-found');
    });

    it('is taken away by hand', async () => {
      await node.must(`rm -r ${file}.d; systemctl daemon-reload`);
      await applyState(node, 'schedule.watch', args);
      await node.must(`systemctl is-active ${unit}`);
      const { changes } = await applyState(node, 'schedule.watch_absent', { name: 'watch' });
      expect(Object.keys(changes)).to.deep.equal(['enablement', file, 'state']);
      await node.until(`! systemctl is-active ${unit}`);
      expect(await show('LoadState')).to.equal('not-found');
      expect((await applyState(node, 'schedule.watch_absent', { name: 'watch' })).changes).to.deep.equal({});
    });
  });
}

/** The program itself, which installs itself, is changed by a run of its own, and is paused. */
describeLab('lab: converge watch as a service', () => {
  let node: Node;
  const status = async (): Promise<Status> => JSON.parse((await node.run('converge status --json')).stdout);
  const tree = (description: string) =>
    `watch:\n  schedule.watch:\n    - description: ${description}\n\nlater:\n  file.managed:\n    - name: /etc/later\n    - contents: ${description}\n    - require:\n      - schedule: watch\n`;
  const pid = async () => (await node.must(`systemctl show -p MainPID --value ${unit}`)).trim();

  before(async () => {
    node = await boot({ name: 'watch-self' });
    await node.must(`ln -sf ${checkout}/converge /usr/local/bin/converge`);
    await node.write('/etc/converge/converge.yaml', 'states: /srv/states\n');
    await node.write('/srv/states/top.sls', "base:\n  '*':\n    - web\n");
    await node.write('/srv/states/web.sls', tree('one'));
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('is started by a run that holds the lock, and then converges itself', async () => {
    await node.must('timeout 60 converge highstate');
    await node.until('converge status --json | grep -q \'"what": "highstate"\'', { seconds: 30 });
    const { good, problems, watch } = await status();
    expect([good, problems]).to.deep.equal([true, []]);
    expect(watch).to.deep.include({ running: true, enabled: true });
    await node.must('echo by hand > /etc/later');
    await node.until('grep -q one /etc/later');
  });

  it('finishes the run in which its own unit changes, and goes on by the new one', async () => {
    const before = await pid();
    await node.write('/srv/states/web.sls', tree('two'));
    await node.until(
      `grep -q two /etc/later && test "$(systemctl show -p MainPID --value ${unit})" != ${before} && systemctl is-active ${unit}`,
      { seconds: 30 },
    );
    expect(await node.must(`systemctl show -p Description --value ${unit}`)).to.equal('two\n');
    const history = JSON.parse((await node.run('converge history --json')).stdout);
    expect(history.filter(({ exit }: { exit?: number }) => exit !== undefined && exit !== 0)).to.deep.equal(
      [],
    );
    expect(await node.must('journalctl -u converge-watch')).to.not.match(
      /Failed with result|Killing process/,
    );
  });

  it('leaves the node alone while it is paused', async () => {
    await node.must('converge pause --reason work');
    await node.must('echo by hand > /etc/later');
    await node.until('converge status --json | grep -q "files//etc/later"', { seconds: 30 });
    expect(await node.file('/etc/later')).to.equal('by hand\n');
    await node.must('converge resume');
    await node.until('grep -q two /etc/later');
  });

  it('is missed when it was killed for good', async () => {
    await node.must(`systemctl stop ${unit}`);
    const { problems, watch } = await status();
    expect(problems).to.deep.equal(['converge watch does not run, though it is enabled.']);
    expect(watch).to.deep.include({ running: false, enabled: true });
  });
});

import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

for (const family of ['debian', 'rpm'] as const) {
  describeLab(`lab: logrotate and limits on ${family}`, () => {
    let node: Node;
    before(async () => {
      const packages = family === 'debian' ? ['logrotate'] : [];
      node = await boot({ name: `rotate-${family.slice(0, 3)}`, family, packages });
      await node.must('useradd -m app; groupadd -f web; usermod -aG web app');
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('keep a setting for all logs, and logrotate goes by it', async () => {
      await node.write('/etc/logrotate.d/probe', '/var/log/probe {\n    missingok\n}\n');
      await expectLife(node, {
        state: 'logrotate.set',
        args: { key: 'rotate', value: 7 },
        changes: ['rotate'],
        check:
          "logrotate -d /etc/logrotate.conf 2>&1 | grep -A1 'pattern: /var/log/probe' | grep -q '7 rotations'",
        damage: "sed -i 's/^rotate.*/rotate 1/' /etc/logrotate.conf",
      });
    });

    it('keep a setting of a block in an included file', async () => {
      await node.write('/var/log/probe', 'full\n');
      const args = { key: '/var/log/probe', value: 'rotate', setting: 2 };
      const absent = { ...args, setting: false };
      await expectLife(node, {
        state: 'logrotate.set',
        args,
        changes: ['rotate of /var/log/probe'],
        check: "grep -q '^    rotate 2$' /etc/logrotate.d/probe && ! grep -q probe /etc/logrotate.conf",
        damage: "sed -i '/rotate/d' /etc/logrotate.d/probe",
        absent: {
          state: 'logrotate.set',
          args: absent,
          check: '! grep -q rotate /etc/logrotate.d/probe && grep -q missingok /etc/logrotate.d/probe',
        },
      });
    });

    it('make a block, and logrotate rotates by it', async () => {
      await node.write('/var/log/fresh', 'full\n');
      const args = { key: '/var/log/fresh', value: 'rotate', setting: 1 };
      await expectApplied(node, { state: 'logrotate.set', args, check: 'logrotate -f /etc/logrotate.conf' });
      expect(await node.file('/var/log/fresh.1')).to.equal('full\n');
    });

    it('let nothing through that logrotate would not take', async () => {
      for (const dry of [true, false]) {
        const wrong = await applyState(node, 'logrotate.set', { key: 'rotate', value: 'x' }, { dry });
        expect(wrong.refused).to.match(
          /^logrotate would not take it: error: logrotate\.conf:\d+ bad rotation/,
        );
        const unknown = await applyState(node, 'logrotate.set', { key: 'rotaet', value: 1 }, { dry });
        expect(unknown.refused).to.match(/unknown option 'rotaet'/);
      }
    });

    it('a whole file by file.managed, with a validator', async () => {
      const args = { name: '/etc/logrotate.d/app', mode: '0644', check_cmd: 'logrotate --debug' };
      const good = '/var/log/app.log {\n    weekly\n    missingok\n}\n';
      await expectApplied(node, {
        state: 'file.managed',
        args: { ...args, contents: good },
        check: 'logrotate -d /etc/logrotate.conf 2>&1 | grep -q /var/log/app.log',
      });
      const bad = { ...args, contents: good.replace('weekly', 'rotate x') };
      expect((await applyState(node, 'file.managed', bad)).failed).to.match(/rejects the new content/);
      expect(await node.file('/etc/logrotate.d/app')).to.equal(good);
    });

    it('start no process where nothing changes', async () => {
      const args = { key: 'rotate', value: 7 };
      expect(await applyState(node, 'logrotate.set', args)).to.deep.include({ processes: [], changes: {} });
    });

    it('limits hold for sessions', async () => {
      const check = `test "$(su - app -c 'ulimit -Hn; ulimit -Sn' | tr '\\n' ' ')" = '777 777 '`;
      const args = { name: '@web', item: 'nofile', value: 777 };
      await expectLife(node, {
        state: 'limits.present',
        args,
        changes: ['nofile of @web'],
        check,
        damage: 'sed -i s/777/888/ /etc/security/limits.d/90-converge.conf',
        absent: {
          state: 'limits.absent',
          args: { name: '@web', item: 'nofile' },
          check: `! ${check} && ! test -e /etc/security/limits.d/90-converge.conf`,
        },
      });
    });
  }, [family]);
}

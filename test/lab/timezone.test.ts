import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

for (const family of ['debian', 'trixie', 'rpm'] as const) {
  describeLab(`lab: the time zone on ${family}`, () => {
    let node: Node;
    before(async () => {
      const packages = family === 'rpm' ? [] : ['tzdata'];
      node = await boot({ name: `tz-${family}`, family, packages });
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('is set, and read by others', async () => {
      await applyState(node, 'timezone.system', { name: 'Etc/UTC' });
      const hasFile = (await node.file('/etc/timezone')) !== undefined;
      await expectLife(node, {
        state: 'timezone.system',
        args: { name: 'Asia/Kathmandu' },
        changes: ['timezone', ...(hasFile ? ['/etc/timezone'] : [])],
        check: 'test "$(date +%z)" = +0545 && timedatectl show -p Timezone | grep Kathmandu',
        damage: 'ln -sf /usr/share/zoneinfo/Europe/Paris /etc/localtime',
      });
      await expectApplied(
        node,
        {
          state: 'timezone.system',
          args: { name: 'Asia/Kathmandu', utc: false },
          check: 'systemctl stop systemd-timedated; timedatectl show -p LocalRTC | grep yes',
        },
        ['hardware clock'],
      );
      const again = await applyState(node, 'timezone.system', { name: 'Asia/Kathmandu', utc: false });
      expect(again).to.deep.include({ changes: {}, processes: [] });
    });
  });
}

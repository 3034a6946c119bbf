import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

describeLab('lab: answers of debconf, and the keyboard', () => {
  let node: Node;
  before(async () => {
    node = await boot({ name: 'debconf' });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  it('are given before a package asks, and a package takes them', async () => {
    const args = {
      name: 'tzdata',
      data: {
        'tzdata/Areas': { type: 'select', value: 'Europe' },
        'tzdata/Zones/Europe': { type: 'select', value: 'Berlin' },
      },
    };
    await expectLife(node, {
      state: 'debconf.set',
      args,
      changes: ['tzdata/Areas', 'tzdata/Zones/Europe'],
      check: 'echo get tzdata/Zones/Europe | debconf-communicate tzdata | grep -qx "0 Berlin"',
      damage: 'echo tzdata tzdata/Zones/Europe select Paris | debconf-set-selections',
    });
    expect(await applyState(node, 'debconf.set', args)).to.deep.include({ changes: {}, processes: [] });
    await node.must('rm -f /etc/localtime /etc/timezone; dpkg-reconfigure -f noninteractive tzdata');
    expect(await node.must('readlink /etc/localtime')).to.equal('/usr/share/zoneinfo/Europe/Berlin\n');
  });

  it('are kept from others where they are passwords', async () => {
    await expectApplied(
      node,
      {
        state: 'debconf.set',
        args: { name: 'app', data: { 'app/password': { type: 'password', value: 'very secret' } } },
        check:
          'echo get app/password | debconf-communicate app | grep -qx "0 very secret" && ! grep -r "very secret" /var/cache/debconf/config.dat',
      },
      ['app/password'],
    );
    await expectApplied(
      node,
      {
        state: 'debconf.set',
        args: {
          name: 'app',
          data: { 'app/on': { type: 'boolean', value: true }, 'app/text': { type: 'string', value: '' } },
        },
        check: 'echo get app/on | debconf-communicate app | grep -qx "0 true"',
      },
      ['app/on', 'app/text'],
    );
  });

  it('is set', async () => {
    await node.write('/etc/default/keyboard', 'XKBMODEL="pc105"\nXKBLAYOUT="us"\n');
    await expectLife(node, {
      state: 'keyboard.system',
      args: { name: 'de' },
      changes: ['layout'],
      check: '. /etc/default/keyboard; test "$XKBLAYOUT/$XKBMODEL" = de/pc105',
      damage: "sed -i '/LAYOUT/d' /etc/default/keyboard",
    });
  });
});

import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

async function expectSystemLocale(node: Node, name: string): Promise<void> {
  await expectLife(node, {
    state: 'locale.system',
    args: { name },
    changes: ['LANG'],
    check: `cat /etc/locale.conf /etc/default/locale 2>/dev/null | grep -qx LANG=${name}`,
    damage: 'for f in /etc/locale.conf /etc/default/locale; do ! test -e $f || echo LANG=POSIX > $f; done',
  });
  const again = await applyState(node, 'locale.system', { name });
  expect(again).to.deep.include({ changes: {}, processes: [] });
  expect((await applyState(node, 'locale.system', { name: 'fr_FR.UTF-8' })).refused).to.match(/^There is no/);
}

for (const family of ['debian', 'rpm'] as const) {
  describeLab(`lab: locales on ${family}`, () => {
    let node: Node;
    before(async () => {
      node = await boot({ name: `loc-${family}`, family, packages: family === 'rpm' ? [] : ['locales'] });
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });
    const list = family === 'rpm' ? [] : ['/etc/locale.gen'];

    it('are made, and are made again when they are gone', async () => {
      await expectLife(node, {
        state: 'locale.present',
        args: { name: 'de_DE.UTF-8' },
        changes: [...list, 'locale'],
        check: 'locale -a | grep -qx de_DE.utf8 && LC_ALL=de_DE.UTF-8 date -d 2024-03-01 +%B | grep -q März',
        damage: 'rm /usr/lib/locale/locale-archive',
      });
    });

    it('leave the others there', async () => {
      await expectApplied(
        node,
        {
          state: 'locale.present',
          args: { name: 'sv_SE ISO-8859-1' },
          check: 'locale -a | grep -qx sv_SE && locale -a | grep -qx de_DE.utf8',
        },
        [...list, 'locale'],
      );
      const again = await applyState(node, 'locale.present', { name: 'de_DE.utf8' });
      expect(again).to.deep.include({ changes: {}, processes: [] });
    });

    it('become that of the system', () => expectSystemLocale(node, 'de_DE.UTF-8'));
  });
}

describeLab('lab: locales on Debian 13', () => {
  it('become that of the system, in the file that the old one leads to', async () => {
    await using node = await boot({ name: 'loc-13', family: 'trixie', packages: ['locales'] });
    await node.must('test "$(readlink /etc/default/locale)" = ../locale.conf');
    await expectSystemLocale(node, 'C.UTF-8');
    await node.must('test "$(readlink /etc/default/locale)" = ../locale.conf');
  });
});

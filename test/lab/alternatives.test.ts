import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

for (const family of ['debian', 'rpm'] as const) {
  describeLab(`lab: alternatives on ${family}`, () => {
    let node: Node;
    before(async () => {
      node = await boot({ name: `alt-${family}`, family });
      await node.must(
        'mkdir -p /opt/e /usr/share/man/man1; for e in a b; do echo "#!/bin/sh" > /opt/e/$e; chmod +x /opt/e/$e; echo > /opt/e/$e.1; done',
      );
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    const slaves = (path: string) => [{ name: 'edit.1', link: '/usr/share/man/man1/edit.1', path }];
    const first = {
      name: 'edit',
      link: '/usr/bin/edit',
      path: '/opt/e/a',
      priority: 10,
      slaves: slaves('/opt/e/a.1'),
    };
    const second = { ...first, path: '/opt/e/b', priority: 20, slaves: slaves('/opt/e/b.1') };

    it('are installed with what follows them, and removed', async () => {
      await expectLife(node, {
        state: 'alternatives.install',
        args: first,
        changes: ['alternative', 'slave edit.1', 'chosen'],
        check:
          'test "$(readlink -f /usr/bin/edit /usr/share/man/man1/edit.1 | xargs)" = "/opt/e/a /opt/e/a.1"',
        damage: 'rm /usr/bin/edit',
        absent: {
          state: 'alternatives.remove',
          args: { name: 'edit', path: '/opt/e/a' },
          check: '! ls /usr/bin/edit /etc/alternatives/edit /usr/share/man/man1/edit.1',
        },
      });
    });

    it('change with priorities and links', async () => {
      await applyState(node, 'alternatives.install', first);
      await expectApplied(
        node,
        {
          state: 'alternatives.install',
          args: second,
          check: 'test "$(readlink -f /usr/bin/edit)" = /opt/e/b',
        },
        ['alternative', 'slave edit.1', 'chosen'],
      );
      await expectApplied(
        node,
        {
          state: 'alternatives.install',
          args: { ...first, priority: 30, slaves: undefined },
          check: 'test "$(readlink -f /usr/bin/edit)" = /opt/e/a; ! ls /usr/share/man/man1/edit.1',
        },
        ['priority', 'slave edit.1', 'chosen'],
      );
    });

    it('are used elsewhere', async () => {
      const moved = { ...second, link: '/usr/bin/edit2' };
      await expectApplied(
        node,
        {
          state: 'alternatives.install',
          args: moved,
          check: 'test "$(readlink -f /usr/bin/edit2)" = /opt/e/a; ! ls /usr/bin/edit',
        },
        ['link'],
      );
      await node.must('echo mine > /usr/bin/edit');
      expect((await applyState(node, 'alternatives.install', second)).refused).to.match(
        /is no symbolic link/,
      );
      await node.must('rm /usr/bin/edit');
      expect(await applyState(node, 'alternatives.install', second)).to.deep.include({ left: [] });
    });

    it('are chosen, and left to the priorities', async () => {
      await expectLife(node, {
        state: 'alternatives.set',
        args: { name: 'edit', path: '/opt/e/b' },
        changes: ['chosen', 'mode'],
        check:
          'test "$(readlink -f /usr/bin/edit)" = /opt/e/b; update-alternatives --query edit | grep -q "Status: manual"',
        damage: 'update-alternatives --auto edit; rm /usr/bin/edit',
        absent: {
          state: 'alternatives.auto',
          args: { name: 'edit' },
          check: 'test "$(readlink -f /usr/bin/edit)" = /opt/e/a',
        },
      });
    });

    it('start no process where nothing changes', async () => {
      for (const [state, args] of [
        ['alternatives.install', second],
        ['alternatives.auto', { name: 'edit' }],
        ['alternatives.remove', { name: 'edit', path: '/nosuch' }],
      ] as const) {
        expect(await applyState(node, state, args), state).to.deep.include({ changes: {}, processes: [] });
      }
    });
  });
}

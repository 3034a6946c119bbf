import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, type Node } from './node.ts';
import { applyState } from './state.ts';

/** Where cron is: Debian's own, cronie, and Debian's with the places of CentOS. */
const machines = [
  { family: 'debian', unit: 'cron', folder: '/var/spool/cron/crontabs', packages: ['cron'] },
  { family: 'trixie', unit: 'cronie', folder: '/var/spool/cron/crontabs', packages: ['cronie'] },
  { family: 'rpm', unit: 'crond', folder: '/var/spool/cron', packages: [] },
] as const;

async function bootWithJob(
  family: (typeof machines)[number]['family'],
  packages: readonly string[],
): Promise<Node> {
  const node = await boot({ name: `cron-${family.slice(0, 5)}`, family, packages });
  await node.must('useradd -m app');
  // Looked at by the last test: cron acts at the full minute only.
  await applyState(node, 'cron.present', {
    name: 'echo "$WHO" >> /tmp/fired; date +\\%Y >> /tmp/fired',
    user: 'app',
    identifier: 'fires',
  });
  await applyState(node, 'cron.env_present', { name: 'WHO', value: 'me', user: 'app' });
  await applyState(node, 'schedule.present', {
    name: 'every minute',
    command: 'echo "$LOGNAME 5%" > /tmp/scheduled',
    cron: '* * * * *',
    with: 'cron',
    user: 'app',
  });
  return node;
}

describeLab('lab: cron states', () => {
  const nodes = new Map<string, Node>();
  before(async () => {
    for (const { family, packages } of machines) nodes.set(family, await bootWithJob(family, packages));
  });
  after(async () => {
    for (const node of nodes.values()) await node[Symbol.asyncDispose]();
  });

  for (const { family, folder } of machines) {
    describe(`on ${family}`, () => {
      let node: Node;
      before(() => {
        node = nodes.get(family)!;
      });

      it('keep a job', async () => {
        await node.must('(echo "# mine"; echo "1 2 3 4 5 /bin/true") | crontab -');
        await expectLife(node, {
          state: 'cron.present',
          args: {
            name: '/bin/backup --all',
            minute: 'random',
            hour: '*/3',
            comment: 'Saves',
            identifier: 'backup',
          },
          changes: ['job'],
          check: [
            "crontab -l | grep -Eq '^[0-9]+ \\*/3 \\* \\* \\* /bin/backup --all$'",
            "crontab -l | grep -q '^# Saves SALT_CRON_IDENTIFIER:backup$'",
            "crontab -l | grep -q '^1 2 3 4 5 /bin/true$'",
          ].join(' && '),
          damage: "crontab -l | sed 's,^[0-9]* ./3.*,1 1 1 1 1 /bin/evil,' | crontab -",
          absent: {
            state: 'cron.absent',
            args: { name: '/bin/backup --all', identifier: 'backup' },
            check: "! crontab -l | grep -q backup && crontab -l | grep -q '^1 2 3 4 5 /bin/true$'",
          },
        });
        const owner = await node.must(`stat -c '%U %a' ${folder}/root`);
        expect(owner).to.equal('root 600\n');
      });

      it('adopt a line that is there, and prune what nobody declares', async () => {
        await node.must(
          'printf "@daily /bin/a\\n# SALT_CRON_IDENTIFIER:gone\\n@daily /bin/gone\\n" | crontab -',
        );
        await expectApplied(
          node,
          {
            state: 'cron.present',
            args: { name: '/bin/a', special: '@daily' },
            check: 'test "$(crontab -l | grep -c /bin/a)" = 1',
          },
          ['identifier'],
        );
        await expectApplied(
          node,
          {
            state: 'cron.pruned',
            args: { user: 'root', keep: ['the-id'] },
            check: '! crontab -l | grep -q gone && crontab -l | grep -q /bin/a',
          },
          ['job gone'],
        );
      });

      it('keep a variable', async () => {
        await expectLife(node, {
          state: 'cron.env_present',
          args: { name: 'MAILTO', value: '' },
          changes: ['MAILTO'],
          check: `crontab -l | head -1 | grep -qx 'MAILTO=""'`,
          damage: '(crontab -l; echo MAILTO=evil) | sed 1d | crontab -',
          absent: {
            state: 'cron.env_absent',
            args: { name: 'MAILTO' },
            check: '! crontab -l | grep -q MAILTO',
          },
        });
      });

      it('keep a whole crontab', async () => {
        await node.write('/srv/tab', 'A=1\n5 5 * * * /bin/true');
        await node.must('crontab -r; id app');
        await expectLife(node, {
          state: 'cron.file',
          args: { name: '/srv/tab' },
          changes: ['crontab'],
          check: "crontab -l | grep -qx 'A=1' && test $(crontab -l | wc -l) = 2",
          damage: '(crontab -l; echo "@daily /bin/evil") | crontab -',
        });
        await node.must(': > /srv/tab');
        await expectApplied(
          node,
          { state: 'cron.file', args: { name: '/srv/tab' }, check: `! test -e ${folder}/root` },
          ['crontab'],
        );
      });

      it('install a crontab anew that cron does not read', async () => {
        const path = `${folder}/app`;
        await expectLife(node, {
          state: 'cron.present',
          args: { name: '/bin/a', special: '@daily', user: 'app', identifier: 'read' },
          changes: ['job'],
          check: `test "$(stat -c '%U %a %h' ${path})" = 'app 600 1' && crontab -u app -l | grep -q /bin/a`,
          damage: `chmod 644 ${path}; chown nobody ${path}`,
          absent: {
            state: 'cron.absent',
            args: { name: '/bin/a', user: 'app', identifier: 'read' },
            check: `! crontab -u app -l | grep -q /bin/a`,
          },
        });
      });

      it('start no process where nothing changes', async () => {
        const args = { name: '/bin/x', special: '@daily' };
        await applyState(node, 'cron.present', args);
        expect((await applyState(node, 'cron.present', args)).processes).to.deep.equal([]);
      });

      it('say why they cannot be', async () => {
        const { refused } = await applyState(node, 'cron.present', { name: '/bin/x', user: 'ghost' });
        expect(refused).to.equal('There is no user "ghost".');
      });
    });
  }

  it('make jobs that cron really runs, on all of them', async function () {
    this.timeout(90_000);
    for (const { family, unit } of machines) {
      const node = nodes.get(family)!;
      await node.must(`systemctl is-active ${unit}`);
      await node.until('test -s /tmp/fired && test $(wc -l < /tmp/fired) -ge 2', { seconds: 70 });
      expect(await node.file('/tmp/fired'), family).to.match(/^me\n20\d\d\n/);
      expect(await node.must('stat -c %U /tmp/fired'), family).to.equal('app\n');
      await node.until('test -s /tmp/scheduled');
      expect(await node.file('/tmp/scheduled'), family).to.equal('app 5%\n');
    }
  });
}, ['debian', 'trixie', 'rpm']);

import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, checkout, type Node } from './node.ts';
import { applyState } from './state.ts';

const hash =
  '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi';
const files = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}`);

/** Why each of them is refused, found out in one process; null where one is not. */
async function refusals(node: Node, calls: readonly Call[]): Promise<(string | null)[]> {
  const stdin = JSON.stringify({ calls });
  return JSON.parse(await node.must(['node', `${checkout}/test/lab/accounts-inside.ts`], { stdin }));
}

/** Settings as RHEL has them: homes for their owner alone, mailboxes, other ranges. */
const rpmSettings = `set -e
  sed -i -e '/^UMASK/d; /^SYS_/d; /^MAIL_DIR/d' /etc/login.defs
  printf '%s\\n' 'UMASK 022' 'HOME_MODE 0700' 'SYS_UID_MIN 201' 'SYS_GID_MIN 201' 'MAIL_DIR /var/spool/mail' >> /etc/login.defs
  printf '%s\\n' GROUP=100 HOME=/home INACTIVE=-1 EXPIRE= SHELL=/bin/bash SKEL=/etc/skel CREATE_MAIL_SPOOL=yes > /etc/default/useradd
  mkdir -p /var/spool/mail`;

interface Call {
  readonly state: string;
  readonly args: Record<string, unknown>;
}

/** Every byte of the files of accounts and of the homes is as the dry run foretold it. */
async function expectForetold(
  node: Node,
  calls: readonly Call[],
  below: readonly string[] = [],
): Promise<void> {
  const stdin = JSON.stringify({ calls, paths: [...files, ...below] });
  const out = await node.must(['node', `${checkout}/test/lab/accounts-inside.ts`], { stdin, timeout: 120 });
  const { foretold, done } = JSON.parse(out);
  const paths = new Set([...Object.keys(foretold), ...Object.keys(done)]);
  for (const path of paths) expect(foretold[path], path).to.deep.equal(done[path]);
}

// The RPM family of the lab has Debian's shadow tools, so it only repeats what rests on the files of accounts.
for (const family of ['debian', 'rpm'] as const) {
  describeLab(`lab: users and groups on a node of family ${family}`, () => {
    let node: Node;
    before(async () => {
      node = await boot({ name: `usr-${family}`, family });
      if (family === 'rpm') await node.must(rpmSettings);
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('group.present lives', async () => {
      await expectLife(node, {
        state: 'group.present',
        args: { name: 'crew', gid: 3000, members: ['daemon', 'bin'] },
        changes: ['gid', 'members'],
        check: 'test "$(getent group crew)" = crew:x:3000:daemon,bin',
        damage: 'gpasswd -d daemon crew; groupmod -g 3001 crew',
        absent: { state: 'group.absent', args: { name: 'crew' }, check: '! getent group crew' },
      });
    });

    it('user.present lives, with groups, password, expiry and lock', async () => {
      await node.must('groupadd crew');
      await expectLife(node, {
        state: 'user.present',
        args: {
          ...{ name: 'alice', fullname: 'Alice -A "$x"', groups: ['crew'], optional_groups: ['nosuch'] },
          ...{ password: hash, password_lock: true, maxdays: 90, expire: '2031-03-31', shell: '/bin/bash' },
        },
        changes: [
          ...['usergroup', 'uid', 'gid', 'home', 'shell', 'fullname', 'groups'],
          ...['password', 'maxdays', 'expire'],
        ],
        check: `set -e
          test "$(id -nG alice)" = "alice crew"
          getent passwd alice | grep -qF ':Alice -A "$x":/home/alice:/bin/bash'
          getent shadow alice | grep -qF ':!${hash}:'
          chage -l alice | grep -q 'Mar 31, 2031'
          test "$(stat -c %U:%G /home/alice/.profile)" = alice:alice`,
        damage:
          'usermod -G "" -s /bin/sh -c Bob alice; usermod -U alice; chage -E -1 -M 7 alice; rm -r /home/alice',
        absent: {
          state: 'user.absent',
          args: { name: 'alice', purge: true },
          check: '! getent passwd alice && ! getent group alice && test ! -e /home/alice',
        },
      });
    });

    it('a password opens the account, and no process is started where all is as described', async () => {
      const args = { name: 'olga', password: 'open:sesame', hash_password: true, groups: ['crew'] };
      await expectApplied(node, { state: 'user.present', args, check: 'id olga' });
      const again = await applyState(node, 'user.present', args);
      expect(again).to.deep.include({ changes: {}, processes: [] });
      const test = `perl -e '$h = (getpwnam "olga")[1]; exit(crypt($ARGV[0], $h) ne $h)' open:sesame`;
      await node.must(test);
      for (const [state, more] of [
        ['group.present', { name: 'crew', addusers: ['olga'] }],
        ['user.absent', { name: 'nobodyhere' }],
        ['group.absent', { name: 'nobodyhere' }],
      ] as const) {
        expect(await applyState(node, state, more), state).to.deep.include({ changes: {}, processes: [] });
      }
    });

    it('a dry run foretells every byte of the accounts and of the homes', async () => {
      await node.must(
        'mkdir -p /etc/skel/deep/er; echo x > /etc/skel/deep/er/f; chmod 711 /etc/skel/deep; ln -sf f /etc/skel/l',
      );
      const calls: Call[] = [
        { state: 'group.present', args: { name: 'staffers' } },
        { state: 'group.present', args: { name: 'daemons', system: true } },
        { state: 'user.present', args: { name: 'u1', groups: ['staffers'], password: hash } },
        {
          state: 'user.present',
          args: { name: 'u2', uid: 5000, home: '/srv/homes/a/u2', other: 'x,y', inactdays: 3 },
        },
        {
          state: 'user.present',
          args: { name: 'u3', system: true, groups: ['daemons', 'staffers'], createhome: false },
        },
        { state: 'user.present', args: { name: 'u4', usergroup: false, password_lock: true, date: 0 } },
        { state: 'user.present', args: { name: 'u5', uid: 70000, gid: 'staffers', empty_password: true } },
        { state: 'user.present', args: { name: 'u6', usergroup: true } },
        { state: 'group.present', args: { name: 'staffers', gid: 4000, addusers: ['u6'], delusers: ['u1'] } },
      ];
      // Homes are foretold so well that later states know what lies in them.
      calls.push(
        { state: 'ssh_auth.present', args: { user: 'u1', name: key } },
        { state: 'ssh_known_hosts.present', args: { user: 'u1', name: 'h.test', key } },
        { state: 'file.append', args: { name: '/home/u1/.profile', text: 'umask 027' } },
        { state: 'file.directory', args: { name: '/home/u1', user: 'u1', recurse: ['group'], group: 'u6' } },
      );
      await expectForetold(node, calls, ['/home', '/srv/homes', '/var/mail']);
      await expectForetold(
        node,
        [
          {
            state: 'user.present',
            args: { name: 'u1', home: '/home/moved', persist_home: true, groups: [] },
          },
          {
            state: 'user.present',
            args: { name: 'u2', home: '/srv/other/u2', password: hash },
          },
          { state: 'user.present', args: { name: 'u5', password_lock: true, expire: 20000 } },
          { state: 'user.absent', args: { name: 'u6', purge: true } },
          { state: 'user.absent', args: { name: 'u4' } },
          { state: 'user.absent', args: { name: 'u3', purge: true, force: true } },
          { state: 'group.absent', args: { name: 'daemons' } },
          { state: 'group.present', args: { name: 'staffers', members: [] } },
        ],
        ['/home', '/srv/homes', '/srv/other', '/var/mail'],
      );
    });

    if (family !== 'debian') return;

    it('ids of an existing user change only where they may, and its files follow', async () => {
      await node.must('useradd -m ivan');
      const args = { name: 'ivan', uid: 7007 };
      expect((await applyState(node, 'user.present', args)).refused).to.match(/it may not be changed/);
      await expectApplied(node, {
        state: 'user.present',
        args: { ...args, allow_uid_change: true },
        check: 'test "$(stat -c %u /home/ivan/.profile)" = 7007',
      });
    });

    it('what a power cut leaves is healed', async () => {
      await node.must('useradd -m half; sed -i /^half:/d /etc/shadow; rm -rf /home/half');
      // The process that the lock names runs, but it is another one since the boot.
      await node.must(
        'for f in passwd group shadow gshadow; do echo 1 > /etc/$f.lock; touch -d 2020-01-01 /etc/$f.lock; done',
      );
      expect((await node.run('timeout 2 useradd nobodyelse')).status).to.not.equal(0);
      await expectApplied(node, {
        state: 'user.present',
        args: { name: 'half', password: hash, maxdays: 30 },
        check: `getent shadow half | grep -qF 'half:${hash}:' && test -d /home/half && ! ls /etc/*.lock 2>&1 | grep -v 'No such'`,
      });
      await node.must('sed -i /^half:/d /etc/shadow');
      await expectForetold(node, [{ state: 'user.present', args: { name: 'half', mindays: 2 } }]);
      await node.must('userdel -r half');
    });

    it('a user that something runs as is only removed by force', async () => {
      await node.must('useradd -m busy; systemd-run -q --uid busy sleep 600');
      await node.until('pgrep -u busy sleep');
      const { failed, explained } = await applyState(node, 'user.absent', { name: 'busy' });
      expect(failed).to.equal('"userdel" ended with exit status 8.');
      expect(explained).to.match(/^userdel: user busy is currently used by process \d+\n.*force: true/);
      await expectApplied(node, {
        state: 'user.absent',
        args: { name: 'busy', force: true, purge: true },
        check: '! getent passwd busy',
      });
      await node.must('pkill sleep');
    });

    it('users of a directory are told from those of the files', async () => {
      // Stands for LDAP: what getent would answer where such a source is named.
      await node.write(
        '/usr/local/bin/getent',
        `#!/bin/sh
case "$*" in
"passwd zoe" | "passwd 7000") echo zoe:x:7000:7000:Zoe:/home/zoe:/bin/sh ;;
"group far" | "group 7000") echo far:x:7000: ;;
*) exec /usr/bin/getent "$@" ;;
esac
`,
      );
      await node.must('chmod 755 /usr/local/bin/getent; mkdir /home/zoe; chown 7000:7000 /home/zoe');
      await node.must(
        "cp /etc/nsswitch.conf /tmp; sed -i 's/^\\(passwd\\|group\\): .*/\\1: files ldap/' /etc/nsswitch.conf",
      );
      const refused = await refusals(node, [
        { state: 'user.present', args: { name: 'zoe', shell: '/bin/bash' } },
        { state: 'user.absent', args: { name: 'zoe' } },
        { state: 'user.present', args: { name: 'olga', groups: ['far'] } },
        { state: 'user.present', args: { name: 'newone', uid: 7000 } },
        { state: 'group.present', args: { name: 'far' } },
        { state: 'group.present', args: { name: 'crew', gid: 7000 } },
        { state: 'group.absent', args: { name: 'far' } },
        { state: 'user.present', args: { name: 'newone' } },
      ]);
      expect(refused.pop()).to.equal(null);
      for (const one of refused) {
        expect(one).to.match(/does not come from \/etc\/(passwd|group)|belongs to the (user zoe|group far)/);
      }
      await expectApplied(node, {
        state: 'ssh_auth.present',
        args: { user: 'zoe', name: key },
        check: 'test "$(stat -c %u:%g:%a /home/zoe/.ssh/authorized_keys)" = 7000:7000:600',
      });
      await node.must('rm -r /usr/local/bin/getent /home/zoe; mv /tmp/nsswitch.conf /etc');
    });

    it('whoever may not change accounts is told by what', async () => {
      await node.write('/srv/states/refused.sls', 'nora:\n  user.present:\n    - createhome: false\n');
      const argv = [`${checkout}/converge`, 'apply', 'refused', '--no-cache', '--states', '/srv/states'];
      const daemon = ['setpriv', '--reuid=daemon', '--regid=daemon', '--clear-groups'];
      const place = { cwd: '/', env: { HOME: '/tmp' } };
      const { status, stdout, stderr } = await node.run([...daemon, ...argv], place);
      expect(stderr).to.equal('');
      expect(status).to.equal(1);
      expect(stdout)
        .to.match(/"groupadd" ended with exit status 10/)
        .and.match(/groupadd: Permission denied/);
    });

    it('hostile values are refused, or stay values', async () => {
      const before = await node.must('cat /etc/passwd');
      const hostile = [
        { name: 'evil', fullname: 'x:0:0' },
        { name: 'evil', other: 'x\nroot2::0:0::/:/bin/sh' },
        { name: 'evil\nroot2' },
        { name: '-D' },
        { name: 'evil', home: '/home/x:/bin/sh' },
        { name: 'evil', password: 'x\nroot:x' },
        { name: 'evil', password: `${hash}\nroot:${hash}` },
        { name: 'evil', groups: ['-r', 'a,b'] },
      ];
      const refused = await refusals(
        node,
        hostile.map((args) => ({ state: 'user.present', args })),
      );
      expect(refused).to.not.include(null);
      expect(await node.must('cat /etc/passwd')).to.equal(before);
      await expectApplied(node, {
        state: 'user.present',
        args: { name: 'odd', fullname: '-r $(touch /tmp/pwned) `id` "q\' ü', home: '/home/-d x' },
        check: 'test ! -e /tmp/pwned && test -d "/home/-d x" && getent passwd odd | grep -qF "\\`id\\`"',
      });
      await node.must('userdel -r odd');
    });

    it('no hash of a password shows in processes, events or reports', async () => {
      await node.write('/srv/states/secret.sls', `sam:\n  user.present:\n    - password: '${hash}'\n`);
      const run = (...words: string[]) =>
        node.run([
          `${checkout}/converge`,
          'apply',
          'secret',
          '--no-cache',
          '--states',
          '/srv/states',
          ...words,
        ]);
      const outputs = [
        await run('--test'),
        await run('--output', 'ndjson'),
        await run('--json'),
        await node.run('usermod -p x sam').then(() => run('--json')),
        await node.run('usermod -p x sam').then(() => run()),
      ];
      for (const { status, stdout, stderr } of outputs) {
        expect(status, stdout + stderr).to.be.oneOf([0, 2]);
        expect(stdout + stderr)
          .to.not.include('svn8UoSV')
          .and.not.include('saltstring');
      }
      expect(outputs[1]!.stdout).to.include('"chpasswd"').and.include('process-started');
      expect(outputs[4]!.stdout).to.include('(hidden)');
      expect(await node.must('getent shadow sam')).to.include(hash);
      await node.must('rm /srv/states/secret.sls');
    });
  });
}

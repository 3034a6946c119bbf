import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { expectApplied, expectLife } from './life.ts';
import { boot, checkout, type Node, type Ran } from './node.ts';
import { applyState } from './state.ts';

const sshd = '/usr/sbin/sshd -t -f';
const config = '/etc/ssh/sshd_config';

/** One state, declared in a tree and run by the command line: what a user would see. */
async function apply(node: Node, sls: string, ...words: string[]): Promise<Ran> {
  await node.write('/srv/states/main.sls', sls);
  return node.run([
    `${checkout}/converge`,
    'apply',
    'main',
    '--no-cache',
    '--states',
    '/srv/states',
    ...words,
  ]);
}

function option(line: string): string {
  const [key, value] = line.split(' ');
  return `sshd options:
  file.keyvalue:
    - name: ${config}
    - key: ${key}
    - value: '${value}'
    - separator: ' '
    - uncomment: '#'
    - append_if_not_found: true
    - check_cmd: ${sshd}

ssh:
  service.running:
    - reload: true
    - watch:
      - file: sshd options
`;
}

describeLab('lab: ssh and sudo', () => {
  let node: Node;
  /** Public halves of keys that the node has under /root. */
  const keys: string[] = [];
  let hostKey: string;

  before(async function () {
    this.timeout(120_000);
    node = await boot({ name: 'ssh', packages: ['openssh-server', 'openssh-client', 'sudo'] });
    await node.must('useradd -m -s /bin/sh alice; useradd -m -s /bin/sh eve');
    for (const name of ['one', 'two']) {
      await node.must(`ssh-keygen -q -t ed25519 -N '' -C ${name} -f /root/${name}`);
      keys.push((await node.file(`/root/${name}.pub`))!.trim());
    }
    hostKey = (await node.file('/etc/ssh/ssh_host_ed25519_key.pub'))!.split(' ').slice(0, 2).join(' ');
    await node.must('systemctl start ssh');
    await node.until('ssh-keyscan -T 1 127.0.0.1 | grep -q ssh-ed25519');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  /** Logs in, by one key, with strict checks of the host unless told. */
  function login(name: string, command: string, options = '-o StrictHostKeyChecking=no'): string {
    return `ssh -n -o BatchMode=yes -o ConnectTimeout=5 ${options} -i /root/${name} alice@127.0.0.1 '${command}'`;
  }

  it('ssh_auth.present lives: sshd lets the key in', async () => {
    await expectLife(node, {
      state: 'ssh_auth.present',
      args: { user: 'alice', name: keys[0] },
      changes: ['/home/alice/.ssh', `ssh-ed25519 …${keys[0]!.split(' ')[1]!.slice(-16)}`],
      check: `test "$(${login('one', 'whoami')})" = alice && test "$(stat -c %U:%a /home/alice/.ssh)" = alice:700`,
      damage: 'sed -i s/AAAA/AAAB/ /home/alice/.ssh/authorized_keys',
      absent: {
        state: 'ssh_auth.absent',
        args: { user: 'alice', name: keys[0] },
        check: `! ${login('one', 'true')} 2>/dev/null`,
      },
    });
  });

  it('options of a key hold, and what sshd would turn down is healed', async () => {
    const args = {
      user: 'alice',
      name: keys[0]!.split(' ')[1],
      options: ['restrict', 'command="echo only this"'],
    };
    const check = `test "$(${login('one', 'whoami')})" = "only this"`;
    await expectLife(node, {
      ...{ state: 'ssh_auth.present', args, check },
      changes: [`ssh-ed25519 …${keys[0]!.split(' ')[1]!.slice(-16)}`],
      damage: 'chmod 777 /home/alice/.ssh; chmod 666 /home/alice/.ssh/authorized_keys',
    });
    const again = await applyState(node, 'ssh_auth.present', args);
    expect(again).to.deep.include({ changes: {}, processes: [] });
  });

  it('ssh_auth.manage lets in exactly its keys', async () => {
    await node.must(`echo '${keys[1]}' >> /home/alice/.ssh/authorized_keys`);
    await node.must(login('two', 'true'));
    await expectApplied(node, {
      state: 'ssh_auth.manage',
      args: { user: 'alice', ssh_keys: [keys[0]] },
      check: `${login('one', 'true')} && ! ${login('two', 'true')} 2>/dev/null`,
    });
  });

  it('links that a user planted lead nowhere', async () => {
    await node.must(`mkdir -p /root/.ssh; : > /root/.ssh/authorized_keys; cp /etc/shadow /root/shadow`);
    const plants = [
      'ln -s /root/.ssh /home/eve/.ssh',
      'mkdir /home/eve/.ssh; ln -s /root/.ssh/authorized_keys /home/eve/.ssh/authorized_keys',
      'mkdir /home/eve/.ssh; ln -s /etc/shadow /home/eve/.ssh/authorized_keys',
      'mkdir /home/eve/.ssh; ln -s /etc/cron.d/x /home/eve/.ssh/authorized_keys',
    ];
    for (const plant of plants) {
      await node.must(['setpriv', '--reuid=eve', '--regid=eve', '--clear-groups', 'sh', '-c', plant]);
      for (const dry of [true, false]) {
        const { failed, refused } = await applyState(
          node,
          'ssh_auth.present',
          { user: 'eve', name: keys[0] },
          { dry },
        );
        expect(failed ?? refused, plant).to.match(/belongs to another user/);
      }
      await node.must(
        'rm -rf /home/eve/.ssh; test ! -s /root/.ssh/authorized_keys; cmp /etc/shadow /root/shadow; test ! -e /etc/cron.d/x',
      );
    }
    await node.must([
      'setpriv',
      '--reuid=eve',
      '--regid=eve',
      '--clear-groups',
      'sh',
      '-c',
      'mkdir ~eve/.ssh; mkfifo ~eve/.ssh/authorized_keys',
    ]);
    const { refused } = await applyState(node, 'ssh_auth.present', { user: 'eve', name: keys[0] });
    expect(refused).to.equal('/home/eve/.ssh/authorized_keys is a fifo, not a file.');
  });

  it('ssh_known_hosts.present lives: ssh knows the host by its key', async () => {
    const strict = '-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/nowhere';
    await expectLife(node, {
      state: 'ssh_known_hosts.present',
      args: { name: '127.0.0.1', key: hostKey },
      changes: ['127.0.0.1 ssh-ed25519'],
      check: login('one', 'true', strict),
      damage: 'echo > /etc/ssh/ssh_known_hosts',
      absent: {
        state: 'ssh_known_hosts.absent',
        args: { name: '127.0.0.1' },
        check: `! ${login('one', 'true', strict)} 2>/dev/null`,
      },
    });
    await node.must('ssh-keyscan -H 127.0.0.1 2>/dev/null > /etc/ssh/ssh_known_hosts');
    const known = await applyState(node, 'ssh_known_hosts.present', { name: '127.0.0.1', key: hostKey });
    expect(known).to.deep.include({ changes: {}, processes: [] });
    await node.must('rm /etc/ssh/ssh_known_hosts');
  });

  it('ssh_known_hosts.present fetches the keys of a host once, and takes only the one asked for', async () => {
    const printed = await node.must('ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub');
    const fingerprint = printed.split(' ')[1]!;
    const args = { name: '127.0.0.1', user: 'alice', fingerprint };
    await expectApplied(node, {
      state: 'ssh_known_hosts.present',
      args,
      check: `ssh-keygen -F 127.0.0.1 -f /home/alice/.ssh/known_hosts -l | grep -qF '${fingerprint}'`,
    });
    expect(await applyState(node, 'ssh_known_hosts.present', args)).to.deep.include({ processes: [] });
    const wrong = { ...args, fingerprint: `SHA256:${'A'.repeat(43)}` };
    expect((await applyState(node, 'ssh_known_hosts.present', wrong)).refused).to.match(
      /shows no key that was asked for/,
    );
    const nobody = { name: '127.0.0.1', port: 9, timeout: 1 };
    expect((await applyState(node, 'ssh_known_hosts.present', nobody)).refused).to.match(
      /^127\.0\.0\.1 shows no key/,
    );
    expect(await node.must('stat -c %U:%a /home/alice/.ssh/known_hosts')).to.equal('alice:600\n');
  });

  it('a bad option of sshd leaves the old file and is explained', async () => {
    const before = await node.file(config);
    const bad = await apply(node, option('X11Forwarding perhaps'));
    expect(bad.status).to.equal(1);
    expect(bad.stdout).to.include(`${config} is left as it is: /usr/sbin/sshd rejects the new content`);
    expect(bad.stdout).to.match(/line \d+: .*perhaps/);
    expect(await node.file(config)).to.equal(before);
  });

  it('an option of sshd is in force after a reload, and sessions go on', async () => {
    await node.must(`printf 'Match User nosuch\\n  MaxAuthTries 9\\n' >> ${config}`);
    const mainPid = await node.must('systemctl show -p MainPID --value ssh');
    await node.must([
      'systemd-run',
      '-q',
      '--unit',
      'session',
      'sh',
      '-c',
      login('one', 'sleep 600').replace(' -n ', ' '),
    ]);
    await node.until('pgrep -f "^sshd: alice@notty" > /tmp/session && pgrep -u alice sleep');
    const done = await apply(node, option('MaxAuthTries 3'));
    expect(done.status, done.stdout).to.equal(0);
    expect(await node.must(`${sshd.replace('-t', '-T')} ${config} | grep -i maxauthtries`)).to.equal(
      'maxauthtries 3\n',
    );
    expect(await node.must('systemctl show -p MainPID --value ssh')).to.equal(mainPid);
    await node.must('kill -0 $(cat /tmp/session)');
    await node.must('systemctl stop session');
    const again = await apply(node, option('MaxAuthTries 3'), '--json');
    expect(JSON.parse(again.stdout).summary).to.include({ changed: 0, failed: 0 });
  });

  it('a bad line of sudoers leaves the old file and is explained; a good one counts', async () => {
    const sls = (line: string) => `/etc/sudoers.d/alice:
  file.managed:
    - contents:
      - '# who may do what'
      - '${line}'
    - mode: '0440'
    - check_cmd: visudo -cf
`;
    const good = await apply(node, sls('alice ALL=(root) NOPASSWD: /usr/bin/id'));
    expect(good.status, good.stdout).to.equal(0);
    expect(await node.must('su alice -c "sudo -n id -u"')).to.equal('0\n');
    const before = await node.must('stat -c %i:%a /etc/sudoers.d/alice');
    const bad = await apply(node, sls('alice ALL=(root NOPASSWD /usr/bin/id'));
    expect(bad.status).to.equal(1);
    expect(bad.stdout).to.include('/etc/sudoers.d/alice is left as it is: visudo rejects the new content');
    expect(bad.stdout).to.match(/\/etc\/sudoers\.d\/alice:2:\d+: syntax error/);
    expect(await node.must('stat -c %i:%a /etc/sudoers.d/alice')).to.equal(before);
    expect(await node.must('su alice -c "sudo -n id -u"')).to.equal('0\n');
    expect(await node.must('ls -A /etc/sudoers.d')).to.equal('README\nalice\n');
  });
});

/** Confirm or revert on real nodes: what cuts the way in is taken back, though converge was killed or the node was off. */
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node, type Ran } from './node.ts';

const converge = `${checkout}/converge`;

/** The file that says what run waits, and what becomes of it. */
const pending = '/var/lib/converge/unconfirmed.json';

async function phase(node: Node): Promise<string | undefined> {
  const text = await node.file(pending);
  return text && JSON.parse(text).phase;
}

async function apply(node: Node, sls: string, ...words: string[]): Promise<Ran> {
  await node.write('/srv/states/web.yaml', sls);
  return await node.run([converge, 'apply', 'web', '--no-cache', '--states', '/srv/states', ...words], {
    timeout: 120,
  });
}

/** Nothing is left of the timer. */
async function expectDisarmed(node: Node): Promise<void> {
  await node.until(
    '! ls /etc/systemd/system/converge-revert* /etc/systemd/system/*.wants/converge-revert* 2>&1 | grep -v "No such"',
  );
  const { stdout } = await node.run('systemctl list-timers --all --no-legend "converge-revert*"');
  expect(stdout).to.equal('');
}

async function reverted(node: Node): Promise<void> {
  await node.until(`grep -q '"reverted"' ${pending}`, { seconds: 60 });
  await expectDisarmed(node);
  // The next test begins afresh.
  await node.must(['rm', pending]);
}

/** Ends converge as hard as can be. */
const die = `
die:
  cmd.run:
    - name: kill -9 $PPID
    - order: last
`;

/** Answers each line with itself. */
const echo = "require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(7000)";

/** One connection that is used all the time; the answers are counted in a file. */
const talk = (address: string) =>
  `let n = 0; const s = require('net').connect(7000, '${address}'); setInterval(() => s.write('x'), 100); s.on('data', () => require('fs').writeFileSync('/run/heard', String(++n)))`;

const rules = (verdict: string) => `flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy ${verdict};
    iif lo accept
  }
}
`;

const file = (path: string, text: string) => `
${path}:
  file.managed:
    - contents: |
${text.replace(/^(?=.)/gm, '        ')}
`;

describeLab('lab: confirm or revert', function () {
  this.timeout(240_000);
  let node: Node;
  let peer: Node;

  before(async () => {
    [node, peer] = await Promise.all([
      boot({ name: 'confirm', packages: ['nftables', 'openssh-server'] }),
      boot({ name: 'peer' }),
    ]);
    await node.write('/etc/nftables.conf', rules('accept'));
    await node.must('systemctl enable --now nftables ssh');
    await node.must(['systemd-run', '--unit=echo', '/usr/local/bin/node', '-e', echo]);
    await node.until('ss -lnt | grep -q :7000');
    await peer.must(['systemd-run', '--unit=talk', '/usr/local/bin/node', '-e', talk(node.addresses[0]!)]);
  });

  after(async () => {
    await node?.[Symbol.asyncDispose]();
    await peer?.[Symbol.asyncDispose]();
  });

  const sshAnswers = () =>
    `timeout 2 bash -c 'exec 3<>/dev/tcp/${node.addresses[0]}/22; read -t 1 line <&3; [[ $line = SSH-* ]]'`;
  const isHeard = 'a=$(cat /run/heard); sleep 1; [ "$(cat /run/heard)" != "$a" ]';
  const reaches = async (script: string) => (await peer.run(script)).status === 0;

  it('a firewall that cuts the connection of its user is taken back, though converge was killed', async () => {
    await peer.until(isHeard);
    const firewall = `
nftables:
  service.running:
    - reload: true
    - watch:
      - file: /etc/nftables.conf
`;
    const { status } = await apply(
      node,
      file('/etc/nftables.conf', rules('drop')) + firewall + die,
      '--confirm',
      '10',
    );
    expect(status).to.equal(137);
    expect(await reaches(sshAnswers()), 'new connections').to.equal(false);
    expect(await reaches(isHeard), 'the open connection').to.equal(false);
    await reverted(node);
    await peer.until(sshAnswers());
    await peer.until(isHeard, { seconds: 60 });
    expect(await node.file('/etc/nftables.conf')).to.equal(rules('accept'));
  });

  it('a firewall.ruleset that cuts everybody off is taken back, though converge was killed', async () => {
    const ruleset = 'firewall:\n  firewall.ruleset:\n    - ping: false\n    - allow_lockout: true\n';
    const { status, stderr } = await apply(node, ruleset + die, '--confirm', '10');
    expect(status, stderr).to.equal(137);
    expect(await reaches(sshAnswers())).to.equal(false);
    await reverted(node);
    await peer.until(sshAnswers());
    expect(await node.must('nft list tables')).to.equal('table inet filter\n');
    expect((await node.run('systemctl is-enabled converge-firewall')).status).not.to.equal(0);
  });

  it('a broken sshd is taken back: the old one runs again', async () => {
    const before = await node.file('/etc/ssh/sshd_config');
    const sshd = `
${file('/etc/ssh/sshd_config', 'Nonsense yes\n')}
ssh:
  service.running:
    - watch:
      - file: /etc/ssh/sshd_config
`;
    const { status } = await apply(node, sshd, '--confirm', '10');
    expect(status, 'it does not start').to.equal(1);
    expect(await reaches(sshAnswers())).to.equal(false);
    await reverted(node);
    expect(await node.file('/etc/ssh/sshd_config')).to.equal(before);
    await peer.until(sshAnswers());
  });

  const route = 'ip route show 10.9.0.0/16 | grep -q "via"';

  it('an address that is gone comes back, with the routes that went with it', async () => {
    await node.must(['ip', 'route', 'add', '10.9.0.0/16', 'via', peer.addresses[0]!]);
    const gone = `
eth0:
  network.address_absent:
    - addresses: ${node.addresses[0]}/24
    - persist: false
`;
    const { status, stdout } = await apply(node, gone, '--confirm', '10');
    expect(status, stdout).to.equal(0);
    expect(await reaches(sshAnswers())).to.equal(false);
    expect((await node.run(route)).status, 'the route').to.equal(1);
    await reverted(node);
    await peer.until(sshAnswers());
    await node.must(route);
  });

  it('an interface that was taken down comes up, and one that was made goes', async () => {
    const states = `
eth0:
  network.link:
    - up: false
    - persist: false
    - force: true

br9:
  network.link:
    - kind: bridge
    - persist: false

address:
  network.address:
    - name: br9
    - addresses: [10.9.9.1/24, 'fd00:9::1/64']
    - persist: false

10.8.0.0/16:
  network.route:
    - gateway: 10.9.9.2
    - interface: br9
    - persist: false
    - require:
      - network: address
`;
    const { status, stdout } = await apply(node, states, '--confirm', '10');
    expect(status, stdout).to.equal(0);
    expect(await reaches(sshAnswers())).to.equal(false);
    await node.must('ip route show 10.8.0.0/16 | grep -q via');
    await reverted(node);
    await peer.until(sshAnswers());
    await node.must(route);
    expect((await node.run('ip link show br9')).status).to.equal(1);
  });

  it('a run that hangs is ended and taken back, wherever its things are kept', async () => {
    const folder = '/var/lib/my "50%" $state';
    await node.write('/srv/settings.yaml', JSON.stringify({ states: '/srv/states', state_dir: folder }));
    const hangs = `${file('/etc/motd', 'hanging\n')}
hang:
  cmd.run:
    - name: trap "" TERM; while :; do sleep 1; done
`;
    const config = ['--config', '/srv/settings.yaml'];
    const run = apply(node, hangs, '--confirm', '5', ...config);
    await node.until('grep -q hanging /etc/motd');
    const units = await node.must('systemctl list-timers --all --no-legend "converge-revert-*"');
    expect(units).to.match(/converge-revert-[0-9a-f]{8}\.timer/);
    await node.until(`grep -q '"reverted"' '${folder}/unconfirmed.json'`, { seconds: 60 });
    await run;
    await expectDisarmed(node);
    expect(await node.file('/etc/motd')).not.to.equal('hanging\n');
    expect(await node.must([converge, 'status', ...config]).catch(String)).to.include('taken back');
  });

  it('what cannot be taken back at first is tried again', async () => {
    await node.must('mkdir /srv/etc; echo old > /srv/etc/app.conf');
    await apply(node, file('/srv/etc/app.conf', 'new\n'), '--confirm', '4');
    await node.must('mv /srv/etc /srv/away; touch /srv/etc');
    await node.until(`grep -q '"trouble"' ${pending}`, { seconds: 30 });
    await node.must('rm /srv/etc; mv /srv/away /srv/etc');
    await reverted(node);
    expect(await node.file('/srv/etc/app.conf')).to.equal('old\n');
  });

  it('a boot before the deadline changes nothing of it', async () => {
    const { status } = await apply(node, file('/etc/motd', 'new\n'), '--confirm', '10');
    expect(status).to.equal(0);
    await node.stop();
    await node.start();
    expect(await phase(node)).to.equal('waiting');
    expect(await node.file('/etc/motd')).to.equal('new\n');
    await reverted(node);
    expect(await node.file('/etc/motd')).not.to.equal('new\n');
  });

  it('a deadline that passes while the power is off is kept at the next boot', async () => {
    const { status } = await apply(node, file('/etc/motd', 'new\n'), '--confirm', '5');
    expect(status).to.equal(0);
    const { deadline } = JSON.parse((await node.file(pending))!);
    await node.kill();
    while (Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    await node.start();
    await reverted(node);
    expect(await node.file('/etc/motd')).not.to.equal('new\n');
  });

  it('what is confirmed stays, beyond the deadline and a boot', async () => {
    await apply(node, file('/etc/motd', 'kept\n'), '--confirm', '6');
    const { deadline } = JSON.parse((await node.file(pending))!);
    expect(await node.must([converge, 'confirm'])).to.include('stays');
    await expectDisarmed(node);
    await node.stop();
    while (Date.now() < deadline + 1000) await new Promise((resolve) => setTimeout(resolve, 50));
    await node.start();
    expect(await phase(node)).to.equal(undefined);
    expect(await node.file('/etc/motd')).to.equal('kept\n');
    const history: { cause: string }[] = JSON.parse(await node.must([converge, 'history', '--json']));
    expect(history.at(-1)?.cause).to.equal('cli');
  });

  it('probes decide at once: what they reach stays, what they do not is taken back', async () => {
    const probes = `
confirm:
  - tcp: {host: ${peer.addresses[0]}, port: 7001}
  - timeout: 2
    interval: 0.2
`;
    await peer.must([
      'systemd-run',
      '--unit=beacon',
      '/usr/local/bin/node',
      '-e',
      echo.replace('7000', '7001'),
    ]);
    await peer.until('ss -lnt | grep -q :7001');
    const well = await apply(node, probes + file('/etc/motd', 'probed\n'), '--confirm', '600');
    expect(well.status, well.stderr).to.equal(0);
    expect(well.stderr).to.include('confirmed');
    await expectDisarmed(node);
    expect(await phase(node)).to.equal(undefined);
    const cut = `
${probes}
${file('/etc/nftables.conf', rules('drop'))}
nftables:
  service.running:
    - reload: true
    - watch:
      - file: /etc/nftables.conf
`;
    const badly = await apply(node, cut, '--confirm', '600');
    expect(badly.status).to.equal(1);
    expect(badly.stderr).to.include('no answer').and.include('the run was taken back');
    await reverted(node);
    await peer.until(sshAnswers());
  });
});

describeLab(
  'lab: confirm or revert (rpm)',
  function () {
    this.timeout(120_000);

    it('a run that nobody confirms is taken back, and one that is confirmed stays', async () => {
      await using node = await boot({ name: 'confirmrpm', family: 'rpm' });
      await node.write('/etc/motd', 'old\n');
      await apply(node, file('/etc/motd', 'new\n') + die, '--confirm', '4');
      expect(await phase(node)).to.equal('waiting');
      await reverted(node);
      expect(await node.file('/etc/motd')).to.equal('old\n');
      await apply(node, file('/etc/motd', 'kept\n'), '--confirm', '600');
      expect(await node.must([converge, 'confirm'])).to.include('stays');
      await expectDisarmed(node);
      expect(await node.file('/etc/motd')).to.equal('kept\n');
    });
  },
  ['rpm'],
);

/** The tree states/common on real nodes, with the firewall that a new port of ssh has to pass. */
import { expect } from 'chai';
import { address, type Converged, putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';
import { offerRpms } from './rpms.ts';

const options = ['--templates', `${checkout}/templates`];
const sshdOn = `ss -Hltnp | sed -n 's/.*:\\([0-9]*\\) .*"sshd".*/\\1/p' | sort -un | tr '\\n' ' '`;
const password = 'it is "a" pass$word';

/** Takes mail and keeps it. */
const relay = `
const { appendFileSync } = require('node:fs');
require('node:net').createServer((socket) => {
  let data = false;
  let rest = '';
  socket.write('220 relay ESMTP\\r\\n');
  socket.on('data', (bytes) => {
    const lines = (rest + bytes).split('\\r\\n');
    rest = lines.pop();
    for (const line of lines) {
      appendFileSync('/root/mail', line + '\\n');
      if (data) {
        if (line === '.') { data = false; socket.write('250 taken\\r\\n'); }
      } else if (/^EHLO/i.test(line)) socket.write('250-relay\\r\\n250 AUTH PLAIN\\r\\n');
      else if (/^DATA/i.test(line)) { data = true; socket.write('354 go on\\r\\n'); }
      else if (/^AUTH/i.test(line)) socket.write('235 welcome\\r\\n');
      else if (/^QUIT/i.test(line)) socket.end('221 bye\\r\\n');
      else socket.write('250 ok\\r\\n');
    }
  });
}).listen(2525, '127.0.0.1');
`;

describeLab('lab: the tree common', function () {
  this.timeout(180_000);
  let node: Node;
  let outside: Node;
  let keys: string[];

  before('a node that is managed by ssh, and one it is managed from', async () => {
    [node, outside] = await Promise.all([
      boot({ name: 'one', packages: ['openssh-server', 'openssh-client', 'git'] }),
      boot({ name: 'outside', packages: ['openssh-client'] }),
    ]);
    await outside.must("ssh-keygen -q -t ed25519 -N '' -C me -f /root/key");
    keys = [(await outside.file('/root/key.pub'))!.trim()];
    await node.must('systemctl start ssh');
    await node.must(['systemd-run', '-q', '--unit=relay', 'node', '-e', relay]);
    await putTree(node, {
      ...filesOf('common', 'firewall'),
      'states/top.yaml': "base: {'*': [firewall, common]}\n",
      'pillar/top.yaml': 'base: {}\n',
    });
  });
  after(async () => {
    await Promise.all([node, outside].map((one) => one?.[Symbol.asyncDispose]()));
  });

  interface Options {
    readonly ssh?: object;
    readonly more?: object;
    readonly verb?: readonly string[];
    readonly test?: boolean;
  }

  function run(on: Node, { ssh = {}, more = {}, ...rest }: Options = {}): Promise<Converged> {
    const common = { schedule: { watch: false }, ssh: { keys: { root: keys }, ...ssh }, ...more };
    return on.converge(undefined, { options, pillar: { domain: 'example.org', common }, ...rest });
  }

  const whole = {
    packages: { installed: ['tree'], removed: ['hello'] },
    time: { servers: ['ntp.example.org'], zone: 'Etc/UTC' },
    updates: { except: ['haproxy'], reboot: '04:00' },
    mail: {
      ...{ relay: '127.0.0.1', port: 2525, user: 'node', password, tls: 'none' },
      root: 'ops@example.org',
    },
  };

  const comments = ({ results, stderr }: Converged) =>
    `${stderr}${results
      .filter(({ verdict }) => verdict !== 'unchanged')
      .map((one) => `${address(one)}: ${one.verdict}: ${one.comment}`)
      .join('\n')}`;

  function expectGood(done: Converged): void {
    expect([done.status, done.errors, done.failed], comments(done)).to.deep.equal([0, [], []]);
    expect(done.results, comments(done)).to.not.have.length(0);
  }

  /** What a dry run says it does not know, it may leave open. */
  function expectForetold(dry: Converged, real: Converged): void {
    for (const one of [dry, real]) expectGood(one);
    for (const [index, before] of dry.results.entries()) {
      const after = real.results[index]!;
      expect(address(before)).to.equal(address(after));
      if (before.verdict === 'unknown' || ['pkg', 'cmd'].includes(before.state)) continue;
      expect(Object.keys(before.changes), address(before)).to.deep.equal(Object.keys(after.changes));
    }
  }

  function expectNothing(done: Converged): void {
    expectGood(done);
    expect(done.changed, comments(done)).to.deep.equal([]);
  }

  /** From outside, by the key or, where that does not do, by nothing. */
  const login = (port: number, command: string) =>
    `ssh -n -p ${port} -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=3 root@${node.addresses[0]} '${command}'`;

  it('is foretold, done, and nothing is to be done afterwards', async () => {
    const dry = await run(node, { more: whole, test: true });
    const real = await run(node, { more: whole });
    expectForetold(dry, real);
    expect(real.stdout).to.not.include('pass$word');
    const again = await run(node, { more: whole });
    expectNothing(again);
  });

  it('is what the programs go by', async () => {
    const told = await node.must(
      'apt-config dump; sshd -T; cat /etc/systemd/timesyncd.conf.d/*; journalctl --header',
    );
    expect(told).to.match(/APT::Periodic::Unattended-Upgrade "1"/);
    expect(told).to.match(/Unattended-Upgrade::Automatic-Reboot-Time "04:00"/);
    expect(told).to.match(/^passwordauthentication no$/m);
    expect(told).to.match(/^permitrootlogin (without-password|prohibit-password)$/m);
    expect(told).to.match(/^NTP=ntp.example.org$/m);
    await node.must(
      'systemctl is-active apt-daily-upgrade.timer && systemctl is-enabled apt-daily-upgrade.timer',
    );
    expect(await outside.must(login(22, 'hostname'))).to.match(/one/);
  });

  it('sends mail by the relay, and takes none from others', async () => {
    await node.must("printf 'Subject: hello\\n\\nworld\\n' | /usr/sbin/sendmail root");
    await node.until('grep -q ^world /root/mail');
    const mail = await node.must('cat /root/mail');
    expect(mail).to.include('RCPT TO:<ops@example.org>');
    expect(mail).to.include(`AUTH PLAIN ${Buffer.from(`\0node\0${password}`).toString('base64')}`);
    expect(await node.must("ss -Hltn 'sport = :25'")).to.not.match(/0\.0\.0\.0:25|\*:25/);
  });

  it('takes from the repository of the tree what is signed, and nothing else', async () => {
    await node.must(`
      ssh-keygen -q -t ed25519 -N '' -f /root/signer
      git init -q -b main /srv/origin && cd /srv/origin
      git config user.email me@example.org && git config user.name me
      git config gpg.format ssh && git config user.signingkey /root/signer
      echo 1 > a && git add a && git commit -q -S -m one`);
    const signer = `me@example.org ${(await node.file('/root/signer.pub'))!.trim()}`;
    const more = { tree: { repository: '/srv/origin', ref: 'main', path: '/srv/clone', signers: [signer] } };
    const follow = () => run(node, { more, verb: ['apply', 'common.tree'] });
    const first = await follow();
    expectGood(first);
    expect(await node.file('/srv/clone/a')).to.equal('1\n');
    expectNothing(await follow());
    await node.must('cd /srv/origin && echo 2 > a && git commit -q -a -m two');
    for (let at = 0; at < 2; at++) expect((await follow()).failed).to.include('cmd.run the tree is signed');
    expect(await node.file('/srv/clone/a')).to.equal('1\n');
    await node.must('cd /srv/origin && echo 3 > a && git commit -q -a -S -m three');
    const third = await follow();
    expectGood(third);
    expect(await node.file('/srv/clone/a')).to.equal('3\n');
    expectNothing(await follow());
  });

  it('stays so by the clock and by the watch', async () => {
    await node.write('/srv/tree/states/top.yaml', "base: {'*': [common.schedule]}\n");
    await node.write(
      '/etc/converge/converge.yaml',
      `states: /srv/tree/states\npillar: /srv/tree/pillar\ntemplates: ${checkout}/templates\n`,
    );
    const more = { schedule: { every: '1h' } };
    const apply = (test = false) => run(node, { more, verb: ['apply', 'common.schedule'], test });
    expectForetold(await apply(true), await apply());
    await node.must('systemctl is-active converge-watch && systemctl is-enabled converge-watch');
    await node.must('ls /etc/cron.d/*highstate* /etc/systemd/system/*highstate*.timer 2> /dev/null | grep .');
    expectNothing(await apply());
    const off = { schedule: { every: false, watch: false } };
    expectGood(await run(node, { more: off, verb: ['apply', 'common.schedule'] }));
    // It ends by itself, when nothing runs in it.
    await node.until('! systemctl is-active -q converge-watch');
    await node.must('! ls /etc/cron.d/*highstate* /etc/systemd/system/*highstate*.timer');
  });

  it('lays a version of converge beside the others, and links to it if it runs', async () => {
    // The checkout of the lab is there, and read-only.
    await node.must(`
      mkdir -p /mnt/over && mount -t tmpfs tmpfs /mnt/over && mkdir /mnt/over/upper /mnt/over/work
      mount -t overlay overlay -o lowerdir=/opt/converge,upperdir=/mnt/over/upper,workdir=/mnt/over/work /opt/converge
      cd /srv
      for version in 9.1.0 9.2.0; do
        mkdir converge-$version
        printf '#!/bin/sh\\necho converge %s\\n' $version > converge-$version/converge
        chmod +x converge-$version/converge
      done
      echo 'exit 1' >> converge-9.2.0/converge
      sed -i 's/echo.*/exit 1/' converge-9.2.0/converge
      for version in 9.1.0 9.2.0; do tar -czf $version.tar.gz converge-$version; done`);
    const install = (version: string, test = false) =>
      run(node, {
        more: { engine: { version, source: `/srv/${version}.tar.gz` } },
        verb: ['apply', 'common.engine'],
        test,
      });
    expectForetold(await install('9.1.0', true), await install('9.1.0'));
    expectNothing(await install('9.1.0'));
    expect(await node.must('converge --version')).to.equal('converge 9.1.0\n');
    for (let at = 0; at < 2; at++)
      expect((await install('9.2.0')).failed).to.include('cmd.run converge 9.2.0 runs here');
    expect(await node.must('converge --version')).to.equal('converge 9.1.0\n');
  });
});

describeLab(
  'lab: the tree common on an RPM node',
  function () {
    this.timeout(180_000);

    it('is foretold, done, and nothing is to be done afterwards', async () => {
      await using node = await boot({ name: 'rpm', family: 'rpm' });
      await offerRpms(node, [
        {
          name: 'chrony',
          version: '4.5',
          files: { '/etc/chrony.conf': 'pool 2.centos.pool.ntp.org iburst\n' },
        },
        {
          name: 'dnf-automatic',
          version: '4.14',
          files: {
            '/usr/lib/systemd/system/dnf-automatic.service': '[Service]\nExecStart=/bin/true\n',
            '/usr/lib/systemd/system/dnf-automatic.timer':
              '[Timer]\nOnCalendar=06:00\n[Install]\nWantedBy=timers.target\n',
          },
        },
      ]);
      await putTree(node, {
        ...filesOf('common'),
        'states/top.yaml': "base: {'*': [common]}\n",
        'pillar/top.yaml': 'base: {}\n',
      });
      await node.must(
        "mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /root/.ssh/authorized_keys",
      );
      const common = {
        time: { servers: ['ntp1.example.org', 'ntp2.example.org'], zone: 'Etc/UTC' },
        schedule: { watch: false },
        ssh: { port: 2222, firewall: false },
      };
      const run = (test = false) => node.converge(undefined, { options, pillar: { common }, test });
      const dry = await run(true);
      const real = await run();
      for (const one of [dry, real]) expect([one.errors, one.failed], one.stdout).to.deep.equal([[], []]);
      const again = await run();
      expect([again.failed, again.changed], again.stdout).to.deep.equal([[], []]);
      expect(await node.must(sshdOn)).to.equal('2222 ');
      expect(await node.file('/etc/chrony.conf'))
        .to.match(/^#pool /m)
        .and.match(/^server ntp2.example.org iburst$/m);
      expect(await node.must('systemctl is-enabled dnf-automatic.timer')).to.equal('enabled\n');
      expect(await node.must('sshd -T')).to.match(/^passwordauthentication no$/m);
    });
  },
  ['rpm'],
);

/** The tree states/common on real nodes: all of it at once, on Debian and on an RPM system. */
import { expect } from 'chai';
import {
  expectForetold,
  expectGood,
  expectNothing,
  type Given,
  options,
  run as runOn,
} from './common-runs.ts';
import { putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';
import { offerRpms } from './rpms.ts';

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
      boot({ name: 'one', packages: ['openssh-server'] }),
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

  const run = (more: object, given: Given = {}) =>
    runOn(node, { common: { ssh: { keys: { root: keys } }, ...more }, ...given });

  const whole = {
    packages: { installed: ['tree'], removed: ['hello'] },
    time: { servers: ['ntp.example.org'], zone: 'Etc/UTC' },
    updates: { except: ['haproxy'], reboot: '04:00' },
    mail: {
      ...{ relay: '127.0.0.1', port: 2525, user: 'node', password, tls: 'none' },
      root: 'ops@example.org',
    },
  };

  /** From outside, by the key or, where that does not do, by nothing. */
  const login = (port: number, command: string) =>
    `ssh -n -p ${port} -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=3 root@${node.addresses[0]} '${command}'`;

  it('is foretold, done, and nothing is to be done afterwards', async () => {
    const dry = await run(whole, { test: true });
    const real = await run(whole);
    expectForetold(dry, real);
    expect(real.stdout).to.not.include('pass$word');
    const again = await run(whole);
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

  it('stays so by the clock and by the watch', async () => {
    await node.write('/srv/tree/states/top.yaml', "base: {'*': [common.schedule]}\n");
    await node.write(
      '/etc/converge/converge.yaml',
      `states: /srv/tree/states\npillar: /srv/tree/pillar\ntemplates: ${checkout}/templates\n`,
    );
    const more = { schedule: { every: '1h' } };
    const apply = (test = false) => run(more, { verb: ['apply', 'common.schedule'], test });
    expectForetold(await apply(true), await apply());
    await node.must('systemctl is-active converge-watch && systemctl is-enabled converge-watch');
    await node.must('ls /etc/cron.d/*highstate* /etc/systemd/system/*highstate*.timer 2> /dev/null | grep .');
    expectNothing(await apply());
    const off = { schedule: { every: false, watch: false } };
    expectGood(await run(off, { verb: ['apply', 'common.schedule'] }));
    // It ends by itself, when nothing runs in it.
    await node.until('! systemctl is-active -q converge-watch');
    await node.must('! ls /etc/cron.d/*highstate* /etc/systemd/system/*highstate*.timer');
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

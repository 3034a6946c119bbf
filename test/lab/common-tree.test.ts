/** The tree states/common on a real node: all of it at once, and what programs make of it. */
import { expect } from 'chai';
import { expectLogsKeptSmall } from './common-logs.ts';
import { expectClock, expectSwap } from './common-machine.ts';
import { expectMail, expectMailByTls, mail, startRelay } from './common-mail.ts';
import { expectForetold, expectGood, expectNothing, type Given, run as runOn } from './common-runs.ts';
import { expectUpdatesOfApt } from './common-updates.ts';
import { putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

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
    await startRelay(node);
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
    mail,
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
    await expectMail(node);
  });

  it('sends mail to nobody but the relay', async () => {
    await expectMailByTls(node);
  });

  it('gives a machine the time and swap, and a container none', async () => {
    await expectClock(node);
    await expectSwap(node);
  });

  it('installs updates for security, and no others', async () => {
    await expectUpdatesOfApt(node);
  });

  it('keeps logs small', async () => {
    await expectLogsKeptSmall(node);
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

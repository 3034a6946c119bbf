/** The tree states/common on an RPM node: all of it at once, and what programs make of it. */
import { expect } from 'chai';
import { expectLogsKeptSmall } from './common-logs.ts';
import { expectMail, mail, startRelay } from './common-mail.ts';
import { bringPostfix, postfix } from './common-postfix.ts';
import { expectForetold, expectNothing, run as runOn } from './common-runs.ts';
import { automatic, expectUpdatesOfDnf } from './common-updates.ts';
import { putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';
import { offerRpms } from './rpms.ts';

const sshdOn = `ss -Hltnp | sed -n 's/.*:\\([0-9]*\\) .*"sshd".*/\\1/p' | sort -un | tr '\\n' ' '`;

describeLab(
  'lab: the tree common on an RPM node',
  function () {
    this.timeout(180_000);
    let node: Node;

    before('a node that has a key', async () => {
      node = await boot({ name: 'rpm', family: 'rpm' });
      await bringPostfix(node);
      const chrony = { '/etc/chrony.conf': 'pool 2.centos.pool.ntp.org iburst\n' };
      await offerRpms(node, [{ name: 'chrony', version: '4.5', files: chrony }, automatic, ...postfix]);
      await startRelay(node);
      await putTree(node, {
        ...filesOf('common'),
        'states/top.yaml': "base: {'*': [common]}\n",
        'pillar/top.yaml': 'base: {}\n',
      });
      await node.must(
        "mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /root/.ssh/authorized_keys",
      );
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('is foretold, done, and nothing is to be done afterwards', async () => {
      const common = {
        time: { servers: ['ntp1.example.org', 'ntp2.example.org'], zone: 'Etc/UTC' },
        ssh: { port: 2222, firewall: false },
        mail,
      };
      const run = (test = false) => runOn(node, { common, test });
      expectForetold(await run(true), await run());
      expectNothing(await run());
    });

    it('is what the programs go by', async () => {
      expect(await node.must(sshdOn)).to.equal('2222 ');
      expect(await node.file('/etc/chrony.conf'))
        .to.match(/^#pool /m)
        .and.match(/^server ntp2.example.org iburst$/m);
      expect(await node.must('sshd -T')).to.match(/^passwordauthentication no$/m);
    });

    it('sends mail by the relay, and takes none from others', async () => {
      await expectMail(node);
    });

    it('installs updates for security, where the system tells which these are', async () => {
      await expectUpdatesOfDnf(node);
    });

    it('keeps logs small', async () => {
      await expectLogsKeptSmall(node);
    });
  },
  ['rpm', 'debian'],
);

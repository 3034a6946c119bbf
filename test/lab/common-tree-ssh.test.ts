/** The tree states/common moves sshd among ports, with the firewall that a new one has to pass: nobody is locked out. */
import { expect } from 'chai';
import {
  expectForetold,
  expectGood,
  expectNothing,
  type Given,
  options,
  run as runOn,
} from './common-runs.ts';
import { compiled, putTree, treeFolder } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const sshdOn = `ss -Hltnp | sed -n 's/.*:\\([0-9]*\\) .*"sshd".*/\\1/p' | sort -un | tr '\\n' ' '`;
const owner = `ss -Hltnp | grep -E ':(22|2[0-9]{3}) ' | grep -o '"[a-z]*"' | sort -u | tr '\\n' ' '`;
const config = '/etc/ssh/sshd_config.d/00-converge.conf';
const kept = '/etc/ssh/sshd_config.d/00-converge-before.conf';

/**
 * By turns at every port there may be, for as long as the file is there: times at which none of them let in. Everybody
 * tries twice, as sshd takes its time to read its files again.
 */
const logins = `
touch /root/trying
while [ -e /root/trying ]; do
  for port in $PORTS $PORTS; do $LOGIN -p $port root@$NODE true 2> /dev/null && echo $port >> /root/in && continue 2; sleep 0.1; done
  date +%T.%N >> /root/out
done`;

describeLab(
  'lab: the tree common moves ssh',
  function () {
    this.timeout(180_000);
    let node: Node;
    let outside: Node;
    let keys: string[];
    const client =
      'ssh -n -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=1';

    before('a node that is managed by ssh, and one it is managed from', async () => {
      [node, outside] = await Promise.all([
        boot({ name: 'one', family: 'trixie', packages: ['openssh-server', 'openssh-client', 'nftables'] }),
        boot({ name: 'outside', packages: ['openssh-client'] }),
      ]);
      await outside.must("ssh-keygen -q -t ed25519 -N '' -C me -f /root/key");
      keys = [(await outside.file('/root/key.pub'))!.trim()];
      await putTree(node, {
        ...filesOf('common', 'firewall'),
        'states/top.yaml': "base: {'*': [firewall, common.ssh]}\n",
        'pillar/top.yaml': 'base: {}\n',
      });
    });
    after(async () => {
      await Promise.all([node, outside].map((one) => one?.[Symbol.asyncDispose]()));
    });

    const given = (ssh: object): Given => ({ common: { ssh: { keys: { root: keys }, ...ssh } } });
    const run = (ssh: object = {}, more: Given = {}) => runOn(node, { ...given(ssh), ...more });
    const only = { verb: ['apply', 'common.ssh'] };
    const login = (port: number, command: string) =>
      `${client} -p ${port} root@${node.addresses[0]} '${command}'`;

    /** Somebody logs in all the time while this is done; tells when nobody could. */
    async function whileLoggingIn<T>(ports: string, act: () => Promise<T>): Promise<[T, string[]]> {
      await outside.must('rm -f /root/in /root/out');
      const setenv = Object.entries({ PORTS: ports, LOGIN: client, NODE: node.addresses[0]! });
      const env = setenv.map(([name, value]) => `--setenv=${name}=${value}`);
      await outside.must(['systemd-run', '-q', '--unit=logins', ...env, 'sh', '-c', logins]);
      await outside.until('test -s /root/in');
      try {
        const done = await act();
        await outside.must('rm -f /root/in');
        await outside.until('test -s /root/in');
        return [done, ((await outside.file('/root/out')) ?? '').split('\n').filter(Boolean)];
      } finally {
        await outside.must('rm -f /root/trying');
        await outside.until('! systemctl is-active -q logins');
      }
    }

    it('leaves the port where nobody says another', async () => {
      expectForetold(await run({}, { test: true }), await run());
      expectNothing(await run());
      expect(await node.must('sshd -T')).to.match(/^passwordauthentication no$/m);
      expect(await node.must(sshdOn)).to.equal('22 ');
      expect(await outside.must(login(22, 'hostname'))).to.match(/one/);
    });

    it('keeps it where nobody knows that the new one is open', async () => {
      await node.must('mv /etc/converge/firewall.nft /root/kept.nft');
      const ssh = { port: 2222 };
      expectForetold(await run(ssh, { ...only, test: true }), await run(ssh, only));
      expect(await node.must(sshdOn)).to.equal('22 2222 ');
      expectNothing(await run(ssh, only));
      await node.must('mv /root/kept.nft /etc/converge/firewall.nft');
      expect((await outside.run(login(2222, 'true'))).status, 'closed by the firewall').to.not.equal(0);
      expectNothing(await run(ssh, only));
      expect(await node.must(sshdOn)).to.equal('22 2222 ');
    });

    it('is through in one run where the firewall lets the new one in, and sessions stay', async () => {
      const ssh = { port: 2222 };
      await outside.must(['systemd-run', '-q', '--unit=session', 'sh', '-c', login(22, 'sleep 600')]);
      await node.until('pgrep -f "^sleep 600"');
      const dry = await run(ssh, { test: true });
      const [real, out] = await whileLoggingIn('22 2222', () => run(ssh));
      expectForetold(dry, real);
      expect(out).to.deep.equal([]);
      expect(await node.must(sshdOn)).to.equal('2222 ');
      expect(await node.must('nft list chain inet converge input')).to.not.match(/dport .*\b22\b/);
      expectNothing(await run(ssh));
      await outside.must('systemctl is-active session');
    });

    const moments = {
      'the port before is kept': 'test -e $BEFORE',
      'sshd is told the new one': 'grep -q "^Port $NEW" $OWN',
      'sshd has both': 'ss -Hltn | grep -q ":$NEW "',
      'the port before is dropped': 'grep -q "^Port $NEW" $OWN && ! test -e $BEFORE',
      'sshd has left it': '! ss -Hltn | grep -q ":$OLD "',
    };

    const ending = (condition: string) => `
        "$@" > /root/told 2>&1 & run=$!
        until ${condition}; do kill -0 $run 2> /dev/null || exit 1; done
        kill -9 $run`;

    it('moves on and back, and runs are ended at any moment, and there is always a way in', async () => {
      const reached: string[] = [];
      const [, out] = await whileLoggingIn('2022 2222', async () => {
        for (const [at, [moment, condition]] of Object.entries(moments).entries()) {
          const [port, old] = at % 2 === 0 ? [2022, 2222] : [2222, 2022];
          const pillar = JSON.stringify({ domain: 'example.org', ...given({ port }) });
          const trees = [...options, `--states=${treeFolder}/states`, `--pillar=${treeFolder}/pillar`];
          const argv = [`${checkout}/converge`, 'highstate', ...trees, '--pillar-override', pillar];
          const env = {
            NEW: `${port}`,
            OLD: `${old}`,
            OWN: config,
            BEFORE: kept,
            NODE_COMPILE_CACHE: compiled,
          };
          const { status } = await node.run(['sh', '-c', ending(condition), 'sh', ...argv], { env });
          if (status === 0) reached.push(moment);
          expectGood(await run({ port }));
        }
      });
      expect(out).to.deep.equal([]);
      expect(reached).to.deep.equal(Object.keys(moments));
      expect(await node.must(sshdOn)).to.equal('2022 ');
      expectNothing(await run({ port: 2022 }));
    });

    it('stays where it is while somebody else has the new port', async () => {
      const other = 'require("net").createServer().listen(2300)';
      await node.must(['systemd-run', '-q', '--unit=other', 'node', '-e', other]);
      await node.until('ss -Hltn | grep -q :2300');
      const real = await run({ port: 2300 });
      expect(real.failed).to.include('service.running sshd runs');
      expect(await node.must(sshdOn)).to.equal('2022 ');
      expect(await outside.must(login(2022, 'hostname'))).to.match(/one/);
      await node.must('systemctl stop other');
      expectForetold(await run({ port: 2300 }, { test: true }), await run({ port: 2300 }));
      expect(await node.must(sshdOn)).to.equal('2300 ');
      expectNothing(await run({ port: 2300 }));
    });

    it('takes no setting that sshd would not', async () => {
      const text = await node.file(config);
      const real = await run({ port: 2300, settings: { MaxAuthTries: 'many' } });
      expect(real.failed).to.include(`file.managed ${config}`);
      expect(await node.file(config)).to.equal(text);
      expect(await outside.must(login(2300, 'hostname'))).to.match(/one/);
    });

    it('moves one that systemd listens for, which sshd does itself from then on', async () => {
      await node.must(`
          rm -f ${config}
          systemctl disable -q --now ssh.service && systemctl enable -q --now ssh.socket`);
      await runOn(node, { verb: ['apply', 'firewall'] });
      expect(await outside.must(login(22, 'hostname'))).to.match(/one/);
      const dry = await run({ port: 2222 }, { test: true });
      const real = await run({ port: 2222 });
      expectForetold(dry, real);
      // The one of before takes a moment to end.
      await node.until(`ports="$(${sshdOn})"; test "$ports" = '2222 ' || { ss -Hltnp; exit 1; }`);
      expect(await node.must(owner)).to.equal('"sshd" ');
      expect(await outside.must(login(2222, 'hostname'))).to.match(/one/);
      expectNothing(await run({ port: 2222 }));
    });
  },
  ['trixie', 'debian'],
);

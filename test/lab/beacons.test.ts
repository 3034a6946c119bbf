/** Beacons that hear of something: real systemd, real ip. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { compiled } from './converge.ts';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node } from './node.ts';

const log = '/run/told';

/** Milliseconds within which something is told. */
const prompt = 100;

const odd = 'foo-bar@baz\\x2dqux.service';

const units = [
  'app.service',
  'bad.service',
  'other.service',
  'idle.service',
  'talks.service',
  'mnt-x.mount',
  'last.service',
  odd,
];

const files = {
  'app.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'bad.service': '[Service]\nExecStart=/bin/false\n',
  'real.service': '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nAlias=other.service\n',
  'idle.service': '[Unit]\nAfter=app.service\n[Service]\nExecStart=/bin/sleep infinity\n',
  'last.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n',
  'foo-bar@.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'talks.service': `[Service]
Type=notify
NotifyAccess=all
WatchdogSec=60
ExecStart=/bin/sh -c 'systemd-notify --ready; while sleep 0.2; do systemd-notify --status=$$(date +%%s%%N) WATCHDOG=1; done'
`,
};

interface Told {
  readonly at: number;
  readonly what: string;
}

for (const family of ['debian', 'trixie'] as const) {
  describeLab(`lab: what beacons hear on ${family}`, () => {
    let node: Node;

    async function told(): Promise<Told[]> {
      const lines = ((await node.file(log)) ?? '').split('\n').filter(Boolean);
      return lines.map((line) => ({ at: Number(line.split(' ')[0]), what: line.replace(/^\d+ /, '') }));
    }

    /** Does something, and waits for what is told of it: how many milliseconds that took. */
    async function delay(action: string, what: string): Promise<number> {
      const began = Number((await node.must(`date +%s%3N; ${action}`)).split('\n')[0]);
      const deadline = Date.now() + 10_000;
      for (;;) {
        const found = (await told()).find((one) => one.at >= began && one.what === what);
        if (found) return found.at - began;
        if (Date.now() > deadline) throw new Error(`"${what}" was not told after: ${action}`);
        await pause(10);
      }
    }

    /** The best of a few, as something else may keep the machine busy. */
    async function expectPrompt(action: string, what: string, undo = 'true'): Promise<void> {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3 && best > prompt; i++) {
        if (i > 0) await node.must(undo);
        best = Math.min(best, await delay(action, what));
      }
      expect(best, action).to.be.at.most(prompt);
    }

    /** Does something of which nothing may be told, and then something of which something is. */
    async function expectSilence(action: string, of: string): Promise<void> {
      const count = (await told()).length;
      await node.must(action);
      await delay('systemctl start last', 'service last.service');
      const since = (await told()).slice(count).map(({ what }) => what);
      expect(since.filter((what) => what.startsWith(of) && what !== 'service last.service')).to.deep.equal(
        [],
      );
    }

    before(async () => {
      node = await boot({ name: 'told', family });
      for (const [name, text] of Object.entries(files))
        await node.write(`/usr/local/lib/systemd/system/${name}`, text);
      await node.must(
        'mkdir /mnt/x; systemctl daemon-reload; systemctl start app talks; systemctl enable -q real',
      );
      const words = ['/usr/local/bin/node', `${checkout}/test/lab/beacons-inside.ts`, log, ...units];
      const options = ['--unit=beacons', '-p', 'KillMode=process', `--setenv=NODE_COMPILE_CACHE=${compiled}`];
      await node.must(['systemd-run', '-q', ...options, '--', ...words]);
      await node.until(`grep -q ready ${log}`);
      await node.until(`grep -q "service app.service" ${log}`);
    });
    after(async () => {
      await node?.[Symbol.asyncDispose]();
    });

    it('are units that are killed, stopped, started, failed and masked', async () => {
      await expectPrompt('systemctl kill -s KILL app', 'service app.service', 'systemctl start app');
      await expectPrompt('systemctl start app', 'service app.service', 'systemctl stop app');
      await expectPrompt('systemctl stop app', 'service app.service', 'systemctl start app');
      await expectPrompt('systemctl start bad', 'service bad.service');
      await expectPrompt('systemctl mask -q app', 'service app.service', 'systemctl unmask -q app');
      await expectPrompt('systemctl unmask -q app', 'service app.service', 'systemctl mask -q app');
    });

    it('are units by their other names, and by odd ones', async () => {
      await expectPrompt('systemctl start real', 'service other.service', 'systemctl stop real');
      await expectPrompt('systemctl stop other', 'service other.service', 'systemctl start real');
      const start = `systemctl start 'foo-bar@baz\\x2dqux'`;
      await expectPrompt(start, `service ${odd}`, start.replace('start', 'stop'));
      await delay('mount -t tmpfs none /mnt/x', 'service mnt-x.mount');
      await delay('umount /mnt/x', 'service mnt-x.mount');
    });

    it('are not units that are only looked at, or that say how they are', async () => {
      await node.must('systemctl start app; systemctl show idle app >/dev/null; sleep 0.2');
      await expectSilence(
        'for i in 1 2 3; do systemctl show idle app other bad mnt-x.mount >/dev/null; sleep 0.1; done',
        'service',
      );
    });

    it('are all units after systemd has read its files anew, and has started itself anew', async () => {
      for (const verb of ['daemon-reload', 'daemon-reexec']) {
        const count = (await told()).length;
        await delay(`systemctl ${verb}`, 'service idle.service');
        const since = new Set((await told()).slice(count).map(({ what }) => what));
        expect([...since], verb).to.include.members(units.map((name) => `service ${name}`));
      }
      await expectPrompt('systemctl kill -s KILL app', 'service app.service', 'systemctl start app');
      expect((await told()).filter(({ what }) => what.includes('warning'))).to.deep.equal([]);
    });

    it('are addresses and links that come and go', async () => {
      await expectPrompt(
        'ip address add 192.0.2.7/32 dev eth0',
        'network eth0',
        'ip address del 192.0.2.7/32 dev eth0',
      );
      await pause(1100);
      await expectPrompt(
        'ip address del 192.0.2.7/32 dev eth0',
        'network eth0',
        'ip address add 192.0.2.7/32 dev eth0',
      );
      await pause(1100);
      await expectPrompt('ip link add link7 type veth peer name link8', 'network link7');
      await delay(
        'ip address add 2001:db8::7/64 dev link7 valid_lft 1000 preferred_lft 900',
        'network link7',
      );
      await delay('ip link set link7 up', 'network link7');
      await pause(3000);
      await expectSilence(
        'ip link add veth9 type veth peer name veth8; ip link set veth9 up; ip address change 2001:db8::7/64 dev link7 valid_lft 2000 preferred_lft 1900; sleep 1.2',
        'network',
      );
      await delay('ip link del link7', 'network link7');
    });

    it('are addresses even after ip was killed; it does not outlive who follows it', async () => {
      const pid = 'pgrep -xf "ip -o monitor link address"';
      const first = (await node.must(pid)).trim();
      await node.must(`kill -9 ${first}`);
      await node.until(`test "$(${pid})" && test "$(${pid})" != ${first}`);
      await delay('ip address add 192.0.2.8/32 dev eth0', 'network eth0');
      await node.must('systemctl kill --kill-whom=main -s KILL beacons');
      await node.until(`! ${pid}`);
    });
  }, [family]);
}

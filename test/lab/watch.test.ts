/** `converge watch` on a real node: with a nameserver that takes updates, haproxy, systemd and a thousand files. */
import { expect } from 'chai';
import { putTree } from './converge.ts';
import { describeLab } from './lab.ts';
import { key, serve, servers, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';

const tree = {
  'states/top.yaml': "base:\n  '*': [files, sleeper, haproxy]\n",
  'states/files.yaml': `
{% for number in range(1000) %}
/srv/out/f{{ number }}:
  file.managed:
    - contents: file {{ number }}
    - makedirs: true
{% endfor %}
`,
  'states/sleeper.yaml': `
/etc/systemd/system/sleeper.service:
  file.managed:
    - contents: |
        [Service]
        ExecStart=/bin/sleep infinity
sleeper:
  service.running:
    - require: [{file: /etc/systemd/system/sleeper.service}]
`,
  'states/haproxy.yaml': `
/etc/haproxy/haproxy.cfg:
  file.managed:
    - source: salt://haproxy.cfg
    - template: jinja
    - check_cmd: haproxy -c -f
haproxy:
  service.running:
    - enable: true
    - reload: true
    - watch: [{file: /etc/haproxy/haproxy.cfg}]
`,
  'states/haproxy.cfg': `
global
  stats socket /run/haproxy/admin.sock mode 600 level admin
  master-worker
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend web
  bind 127.0.0.1:8000
  default_backend app
backend app
{%- for one in salt['discovery.members']('app') %}
  server {{ one.target | default(one.name) | replace('.${zone}', '') }} {{ one.internal or one.address }}:{{ one.port }}
{%- endfor %}
`,
  'pillar/top.yaml': "base:\n  '*': [all]\n",
  'pillar/all.yaml': JSON.stringify({
    discovery: { domain: zone, resolvers: ['127.0.0.1'], interval: 0.1, hold_down: 4, confirmations: 3 },
    beacons: { srv: { every: 0.2 } },
  }),
};

/** Milliseconds, in words for those who read the output. */
function figures(times: readonly number[]): { median: number; p99: number; text: string } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const [median, p99] = [at(0.5), at(0.99)];
  return { median, p99, text: `median ${median.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${times.length}` };
}

describeLab('lab: converge watch', function () {
  this.timeout(180_000);
  let node: Node;

  before(async () => {
    const knot = servers.find(({ name }) => name === 'Knot')!;
    node = await boot({ name: 'watch', packages: ['haproxy'] });
    await serve(node, knot);
    await putTree(node, tree);
    await node.must(
      `systemd-run -q --unit=watch -p Type=notify -p NotifyAccess=all ${checkout}/converge watch --states /srv/tree/states --pillar /srv/tree/pillar`,
    );
    await node.until('journalctl -u watch | grep -q "timer/start: highstate"');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  async function timed(job: object): Promise<number[]> {
    const ran = await node.run(['node', `${checkout}/test/lab/watch-inside.ts`], {
      stdin: JSON.stringify(job),
      timeout: 120,
    });
    expect(ran.status, ran.stderr).to.equal(0);
    return JSON.parse(ran.stdout);
  }

  it('a new member is in haproxy within a second of its record, fifty times', async function () {
    const times = await timed({
      job: 'members',
      count: 50,
      zone,
      key: `${key.algorithm}:${key.name}:${key.secret}`,
      socket: '/run/haproxy/admin.sock',
    });
    const { median, text } = figures(times);
    this.test!.title += ` (${text}, asked every 200 ms)`;
    expect(median).to.be.lessThan(1000);
  });

  it('a member that is gone leaves after what is demanded, and no sooner', async () => {
    const servers = `echo 'show servers state' | node -e "const c=require('net').connect('/run/haproxy/admin.sock');process.stdin.pipe(c);c.pipe(process.stdout)"`;
    const began = Date.now();
    await node.must(
      `nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\nserver 127.0.0.1\nzone ${zone}\ndel _app._tcp.${zone}. SRV 0 0 8080 late1.${zone}.\nsend\nEND`,
    );
    await node.until(`! ${servers} | grep -q ' late1 '`);
    expect(Date.now() - began).to.be.greaterThan(4000);
    expect(await node.must(servers)).to.include(' late2 ');
  });

  it('an edited file is back, one of a thousand, fifty times', async function () {
    const times = await timed({ job: 'files', count: 50, folder: '/srv/out', files: 1000 });
    const { median, text } = figures(times);
    this.test!.title += ` (${text})`;
    expect(median).to.be.lessThan(500);
  });

  it('a killed service runs again', async function () {
    // More often would be a fight.
    const times = await timed({ job: 'service', count: 4, unit: 'sleeper.service' });
    const { median, text } = figures(times);
    this.test!.title += ` (${text})`;
    expect(median).to.be.lessThan(2000);
  });

  it('a second highstate by hand finds nothing to do, and the watch is not woken by it', async () => {
    const count = async () =>
      JSON.parse((await node.run([`${checkout}/converge`, 'status', '--json'])).stdout).watch.count;
    const before = await count();
    const run = await node.converge(undefined, {});
    expect(run.changed).to.deep.equal([]);
    expect(await count()).to.equal(before);
  });
});

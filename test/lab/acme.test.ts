import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { directory, issued, mayOrderAgain, order, resume, startAuthority, trust } from './authority.ts';
import type { Converged } from './converge.ts';
import { describeLab } from './lab.ts';
import { key as updateKey, weakKey, zone } from './nameservers.ts';
import { boot, type Node } from './node.ts';

const file = '/etc/haproxy/certs/site.pem';
const privateKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const haproxy = `global
  log stdout format raw local0
  stats socket /run/haproxy/admin.sock mode 660 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind :443 ssl crt ${file}
  http-request return status 200
`;

/** As a user would put it together: something to start with, the server, the certificate, and what is served. */
const tree = {
  'states/top.sls': "base: {'*': [site]}\n",
  'states/site.sls': `
something to start with:
  acme.placeholder:
    - name: ${file}
    - domains: {{ pillar.domains | tojson }}
    - key: {{ pillar.key | tojson }}
    - makedirs: true
/etc/haproxy/haproxy.cfg:
  file.managed:
    - contents_pillar: haproxy
haproxy:
  service.running:
    - enable: true
    - watch: [{file: /etc/haproxy/haproxy.cfg}]
    - require: [{acme: something to start with}]
the certificate:
  acme.certificate:
    - name: ${file}
    - domains: {{ pillar.domains | tojson }}
    - key: {{ pillar.key | tojson }}
    - makedirs: true
{%- for name, value in pillar.order.items() %}
    - {{ name }}: {{ value | tojson }}
{%- endfor %}
    - require: [{service: haproxy}]
the certificate is served:
  acme.served:
    - name: ${file}
    - listeners: ['127.0.0.1:443']
    - unit: haproxy
    - timeout: 3
    - require: [{service: haproxy}]
`,
  'pillar/top.sls': "base: {'*': [site]}\n",
  'pillar/site.sls': JSON.stringify({ key: privateKey, haproxy }),
};

const domains = [`www.${zone}`, `*.apps.${zone}`];

describeLab('lab: certificates', function () {
  this.timeout(180_000);
  let authority: Node;
  let nodes: readonly [Node, Node, Node];

  before('an authority, and three nodes with haproxy', async () => {
    const packages = ['haproxy'];
    const [first, ...others] = await Promise.all([
      boot({ name: 'authority' }),
      ...['one', 'two', 'three'].map((name) => boot({ name, packages })),
    ]);
    authority = first;
    nodes = others as unknown as typeof nodes;
    await startAuthority(authority);
    await Promise.all(nodes.map((node) => trust(node, authority)));
  });
  after(async () => {
    await Promise.all([authority, ...(nodes ?? [])].map((node) => node?.[Symbol.asyncDispose]()));
  });

  /** What the pillar of a node says. */
  function pillarOf(node: Node, more: object = {}): object {
    const others = nodes.filter((one) => one !== node).map(({ addresses }) => `${addresses[0]}:443`);
    const shared = {
      ...order(authority),
      turn: nodes.indexOf(node),
      peers: others,
      stagger: 600,
      retry_after: 1,
    };
    return { domains, order: { ...shared, ...more } };
  }

  async function run(node: Node, more: object = {}, options: object = {}) {
    const done = await node.converge(undefined, { pillar: pillarOf(node, more), ...options });
    expect(done.errors).to.deep.equal([]);
    expect(done.stdout).to.not.include(updateKey.secret);
    expect(done.stdout).to.not.include(privateKey.split('\n')[1]);
    return done;
  }

  function expectGood(...runs: readonly Converged[]): void {
    for (const { failed, results, errors, stderr } of runs) {
      expect(errors, stderr).to.deep.equal([]);
      expect(results, stderr).to.not.have.length(0);
      const said = results.filter(({ verdict }) => verdict === 'failed').map(({ comment }) => comment);
      expect(failed, said.join(' ')).to.deep.equal([]);
    }
  }

  /** By a program that knows nothing of converge. */
  async function served(node: Node): Promise<X509Certificate> {
    const ask = `curl -sk -o /dev/null -w '%{certs}' --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/`;
    return new X509Certificate(await node.must(ask));
  }

  async function inFile(node: Node): Promise<X509Certificate> {
    return new X509Certificate((await node.file(file))!);
  }

  /** Certificates are due after four and a half seconds where `renew_at` is 0.05; the second node's turn is a second later. */
  async function grownOld(node: Node): Promise<X509Certificate> {
    const certificate = await inFile(node);
    await node.until(`[ "$(date +%s)" -gt ${certificate.validFromDate.getTime() / 1000 + 6} ]`);
    return certificate;
  }

  const serials = (all: readonly X509Certificate[]) => [
    ...new Set(all.map(({ serialNumber }) => serialNumber)),
  ];
  const challenges = () =>
    authority.must(
      `dig +short @127.0.0.1 _acme-challenge.www.${zone} TXT; dig +short @127.0.0.1 _acme-challenge.apps.${zone} TXT`,
    );

  it('the authority is down at first: haproxy starts on a certificate of its own, and the state says why', async () => {
    const [one] = nodes;
    await authority.must('systemctl stop authority');
    const done = await one.converge(tree, { pillar: pillarOf(one, { retry_after: 3600 }) });
    expect([done.errors, done.failed], done.stderr).to.deep.equal([[], ['acme.certificate the certificate']]);
    const { comment } = done.results.find(({ id }) => id === 'the certificate')!;
    expect(comment).to.match(/^ca\.test:14000 cannot be reached: .*It is tried again after 20\d\d-/s);
    expect((await served(one)).issuer).to.include('until a certificate is issued');
    const again = await run(one, { retry_after: 3600 });
    expect(again.failed).to.deep.equal(['acme.certificate the certificate']);
    expect(again.changed, 'nothing is tried again so soon').to.deep.equal([]);
    await one.must(
      'rm /var/lib/converge/acme/*.json; systemctl stop haproxy; rm -r /etc/haproxy/certs /var/lib/converge',
    );
    await resume(authority);
  });

  it('three nodes that share names place one order, and serve the same certificate', async () => {
    const before = await issued(authority);
    const first = await Promise.all(nodes.map((node) => node.converge(tree, { pillar: pillarOf(node) })));
    for (const { failed, errors, results } of first)
      expect([errors, failed], JSON.stringify(results)).to.deep.equal([[], []]);
    expect(await issued(authority)).to.equal(before + 1);
    await Promise.all(nodes.map((node) => run(node)));
    expect(await issued(authority), 'orders').to.equal(before + 1);
    const shown = await Promise.all(nodes.map(served));
    expect(serials(shown)).to.have.length(1);
    expect(shown[0]!.subjectAltName).to.equal(`DNS:*.apps.${zone}, DNS:www.${zone}`);
    expect(shown[0]!.issuer).to.include('Pebble');
    expect(await challenges()).to.equal('');
    const [rights] = await Promise.all(nodes.map((node) => node.must(`stat -c %U:%G:%a ${file}`)));
    expect(rights).to.equal('root:root:640\n');
    const third = await Promise.all(nodes.map((node) => run(node)));
    expect(third.flatMap(({ changed, failed }) => [...changed, ...failed])).to.deep.equal([]);
  });

  it('is renewed by one of them, foretold as done, and haproxy reloaded', async () => {
    const before = await issued(authority);
    const old = await grownOld(nodes[0]);
    const soon = { renew_at: 0.05 };
    const told = await run(nodes[0], soon, { test: true });
    const done = await Promise.all(nodes.map((node) => run(node, soon)));
    expectGood(...done);
    expect(await issued(authority)).to.equal(before + 1);
    expect(told.changed).to.include('acme.certificate the certificate');
    await Promise.all([nodes[1], nodes[2]].map((node) => run(node, soon)));
    expect(await issued(authority), 'orders').to.equal(before + 1);
    const shown = await Promise.all(nodes.map(served));
    expect(serials(shown)).to.have.length(1);
    expect(shown[0]!.serialNumber).to.not.equal(old.serialNumber);
  });

  it('a damaged file is healed without an order', async () => {
    const [one] = nodes;
    const before = await issued(authority);
    const good = await one.file(file);
    await one.must(`head -c 600 ${file} > /tmp/half; cat /tmp/half > ${file}; chmod 0666 ${file}`);
    const told = await run(one, {}, { test: true });
    const done = await run(one);
    expectGood(done);
    expect(done.results.map(({ changes }) => changes)).to.deep.equal(
      told.results.map(({ changes }) => changes),
    );
    expect(await one.file(file)).to.equal(good);
    expect(await one.must(`stat -c %a ${file}`)).to.equal('640\n');
    expect(await issued(authority)).to.equal(before);
  });

  it('the first node is dead: the next one orders in its turn', async () => {
    const [one, two] = nodes;
    const before = await issued(authority);
    await one.must('systemctl stop haproxy');
    await grownOld(two);
    const done = await run(two, { renew_at: 0.05, stagger: 1, peers: [`${one.addresses[0]}:443`] });
    expectGood(done);
    expect(await issued(authority)).to.equal(before + 1);
    // Back again, it finds that done.
    const back = await run(one, { renew_at: 0.05, turn: 1, peers: [`${two.addresses[0]}:443`] });
    expectGood(back);
    expect(await issued(authority), 'orders').to.equal(before + 1);
    expect(serials([await served(one), await served(two)])).to.have.length(1);
  });

  it('the authority is down: the old certificate is served, no run tries again too soon, and later it heals', async () => {
    const [one] = nodes;
    const old = await grownOld(one);
    await authority.must('systemctl stop authority');
    const soon = { renew_at: 0.05, peers: [], retry_after: 3600 };
    const tried = await run(one, soon);
    expect([tried.failed, tried.changed]).to.deep.equal([[], []]);
    const { warnings } = tried.results.find(({ id }) => id === 'the certificate')!;
    expect(String(warnings)).to.match(/the one at hand stays: ca\.test:14000 cannot be reached/);
    const note = await one.must('cat /var/lib/converge/acme/site.pem-*.json');
    await one.stop();
    await one.start();
    await resume(authority);
    const before = await issued(authority);
    const later = await run(one, soon);
    expect([later.failed, later.changed], 'the pause outlives a restart').to.deep.equal([[], []]);
    expect(await one.must('cat /var/lib/converge/acme/site.pem-*.json')).to.equal(note);
    expect(await issued(authority)).to.equal(before);
    expect((await served(one)).serialNumber).to.equal(old.serialNumber);
    // The hour is over.
    await mayOrderAgain(one);
    const healed = await run(one, soon);
    expectGood(healed);
    expect(await issued(authority)).to.equal(before + 1);
    expect((await served(one)).serialNumber).to.equal((await inFile(one)).serialNumber);
  });

  it('haproxy does not reload: that is found out, and the old certificate is put back', async () => {
    const [one] = nodes;
    const old = await grownOld(one);
    await one.write(
      '/etc/systemd/system/haproxy.service.d/stubborn.conf',
      '[Service]\nExecReload=\nExecReload=/bin/true\n',
    );
    await one.must('systemctl daemon-reload');
    await mayOrderAgain(one);
    const soon = { renew_at: 0.05, peers: [] };
    const done = await run(one, soon);
    expect(done.failed).to.deep.equal(['acme.served the certificate is served']);
    expect(done.results.at(-1)!.comment).to.match(
      /another certificate, with the serial \w+\. So it was put back as it was before\./,
    );
    expect((await inFile(one)).serialNumber).to.equal(old.serialNumber);
    const again = await run(one, soon);
    expect(again.changed, 'it is not put in place again at once').to.deep.equal([]);
    await one.must('rm -r /etc/systemd/system/haproxy.service.d; systemctl daemon-reload');
    await mayOrderAgain(one);
    const healed = await run(one, { peers: [] });
    expectGood(healed);
    expect((await served(one)).serialNumber).to.not.equal(old.serialNumber);
  });

  it('what is lost with its copy is ordered again', async () => {
    const [, two] = nodes;
    await two.must(`rm ${file} /var/lib/converge/acme/site.pem-*`);
    const before = await issued(authority);
    expectGood(await run(two, { peers: [], turn: 0 }));
    expect(await issued(authority)).to.equal(before + 1);
    expect((await served(two)).serialNumber).to.equal((await inFile(two)).serialNumber);
  });

  it('what is refused is told, and changes nothing', async () => {
    const [, , three] = nodes;
    const text = await three.file(file);
    const cases: readonly (readonly [object, RegExp])[] = [
      [
        { domains: ['www.nowhere.test'] },
        /has no zone in which _acme-challenge\.www\.nowhere\.test could be/,
      ],
      [
        { dns: { ...(order(authority)['dns'] as object), key: { ...updateKey, secret: 'd3Jvbmc=' } } },
        /BADSIG/,
      ],
      [{ dns: { ...(order(authority)['dns'] as object), key: weakKey } }, /does not know the key "weak"/],
      [{ profile: 'fast' }, /has no profile "fast"/],
      [{ directory: directory.replace('14000', '14001') }, /cannot be reached/],
    ];
    for (const [index, [more, text]] of cases.entries()) {
      const { domains: given = [`new${index}.${zone}`], ...rest } = more as { domains?: readonly string[] };
      const pillar = { ...pillarOf(three, { turn: 0, peers: [], retry_after: 1, ...rest }), domains: given };
      const done = await three.converge(undefined, { pillar });
      const failed = done.results.find(({ fun, verdict }) => fun === 'certificate' && verdict === 'failed');
      expect(failed?.comment, JSON.stringify(done.results)).to.match(text);
    }
    expect(await three.file(file)).to.equal(text);
    expect(await challenges()).to.equal('');
  });

  it('acme.certificate_absent removes it, and all that was kept', async () => {
    const [, , three] = nodes;
    const gone = { 'states/gone.sls': `${file}: {acme.certificate_absent: []}\n` };
    const told = await three.converge(gone, { verb: ['apply', 'gone'], test: true });
    expect(await three.file(file)).to.not.equal(undefined);
    const done = await three.converge(undefined, { verb: ['apply', 'gone'] });
    expectGood(done);
    expect(told.results.map(({ changes }) => changes)).to.deep.equal(
      done.results.map(({ changes }) => changes),
    );
    expect(await three.must(`ls ${file.replace(/[^/]*$/, '')} /var/lib/converge/acme`)).to.not.include(
      'site.pem-',
    );
    const again = await three.converge(undefined, { verb: ['apply', 'gone'] });
    expect(again.changed).to.deep.equal([]);
  });
});

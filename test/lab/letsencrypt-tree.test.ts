/** The tree states/letsencrypt on real nodes: Pebble, Knot, and haproxy by our tree and by somebody else's. */
import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { createIssuer, newKey, pemOfKey } from '../helpers/certificates.ts';
import { directory, issued, mayOrderAgain, startAuthority, trust } from './authority.ts';
import { address, type Converged, type Result } from './converge.ts';
import { describeLab } from './lab.ts';
import { key, zone } from './nameservers.ts';
import { boot, checkout, type Node } from './node.ts';
import { filesOf } from './our-trees.ts';

const site = '/etc/haproxy/certs/site.pem';
const secret = 'a long text that nodes share, and nobody else';

const haproxy = `global
  stats socket /run/haproxy/admin.sock mode 660 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind :443 ssl crt /etc/haproxy/certs/
  http-request return status 200
`;

/** Somebody else's tree for haproxy, which knows of no secret, and starts by a certificate of its own where there is none. */
const web = `
haproxy:
  pkg.installed: []
something to start with:
  acme.placeholder:
    - name: ${site}
    - domains: www.${zone}
    - mode: '0600'
    - makedirs: true
    - require: [{pkg: haproxy}]
/etc/haproxy/haproxy.cfg:
  file.managed:
    - contents_pillar: web
    - require: [{pkg: haproxy}]
haproxy runs:
  service.running:
    - name: haproxy
    - enable: true
    - reload: true
    - watch: [{file: /etc/haproxy/haproxy.cfg}, {acme: something to start with}]
`;

const domains = [`www.${zone}`, `*.apps.${zone}`];

describeLab('lab: the tree letsencrypt', function () {
  this.timeout(180_000);
  let authority: Node;
  let one: Node;
  let two: Node;

  before('an authority, a node that discovery finds, and a new one', async () => {
    [authority, one, two] = await Promise.all([
      boot({ name: 'authority' }),
      boot({ name: 'one' }),
      boot({ name: 'two' }),
    ]);
    // None is due in the middle of a test, however slow the machine.
    await startAuthority(authority, 600);
    await Promise.all([one, two].map((node) => trust(node, authority)));
    await register(
      `add _web._tcp.${zone} 60 SRV 10 10 443 one.${zone}`,
      `add one.${zone} 60 A ${one.addresses[0]}`,
      `add internal.one.${zone} 60 A ${one.addresses[1]}`,
      `add alone.${zone} 60 A ${two.addresses[0]}`,
    );
  });
  after(async () => {
    await Promise.all([authority, one, two].map((node) => node?.[Symbol.asyncDispose]()));
  });

  async function register(...lines: readonly string[]): Promise<void> {
    const script = ['server 127.0.0.1', `zone ${zone}`, ...lines, 'send'].join('\n');
    await authority.must(`nsupdate -y ${key.algorithm}:${key.name}:${key.secret} <<'END'\n${script}\nEND\n`);
  }

  interface Options {
    readonly test?: boolean;
    readonly options?: readonly string[];
  }

  async function run(node: Node, settings: object, { options = [], ...more }: Options = {}) {
    const common = { directory, email: `hostmaster@${zone}`, retry_after: 1 };
    const done = await node.converge(undefined, {
      pillar: { letsencrypt: { ...common, ...settings } },
      options: ['--id', `${node.name}.${zone}`, '--templates', `${checkout}/templates`, ...options],
      ...more,
    });
    for (const hidden of [key.secret, secret]) expect(done.stdout + done.stderr).to.not.include(hidden);
    return done;
  }

  /** With haproxy, behind records of the DNS, in one name set with other nodes. */
  function shared(node: Node, settings: object = {}, options?: Options) {
    return run(node, { service: 'web', secret, certificates: { site: { domains } }, ...settings }, options);
  }

  async function put(node: Node, states: Record<string, string>, top: readonly string[]): Promise<void> {
    await node.must('rm -rf /srv/tree');
    const pillar = {
      web: haproxy,
      domain: zone,
      discovery: { resolvers: [authority.addresses[0]], interval: 0 },
      dns: { server: authority.addresses[0], key, zone, service: 'web' },
      haproxy: { service: 'web', certificates: { site: domains } },
    };
    const files = {
      ...states,
      'states/top.sls': JSON.stringify({ base: { '*': top } }),
      'pillar/top.sls': "base: {'*': [all]}\n",
      'pillar/all.sls': JSON.stringify(pillar),
    };
    for (const [path, text] of Object.entries(files)) await node.write(`/srv/tree/${path}`, text);
  }

  function expectGood({ failed, results, errors, stderr }: Converged): void {
    expect(errors, stderr).to.deep.equal([]);
    expect(results).to.not.have.length(0);
    const said = results.filter(({ verdict }) => verdict === 'failed').map(({ comment }) => comment);
    expect(failed, said.join(' ')).to.deep.equal([]);
  }

  function of({ results }: Converged, id: string): Result {
    const found = results.find((one) => one.id === id);
    expect(found, `${id} of ${results.map((one) => one.id).join(', ')}`).to.not.equal(undefined);
    return found!;
  }

  async function served(node: Node): Promise<X509Certificate> {
    const ask = `curl -sk -o /dev/null -w '%{certs}' --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/`;
    return new X509Certificate(await node.must(ask));
  }

  async function inFile(node: Node, path = site): Promise<X509Certificate> {
    return new X509Certificate((await node.file(path))!);
  }

  it('one highstate on a fresh node: haproxy starts, and serves what was ordered', async () => {
    await put(one, { ...filesOf('letsencrypt'), 'states/web.sls': web }, ['web', 'letsencrypt']);
    const told = await shared(one, {}, { test: true });
    expectGood(told);
    const done = await shared(one);
    expectGood(done);
    expect(told.changed).to.deep.equal(done.changed);
    expect(done.changed[0]).to.equal('acme.placeholder letsencrypt site: to start with');
    expect(done.changed).to.not.include('acme.placeholder something to start with');
    expect(await issued(authority)).to.equal(1);
    expect((await served(one)).issuer).to.include('Pebble');
    const again = await shared(one);
    expectGood(again);
    expect(again.changed).to.deep.equal([]);
  });

  it('with our trees for the DNS and haproxy a new node joins in one highstate, and orders nothing', async () => {
    await two.write('/etc/converge/grains.yaml', 'role: app\n');
    await put(two, filesOf('letsencrypt', 'dns', 'haproxy'), ['letsencrypt', 'dns', 'haproxy']);
    const told = await shared(two, {}, { test: true });
    const done = await shared(two);
    expectGood(done);
    // What asks a server that is not there yet is unknown until applied.
    expect(told.changed).to.include.members(done.changed);
    const certain = told.results.filter(({ verdict }) => verdict === 'would-change').map(address);
    expect(done.changed).to.include.members(certain);
    expect(await issued(authority)).to.equal(1);
    expect((await served(two)).serialNumber).to.equal((await served(one)).serialNumber);
    // By now it finds itself.
    expectGood(await shared(two));
    const again = await shared(two);
    expectGood(again);
    expect(again.changed).to.deep.equal([]);
    expect((await shared(one)).changed, 'the other one has somebody to ask').to.deep.equal([]);
  });

  it('what is damaged is healed by the copy, before others would put something else in its place', async () => {
    const before = await inFile(one);
    const stranger = newKey();
    const span = { from: Date.now() - 60_000, until: Date.now() + 86_400_000 };
    const foreign = pemOfKey(stranger) + createIssuer().issue({ names: domains, key: stranger, ...span });
    const damages = [`rm ${site}`, `chmod 0666 ${site}`, `cat > ${site} <<'END'\n${foreign}END`];
    for (const damage of damages) {
      await one.must(damage);
      const told = await shared(one, {}, { test: true });
      const done = await shared(one);
      expectGood(done);
      expect(done.changed, damage).to.have.length(1);
      expect(told.results.map(({ changes }) => changes)).to.deep.equal(
        done.results.map(({ changes }) => changes),
      );
      expect((await inFile(one)).serialNumber).to.equal(before.serialNumber);
      expect(await one.must(`stat -c %a ${site}`)).to.equal('640\n');
    }
    expect(await issued(authority)).to.equal(1);
    expect((await served(one)).serialNumber).to.equal(before.serialNumber);
  });

  it('a renewal is foretold with the reload that it leads to', async () => {
    const old = await inFile(one);
    const soon = { renew_at: 0.01, stagger: 600 };
    await one.until(`[ "$(date +%s)" -gt ${old.validFromDate.getTime() / 1000 + 7} ]`);
    await mayOrderAgain(one);
    const told = await shared(one, soon, { test: true });
    const done = await shared(one, soon);
    expectGood(done);
    expect(done.changed).to.deep.equal([
      'acme.certificate letsencrypt site',
      'acme.served letsencrypt site: served',
    ]);
    expect(told.changed).to.deep.equal(done.changed);
    expect((await served(one)).serialNumber).to.equal((await inFile(one)).serialNumber);
    expect((await inFile(one)).serialNumber).to.not.equal(old.serialNumber);
  });

  it('nodes without a secret are told that each orders its own', async () => {
    const { results } = await shared(two, { secret: undefined, service: 'web' }, { test: true });
    const { warnings } = results.find(({ id }) => id === 'letsencrypt site: a key for all nodes')!;
    expect(String(warnings)).to.match(/so each orders its own\. Set letsencrypt:secret/);
  });

  it('bad input is told, and changes nothing', async () => {
    const text = await one.file(site);
    const unfit = {
      quote: { domains: [`w"w.${zone}`], path: site },
      key: { domains, path: site, key: 'no key' },
      port: { domains, path: site, listeners: '127.0.0.1:0' },
      wildcard: { domains, path: site, webroot: '/srv' },
    };
    const done = await shared(one, { certificates: unfit });
    const said = (id: string) => of(done, `letsencrypt ${id}`).comment;
    expect(said('quote')).to.match(/^"w"w\.example\.test" is no name that a certificate can be for/);
    expect(said('key')).to.match(/is no private key that can be used/);
    expect(said('port: served')).to.match(/^"127\.0\.0\.1:0" is no address of a server/);
    expect(said('wildcard')).to.match(/^\*\.apps\.example\.test cannot be shown to be ours by a web server/);
    expect(done.changed).to.deep.equal([]);
    expect(await one.file(site)).to.equal(text);
    const untold = await shared(one, { secret: 'short', certificates: { 'a"b': {} } });
    expect(untold.results).to.deep.equal([]);
    for (const wanted of ['letsencrypt:secret', 'lacks "domains"', 'a"b'])
      expect(untold.errors.join('\n')).to.include(wanted);
  });

  it('what is in the pillar no more is removed where that is asked for', async () => {
    const none = { certificates: {} };
    expectGood(await shared(one, none));
    expect(await one.file(site)).to.not.equal(undefined);
    const rest = { 'states/rest.sls': 'nothing of it: {test.nop: []}\n' };
    await put(one, { ...filesOf('letsencrypt'), ...rest }, ['letsencrypt', 'rest']);
    const gone = await shared(one, none, { options: ['--prune', 'file'] });
    expectGood(gone);
    expect(await one.must('ls /etc/haproxy/certs /var/lib/converge/acme')).to.not.include('site');
    expect((await shared(one, none, { options: ['--prune', 'file'] })).changed).to.deep.equal([]);
  });

  it('alone: no haproxy, no discovery, no records, a web server that proves the name, an owner', async () => {
    await two.must('rm /etc/converge/grains.yaml');
    await put(two, filesOf('letsencrypt'), ['letsencrypt']);
    const certificate = {
      domains: `alone.${zone}`,
      path: '/etc/ssl/alone.pem',
      key_file: '/etc/ssl/private/alone.key',
      webroot: '/srv/www',
      user: 'www-data',
      group: 'www-data',
    };
    const settings = { certificates: { alone: certificate } };
    await two.must('systemctl stop haproxy; mkdir -p /srv/www');
    const before = await issued(authority);
    const vain = await run(two, settings);
    expect(vain.failed).to.deep.equal(['acme.certificate letsencrypt alone']);
    expect(of(vain, 'letsencrypt alone').comment).to.match(
      /could not see that alone\.example\.test is ours: .*It is tried again after/s,
    );
    expect((await inFile(two, '/etc/ssl/alone.pem')).issuer).to.include('until a certificate is issued');
    await two.must('rm /var/lib/converge/acme/alone.pem-*.json');
    await two.must([
      ...['systemd-run', '--unit', 'www', 'node', '-e'],
      `require('node:http').createServer((ask, answer) => require('node:fs').createReadStream('/srv/www' + ask.url)
        .on('error', () => answer.writeHead(404).end()).pipe(answer)).listen(80)`,
    ]);
    await two.until('curl -s http://127.0.0.1/');
    const done = await run(two, settings);
    expectGood(done);
    expect(await issued(authority)).to.equal(before + 1);
    expect((await inFile(two, '/etc/ssl/alone.pem')).issuer).to.include('Pebble');
    expect(await two.must('stat -c %U:%a /etc/ssl/alone.pem /etc/ssl/private/alone.key')).to.equal(
      'www-data:644\nwww-data:640\n',
    );
    expect(await two.must('find /srv/www -type f')).to.equal('');
    const again = await run(two, settings);
    expectGood(again);
    expect(again.changed).to.deep.equal([]);
  });

  it('is clean for lint', async () => {
    const ran = await two.run(
      `${checkout}/converge lint --states /srv/tree/states --pillar /srv/tree/pillar`,
    );
    expect(ran.status, ran.stdout + ran.stderr).to.equal(0);
  });
});

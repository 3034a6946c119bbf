/** A machine with nothing on it becomes an app node by bootstrap.sh alone. */
import { expect } from 'chai';
import { directory, startAuthority, trust } from '../authority.ts';
import { checkout, copyClone } from '../bare/clone.ts';
import { type Offline, prepareOffline } from '../bare/offline.ts';
import { describeLab } from '../lab.ts';
import { key, zone } from '../nameservers.ts';
import { boot, type Node, type Ran } from '../node.ts';

describeLab('lab: bootstrap.sh app on a bare machine', function () {
  this.timeout(300_000);
  let authority: Node;
  let app: Node;
  let offline: Offline;
  let first: Ran;

  before('an authority, a nameserver, and the machine', async () => {
    offline = await prepareOffline(checkout);
    [authority, app] = await Promise.all([
      boot({ name: 'authority' }),
      boot({ name: 'app1', bare: true, binds: { '/srv/offline': offline.folder } }),
    ]);
    await startAuthority(authority);
    await trust(app, authority);
    // The package of certificates, which comes with others, makes the file anew.
    await app.must('install -D /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/ca.crt');
    await app.write('/etc/resolv.conf', `nameserver ${authority.addresses[0]}\n`);
    await app.must('cp -r /srv/offline/npm /root/.npm');
    await copyClone(app, '/root/converge');
    const server = authority.addresses[0];
    const answers = {
      discovery: { resolvers: [server], interval: 0 },
      dns: { server, zone, key },
      letsencrypt: { directory, secret: 'what all nodes share, of course', retry_after: 1 },
    };
    await app.write('/root/answers.yaml', JSON.stringify(answers));
    await app.must('chmod 600 /root/answers.yaml');
    first = await bootstrap(['--domain', zone, '--answers', 'answers.yaml']);
  });
  after(async () => {
    await Promise.all([authority, app].map((node) => node?.[Symbol.asyncDispose]()));
  });

  function bootstrap(options: readonly string[]): Promise<Ran> {
    const env = {
      CONVERGE_NODE: `/srv/offline/${offline.tarball}`,
      npm_config_offline: 'true',
      npm_config_registry: offline.registry,
      CONVERGE_RESOLVE: `other.${zone}`,
    };
    // A container has the clock of its machine.
    const argv = ['converge/bootstrap.sh', 'app', '--without', 'time,public', ...options];
    return app.run(argv, { env, timeout: 250 });
  }

  it('ends well', () => {
    expect(first.status, first.stdout.slice(-6000) + first.stderr.slice(-3000)).to.equal(0);
    expect(first.stdout).to.include('This node is there.');
    expect(first.stdout + first.stderr).to.not.include(key.secret);
  });

  it('serves the API and the site by TLS, and is found in the DNS', async () => {
    const answer = await app.must(`curl -sk --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/status`);
    expect(answer).to.equal('Status: OK\n');
    await authority.must(`dig +short @127.0.0.1 SRV _app._tcp.${zone} | grep app1`);
  });

  it('gets its certificate from the authority', async () => {
    const ask = `curl -sk --resolve www.${zone}:443:127.0.0.1 https://www.${zone}/status -o /dev/null -w '%{certs}'`;
    await app.until(`${ask} | grep -i '^Issuer' | grep -q Pebble`, { seconds: 60 });
  });

  it('changes nothing by a second highstate', async () => {
    const again = await app.must(['converge', 'highstate', '--wait', '100'], { timeout: 120 });
    expect(again).to.match(/ 0 changed, 0 failed/);
  });

  it('leaves by decommission: no route, no record, and nothing that brings it back', async () => {
    const tree = '/opt/converge/tree/bootstrap.sh';
    const { status, stdout, stderr } = await app.run([tree, 'decommission', '--yes'], { timeout: 120 });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.include(`app1.${zone} has left.`);
    await authority.must(`! dig +short @127.0.0.1 SRV _app._tcp.${zone} | grep app1`);
    expect(await authority.must(`dig +short @127.0.0.1 A app1.${zone}`)).to.equal('');
    for (const unit of ['converge-watch.service', 'bird-health', 'bird', 'haproxy', 'api'])
      expect((await app.run(`systemctl is-active ${unit}; systemctl is-enabled ${unit}`)).stdout).to.match(
        /^(inactive|failed)\n(disabled|not-found)?\n?$/,
        unit,
      );
    expect(await app.must('systemctl list-timers --no-legend "converge-*"')).to.equal('');
    const again = await app.run([tree, 'decommission', '--yes'], { timeout: 120 });
    expect(again.status, again.stdout + again.stderr).to.equal(0);
  });
});

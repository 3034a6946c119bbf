/** A machine with nothing on it becomes an app node by bootstrap.sh alone, from a clone, follows it, and leaves. */
import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { key, zone } from '../nameservers.ts';
import type { Node, Ran } from '../node.ts';
import { World } from './world.ts';

describeLab('lab: bootstrap.sh app on a bare machine', function () {
  this.timeout(300_000);
  let world: World;
  let authority: Node;
  let app: Node;
  let first: Ran;

  before('an authority, a nameserver, and the machine', async () => {
    world = await World.start({ from: 'clone' });
    authority = world.authority;
    app = await world.machine('app1');
    first = await world.join(app, 'app');
  });
  after(() => world?.[Symbol.asyncDispose]());

  it('ends well', () => {
    expect(first.status, first.stdout.slice(-6000) + first.stderr.slice(-3000)).to.equal(0);
    expect(first.stdout).to.include('This node is there.');
    expect(first.stdout + first.stderr).to.not.include(key.secret);
  });

  it('leaves no secret where others could find it, nor in the journal or the list of processes', async () => {
    const looked = await app.must(['converge', 'doctor', 'secrets'], { timeout: 200 });
    expect(looked).to.match(/^No secret lies open in \d+ files/m);
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

  it('goes over to another state of a git repository, with an engine that is built here', async () => {
    const git = 'git -c user.name=t -c user.email=t@example.test';
    await app.must(
      `cp -a /root/converge /root/repository && cd /root/repository && git init -q -b main . &&
sed -i 's,zone: .*,zone: Europe/Vienna,' pillar/settings.yaml && echo '// Newer.' >> engine/cli/main.ts &&
git add -A && ${git} commit -qm two && git tag v2 && git rm -qr states && ${git} commit -qm three`,
      { timeout: 60 },
    );
    const before = await app.must('readlink /opt/converge/current');
    const script = '/opt/converge/tree/bootstrap.sh';
    const source = ['--source', 'file:///root/repository#v2', '--yes'];
    const { status, stdout, stderr } = await world.bootstrap(app, ['update', ...source], { script });
    expect(status, stdout.slice(-6000) + stderr.slice(-3000)).to.equal(0);
    expect(stdout).to.include('Etc/UTC → Europe/Vienna');
    expect(stderr).to.include('Building the engine').and.not.include('Installing dependencies');
    expect(await app.must('readlink /opt/converge/current')).to.not.equal(before);
    expect(await app.must('readlink /etc/localtime')).to.include('Vienna');
    const running = 'readlink /proc/$(systemctl show -P MainPID converge-watch)/exe';
    await app.until(`[ "$(${running})" = "$(readlink /opt/converge/current)/lib/node" ]`, { seconds: 30 });
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

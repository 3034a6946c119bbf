import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout, type Node, type Ran } from './node.ts';
import { folder, prefix } from './own.ts';
import { offerRpms } from './rpms.ts';

function answers(node: Node, address: string): Promise<Ran> {
  return node.run(`curl -s --max-time 1 http://${address}/`);
}

/** A test process of its own that boots a node and goes on until its stdin ends. */
async function bootElsewhere(): Promise<ChildProcess> {
  const script = `
    import { boot } from '${new URL('./node.ts', import.meta.url)}';
    await boot({ name: 'other' });
    console.log('up');
    process.stdin.resume().once('end', () => process.exit());`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** What a test process has made on this machine. */
function tracesOf(pid: number): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];
  return [
    ...mounts.filter((line) => line.includes(`/run/${pid}/`)),
    ...readdirSync('/run/netns').filter((name) => name.startsWith(`cvl${pid}-`)),
    ...groups.filter((group) => existsSync(`${group}/cvl${pid}`)),
    ...readdirSync(dirname(folder)).filter((name) => name.startsWith(String(pid))),
  ];
}

describeLab('lab: a node', () => {
  it('boots into a systemd without failed units', async () => {
    await using node = await boot();
    expect((await node.run('systemctl is-system-running')).stdout).to.equal('running\n');
  });

  it('tells status, output and errors apart', async () => {
    await using node = await boot();
    expect(await node.run('echo out; echo err >&2; exit 3')).to.deep.equal({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await node.run(['printf', '%s', '$HOME "a b"'])).stdout).to.equal('$HOME "a b"');
    expect((await node.run('kill -9 $$')).status).to.equal(137);
    expect((await node.run(['cat'], { stdin: 'x' })).stdout).to.equal('x');
  });

  it('takes and gives files, in its /run too', async () => {
    await using node = await boot();
    await node.write('/run/some where/file', 'hällo\n');
    expect(await node.file('/run/some where/file')).to.equal('hällo\n');
    expect(await node.file('/nowhere')).to.equal(undefined);
    await node.copyIn(fileURLToPath(new URL('.', import.meta.url)), '/srv/copy');
    expect(await node.file('/srv/copy/lab.ts')).to.equal(
      readFileSync(new URL('./lab.ts', import.meta.url), 'utf8'),
    );
  });

  it('has Node.js, the checkout and installable packages', async () => {
    await using node = await boot({ packages: ['tree'] });
    expect(await node.must('node --version')).to.equal(`${process.version}\n`);
    expect(await node.file(`${checkout}/package.json`)).to.include('"converge"');
    expect(await node.must('tree --version')).to.include('tree v');
  });

  it('reaches its neighbours and nothing else', async () => {
    await using one = await boot();
    await using two = await boot();
    await two.write('/srv/web/index.html', 'here');
    await two.must(
      "systemd-run -q /usr/local/bin/node -e \"require('node:http').createServer((q, r) => r.end('here')).listen(80)\"",
    );
    const url = (address: string) =>
      `curl -s --retry 20 --retry-connrefused --retry-delay 0 http://${address}/`;
    for (const address of two.addresses) expect(await one.must(url(address))).to.equal('here');
    expect((await one.run('curl -s --max-time 2 http://192.0.2.1/')).status).to.not.equal(0);
  });

  it('is cut off from a network or from another node, and is back at once when that is healed', async () => {
    const nodes = await Promise.all([boot(), boot(), boot()]);
    await using stack = new AsyncDisposableStack();
    for (const node of nodes) stack.use(node);
    const [one, two, three] = nodes as [Node, Node, Node];
    await two.must(
      "systemd-run -q /usr/local/bin/node -e \"require('node:http').createServer((q, r) => r.end('here')).listen(80)\"",
    );
    const [pub, priv] = two.addresses as [string, string];
    await two.until('curl -s http://127.0.0.1/');
    expect((await answers(one, priv)).stdout).to.equal('here');
    two.cut('private');
    expect((await answers(one, priv)).status).to.equal(28);
    expect((await answers(one, pub)).stdout).to.equal('here');
    two.cut('public', one);
    expect((await answers(one, pub)).status).to.equal(28);
    expect((await answers(three, pub)).stdout).to.equal('here');
    two.heal();
    for (const address of [pub, priv]) expect((await answers(one, address)).stdout).to.equal('here');
  });

  it('converges a tree, and tells what came of it', async () => {
    await using node = await boot();
    const tree = {
      'states/top.sls': "base:\n  '*':\n    - motd\n",
      'states/motd.sls': 'motd:\n  file.managed:\n    - name: /etc/motd\n    - contents_pillar: greeting\n',
      'pillar/top.sls': "base:\n  '*':\n    - site\n",
      'pillar/site.sls': 'greeting: Hello\n',
    };
    const dry = await node.converge(tree, { test: true });
    expect(dry).to.deep.include({ status: 0, changed: ['file.managed motd'] });
    const real = await node.converge();
    expect(real).to.deep.include({ status: 0, failed: [], changed: ['file.managed motd'], processes: [] });
    expect(real.results[0]?.verdict).to.equal('changed');
    expect(await node.file('/etc/motd')).to.equal('Hello\n');
    expect((await node.converge()).summary).to.include({ unchanged: 1, changed: 0 });
    const pillar = { greeting: 'Welcome' };
    expect((await node.converge(undefined, { pillar })).changed).to.deep.equal(['file.managed motd']);
    const broken = await node.converge({ ...tree, 'states/motd.sls': 'motd:\n  file.managd: []\n' });
    expect(broken.status).to.equal(3);
    expect(broken.errors.join()).to.include('managd');
  });

  it('keeps its disk and forgets its memory over a power cut, a shutdown and a reboot', async () => {
    await using node = await boot();
    for (const off of ['kill', 'stop'] as const) {
      await node.write('/etc/kept', off);
      await node.write('/run/forgotten', off);
      await node[off]();
      await node.start();
      expect(await node.file('/etc/kept')).to.equal(off);
      expect(await node.file('/run/forgotten')).to.equal(undefined);
    }
    await node.must('systemctl reboot');
    await node.rebooted();
    expect(await node.file('/etc/kept')).to.equal('stop');
  });

  it('leaves nothing behind', async () => {
    {
      await using _node = await boot();
    }
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).to.not.include(folder);
    expect(readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}-n`))).to.deep.equal([]);
    for (const group of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']) {
      if (existsSync(`${group}/${prefix}`)) {
        expect(
          readdirSync(`${group}/${prefix}`, { withFileTypes: true }).filter((e) => e.isDirectory()),
        ).to.deep.equal([]);
      }
    }
  });

  it('of a test process that is killed dies with it, and the next process clears its traces away', async function () {
    this.timeout(20_000);
    const first = await bootElsewhere();
    expect(tracesOf(first.pid!)).to.not.deep.equal([]);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = await bootElsewhere();
    expect(tracesOf(first.pid!)).to.deep.equal([]);
    second.stdin!.end();
    await once(second, 'exit');
    expect(tracesOf(second.pid!)).to.deep.equal([]);
  });
});

describeLab('lab: nodes of other families', () => {
  it('a Debian 13 boots without failed units', async () => {
    await using node = await boot({ family: 'trixie', packages: ['cronie'] });
    expect(await node.must('systemctl is-system-running; . /etc/os-release; echo $VERSION_ID')).to.equal(
      'running\n13\n',
    );
  });

  it('an RPM node has dnf and rpm, a package repository and nothing of apt', async () => {
    await using node = await boot({ family: 'rpm' });
    expect(await node.must('systemctl is-system-running; . /etc/os-release; echo $ID')).to.equal(
      'running\ncentos\n',
    );
    expect((await node.run('command -v apt-get dpkg')).stdout).to.equal('');
    const made = { files: { '/etc/app.conf': 'one\n' }, config: ['/etc/app.conf'] };
    const scripts = { post: 'echo installed > /var/app' };
    await offerRpms(
      node,
      [
        { name: 'app', version: '1.0', requires: ['lib >= 1:0'], scripts, ...made },
        { name: 'app', version: '2.0', requires: ['lib >= 1:0'], scripts, ...made },
        { name: 'lib', version: '1.0', epoch: 1 },
      ],
      { groups: [{ id: 'apps', name: 'Applications', packages: ['app'] }] },
    );
    await node.must('dnf install -y -q app-1.0');
    expect(await node.must('rpm -q app lib; cat /etc/app.conf /var/app')).to.equal(
      'app-1.0-1.noarch\nlib-1.0-1.noarch\none\ninstalled\n',
    );
    await node.must('echo two > /etc/app.conf; dnf upgrade -y -q');
    expect(await node.must('rpm -q app; cat /etc/app.conf; dnf group info -q apps')).to.match(
      /^app-2\.0-1\.noarch\ntwo\n.*Applications/s,
    );
    expect((await node.run('dnf check-update')).status).to.equal(0);
  });
}, ['trixie', 'rpm']);

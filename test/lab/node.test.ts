import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeLab } from './lab.ts';
import { boot, checkout } from './node.ts';
import { folder, prefix } from './own.ts';

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
});

import { expect } from 'chai';
import { describeLab } from '../lab.ts';
import { boot, type Node } from '../node.ts';
import { checkout, copyClone } from './clone.ts';
import { type Offline, offlineVariables, prepareOffline } from './offline.ts';

describeLab('lab: a bare Debian without Node.js, as an ordinary user', () => {
  let node: Node;
  let offline: Offline;
  before(async function () {
    this.timeout(180_000);
    offline = await prepareOffline(checkout);
    node = await boot({ name: 'bare', bare: true, binds: { '/srv/offline': offline.folder } });
    await node.must('useradd -m dev; cp -r /srv/offline/npm /home/dev/.npm');
    await copyClone(node, '/home/dev/converge');
    await node.must('chown -R dev: /home/dev');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  function asDev(script: string, seconds: number) {
    const env = {
      ...offlineVariables(offline),
      HOME: '/home/dev',
      // The long search for leaks was made outside: here it is only to be seen that it runs.
      CONVERGE_FUZZ_ROUNDS: '5',
    };
    const argv = ['setpriv', '--reuid=dev', '--regid=dev', '--init-groups', 'sh', '-c', script];
    return node.run(argv, { env, cwd: '/home/dev/converge', timeout: seconds });
  }

  it('./bootstrap.sh demo brings Node.js and dependencies, converges, and heals', async function () {
    this.timeout(120_000);
    expect((await node.run('command -v node npm')).stdout).to.equal('');
    const { status, stdout, stderr } = await asDev('./bootstrap.sh demo', 110);
    expect(stderr).to.include('Node v24');
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout.match(/^Converged: .* 0 changed, 0 failed/gm), stdout).to.have.length(1);
  });

  // What neither asks the machine nor who runs it has passed outside already, as it would here.
  const asking = ['build', 'cli', 'converge', 'host', 'journal', 'laws', 'scripts', 'watch'];
  // Only root makes a machine a node.
  const ofBootstrap = "'test/bootstrap/!(node|answers|broken-off).test.ts'";

  it(`./bootstrap.sh test passes on bootstrap, ${asking.join(', ')}, lab tests skipped by name`, async function () {
    this.timeout(900_000);
    const folders = asking.map((folder) => `'test/${folder}/**'`);
    const patterns = [ofBootstrap, ...folders, 'test/lab/node.test.ts'];
    const { status, stdout, stderr } = await asDev(`./bootstrap.sh test ${patterns.join(' ')}`, 890);
    const told = stdout.split('\n').filter((line) => !/^(SKIPPED .*|[.!]*)$/.test(line));
    expect(status, `${told.slice(-100).join('\n')}${stderr.slice(-2000)}`).to.equal(0);
    expect(stdout).to.match(/\d+ passed, 0 failed/);
    expect(stdout + stderr).to.include('nodes need root');
  });
});

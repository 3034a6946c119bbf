import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect } from 'chai';
import type { Event } from '../../engine/core/event.ts';
import { HostTrouble } from '../../engine/core/host.ts';
import { createLocalHost } from '../../engine/host/local.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';

const root = process.getuid!() === 0;
const asRoot = root ? it : it.skip;
const shell = '/bin/sh';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for yet has ended all the same.
    return !/^\d+ \(.*\) [ZX]/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('commands', () => {
  const host = createLocalHost({ env: { PATH: '/opt/odd', KEPT: 'kept', LC_ALL: 'de_DE' } });

  it('get their words as they are', async () => {
    const words = ['$HOME', '`id`', "it's", '*', '', '--', 'ü\n'];
    const { stdout } = await host.probe({ argv: ['printf', '%s|', ...words] });
    expect(stdout).to.equal(`${words.join('|')}|`);
  });

  it('see a known environment', async () => {
    const { stdout } = await host.probe({
      argv: ['echo $PATH; echo $KEPT; echo $LC_ALL; echo ${GONE-gone}; echo $NEW'],
      shell,
      env: { NEW: 'new', GONE: null },
    });
    expect(stdout.split('\n')).to.deep.equal([
      '/opt/odd:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'kept',
      'C.UTF-8',
      'gone',
      'new',
      '',
    ]);
  });

  it('tell their status, output and signal', async () => {
    const outcome = await host.probe({ argv: ['echo out; echo err >&2; exit 7'], shell });
    expect(outcome).to.include({ status: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(outcome.pid).to.be.greaterThan(1);
    expect((await host.probe({ argv: ['kill -9 $$'], shell })).status).to.equal(137);
  });

  it('that cannot be started have status 127 and say why', async () => {
    const status = async (command: Parameters<typeof host.probe>[0]) => await host.probe(command);
    expect(await status({ argv: ['no-such-program'] })).to.include({
      status: 127,
      stderr: 'no-such-program: command not found',
      pid: 0,
    });
    expect((await status({ argv: ['/etc'] })).stderr).to.match(/permission denied/);
    expect((await status({ argv: [] })).stderr).to.equal('The command is empty.');
    expect((await status({ argv: ['true'], cwd: '/no/such' })).stderr).to.match(
      /folder \/no\/such .* not exist/,
    );
    expect((await status({ argv: ['a\0b'] })).stderr).to.match(/NUL/);
    expect((await status({ argv: ['true'], user: 'no-such-user' })).stderr).to.match(/no user/);
    expect((await status({ argv: ['true', 'x'.repeat(200_000)] })).stderr).to.match(/too long/);
    expect((await status({ argv: ['true'], shell: '/no/shell' })).stderr).to.match(/not found/);
  });

  it('read nothing, or what they are given, and may ignore it', async () => {
    expect((await host.probe({ argv: ['cat'] })).stdout).to.equal('');
    expect((await host.probe({ argv: ['cat'], stdin: 'text' })).stdout).to.equal('text');
    expect((await host.probe({ argv: ['true'], stdin: 'x'.repeat(1 << 20) })).status).to.equal(0);
  });

  it('run in a folder with a mask', async () => {
    await using folder = temporaryFolder();
    const { stdout } = await host.probe({
      argv: ['pwd; umask; touch f'],
      shell,
      cwd: folder.path,
      umask: 0o027,
    });
    expect(stdout).to.equal(`${folder.path}\n0027\n`);
    expect(fs.statSync(`${folder.path}/f`).mode & 0o777).to.equal(0o640);
  });

  it('may print without end: the first and the last mebibyte are kept', async () => {
    const { stdout } = await host.probe({ argv: ['echo first; yes | head -c 20000000; echo last'], shell });
    expect(stdout.startsWith('first\n')).to.equal(true);
    expect(stdout.endsWith('last\n')).to.equal(true);
    expect(stdout).to.match(/\n\[\d+ bytes left out\]\n/);
    expect(stdout.length).to.be.below(2.2 * 2 ** 20);
  });

  it('may be asked for bytes, of which there is a limit', async () => {
    const script = "printf '\\377\\000\\n'; head -c 3000000 /dev/zero";
    const { bytes, stdout } = await host.probe({ argv: [script], shell, bytes: 3_000_003 });
    expect(stdout).to.equal('');
    expect(bytes).to.have.length(3_000_003);
    expect([...bytes!.subarray(0, 3)]).to.deep.equal([255, 0, 10]);
    const more = await host.probe({ argv: [script], shell, bytes: 3_000_002 });
    expect(more).to.deep.include({ status: 0, bytes: undefined });
  });

  it('end with everything they started when their time is over', async () => {
    await using folder = temporaryFolder();
    const quick = createLocalHost({ timeouts: { killAfter: 0.2 } });
    const script = `sleep 100 & echo $! > ${folder.path}/one
      (trap "" TERM; sleep 100 & echo $! > ${folder.path}/two; wait; wait; sleep 100) & wait`;
    const outcome = await quick.probe({ argv: [script], shell, timeout: 0.5 });
    expect(outcome).to.include({ status: 124, timedOut: true });
    for (const name of ['one', 'two']) {
      const pid = Number(fs.readFileSync(`${folder.path}/${name}`, 'utf8'));
      const end = Date.now() + 5000;
      while (isAlive(pid) && Date.now() < end) await new Promise((next) => setImmediate(next));
      expect(isAlive(pid), name).to.equal(false);
    }
  });

  it('end with their time though they have stopped themselves', async () => {
    const quick = createLocalHost({ timeouts: { killAfter: 0.1 } });
    const outcome = await quick.probe({ argv: ['echo $$; kill -STOP $$; echo woken'], shell, timeout: 0.3 });
    expect(outcome).to.include({ status: 124, timedOut: true });
    expect(outcome.stdout).to.not.include('woken');
    expect(isAlive(Number(outcome.stdout))).to.equal(false);
  });

  it('may leave a daemon that holds their output', async () => {
    const { stdout, status } = await host.probe({
      argv: ['echo $$; sleep 100 & echo $!'],
      shell,
      timeout: 30,
    });
    expect(status).to.equal(0);
    const daemon = Number(stdout.trim().split('\n')[1]);
    expect(isAlive(daemon)).to.equal(true);
    process.kill(daemon, 'SIGKILL');
  });

  it('end when the run is ended', async () => {
    const local = import.meta.resolve('../../engine/host/local.ts');
    const { stdout } = await host.probe({
      argv: [
        process.execPath,
        '--input-type=module',
        '--eval',
        `import { createLocalHost } from ${JSON.stringify(local)};
        const emit = ({ pid }) => { console.log(pid); process.exit(0); };
        await createLocalHost({ emit }).probe({ argv: ['sleep 100 & wait'], shell: '${shell}' });`,
      ],
    });
    const pid = Number(stdout);
    expect(pid).to.be.greaterThan(1);
    const end = Date.now() + 5000;
    while (isAlive(pid) && Date.now() < end) await new Promise((next) => setImmediate(next));
    expect(isAlive(pid)).to.equal(false);
  });

  it('are told about as they start', async () => {
    const events: Event[] = [];
    const telling = createLocalHost({ emit: (event) => events.push(event) });
    await telling.probe({ argv: ['true'] });
    telling.runSync({ argv: ['echo', 'x'] });
    expect(events.map((event) => event.kind)).to.deep.equal(['process-started', 'process-started']);
    expect(events[0]).to.have.deep.property('argv', ['true']);
  });

  it('can be waited for', () => {
    expect(host.runSync({ argv: ['cat; exit 3'], shell, stdin: 'in' })).to.include({
      status: 3,
      stdout: 'in',
    });
    expect(host.runSync({ argv: ['sleep 100'], shell, timeout: 0.2 })).to.include({
      status: 124,
      timedOut: true,
    });
    expect(host.runSync({ argv: ['no-such-program'] })).to.include({ status: 127 });
  });

  it('of an effect succeed by the statuses that were named', async () => {
    const command = { argv: ['exit 3'], shell };
    const failed = await host.perform({ kind: 'exec', command });
    expect(failed).to.include({ became: 'failed', reason: '"exit 3" ended with exit status 3.' });
    expect((await host.perform({ kind: 'exec', command, success: [0, 3] })).became).to.equal('done');
    const nobody = await host.perform({ kind: 'exec', command: { argv: ['id'], user: 'no-such-user' } });
    expect(nobody).to.include({ reason: '"id" could not be started: There is no user "no-such-user".' });
    const late = await host.perform({ kind: 'exec', command: { argv: ['sleep', '9'], timeout: 0.1 } });
    expect(late).to.include({ became: 'failed', reason: '"sleep" ran out of time and was stopped.' });
  });

  it('see what an effect put into the environment', async () => {
    const changing = createLocalHost({ env: { A: '1' } });
    await changing.perform({ kind: 'environ', set: { A: null, B: '2' } });
    expect((await changing.probe({ argv: ['echo ${A-none} $B'], shell })).stdout).to.equal('none 2\n');
    expect(changing.environment()).to.deep.equal({ B: '2' });
  });

  asRoot('run as another user with its groups and home (needs root)', async () => {
    const user = host.user('nobody')!;
    const { stdout } = await host.probe({
      argv: ['id -u; id -g; id -G; echo $USER $HOME'],
      shell,
      user: 'nobody',
      umask: 0o22,
    });
    expect(stdout).to.equal(`${user.uid}\n${user.gid}\n${user.gid}\nnobody ${user.home}\n`);
    const grouped = await host.probe({ argv: ['id -u; id -g'], shell, user: 'nobody', group: 'daemon' });
    expect(grouped.stdout).to.equal(`${user.uid}\n${host.group('daemon')!.gid}\n`);
    const group = await host.probe({ argv: ['id -u; id -G'], shell, group: 'daemon' });
    expect(group.stdout).to.equal(`0\n${host.group('daemon')!.gid}\n`);
  });

  it('of another user are refused to a user who may not', async () => {
    const { getuid } = process;
    process.getuid = () => 65_534;
    const humble = createLocalHost();
    process.getuid = getuid;
    const { status, stderr } = await humble.probe({ argv: ['true'], user: 'root' });
    expect({ status, stderr }).to.deep.equal({
      status: 127,
      stderr: 'Only root can run a command as another user or group.',
    });
  });
});

describe('commands below a root', () => {
  it('are refused where there is no shell', async () => {
    await using folder = temporaryFolder();
    const host = createLocalHost({ root: folder.path });
    let error: unknown;
    await host.probe({ argv: ['true'] }).catch((caught) => {
      error = caught;
    });
    expect(error).to.be.instanceOf(HostTrouble);
    expect((error as HostTrouble).message).to.match(/"true" is not run/);
    const performed = await host.perform({ kind: 'exec', command: { argv: ['true'] } });
    expect(performed).to.include({ became: 'failed' });
  });

  it('run on this machine when told, in a folder below the root', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, { '/srv/real': { directory: true }, '/link': { link: '/srv/real' } });
    const host = createLocalHost({ root: folder.path });
    const { stdout } = await host.probe({
      argv: ['pwd; echo $CONVERGE_ROOT'],
      shell,
      cwd: '/link',
      belowRoot: true,
    });
    expect(stdout).to.equal(`${folder.path}/srv/real\n${folder.path}\n`);
  });

  asRoot('run inside it where it is complete (needs root)', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/:/bin/sh\n',
      '/etc/group': 'root:x:0:\nbob:x:1000:\n',
      '/srv/f': 'inside\n',
    });
    fs.chmodSync(folder.path, 0o755);
    for (const program of ['/bin/sh', '/bin/cat', '/usr/bin/id']) install(program, folder.path);
    const host = createLocalHost({ root: folder.path });
    expect((await host.probe({ argv: ['pwd; cat f'], shell, cwd: '/srv' })).stdout).to.equal(
      '/srv\ninside\n',
    );
    expect((await host.probe({ argv: ['cat', '/etc/passwd'] })).stdout).to.include('bob');
    const { stdout } = await host.probe({ argv: ['id -u; umask'], shell, user: 'bob', umask: 0o077 });
    expect(stdout).to.equal('1000\n0077\n');
    expect((await host.probe({ argv: ['no-such'] })).status).to.equal(127);
  });
});

/** A program with the libraries it is linked to. */
function install(program: string, root: string): void {
  const { stdout } = createLocalHost().runSync({ argv: ['ldd', program] });
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
  for (const file of [program, ...libraries]) {
    fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    fs.copyFileSync(file, path.join(root, file));
  }
}

/** Runs with --confirm: kept when they are confirmed, taken back when they are not, whatever became of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { isAlive, readUnconfirmed, type Unconfirmed } from '../../engine/journal/unconfirmed.ts';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a tree and a file that the tree changes, and converge as a process that keeps its things there. */
function place(files: Tree) {
  const folder = temporaryFolder();
  const at = (path: string) => join(folder.path, path);
  buildTree(folder.path, {
    config: 'old\n',
    ...files,
    'c.yaml': `states: ${folder.path}/states\nstate_dir: ${folder.path}/state\ncache: ${folder.path}/cache\ncolor: never\n`,
  });
  function start(...words: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn(process.execPath, [entry, ...words, '--config', 'c.yaml'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    return { child, ended: once(child, 'close').then(([code]) => ({ code, stdout, stderr })) };
  }
  const text = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '');
  const pending = () => readUnconfirmed(at('state'));
  return {
    at,
    start,
    run: async (...words: string[]) => await start(...words).ended,
    text,
    pending,
    async until(what: string, condition: () => boolean): Promise<void> {
      const end = Date.now() + 40_000;
      while (!condition()) {
        if (Date.now() > end)
          throw new Error(
            `Waited in vain until ${what}: ${JSON.stringify(pending())}\n${text('state/revert.log')}`,
          );
        await pause(20);
      }
    },
    async [Symbol.asyncDispose]() {
      const timer = pending()?.timer;
      try {
        if (timer && 'pid' in timer && isAlive(timer)) process.kill(-timer.pid, 'SIGKILL');
      } catch (error) {
        // It may end just now.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Place = ReturnType<typeof place>;

const change =
  'config:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/config\n    - contents: new\n';

function waits(here: Place): Unconfirmed {
  const found = here.pending();
  if (found?.phase !== 'waiting') throw new Error(`No run waits: ${JSON.stringify(found)}`);
  return found;
}

async function reverted(here: Place): Promise<void> {
  await here.until('it is taken back', () => here.pending()?.phase === 'reverted');
  expect(here.text('config')).to.equal('old\n');
}

/** Nobody is left who would take it back. */
async function killTimer(here: Place): Promise<void> {
  const { timer } = waits(here);
  if (!('pid' in timer)) throw new Error('systemd has the timer.');
  process.kill(-timer.pid, 'SIGKILL');
  await here.until('the timer is gone', () => !isAlive(timer));
}

describe('a run with --confirm', function () {
  this.timeout(60_000);

  it('stays when it is confirmed, and nothing else is done until then', async () => {
    await using here = place({ 'states/web.yaml': change, 'states/other.yaml': 'other: test.nop\n' });
    const first = await here.run('apply', 'web', '--confirm', '600');
    expect(first.code).to.equal(0);
    expect(first.stderr).to.match(
      /the run is taken back at \S+Z \(in (?:10 min 0|9 min \d+) s\), unless it is confirmed/,
    );
    expect(here.text('config')).to.equal('new\n');
    const { run, timer, probes } = waits(here);
    expect(probes).to.equal(0);
    const second = await here.run('apply', 'other', '--wait', '0');
    expect(second.code).to.equal(4);
    expect(second.stderr).to.include('error[unconfirmed]').and.include(run);
    expect((await here.run('apply', 'other', '--test')).code, 'a dry run disturbs nobody').to.equal(0);
    const third = here.start('apply', 'other', '--wait', '60');
    await once(third.child.stderr!, 'data');
    const confirm = await here.run('confirm');
    expect(confirm).to.deep.include({ code: 0, stderr: '' });
    expect(confirm.stdout).to.include(run).and.include('apply web').and.include('stays');
    expect((await third.ended).code, 'who waited goes on').to.equal(0);
    expect(here.pending()).to.equal(undefined);
    if ('pid' in timer) await here.until('the timer is gone', () => !isAlive(timer));
    const late = await here.run('rollback', run, '--force', '--cause', 'unconfirmed');
    expect(late.code, 'a timer that fires all the same').to.equal(0);
    expect(here.text('config')).to.equal('new\n');
    const again = await here.run('confirm');
    expect(again).to.deep.include({ code: 1, stdout: '' });
    expect(again.stderr).to.include('No run waits');
    expect(JSON.parse((await here.run('confirm', '--json')).stdout)).to.include({ confirmed: null });
  });

  it('that changes nothing has nothing to confirm', async () => {
    await using here = place({ 'states/web.yaml': change, config: 'new\n' });
    const { code, stderr } = await here.run('apply', 'web', '--confirm', '600');
    expect(code).to.equal(0);
    expect(stderr).to.include('nothing was changed, so there is nothing to confirm');
    expect(here.pending()).to.equal(undefined);
    expect(existsSync(here.at('state/revert.log')), 'a timer').to.equal(false);
  });

  it('is taken back when its time is over, which the history tells', async () => {
    await using here = place({ 'states/web.yaml': change });
    const { code } = await here.run('apply', 'web', '--confirm', '1');
    expect(code).to.equal(0);
    await reverted(here);
    const history = JSON.parse((await here.run('history', '--json')).stdout);
    expect(history.map(({ cause, exit }: { cause: string; exit: number }) => [cause, exit])).to.deep.equal([
      ['cli', 0],
      ['unconfirmed', 0],
    ]);
    const late = await here.run('confirm');
    expect(late.code).to.equal(1);
    expect(late.stderr).to.match(/too late: the run \S+ was taken back at/);
  });

  it('is taken back although converge was killed right after the change', async () => {
    await using here = place({
      'states/web.yaml': `${change}die:\n  cmd.run:\n    - name: kill -9 $PPID\n`,
    });
    const { code } = await here.run('apply', 'web', '--confirm', '4');
    expect(code).to.equal(null);
    expect(here.text('config')).to.equal('new\n');
    await reverted(here);
  });

  it('is armed before a command, too', async () => {
    await using here = place({
      'states/web.yaml': 'one:\n  cmd.run:\n    - name: cp $DIR/state/unconfirmed.json $DIR/seen\n',
    });
    const { stderr } = await here.run('apply', 'web', '--confirm', '600');
    expect(stderr, 'which has no opposite').to.include('this cannot be taken back: What "cp ');
    expect(JSON.parse(here.text('seen')).run).to.equal(waits(here).run);
  });

  for (const [title, script] of [
    ['hangs in a command', 'sleep 1000'],
    ['hangs in a command that wants to live', 'trap "" TERM; while :; do sleep 1; done'],
  ]) {
    it(`that ${title} is ended and taken back`, async () => {
      await using here = place({
        'states/web.yaml': `${change}hang:\n  cmd.run:\n    - name: '${script}'\n`,
      });
      const run = here.start('apply', 'web', '--confirm', '1');
      await here.until('it has changed something', () => here.text('config') === 'new\n');
      await reverted(here);
      await run.ended;
      expect((await here.run('apply', 'web', '--test', '--wait', '0')).code).to.equal(0);
    });
  }

  it('is taken back by the next run where its timer is gone, which then leaves', async () => {
    await using here = place({ 'states/web.yaml': change, 'states/other.yaml': 'other: test.nop\n' });
    await here.run('apply', 'web', '--confirm', '4');
    await killTimer(here);
    await here.until('its time is over', () => Date.now() > waits(here).deadline);
    expect(here.text('config')).to.equal('new\n');
    const next = await here.run('apply', 'web', '--cause', 'cron');
    expect(next.code).to.equal(4);
    expect(next.stderr).to.include('has been taken back');
    await reverted(here);
    const scheduled = await here.run('apply', 'web', '--cause', 'cron');
    expect(scheduled.code, 'a schedule does not do it again').to.equal(4);
    expect(here.text('config')).to.equal('old\n');
    expect((await here.run('apply', 'other', '--cause', 'cron')).code, 'other things go on').to.equal(0);
    const byHand = await here.run('apply', 'web');
    expect(byHand.code).to.equal(0);
    expect(byHand.stderr).to.include('this one goes on');
    expect(here.text('config')).to.equal('new\n');
    expect((await here.run('apply', 'web', '--cause', 'cron')).code).to.equal(0);
  });

  it('is taken back although it broke the settings, the facts and the tree', async () => {
    await using here = place({
      'states/web.yaml': `${change}break:\n  cmd.run:\n    - name: 'echo "{" > $DIR/c.yaml; rm -r $DIR/states $DIR/cache'\n`,
    });
    await here.run('apply', 'web', '--confirm', '4');
    expect(here.text('config')).to.equal('new\n');
    await reverted(here);
  });

  it('that is stopped by a signal is taken back in time, whatever its probes say', async () => {
    await using here = place({
      'states/web.yaml': `confirm:\n  - command: 'true'\n${change}slow:\n  cmd.run:\n    - name: touch $DIR/began; sleep 0.3\nmore: test.nop\n`,
    });
    const run = here.start('apply', 'web', '--confirm', '4');
    await here.until('it is in the midst of it', () => existsSync(here.at('began')));
    run.child.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    expect(code).to.equal(143);
    expect(stderr).to.include('unless it is confirmed');
    await reverted(here);
  });

  it('cannot be confirmed before it is done', async () => {
    await using here = place({
      'states/web.yaml': `${change}slow:\n  cmd.run:\n    - name: while [ ! -e $DIR/go ]; do sleep 0.02; done\n`,
    });
    const run = here.start('apply', 'web', '--confirm', '600');
    await here.until('it has changed something', () => here.text('config') === 'new\n');
    const early = await here.run('confirm', '--wait', '0');
    expect(early.code).to.equal(4);
    expect(early.stderr).to.include('holds the lock');
    const patient = here.start('confirm', '--wait', '60');
    await once(patient.child.stderr!, 'data');
    writeFileSync(here.at('go'), '');
    expect((await run.ended).code).to.equal(0);
    expect((await patient.ended).code).to.equal(0);
  });

  it('can be taken back by a person at once, after whom nothing waits', async () => {
    await using here = place({ 'states/web.yaml': change });
    await here.run('apply', 'web', '--confirm', '600');
    const { run, timer } = waits(here);
    expect((await here.run('rollback', run, '--test')).code).to.equal(0);
    expect(waits(here).run).to.equal(run);
    const { code, stderr } = await here.run('rollback', 'last');
    expect(code, stderr).to.equal(0);
    expect(here.text('config')).to.equal('old\n');
    expect(here.pending()).to.equal(undefined);
    if ('pid' in timer) await here.until('the timer is gone', () => !isAlive(timer));
    expect((await here.run('apply', 'web', '--cause', 'cron')).code).to.equal(0);
  });

  it('that was taken back is not remembered: what it changed is no drift, and what it owed is not owed', async () => {
    await using here = place({
      'states/top.yaml': "base:\n  '*': [web]\n",
      'states/web.yaml': change.replace('new', 'first'),
    });
    const motives = async (...words: string[]) => {
      const { stdout } = await here.run('highstate', '--json', ...words);
      return JSON.parse(stdout).results.map(({ motive }: { motive?: string }) => motive);
    };
    expect(await motives()).to.deep.equal(['first']);
    writeFileSync(
      here.at('states/web.yaml'),
      `${change}die:\n  cmd.run:\n    - name: if [ ! -e $DIR/died ]; then touch $DIR/died; kill -9 $PPID; sleep 5; fi\nlate:\n  cmd.wait:\n    - name: 'true'\n    - watch: [{file: config}]\n`,
    );
    await here.run('highstate', '--confirm', '2');
    expect(JSON.parse((await here.run('owed', '--json')).stdout)).to.have.lengthOf(1);
    await here.until('it is taken back', () => here.pending()?.phase === 'reverted');
    expect(here.text('config')).to.equal('first\n');
    expect(JSON.parse((await here.run('owed', '--json')).stdout)).to.deep.equal([]);
    expect((await motives())[0]).to.equal('intended');
    expect(here.text('config')).to.equal('new\n');
  });

  it('is tried again where taking it back fails', async () => {
    await using here = place({
      'states/web.yaml': change.replace('/config', '/etc/config'),
      'etc/config': 'old\n',
    });
    await here.run('apply', 'web', '--confirm', '4');
    renameSync(here.at('etc'), here.at('away'));
    writeFileSync(here.at('etc'), 'no folder');
    await here.until('it fails', () => here.pending()?.trouble !== undefined);
    expect(here.pending()).to.deep.include({ phase: 'reverting', attempts: 1 });
    expect((await here.run('confirm')).stderr).to.include('is being taken back');
    rmSync(here.at('etc'));
    renameSync(here.at('away'), here.at('etc'));
    await reverted(here);
    expect(here.text('etc/config')).to.equal('old\n');
  });

  it('is taken back to the end although the one who does so is killed in the midst of it', async () => {
    const count = 150;
    const numbers = Array.from({ length: count }, (_, n) => n);
    await using here = place({
      'states/web.yaml': `${change}{% for n in range(${count}) %}\n{{ salt["environ.get"]("DIR") }}/files/{{ n }}:\n  file.managed:\n    - contents: new\n{% endfor %}\n`,
      ...Object.fromEntries(numbers.map((n) => [`files/${n}`, 'old\n'])),
    });
    const left = () => numbers.filter((n) => here.text(`files/${n}`) === 'new\n').length;
    await here.run('apply', 'web', '--confirm', '1');
    await here.until('some are as before', () => left() < count);
    const holder = JSON.parse(here.text('state/holder.json'));
    expect(holder.verb).to.equal('rollback');
    process.kill(holder.pid, 'SIGKILL');
    await here.until('it is dead', () => !existsSync(`/proc/${holder.pid}`));
    expect(left(), 'it was in the midst of it').to.be.greaterThan(0);
    await reverted(here);
    expect(left()).to.equal(0);
  });

  it('is confirmed or taken back when both happen at once, and never half of each', async () => {
    const ends = [0, 150, 300, 450].map(async (delay) => {
      await using here = place({ 'states/web.yaml': change });
      await here.run('apply', 'web', '--confirm', '4');
      const { deadline } = waits(here);
      await here.until('its time is almost over', () => Date.now() > deadline - delay);
      const { code } = await here.run('confirm');
      if (code === 0) expect([here.text('config'), here.pending()]).to.deep.equal(['new\n', undefined]);
      else await reverted(here);
      return code;
    });
    expect((await Promise.all(ends)).every((code) => code === 0 || code === 1)).to.equal(true);
  });

  it('can be one of a saved plan', async () => {
    await using here = place({ 'states/web.yaml': change });
    await here.run('apply', 'web', '--test', '--out', 'plan.json');
    expect((await here.run('apply-plan', 'plan.json', '--confirm', '1')).code).to.equal(0);
    await reverted(here);
  });

  it('means nothing below a root, in a dry run, or without a second', async () => {
    await using here = place({ 'states/web.yaml': change, root: { directory: true } });
    const rooted = await here.run('apply', 'web', '--confirm', '5', '--root', here.at('root'));
    expect(rooted.code).to.equal(3);
    expect(rooted.stderr).to.include('below a root');
    expect((await here.run('apply', 'web', '--confirm', '5', '--test')).code).to.equal(64);
    expect((await here.run('apply', 'web', '--confirm', '0')).code).to.equal(64);
    expect(here.text('config')).to.equal('old\n');
  });

  it('changes nothing where what takes it back cannot be kept', async () => {
    await using here = place({ 'states/web.yaml': change, 'state/revert.yaml': { directory: true } });
    const { code, stdout } = await here.run('apply', 'web', '--confirm', '600');
    expect(code).to.equal(1);
    expect(stdout).to.include('Nothing is changed, as it could not be taken back');
    expect(here.text('config')).to.equal('old\n');
    expect(here.pending()).to.equal(undefined);
  });

  it('that is damaged on the disk is as if there were none', async () => {
    await using here = place({ 'states/web.yaml': change, 'state/unconfirmed.json': '{"run": 5, "phase"' });
    expect((await here.run('apply', 'web')).code).to.equal(0);
    expect((await here.run('confirm')).code).to.equal(1);
  });
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describe('a run with --confirm whose tree has probes', function () {
  this.timeout(60_000);

  it('stays when they succeed all at once', async () => {
    await using here = place({ 'states/web.yaml': '' });
    const server = createServer((socket) => socket.end());
    const port = await listening(server);
    const probes = `confirm:\n  - tcp: {host: 127.0.0.1, port: ${port}}\n  - command: test -e $DIR/up\n  - interval: 0.1\n`;
    writeFileSync(here.at('states/web.yaml'), `${probes}${change}`);
    const run = here.start('apply', 'web', '--confirm', '600');
    await here.until('it is asked', () => here.pending()?.phase === 'waiting');
    writeFileSync(here.at('up'), '');
    const { code, stderr } = await run.ended;
    server.close();
    expect(code).to.equal(0);
    expect(stderr).to.include('confirmed: its 2 probes succeed');
    expect(here.pending()).to.equal(undefined);
    expect(here.text('config')).to.equal('new\n');
  });

  it('is taken back at once when they do not', async () => {
    await using here = place({ 'states/web.yaml': '' });
    const server = createServer();
    const port = await listening(server);
    server.close();
    const probes = `confirm:\n  - tcp: {host: 127.0.0.1, port: ${port}}\n  - command: echo no >&2; false\n  - timeout: 2\n    interval: 0.1\n`;
    writeFileSync(here.at('states/web.yaml'), `${probes}${change}`);
    const { code, stderr } = await here.run('apply', 'web', '--confirm', '600');
    expect(code).to.equal(1);
    expect(stderr)
      .to.include(`tcp 127.0.0.1:${port}: connection refused`)
      .and.include('exit status 1 (no)')
      .and.include('the run was taken back');
    expect(here.pending()?.phase).to.equal('reverted');
    expect(here.text('config')).to.equal('old\n');
  });

  it('stays although a state failed, and is taken back when they fail too', async () => {
    await using here = place({
      'states/web.yaml': `confirm:\n  - command: test -e $DIR/up\n  - timeout: 0.2\n${change}bad:\n  test.fail_without_changes: []\n`,
      up: '',
    });
    const well = await here.run('apply', 'web', '--confirm', '600');
    expect(well.code).to.equal(1);
    expect(well.stderr).to.include('confirmed: its probe succeeds');
    expect(here.text('config')).to.equal('new\n');
    rmSync(here.at('up'));
    writeFileSync(here.at('config'), 'old\n');
    expect((await here.run('apply', 'web', '--confirm', '600')).code).to.equal(1);
    expect(here.text('config')).to.equal('old\n');
  });

  it('can be confirmed by a person while they are asked', async () => {
    await using here = place({
      'states/web.yaml': `confirm:\n  - command: touch $DIR/asked; false\n  - interval: 0.1\n${change}`,
    });
    const run = here.start('apply', 'web', '--confirm', '600');
    await here.until('it is asked', () => existsSync(here.at('asked')));
    expect((await here.run('confirm')).code).to.equal(0);
    const { code, stderr } = await run.ended;
    expect(code).to.equal(0);
    expect(stderr).to.include('meanwhile');
    expect(here.text('config')).to.equal('new\n');
  });

  it('does not compile where one is malformed, which lint tells too', async () => {
    await using here = place({ 'states/web.yaml': `${change}confirm:\n  - tcp: {host: a, prot: 1}\n` });
    for (const words of [['apply', 'web', '--confirm', '600'], ['lint']]) {
      const { code, stderr } = await here.run(...words);
      expect(code).to.equal(3);
      expect(stderr)
        .to.include('error[bad-confirm]')
        .and.match(/web\.yaml:6:20/);
    }
    expect(here.text('config')).to.equal('old\n');
  });
});

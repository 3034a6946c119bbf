/** Runs as their users meet them: locked out, stopped, killed, and made up for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A folder with a tree, and converge as a process in it that keeps its things there. */
function place(files: Tree) {
  const folder = temporaryFolder();
  buildTree(folder.path, {
    ...files,
    'c.yaml': 'states: states\nstate_dir: state\ncache: cache\ncolor: never\n',
  });
  const at = (path: string) => join(folder.path, path);
  function start(...words: string[]): Started {
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
  return {
    at,
    start,
    run: async (...words: string[]) => await start(...words).ended,
    text: (path: string) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : ''),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await pause(10);
}

describe('a run', () => {
  it('keeps others out until it ends; they name it, or wait', async () => {
    await using here = place({
      'states/slow.yaml':
        'slow:\n  cmd.run:\n    - name: touch $DIR/began; while [ ! -e $DIR/go ]; do sleep 0.02; done\n',
      'states/quick.yaml': 'quick: test.nop\n',
    });
    const first = here.start('apply', 'slow');
    await appears(here.at('began'));
    const second = await here.run('apply', 'quick', '--wait', '0');
    expect(second.code).to.equal(4);
    expect(second.stderr)
      .to.match(/error\[locked\]/)
      .and.include(`converge apply (pid ${first.child.pid})`);
    const json = await here.run('apply', 'quick', '--json', '--wait', '0');
    expect(JSON.parse(json.stdout).errors[0].code).to.equal('locked');
    const dry = await here.run('apply', 'quick', '--test');
    expect(dry.code, 'a dry run disturbs nobody').to.equal(0);
    const third = here.start('apply', 'quick', '--wait', '60');
    await once(third.child.stderr!, 'data');
    writeFileSync(here.at('go'), '');
    expect((await first.ended).code).to.equal(0);
    expect((await third.ended).code).to.equal(0);
  });

  it('stops after the present step at a signal, and tells what was done and what was not', async () => {
    await using here = place({
      'states/web.yaml': [
        'one:\n  cmd.run:\n    - name: touch $DIR/began; sleep 0.3; touch $DIR/one',
        'two:\n  cmd.run:\n    - name: touch $DIR/two',
        'three: test.nop\n',
      ].join('\n'),
    });
    const run = here.start('apply', 'web', '--json');
    await appears(here.at('began'));
    run.child.kill('SIGTERM');
    const { code, stdout, stderr } = await run.ended;
    expect(code).to.equal(143);
    expect(stderr).to.include('SIGTERM: stopping after the present step');
    expect(existsSync(here.at('one')), 'the step was finished').to.equal(true);
    expect(existsSync(here.at('two'))).to.equal(false);
    const { results, summary } = JSON.parse(stdout);
    expect(results).to.have.lengthOf(1);
    expect(results[0].result).to.equal(true);
    expect(summary).to.deep.include({ total: 1, not_tried: 2, stopped_by: 'SIGTERM' });
    const history = JSON.parse((await here.run('history', '--json')).stdout);
    expect(history[0]).to.deep.include({ exit: 143 });
  });

  it('ends the present step too at a second signal, with all it started', async () => {
    await using here = place({
      'states/web.yaml':
        'one:\n  cmd.run:\n    - name: sleep 1000 & echo $! > $DIR/pid; mv $DIR/pid $DIR/began; wait\n',
    });
    const run = here.start('apply', 'web', '--json');
    await appears(here.at('began'));
    run.child.kill('SIGINT');
    run.child.stderr!.once('data', () => run.child.kill('SIGINT'));
    const { code, stdout } = await run.ended;
    expect(code).to.equal(130);
    expect(JSON.parse(stdout).results[0].result).to.equal(false);
    const sleeper = here.text('began').trim();
    while (existsSync(`/proc/${sleeper}`)) await pause(10);
  });

  it('ends with its time, and reports', async () => {
    await using here = place({
      'states/web.yaml': 'one:\n  cmd.run:\n    - name: sleep 1000\ntwo: test.nop\n',
    });
    writeFileSync(here.at('c.yaml'), `${here.text('c.yaml')}run_timeout: 1\n`);
    const { code, stdout } = await here.run('apply', 'web', '--json');
    expect(code).to.equal(1);
    expect(JSON.parse(stdout).summary).to.deep.include({ failed: 1, not_tried: 1 });
    expect(JSON.parse(stdout).summary.stopped_by).to.include('1 seconds');
  });

  for (const [way, requisite] of [
    ['watch', 'cmd.wait:\n    - name: echo $DIR >> $DIR/reacted\n    - watch'],
    ['onchanges', 'cmd.run:\n    - name: echo $DIR >> $DIR/reacted\n    - onchanges'],
    ['listen', 'cmd.wait:\n    - name: echo $DIR >> $DIR/reacted\n    - listen'],
  ] as const) {
    it(`that is killed after a change owes the reaction to it, and the next one makes up for it: ${way}`, async () => {
      await using here = place({
        'states/web.yaml': [
          'config:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/config\n    - contents: new',
          'die:\n  cmd.run:\n    - name: if [ ! -e $DIR/died ]; then touch $DIR/died; kill -9 $PPID; sleep 5; fi\n    - onlyif: test ! -e $DIR/died',
          `restart:\n  ${requisite}:\n      - file: config\n`,
        ].join('\n'),
      });
      const killed = await here.run('apply', 'web');
      expect(killed.code).to.equal(null);
      expect(here.text('config').trim()).to.equal('new');
      expect(here.text('reacted')).to.equal('');
      const owed = JSON.parse((await here.run('owed', '--json')).stdout);
      expect(owed).to.have.lengthOf(1);
      expect(owed[0]).to.deep.include({ way });
      expect(owed[0].debtor.id).to.equal('restart');
      expect((await here.run('owed')).stdout).to.include('config');
      const foretold = await here.run('apply', 'web', '--test', '--json');
      const dry = JSON.parse(foretold.stdout).results.at(-1);
      expect(dry.comment, 'a dry run knows').to.include('Owed since');
      expect(here.text('reacted')).to.equal('');
      const next = await here.run('apply', 'web', '--json');
      expect(next.code).to.equal(0);
      expect(here.text('reacted').split('\n')).to.have.lengthOf(2);
      expect(JSON.parse(next.stdout).results.at(-1).comment).to.include('Owed since');
      expect(JSON.parse((await here.run('owed', '--json')).stdout)).to.deep.equal([]);
      await here.run('apply', 'web');
      expect(here.text('reacted').split('\n'), 'only once').to.have.lengthOf(2);
      const history = JSON.parse((await here.run('history', '--json')).stdout);
      expect(history.map(({ exit }: { exit?: number }) => exit)).to.deep.equal([undefined, 0, 0]);
    });
  }

  it('that fails on the way owes the reaction too, until it succeeds', async () => {
    await using here = place({
      'states/web.yaml': [
        'config:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/config\n    - contents: new',
        'gate:\n  cmd.run:\n    - name: test -e $DIR/open',
        'restart:\n  cmd.wait:\n    - name: test -e $DIR/works && echo >> $DIR/reacted\n    - watch: [{file: config}]\n    - require: [{cmd: gate}]\n',
      ].join('\n'),
    });
    expect((await here.run('apply', 'web')).code).to.equal(1);
    writeFileSync(here.at('open'), '');
    expect((await here.run('apply', 'web')).code, 'the reaction itself fails').to.equal(1);
    expect(JSON.parse((await here.run('owed', '--json')).stdout)).to.have.lengthOf(1);
    writeFileSync(here.at('works'), '');
    expect((await here.run('apply', 'web')).code).to.equal(0);
    expect(here.text('reacted')).to.equal('\n');
    expect((await here.run('owed')).stdout).to.equal('Nothing is owed.\n');
  });

  it('without a place for its lock tells so, and touches nothing', async () => {
    await using here = place({ 'states/web.yaml': 'x:\n  cmd.run:\n    - name: touch $DIR/touched\n' });
    writeFileSync(here.at('state'), 'no folder');
    const { code, stderr } = await here.run('apply', 'web');
    expect(code).to.equal(3);
    expect(stderr).to.include('error[no-lock]').and.include('state_dir');
    expect(existsSync(here.at('touched'))).to.equal(false);
  });

  it('is shown in the history, by name or by its place, and two are compared', async () => {
    await using here = place({
      'states/web.yaml':
        'config:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/config\n    - contents: {{ pillar.get("word", "old") }}\n',
    });
    await here.run('apply', 'web', '--cause', 'cron');
    await here.run('apply', 'web', '--pillar-override', '{"word": "new"}');
    await here.run('apply', 'web', '--test');
    const list = (await here.run('history')).stdout.trim().split('\n');
    expect(list).to.have.lengthOf(2);
    expect(list[0]).to.match(
      /^\d{8}-\d{6}\.\d{3}-\d+ {2}\S+Z {2}cron {2}apply web {2}1 changed, 0 failed of 1, exit 0/,
    );
    const shown = (await here.run('history', 'show', 'last')).stdout;
    expect(shown).to.include('changed file.managed').and.include('-old').and.include('+new');
    const named = await here.run('history', 'show', list[0]!.split(' ')[0]!);
    expect(named.stdout).to.include('+old');
    const diff = (await here.run('history', 'diff', 'last-1', 'last')).stdout;
    expect(diff).to.include('- changed file.managed').and.include('+ changed file.managed');
    const wrong = await here.run('history', 'show', 'nosuch');
    expect(wrong.code).to.equal(3);
    expect(wrong.stderr).to.include('error[unknown-run]');
    expect((await here.run('history', 'show')).code).to.equal(64);
    expect((await here.run('history', 'shwo', 'x')).stderr).to.include('history show');
  });
});

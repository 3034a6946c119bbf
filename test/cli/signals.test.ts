/** Runs that are told to stop, lose their terminal or their reader, and commands that do not want to end. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { buildTree, type Tree, temporaryFolder } from '../helpers/folders.ts';

const entry = new URL('../../scripts/start.mjs', import.meta.url).pathname;
const launcher = new URL('../../converge', import.meta.url).pathname;
const node = `"${process.execPath}" "${entry}"`;

/** Waits for a word of its test between its two states. */
const waits = [
  'one:\n  cmd.run:\n    - name: touch $DIR/began; while [ ! -e $DIR/go ]; do sleep 0.02; done; touch $DIR/one',
  'two:\n  cmd.run:\n    - name: touch $DIR/two\n',
].join('\n');

function place(files: Tree) {
  const folder = temporaryFolder();
  buildTree(folder.path, {
    'c.yaml': 'states: states\nstate_dir: state\ncache: cache\ncolor: never\n',
    ...files,
  });
  const at = (path: string) => join(folder.path, path);
  const env = { PATH: process.env['PATH'], HOME: folder.path, DIR: folder.path, TERM: 'dumb' };
  return {
    at,
    start: (command: string, ...words: string[]): ChildProcess =>
      spawn(command, words, { cwd: folder.path, env, stdio: 'ignore' }),
    /** A line of a shell, as somebody would type it. */
    typed(line: string) {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
        cwd: folder.path,
        env,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      return { status, stdout, stderr };
    },
    history(): { readonly exit?: number }[] {
      const lines = readFileSync(at('state/history.ndjson'), 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line)).filter((line) => 'exit' in line);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await pause(10);
}

describe('a run and its signals', () => {
  it('takes a hang-up for an end', async () => {
    await using here = place({ 'states/web.yaml': waits });
    const run = here.start(process.execPath, entry, 'apply', 'web', '--config', 'c.yaml');
    await appears(here.at('began'));
    run.kill('SIGHUP');
    writeFileSync(here.at('go'), '');
    expect(await once(run, 'exit')).to.deep.equal([129, null]);
    expect(existsSync(here.at('one')), 'the step was finished').to.equal(true);
    expect(existsSync(here.at('two'))).to.equal(false);
    expect(here.history()[0]!.exit).to.equal(129);
  });

  it('goes on after a hang-up where nohup started it', async () => {
    await using here = place({ 'states/web.yaml': waits });
    const run = here.start('nohup', launcher, 'apply', 'web', '--config', 'c.yaml');
    await appears(here.at('began'));
    run.kill('SIGHUP');
    writeFileSync(here.at('go'), '');
    expect(await once(run, 'exit')).to.deep.equal([0, null]);
    expect(existsSync(here.at('two'))).to.equal(true);
  });

  it('stops after its step when its terminal goes away, and says so in the history', async function () {
    if (spawnSync('script', ['--version']).status !== 0) return this.skip();
    await using here = place({ 'states/web.yaml': waits });
    const words = `exec ${node} apply web --config c.yaml`;
    const terminal = here.start('script', '--quiet', '--command', words, '/dev/null');
    await appears(here.at('began'));
    terminal.kill('SIGKILL');
    await once(terminal, 'exit');
    writeFileSync(here.at('go'), '');
    while (here.history().length === 0) await pause(10);
    expect(here.history()[0]!.exit).to.equal(129);
    expect(existsSync(here.at('one')), 'the step was finished').to.equal(true);
    expect(existsSync(here.at('two'))).to.equal(false);
  });
});

describe('a run and its output', () => {
  const many = '{% for n in range(300) %}\ns{{ n }}: test.succeed_with_changes\n{% endfor %}\n';

  for (const [what, line, status] of [
    ['whose reader has seen enough', `${node} apply many -c c.yaml | head -1; exit \${PIPESTATUS[0]}`, 0],
    ['whose reader never was', `${node} apply many -c c.yaml | true; exit \${PIPESTATUS[0]}`, 0],
    ['without stdin, stdout and stderr', `${node} apply many -c c.yaml <&- >&- 2>&-`, 0],
    ['that all goes to a full disk', `${node} apply many -c c.yaml > /dev/full 2>&1`, 0],
    [
      'as events, whose reader has seen enough',
      `${node} apply many -c c.yaml --output ndjson | head -1; exit \${PIPESTATUS[0]}`,
      0,
    ],
  ] as const) {
    it(`${what} ends well`, async () => {
      await using here = place({ 'states/many.yaml': many });
      const ended = here.typed(line.replaceAll('-c c.yaml', '--config c.yaml'));
      expect(ended.status, ended.stderr).to.equal(status);
      expect(ended.stderr).to.equal('');
      expect(here.history()).to.have.lengthOf(1);
      expect(here.history()[0]!.exit).to.equal(0);
    });
  }
});

describe('a run and its commands', () => {
  it('keeps its memory whatever they print', async () => {
    await using here = place({
      'states/big.yaml': [
        'big:\n  cmd.run:\n    - name: head -c 500000000 /dev/zero',
        'size:\n  cmd.run:\n    - name: sed -n "s/^VmHWM:[^0-9]*//p" /proc/$PPID/status > $DIR/size\n',
      ].join('\n'),
    });
    const ended = here.typed(`${node} apply big --config c.yaml --output quiet`);
    expect(ended.status, ended.stderr + ended.stdout).to.equal(0);
    expect(Number.parseInt(readFileSync(here.at('size'), 'utf8'), 10), 'kB at the most').to.be.below(350_000);
  }).timeout(60_000);

  it('ends with its time though a command does not want to', async () => {
    await using here = place({
      'states/web.yaml': [
        "one:\n  cmd.run:\n    - name: trap '' TERM; touch $DIR/began; while true; do sleep 0.1; done",
        'two: test.nop\n',
      ].join('\n'),
      'c.yaml': 'states: states\nstate_dir: state\ncache: cache\nrun_timeout: 1\n',
    });
    const ended = here.typed(`${node} apply web --config c.yaml --json`);
    expect(ended.status).to.equal(1);
    const { results, summary } = JSON.parse(ended.stdout);
    expect(results.map(({ result }: { result: boolean }) => result)).to.deep.equal([false]);
    expect(summary).to.deep.include({ failed: 1, not_tried: 1 });
  }).timeout(60_000);
});

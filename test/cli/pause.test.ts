/** `converge pause` and `converge resume`: what goes on meanwhile, and what does not. */
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writePause } from '../../engine/journal/pause.ts';
import { createWatchLog } from '../../engine/journal/watching.ts';
import { parseExposition } from '../helpers/exposition.ts';
import { appears, type Place, place } from '../helpers/place.ts';

const tree = {
  'states/top.sls': "base:\n  '*':\n    - web\n",
  'states/web.sls': 'count:\n  cmd.run:\n    - name: echo run >> $DIR/runs\n',
  'states/slow.sls':
    'slow:\n  cmd.run:\n    - name: touch $DIR/began; while [ ! -e $DIR/go ]; do sleep 0.02; done\n',
};
const asked = ['highstate', '--cause', 'schedule', '--output', 'quiet'] as const;

async function runs(here: Place): Promise<number> {
  return JSON.parse((await here.run('history', '--json')).stdout).length;
}

describe('converge pause', () => {
  it('leaves out what nobody waits for, and says so once; resume ends it', async () => {
    await using here = place(tree);
    const paused = await here.run('pause', '--for', '2h', '--reason', 'new disk');
    expect([paused.code, paused.stderr]).to.deep.equal([0, '']);
    expect(paused.stdout).to.match(/^This node is paused until [-\dT:]+Z \(by \S+\): new disk\.\n$/);
    const first = await here.run(...asked);
    expect([first.code, first.stdout]).to.deep.equal([0, '']);
    expect(first.stderr).to.match(/^converge: This node is paused .*: new disk\. .*\(schedule\).*\n$/);
    expect(await here.run(...asked)).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    expect(await here.run('apply', 'web', '--cause', 'x')).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    expect([here.text('runs'), await runs(here)]).to.deep.equal(['', 0]);
    // A tree that does not compile is nobody's business meanwhile.
    here.write('states/web.sls', 'a: [');
    expect((await here.run(...asked)).code).to.equal(0);
    here.write('states/web.sls', tree['states/web.sls']);
    const { stdout } = await here.run('resume');
    expect(stdout).to.match(/^This node goes on, after a pause of \d+m?s\.\n$/);
    expect((await here.run(...asked)).stderr).to.equal('');
    expect([here.text('runs'), await runs(here)]).to.deep.equal(['run\n', 1]);
    expect(await here.run('resume')).to.deep.equal({
      code: 0,
      stdout: 'This node is not paused.\n',
      stderr: '',
    });
  });

  it('lets people go on, and tells them', async () => {
    await using here = place(tree);
    await here.run('pause');
    const { code, stderr } = await here.run('highstate');
    expect(code).to.equal(0);
    expect(stderr).to.match(
      /^converge: This node is paused until "converge resume" \(by .*\)\. What is run by hand/,
    );
    expect(here.text('runs')).to.equal('run\n');
    // Dry runs change nothing, whoever asks for them.
    const dry = await here.run('highstate', '--test', '--cause', 'ci', '--output', 'json');
    expect([dry.code, JSON.parse(dry.stdout).summary.would_change]).to.deep.equal([0, 1]);
  });

  it('is over by itself', async () => {
    await using here = place(tree);
    await here.run('pause', '--for', '1ms');
    expect((await here.run(...asked)).stderr).to.equal('');
    expect(here.text('runs')).to.equal('run\n');
    expect(JSON.parse((await here.run('status', '--json')).stdout).paused).to.equal(null);
  });

  it('stops those that stand in line, and lets the run end that goes on', async () => {
    await using here = place(tree);
    const person = here.start('apply', 'slow');
    await appears(here.at('began'));
    const waiting = here.start(...asked);
    await appears(here.at('state/line'));
    const { stderr } = await here.run('pause');
    expect(stderr).to.equal(
      `converge: a run that has begun goes on to its end: converge apply (pid ${person.child.pid}).\n`,
    );
    here.write('go', '');
    expect((await person.ended).code).to.equal(0);
    expect((await waiting.ended).code).to.equal(0);
    expect([here.text('runs'), await runs(here)]).to.deep.equal(['', 1]);
  });

  it('is shown by status, and is not wrong', async () => {
    await using here = place(tree);
    await here.run('highstate');
    await here.run('pause', '--for', '1h 30m', '--reason', 'a\nb\x1b[31m');
    const { code, stdout } = await here.run('status', '--json');
    const { good, paused } = JSON.parse(stdout);
    expect([code, good]).to.deep.equal([0, true]);
    expect(Date.parse(paused.until) - Date.parse(paused.since)).to.equal(5400_000);
    expect(paused.reason).to.equal('a\nb\x1b[31m');
    const shown = await here.run('status');
    expect(shown.stdout).to.match(/^paused {8}until [-\dT:]+Z, since .* by .*: a\\nb\\x1b\[31m$/m);
  });

  it('is a document for programs', async () => {
    await using here = place(tree);
    const { stdout } = await here.run('pause', '--reason', 'disk', '--json');
    expect(JSON.parse(stdout).paused).to.deep.include({ until: null, reason: 'disk' });
    expect(JSON.parse((await here.run('resume', '--json')).stdout).paused).to.equal(null);
  });

  it('is a figure, at once and after runs', async () => {
    await using here = place(tree, 'metrics: c.prom\n');
    const figure = () => [...parseExposition(here.text('c.prom')).get('converge_paused')!.samples.values()];
    await here.run('pause');
    expect(figure()).to.deep.equal([1]);
    await here.run('highstate');
    expect(figure()).to.deep.equal([1]);
    await here.run('resume');
    expect(figure()).to.deep.equal([0]);
    expect(parseExposition(here.text('c.prom')).has('converge_states')).to.equal(true);
  });

  it('takes no time that is none, and does not concern what stands below a root', async () => {
    await using here = place({ ...tree, 'root/etc': { directory: true } });
    for (const time of ['soon', '0', '2 fortnights', '1000000d']) {
      const { code, stderr } = await here.run('pause', '--for', time);
      expect(code, time).to.equal(3);
      expect(stderr).to.include(`"${time}" is no time to pause for.`).and.include('2h');
    }
    expect(existsSync(here.at('state/pause.json'))).to.equal(false);
    await here.run('pause');
    const below = await here.run('single', 'test.nop', 'x', '--cause', 'ci', '--root', 'root', '--json');
    expect([below.stderr, JSON.parse(below.stdout).summary.unchanged]).to.deep.equal(['', 1]);
  });

  it('does not keep back what takes back a run that nobody has confirmed', async () => {
    await using here = place(tree);
    await here.run('highstate');
    writePause(here.at('state'), { since: Date.now() });
    const { stderr } = await here.run('rollback', 'last', '--cause', 'unconfirmed');
    expect(stderr).to.not.include('paused');
  });

  it('says when it cannot be kept', async () => {
    await using here = place({ ...tree, state: '' });
    const { code, stderr } = await here.run('pause');
    expect(code).to.equal(3);
    expect(stderr).to.include(`${here.at('state')} cannot be written`);
  });

  it('wakes the watch', async () => {
    await using here = place(tree);
    using log = createWatchLog({ folder: here.at('state'), pid: process.pid, now: Date.now });
    log.write({ state: 'idle', beacons: [], queue: [], breakers: [] });
    for (const verb of ['pause', 'resume']) {
      const woken = once(process, 'SIGHUP');
      expect((await here.run(verb)).code).to.equal(0);
      await woken;
    }
    // Of another process by now.
    const file = join(here.at('state'), 'watch.json');
    const told = JSON.parse(here.text('state/watch.json'));
    writeFileSync(file, JSON.stringify({ ...told, process: { pid: process.pid, started: '1' } }));
    let woken = 0;
    const count = () => {
      woken += 1;
    };
    process.on('SIGHUP', count);
    try {
      await here.run('pause');
    } finally {
      process.off('SIGHUP', count);
    }
    expect(woken).to.equal(0);
  });
});

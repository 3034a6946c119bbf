/** `converge status`: what it makes of the journal, however that looks. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import type { Job } from '../../engine/cli/schedules.ts';
import { scheduledJobs, startsWatch } from '../../engine/cli/schedules.ts';
import { readSettings } from '../../engine/cli/settings.ts';
import { statusOf } from '../../engine/cli/standing.ts';
import { endPause, writePause } from '../../engine/journal/pause.ts';
import { createWatchLog } from '../../engine/journal/watching.ts';
import { type Status, statusLines } from '../../engine/report/status.ts';
import { buildTree, temporaryFolder } from '../helpers/folders.ts';
import { appears, type Place, place } from '../helpers/place.ts';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/schemas/status.json'), 'utf8'));
const validate = new Ajv2020({ allErrors: true }).compile(schema);

const tree = {
  'states/top.sls': "base:\n  '*':\n    - web\n",
  'states/web.sls': 'check:\n  cmd.run:\n    - name: test -e $DIR/good\n    - unless: test -e $DIR/good\n',
};

async function status(here: Place): Promise<{ code: number | null; status: Status; text: string }> {
  const { code, stdout } = await here.run('status', '--json');
  const read = JSON.parse(stdout) as Status;
  expect(validate(read) ? [] : validate.errors, stdout).to.deep.equal([]);
  expect(code).to.equal(read.good ? 0 : 1);
  const shown = await here.run('status');
  expect([shown.code, shown.stderr]).to.deep.equal([code, '']);
  expect(shown.stdout.split('\n')[0]).to.match(read.good ? /^Good: / : /^Trouble: \S/);
  return { code, status: read, text: shown.stdout };
}

describe('converge status', () => {
  it('is good after a run that succeeded, and tells of one that failed', async () => {
    await using here = place(tree);
    expect((await status(here)).status.problems).to.deep.equal(['No run has ended yet.']);
    await here.run('highstate', '--cause', 'schedule');
    const failed = await status(here);
    expect(failed.status.problems).to.deep.equal(['1 state failed in the last run.']);
    expect(failed.status.failed[0]).to.include({ state: 'cmd.run', id: 'check' });
    expect(failed.status.last_success).to.equal(null);
    expect(failed.text).to.include('highstate by schedule').and.include('(check): Command "test -e');
    here.write('good', '');
    await here.run('highstate');
    const good = await status(here);
    expect(good.status).to.deep.include({ good: true, problems: [], failed: [], running: null });
    expect(good.status.last_run).to.deep.equal(good.status.last_success);
  });

  it('goes by runs of the whole node, not by what somebody tries', async () => {
    await using here = place(tree);
    await here.run('single', 'test.nop', 'x');
    expect((await status(here)).status.last_run!.command).to.equal('single test.nop');
    await here.run('highstate');
    await here.run('single', 'test.nop', 'x');
    const { status: read } = await status(here);
    expect(read.last_run!.command).to.equal('highstate');
    expect(read.good).to.equal(false);
  });

  it('says that the tree does not compile, or that the run was killed', async () => {
    await using here = place({
      ...tree,
      'states/web.sls': 'die:\n  cmd.run:\n    - name: kill -9 $PPID; sleep 5\n',
    });
    await here.run('highstate');
    const killed = await status(here);
    expect(killed.status.problems).to.deep.equal(['The last run was killed.']);
    expect(killed.text).to.include('it was killed');
    here.write('states/web.sls', 'a: [');
    await here.run('highstate');
    expect((await status(here)).status.problems).to.deep.equal(['The last run did not compile.']);
  });

  it('names the run that is going on, and judges the one before', async () => {
    await using here = place({
      ...tree,
      'states/slow.sls':
        'slow:\n  cmd.run:\n    - name: touch $DIR/began; while [ ! -e $DIR/go ]; do sleep 0.02; done\n',
    });
    here.write('good', '');
    await here.run('highstate');
    const slow = here.start('apply', 'slow', '--cause', 'schedule');
    await appears(here.at('began'));
    const { status: read, text } = await status(here);
    expect(read.running).to.include({ pid: slow.child.pid, verb: 'apply' });
    expect(read.good).to.equal(true);
    expect(read.last_run!.command).to.equal('highstate');
    expect(text).to.include(`converge apply (pid ${slow.child.pid}), began`);
    here.write('go', '');
    await slow.ended;
    expect((await status(here)).status).to.deep.include({ running: null });
  });

  it('counts what is owed', async () => {
    await using here = place({
      'states/top.sls': "base:\n  '*':\n    - web\n",
      'states/web.sls': [
        'conf:\n  file.managed:\n    - name: {{ salt["environ.get"]("DIR") }}/conf\n    - contents: new',
        'die:\n  cmd.run:\n    - name: kill -9 $PPID; sleep 5',
        'restart:\n  cmd.wait:\n    - name: echo\n    - watch:\n      - file: conf\n',
      ].join('\n'),
    });
    await here.run('highstate');
    const { status: read, text } = await status(here);
    expect(read.problems).to.deep.equal(['The last run was killed.', '1 reaction is owed.']);
    expect(read.owed[0]).to.include({ state: 'cmd.wait', id: 'restart' });
    expect(text).to.match(/^owed {10}cmd\.wait echo \(restart\), since /m);
  });

  it('reads whatever the journal holds', async () => {
    await using here = place(tree);
    const run = (more: object) =>
      `${JSON.stringify({ run: 'r', command: ['highstate'], cause: 'cli', began: 1, pid: 1, ...more })}\n`;
    const odd = [
      '',
      'null\n[]\n"x"\n{"run":1}\n{"run":"x","began":"y"}\n',
      run({ began: 'soon' }),
      run({ command: 'highstate' }),
      `${run({})}{"run":"r","ended":2,"exit":1}\n`,
      `${run({ command: ['high\nstate\x1b[31m'], cause: '\x07' })}{"run":"r","ended":2,"exit":0,"summary":{"total":1}}\n`,
      '\x00\xff',
    ];
    for (const history of odd) {
      mkdirSync(here.at('state'), { recursive: true });
      for (const name of ['owed.json', 'unconfirmed.json', 'applied.ndjson', 'holder.json', 'lock']) {
        writeFileSync(here.at(`state/${name}`), history.slice(0, 5));
      }
      for (const name of ['pause.json', 'watch.json', 'reactions.ndjson'])
        writeFileSync(here.at(`state/${name}`), history);
      writeFileSync(here.at('state/history.ndjson'), history);
      const { code, stdout, stderr } = await here.run('status');
      expect([code, stderr], history).to.deep.equal([stdout.startsWith('Good') ? 0 : 1, '']);
      expect(stdout).to.not.match(/undefined|NaN|[\x00-\x09\x0b-\x1f]/);
    }
  });
});

describe('converge status of the watch', () => {
  const reaction = { time: 1, tags: ['files//etc/motd'], what: 'affected', changed: 1, failed: 0 };

  it('says how it stands, and finds nothing wrong with that', async () => {
    await using here = place(tree);
    here.write('good', '');
    await here.run('highstate');
    expect((await status(here)).status.watch).to.equal(null);
    using log = createWatchLog({ folder: here.at('state'), pid: process.pid, now: Date.now });
    log.reacted({ ...reaction, run: 'r', latency_ms: 7.25 });
    log.reacted({ ...reaction, tags: Array(9).fill('timer/\x1b'), trouble: 'no\ntree', latency_ms: 900 });
    log.write({
      state: 'waiting',
      beacons: [{ name: 'files', tells: '3 paths' }],
      queue: Array.from({ length: 30 }, (_, index) => ({ tag: `files/${index}`, since: 1, due: 2 })),
      breakers: [],
    });
    const { status: read, text } = await status(here);
    expect(read).to.deep.include({ good: true, problems: [] });
    expect(read.watch).to.deep.include({
      running: true,
      pid: process.pid,
      state: 'waiting',
      queued: 30,
      breakers: [],
      reacted: 2,
    });
    expect(read.watch!.reactions.map(({ run, notices }) => [run, notices])).to.deep.equal([
      ['r', 1],
      [null, 9],
    ]);
    expect(text)
      .to.match(new RegExp(`^watch {9}waiting \\(pid ${process.pid}\\), began .* ago, 2 reactions$`, 'm'))
      .and.match(/^beacons {7}files: 3 paths$/m)
      .and.match(/^queue {9}files\/0, since/m)
      .and.match(/^ {14}and 25 more$/m)
      .and.match(/ and 4 more: affected, no\\ntree, after 900 ms$/m)
      .and.match(/: files\/\/etc\/motd: affected, 1 changed, after 7\.3 ms$/m);
    expect(text).to.not.match(/[\x00-\x09\x0b-\x1f]|undefined/);
  });

  it('finds wrong that somebody fights it', async () => {
    await using here = place(tree);
    here.write('good', '');
    await here.run('highstate');
    using log = createWatchLog({ folder: here.at('state'), pid: process.pid, now: Date.now });
    const breaker = { tag: 'files//etc/motd', times: 9, since: Date.now(), until: Date.now() + 1e6 };
    log.write({ state: 'idle', beacons: [], queue: [], breakers: [breaker] });
    const { status: read, text } = await status(here);
    expect(read.problems).to.deep.equal([
      'Something else changes files//etc/motd: it was put right 9 times.',
    ]);
    expect(text).to.match(/^breakers {6}files\/\/etc\/motd, put right 9 times, the next time at /m);
  });

  it('finds wrong that it does not run where systemd is to start it', async () => {
    await using folder = temporaryFolder();
    const settings = readSettings(
      { states: [], pillar: [] },
      { cwd: folder.path, env: { HOME: folder.path }, uid: 1 },
    );
    const seen = (enabled: boolean) => statusOf(folder.path, settings, { now: 5, jobs: [], enabled });
    expect(seen(false).watch).to.equal(null);
    expect(seen(true).watch).to.deep.include({ running: false, pid: null });
    const problem = 'converge watch does not run, though it is enabled.';
    expect(seen(true).problems).to.include(problem);
    const shown = (enabled: boolean) =>
      statusLines(seen(enabled), { color: false, now: 5 }).find((line) => line.startsWith('watch '));
    expect(shown(true)).to.match(/ does not run, though its service is enabled$/);
    // Of a process that is no more.
    const log = createWatchLog({ folder: folder.path, pid: 2 ** 22 + 1, now: () => 1 });
    log.write({ state: 'idle', beacons: [], queue: [], breakers: [] });
    expect(seen(true).problems).to.include(problem);
    expect(seen(false).problems).to.not.include(problem);
    expect(shown(false)).to.match(/ does not run any more \(pid 4194305\)$/);
  });

  it('knows the service that is started at boot, if it is of this history', async () => {
    await using folder = temporaryFolder();
    const starts = (config?: string) => startsWatch({ root: folder.path, config });
    const units = 'etc/systemd/system';
    const unit = `${units}/converge-watch.service`;
    buildTree(folder.path, { [unit]: 'ExecStart=/usr/bin/converge watch\n' });
    expect(starts()).to.equal(false);
    const link = { link: '../converge-watch.service' };
    buildTree(folder.path, { [`${units}/multi-user.target.wants/converge-watch.service`]: link });
    expect([starts(), starts('/srv/c.yaml')]).to.deep.equal([true, false]);
    writeFileSync(join(folder.path, unit), 'ExecStart=/usr/bin/converge watch --config /srv/c.yaml\n');
    expect([starts(), starts('/srv/c.yaml')]).to.deep.equal([false, true]);
  });
});

describe('a schedule', () => {
  const minute = 60_000;
  const settings = (folder: string) =>
    readSettings({ states: [], pillar: [] }, { cwd: folder, env: { HOME: folder }, uid: 1 });

  function job(file: string, command = '/usr/bin/converge highstate --output quiet --cause schedule'): Job {
    return { file, command, calendar: [], every: 15 * 60, delay: 60 };
  }

  it('tells that runs do not come any more', async () => {
    await using folder = temporaryFolder();
    const began = Date.UTC(2026, 0, 1);
    buildTree(folder.path, {
      'history.ndjson': [
        { run: 'r', command: ['highstate'], cause: 'schedule', began, pid: 1 },
        { run: 'r', ended: began + 1, exit: 0 },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    });
    const problems = (later: number, jobs: readonly Job[]) =>
      statusOf(folder.path, settings(folder.path), { now: began + later * minute, jobs }).problems;
    expect(problems(10_000, [])).to.deep.equal([]);
    expect(problems(36, [job('a')])).to.deep.equal([]);
    expect(problems(38, [job('a')])).to.deep.equal([
      'No run has begun for 38 min 0 s, though it is scheduled.',
    ]);
    // The more frequent job counts.
    expect(problems(38, [{ ...job('a'), every: 3600 }, job('b')])).to.have.lengthOf(1);
    expect(problems(38, [{ ...job('a'), every: 3600 }])).to.deep.equal([]);
    // Nothing was due while the node was paused.
    const pause = (since: number, until?: number) =>
      writePause(folder.path, {
        since: began + since * minute,
        ...(until === undefined ? {} : { until: began + until * minute }),
      });
    pause(10, 60);
    expect(problems(95, [job('a')])).to.deep.equal([]);
    expect(problems(97, [job('a')])).to.have.lengthOf(1);
    pause(10);
    expect(problems(5000, [job('a')])).to.deep.equal([]);
    endPause(folder.path, began + 6000 * minute);
    expect(problems(6035, [job('a')])).to.deep.equal([]);
    expect(problems(6037, [job('a')])).to.have.lengthOf(1);
    const { every: _, ...unknown } = job('a');
    expect(problems(10_000, [unknown])).to.deep.equal([]);
  });

  it('is found where schedule.present leaves it, if it is of this history', async () => {
    await using folder = temporaryFolder();
    buildTree(folder.path, {
      'etc/cron.d/converge-self': '*/15 * * * * root converge highstate --cause schedule\n',
      'etc/cron.d/converge-report': '@daily root report\n',
      'etc/cron.d/converge-odd': { directory: true },
      'etc/cron.d/other': '*/15 * * * * root converge highstate --cause schedule\n',
      'etc/systemd/system/converge-other.timer': 'OnUnitActiveSec=60s\n',
      'etc/systemd/system/converge-other.service':
        'ExecStart=/bin/sh -c "converge apply a --config /srv/c.yaml --cause x"\n',
      'etc/systemd/system/converge-lost.timer': 'OnUnitActiveSec=60s\n',
    });
    const found = (config: string | undefined) =>
      scheduledJobs({ root: folder.path, config }).map(({ file }) => file.slice(folder.path.length));
    expect(found(undefined)).to.deep.equal(['/etc/cron.d/converge-self']);
    expect(found('/srv/c.yaml')).to.deep.equal(['/etc/systemd/system/converge-other.timer']);
    expect(scheduledJobs({ root: join(folder.path, 'none'), config: undefined })).to.deep.equal([]);
  });
});

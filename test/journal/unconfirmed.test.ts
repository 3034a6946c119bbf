/** The file of the run that waits to be confirmed, and the clocks by which its time is over. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  forgetUnconfirmed,
  isAlive,
  isExpired,
  presentMoment,
  processId,
  readUnconfirmed,
  type Unconfirmed,
  writeUnconfirmed,
} from '../../engine/journal/unconfirmed.ts';
import { temporaryFolder } from '../helpers/folders.ts';

function waitingRun(changes: Partial<Unconfirmed> = {}): Unconfirmed {
  return {
    run: '20261123-000000-1',
    command: ['highstate'],
    phase: 'waiting',
    since: Date.now(),
    deadline: Date.now() + 60_000,
    seconds: 60,
    moment: presentMoment(),
    process: processId(process.pid)!,
    timer: { unit: 'converge-revert' },
    probes: 0,
    attempts: 0,
    ...changes,
  };
}

describe('an unconfirmed run', () => {
  it('is kept for its owner only, until it is forgotten', async () => {
    await using folder = temporaryFolder();
    expect(readUnconfirmed(folder.path)).to.equal(undefined);
    const run = waitingRun();
    writeUnconfirmed(folder.path, run);
    expect(readUnconfirmed(folder.path)).to.deep.equal(run);
    expect(statSync(join(folder.path, 'unconfirmed.json')).mode & 0o777).to.equal(0o600);
    forgetUnconfirmed(folder.path);
    expect(readUnconfirmed(folder.path)).to.equal(undefined);
    forgetUnconfirmed(folder.path);
  });

  for (const [title, text] of [
    ['half a file', JSON.stringify(waitingRun()).slice(0, 100)],
    ['another shape', '{"run": "x", "phase": "waiting"}'],
    ['an unknown phase', JSON.stringify({ ...waitingRun(), phase: 'melting' })],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
  ] as const) {
    it(`that is ${title} is none`, async () => {
      await using folder = temporaryFolder();
      writeFileSync(join(folder.path, 'unconfirmed.json'), text);
      expect(readUnconfirmed(folder.path)).to.equal(undefined);
    });
  }

  const { boot, uptime } = presentMoment();

  it('is judged by a clock that runs', () => {
    expect(uptime).to.be.greaterThan(1);
    expect(boot).to.match(/^[0-9a-f-]{36} \d+$/);
  });

  const long = 10 ** 9;
  const clocks: [title: string, changes: Partial<Unconfirmed>, expired: boolean][] = [
    ['has just begun', {}, false],
    ['has had its time', { moment: { boot, uptime: uptime - 61 } }, true],
    ['saw the clock leap on', { deadline: Date.now() - 1_000_000 }, false],
    [
      'saw the clock set back',
      { moment: { boot, uptime: uptime - 61 }, deadline: Date.now() + 1_000_000 },
      true,
    ],
    ['was before this boot, long ago', { moment: { boot: 'x', uptime: 5 }, deadline: Date.now() - 1 }, true],
    ['was before this boot, just now', { moment: { boot: 'x', uptime: 5 }, seconds: long }, false],
    [
      'was before this boot, which does not know the time',
      { moment: { boot: 'x', uptime: 5 }, deadline: Date.now() + 10 ** 12, seconds: uptime - 1 },
      true,
    ],
  ];
  for (const [title, changes, expired] of clocks) {
    it(`that ${title} is ${expired ? '' : 'not '}over`, () => {
      expect(isExpired(waitingRun(changes))).to.equal(expired);
    });
  }
});

describe('a process id', () => {
  it('means one process, whatever that is called, and none when it has ended', async () => {
    await using folder = temporaryFolder();
    const program = join(folder.path, 'a) R 1 (b');
    copyFileSync('/bin/sleep', program);
    const child = spawn(program, ['1000']);
    await once(child, 'spawn');
    const id = processId(child.pid!)!;
    expect(id).to.deep.include({ pid: child.pid });
    expect(Number(id.started)).to.be.greaterThan(0);
    expect(isAlive(id)).to.equal(true);
    expect(isAlive({ ...id, started: '1' })).to.equal(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(isAlive(id)).to.equal(false);
    expect(processId(2 ** 30)).to.equal(undefined);
  });
});

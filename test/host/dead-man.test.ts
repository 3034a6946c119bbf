/** What waits outside of us where there is no systemd. Its units are tried on nodes: test/lab/confirm.test.ts. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { armProcess, disarmProcess, runErrand } from '../../engine/host/dead-man.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const errand = (script: string, seconds: number) => ({
  title: 'a test',
  argv: ['/bin/sh', '-c', script],
  at: Date.now() + seconds * 1000,
  seconds,
});

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await pause(10);
}

/** A zombie has no command line any more. */
async function ends(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '') await pause(10);
}

describe('a process that waits', () => {
  it('runs its errand in a session of its own, and ends', async () => {
    await using folder = temporaryFolder();
    const [log, done] = [join(folder.path, 'log'), join(folder.path, 'done')];
    const pid = armProcess(log, errand(`echo said; pwd > ${done}.new; mv ${done}.new ${done}`, 1));
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    expect([fields[2], fields[3]], 'process group and session').to.deep.equal([String(pid), String(pid)]);
    await appears(done);
    await ends(pid);
    expect(readFileSync(done, 'utf8')).to.equal('/\n');
    expect(readFileSync(log, 'utf8')).to.equal('said\n');
    expect(statSync(log).mode & 0o777).to.equal(0o600);
  });

  it('survives a hang-up', async () => {
    await using folder = temporaryFolder();
    const done = join(folder.path, 'done');
    const pid = armProcess(join(folder.path, 'log'), errand(`touch ${done}`, 1));
    // Before it has read its script a signal would find it unprepared.
    while (!/sleep/.test(childrenOf(pid))) await pause(10);
    process.kill(-pid, 'SIGHUP');
    await appears(done);
  });

  it('ends with all it has started when it is called off', async () => {
    await using folder = temporaryFolder();
    const begun = join(folder.path, 'begun');
    const pid = armProcess(join(folder.path, 'log'), errand(`touch ${begun}; sleep 1000`, 0));
    await appears(begun);
    disarmProcess(pid);
    await ends(pid);
    disarmProcess(pid);
  });
});

function childrenOf(pid: number): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.map((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8')).join(' ');
}

describe('an errand that is run at once', () => {
  it('tells how it ended', async () => {
    expect(await runErrand({ argv: ['/bin/sh', '-c', 'exit 3'] })).to.equal(3);
    expect(await runErrand({ argv: ['/bin/sh', '-c', 'kill -9 $$'] })).to.equal(128);
    expect(await runErrand({ argv: ['/nonexistent/program'] })).to.equal(127);
  });
});

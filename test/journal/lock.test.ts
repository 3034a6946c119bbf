/** One run at a time, however the last one ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Lock, lock } from '../../engine/journal/lock.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const here = { pid: process.pid, verb: 'highstate', since: 5 };
const module = new URL('../../engine/journal/lock.ts', import.meta.url).href;

/** A process that holds the lock until it is killed or told to end. */
async function holder(folder: string): Promise<ChildProcess> {
  const script = `
    import { lock } from ${JSON.stringify(module)};
    const held = await lock(${JSON.stringify(folder)}, { pid: process.pid, verb: 'apply', since: 7 }, { wait: 0 });
    console.log(Symbol.dispose in held);
    process.stdin.resume().once('end', () => held[Symbol.dispose]());
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  expect(said.toString()).to.equal('true\n');
  return child;
}

function isHeld(result: Awaited<ReturnType<typeof lock>>): result is Lock {
  return Symbol.dispose in result;
}

describe('lock', () => {
  it('is held by one, who is known to the others, and free afterwards', async () => {
    await using folder = temporaryFolder();
    const child = await holder(folder.path);
    const busy = await lock(folder.path, here, { wait: 0 });
    expect(busy).to.deep.equal({ holder: { pid: child.pid, verb: 'apply', since: 7 } });
    child.stdin!.end();
    await once(child, 'exit');
    const held = await lock(folder.path, here, { wait: 0 });
    if (!isHeld(held)) throw new Error('it is not free');
    const second = await lock(folder.path, here, { wait: 0 });
    expect(second).to.deep.equal({ holder: here });
    held[Symbol.dispose]();
    using again = (await lock(folder.path, here, { wait: 0 })) as Lock;
    expect(again.holder).to.deep.equal(here);
  });

  it('is free at once after its holder was killed', async () => {
    await using folder = temporaryFolder();
    const child = await holder(folder.path);
    child.kill('SIGKILL');
    await once(child, 'exit');
    using held = (await lock(folder.path, here, { wait: 0 })) as Lock;
    expect(held.holder).to.deep.equal(here);
  });

  it('is taken though something else was written into its file', async () => {
    await using folder = temporaryFolder();
    writeFileSync(`${folder.path}/lock`, 'x'.repeat(9000));
    writeFileSync(`${folder.path}/holder.json`, 'damaged');
    using held = (await lock(folder.path, here, { wait: 0 })) as Lock;
    expect(isHeld(held)).to.equal(true);
    expect(await lock(folder.path, here, { wait: 0 })).to.deep.equal({ holder: here });
  });

  it('is waited for, and whom one waits for is told once', async () => {
    await using folder = temporaryFolder();
    const child = await holder(folder.path);
    const told: unknown[] = [];
    const waiting = lock(folder.path, here, {
      wait: 30,
      onWait(busy) {
        told.push(busy.holder?.verb);
        child.stdin!.end();
      },
    });
    using held = (await waiting) as Lock;
    expect(isHeld(held)).to.equal(true);
    expect(told).to.deep.equal(['apply']);
  });

  it('is given up after the time to wait', async () => {
    await using folder = temporaryFolder();
    const child = await holder(folder.path);
    const began = performance.now();
    expect(isHeld(await lock(folder.path, here, { wait: 0.2 }))).to.equal(false);
    expect(performance.now() - began).to.be.greaterThan(190);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});

/** Ending a process that was asked to, that needs to be asked twice, and that has to be made to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { endProcess } from '../../engine/host/end-process.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** A program that tells when it is ready. */
async function started(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('ready')`]);
  await once(child.stdout, 'data');
  return child;
}

describe('ending a process', () => {
  it('asks once, and again', async () => {
    const willing = await started('setInterval(() => {}, 1000)');
    await endProcess(willing.pid!, () => isAlive(willing));
    expect(willing.signalCode).to.equal('SIGTERM');
    const tired = await started(
      "let n = 0; process.on('SIGTERM', () => ++n === 2 && process.exit(7)); setInterval(() => {}, 1000)",
    );
    await endProcess(tired.pid!, () => isAlive(tired));
    expect(tired.exitCode).to.equal(7);
  });

  it('ends what wants to live, with all it has started', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'pid');
    const sleeper = `require('child_process').spawn('/bin/sh', ['-c', 'trap "" TERM; echo $$ > ${file}.new; mv ${file}.new ${file}; while :; do sleep 1; done'], { detached: true })`;
    const stubborn = await started(`process.on('SIGTERM', () => {}); ${sleeper}`);
    while (!existsSync(file)) await pause(10);
    await endProcess(stubborn.pid!, () => isAlive(stubborn));
    expect(stubborn.signalCode).to.equal('SIGKILL');
    const child = readFileSync(file, 'utf8').trim();
    while (existsSync(`/proc/${child}`)) await pause(10);
  }).timeout(60_000);

  it('leaves alone what is another process by now', async () => {
    const other = await started('setInterval(() => {}, 1000)');
    await endProcess(other.pid!, () => false);
    expect(isAlive(other)).to.equal(true);
    other.kill('SIGKILL');
    await once(other, 'close');
  });
});

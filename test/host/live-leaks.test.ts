/** Secrets on command lines are found; those in the journal are in the lab, which has one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Secrets } from '../../engine/core/secret.ts';
import { searchProcesses } from '../../engine/host/live-leaks.ts';

const secrets = new Secrets(() => '0000');
secrets.add('pw', 'swordfish-77');

describe('live leaks', () => {
  it('are found on the command line of a process', async () => {
    const child = spawn('/bin/sh', ['-c', 'read line', 'swordfish-77'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      await once(child, 'spawn');
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).to.include('swordfish-77');
      const { leaks, processes } = searchProcesses((text) => secrets.find(text));
      expect(processes).to.be.greaterThan(0);
      expect(leaks.filter(({ pid }) => pid === child.pid).map(({ label }) => label)).to.deep.equal([
        '«pw #0000»',
      ]);
    } finally {
      child.kill();
    }
  });
});

/** The process around the command line: what becomes of output that cannot be written. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const entry = join(import.meta.dirname, '../../scripts/entry.ts');

describe('output', () => {
  it('that a full disk swallows is told on stderr', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [entry, '--version'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).to.equal('converge: some of the output could not be written (ENOSPC).\n');
    expect(status).to.equal(0);
  });

  it('that nobody reads any more ends nothing', () => {
    const words = `"${process.execPath}" "${entry}" --help | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', words], { encoding: 'utf8' });
    expect(stdout).to.equal('0\n');
    expect(stderr).to.equal('');
  });
});

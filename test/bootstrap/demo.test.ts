import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { top } from './sandbox.ts';

describe('the demo', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'converge-demo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('changes everything once, then nothing, then what was damaged', function () {
    this.timeout(60_000);
    const root = join(folder, 'sand box');
    const { stdout, stderr, status } = spawnSync(join(top, 'demo/run.sh'), [root], { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
    const counts = [...stdout.matchAll(/^Converged: .* (\d+) changed, (\d+) failed/gm)].map((one) =>
      one.slice(1),
    );
    expect(counts).to.deep.equal([
      ['7', '0'],
      ['0', '0'],
      ['2', '0'],
    ]);
    expect(stdout).to.contain('-  bind :81');
    expect(readFileSync(join(root, 'etc/cron.d/backup'), 'utf8')).to.contain('0 4 * * *');
    expect(readlinkSync(join(root, 'srv/www/current'))).to.equal('shop');
    // The watched command ran for the first file and for the healed one.
    expect(readFileSync(join(root, 'var/reloaded.log'), 'utf8').trim().split('\n')).to.have.length(2);
  });
});

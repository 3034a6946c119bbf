import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { unifiedDiff } from '../../engine/report/diff.ts';

const hasPatch = spawnSync('patch', ['--version']).status === 0;

/** What patch(1) makes of a text and a diff. */
function patched(old: string, diff: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'converge-diff-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, old);
    execFileSync('patch', ['--silent', file], { input: `--- a\n+++ b\n${diff}` });
    return readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('diff', () => {
  it('shows differences with their context', () => {
    expect(unifiedDiff('a\nb\nc\n', 'a\nx\nc\n')).to.equal('@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n');
    expect(unifiedDiff('a\nb\nc\n', 'a\nx\nc\n', { context: 0 })).to.equal('@@ -2 +2 @@\n-b\n+x\n');
    expect(unifiedDiff('same', 'same')).to.equal('');
  });

  it('shows a file that is new or gone', () => {
    expect(unifiedDiff(undefined, 'a\nb\n')).to.equal('@@ -0,0 +1,2 @@\n+a\n+b\n');
    expect(unifiedDiff('a\n', undefined)).to.equal('@@ -1 +0,0 @@\n-a\n');
    expect(unifiedDiff(undefined, '')).to.equal('');
  });

  it('tells when a newline is missing at the end', () => {
    expect(unifiedDiff('a', 'a\n')).to.equal('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n');
    expect(unifiedDiff('', 'a')).to.equal('@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n');
  });

  it('takes bounded time for texts that have nothing in common', () => {
    const lines = (word: string) => Array.from({ length: 8000 }, (_, index) => `${word} ${index}`).join('\n');
    const started = performance.now();
    const diff = unifiedDiff(`head\n${lines('a')}\ntail\n`, `head\n${lines('b')}\ntail\n`);
    expect(performance.now() - started).to.be.below(3000);
    expect(diff.split('\n')).to.have.length(1 + 1 + 8000 + 8000 + 1 + 1);
    expect(diff).to.match(/^@@ -1,8002 \+1,8002 @@\n head\n-a 0\n/);
  });

  it('gives the counts where a diff would be too long', () => {
    expect(unifiedDiff('a\n'.repeat(3_000_000), 'b')).to.equal('Too long to show: 3000000 lines → 1 line.\n');
    expect(unifiedDiff(undefined, 'b\n'.repeat(20_001))).to.equal(
      'Too long to show: 0 lines → 20001 lines.\n',
    );
  });

  it('is what patch(1) understands (skipped where there is none)', function () {
    if (!hasPatch) this.skip();
    const many = (word: string) => Array.from({ length: 1600 }, (_, index) => `${word} ${index}\n`).join('');
    const pairs: readonly (readonly [string, string])[] = [
      ['a\nb\nc\n', 'a\nc\nd\n'],
      ['a\nb', 'a\nb\n'],
      ['a\nb\n', 'a\nb'],
      ['a\nb\nc\nd\ne\nf\ng\nh\n', 'x\nb\nc\nd\ne\nf\ng\nh\ny\n'],
      [`k\nl\nm\nn\no\n${many('a')}p\nq\nr\ns\n`, `k\nl\nm\nn\no\n${many('b')}p\nq\nr\ns\n`],
      [`${many('a')}p`, many('b')],
      [many('a'), `${many('b')}p\n`],
    ];
    for (const [old, wanted] of pairs) {
      for (const context of [0, 1, 3]) {
        expect(patched(old, unifiedDiff(old, wanted, { context }))).to.equal(wanted);
      }
    }
  });
});

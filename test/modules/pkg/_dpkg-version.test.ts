import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { compareDebVersions } from '../../../engine/modules/pkg/_dpkg-version.ts';

/** Oldest first; equal ones joined by "=". */
const ladder = [
  '0~~=0~~-0',
  '0~~a',
  '0~',
  '0=0-0=0:0',
  '0a',
  '0+',
  '1.0~beta1',
  '1.0~rc1-1',
  '1.0=1.0-0=1.00',
  '1.0-1',
  '1.0-1+b1',
  '1.0-1.1',
  '1.0-2~bpo12+1',
  '1.0-2',
  '1.0a',
  '1.0+dfsg',
  '1.0.1',
  '1.2',
  '1.10',
  '2.6.12-1+deb12u3',
  '2.6.12-1+deb12u10',
  '20240101000000000000000000001',
  '20240101000000000000000000002',
  '1:0',
  '1:0.1-a-1',
  '10:0',
];

describe('compareDebVersions', () => {
  it('orders as Debian policy 5.6.12 says', () => {
    for (const [i, a] of ladder.entries()) {
      for (const [j, b] of ladder.entries()) {
        for (const left of a.split('=')) {
          for (const right of b.split('=')) {
            expect(Math.sign(compareDebVersions(left, right)), `${left} <=> ${right}`).to.equal(
              Math.sign(i - j),
            );
          }
        }
      }
    }
  });

  const hasDpkg = spawnSync('dpkg', ['--version']).status === 0;
  (hasDpkg ? it : it.skip)(
    `agrees with dpkg${hasDpkg ? '' : ' (skipped: there is no dpkg here)'}`,
    function () {
      this.timeout(60_000);
      let seed = 7;
      const random = (below: number) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed % below;
      };
      const letters = '0123.~+-a';
      const version = () =>
        `1${Array.from({ length: random(6) }, () => letters[random(letters.length)]).join('')}`;
      const pairs = Array.from(
        { length: 300 },
        () => [version().replace(/-+$/, ''), version().replace(/-+$/, '')] as const,
      );
      const script = pairs.map(
        ([a, b]) =>
          `dpkg --compare-versions '${a}' lt '${b}' && echo -1 || { dpkg --compare-versions '${a}' eq '${b}' && echo 0 || echo 1; }`,
      );
      const said = spawnSync('sh', ['-c', script.join('\n')], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n');
      expect(said).to.have.length(pairs.length);
      for (const [i, [a, b]] of pairs.entries()) {
        expect(Math.sign(compareDebVersions(a, b)), `${a} <=> ${b}`).to.equal(Number(said[i]));
      }
    },
  );
});

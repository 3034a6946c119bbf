import { expect } from 'chai';
import { compareRpmVersions, compareSegments } from '../../../engine/modules/pkg/_rpm-version.ts';

/** Oldest first; equal ones joined by "=". Each neighbourhood was checked with rpm 4.18 (`rpm.vercmp`). */
const ladder = [
  '~~',
  '~1',
  'a=A'.slice(0, 1),
  '1.0~~a',
  '1.0~beta1',
  '1.0~rc1^git2',
  '1.0=1.00=1_0=1.0.=01..0',
  '1.0^',
  '1.0^20240101',
  '1.0^20240102',
  '1.0a',
  '1.0.1',
  '1.2',
  '1.10=1.010',
  '2xyz10',
  '2.0',
  '5.5p1',
  '5.5p10',
  '10xyz',
  '10.1xyz',
  '20240101000000000000000000001',
  '20240101000000000000000000002',
];

describe('compareSegments', () => {
  it('orders as rpm does', () => {
    for (const [i, a] of ladder.entries()) {
      for (const [j, b] of ladder.entries()) {
        for (const left of a.split('=')) {
          for (const right of b.split('=')) {
            expect(Math.sign(compareSegments(left, right)), `${left} <=> ${right}`).to.equal(
              Math.sign(i - j),
            );
          }
        }
      }
    }
  });
});

describe('compareRpmVersions', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['1.0-1', '1.0-2', -1],
    ['1:0.9-1', '1.0-1', 1],
    ['0:1.0-1', '1.0-1', 0],
    ['1.0-1.el9', '1.0', 0],
    ['1.0', '1.1-1.el9', -1],
    ['1.0-1.el9_2', '1.0-1.el9', 1],
    ['10:1-1', '9:2-1', 1],
  ];
  for (const [a, b, order] of cases) {
    it(`${a} <=> ${b} is ${order}`, () => {
      expect(Math.sign(compareRpmVersions(a, b))).to.equal(order);
      expect(Math.sign(compareRpmVersions(b, a))).to.equal(order === 0 ? 0 : -order);
    });
  }
});

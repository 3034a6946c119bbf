import { expect } from 'chai';
import { compareDebVersions } from '../../../engine/modules/pkg/_dpkg-version.ts';
import { compareRpmVersions } from '../../../engine/modules/pkg/_rpm-version.ts';
import { exactly, satisfies } from '../../../engine/modules/pkg/_version.ts';

describe('satisfies', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['2.6.12-1', '2.6.12-1', true],
    ['2.6.12-1', '2.6.12', false],
    ['2.6.12-1', '2.6.*', true],
    ['2.6.12-1', '!=2.6.*', false],
    ['2.6.12-1', '>=2.4,<2.9', true],
    ['2.9.0', '>=2.4, <2.9', false],
    ['2.10', '> 2.9', true],
    ['1.0~rc1', '>=1.0', false],
    ['1:2.0', '2.0', true],
    ['1:2.0', '<3', true],
    ['1:2.0', '<0:3', false],
    ['1:2.0', '==1:2.0', true],
    ['2.0', '1:2.0', false],
  ];
  for (const [version, wanted, expected] of cases) {
    it(`${version} ${expected ? 'meets' : 'does not meet'} "${wanted}"`, () => {
      expect(satisfies(version, wanted, compareDebVersions)).to.equal(expected);
    });
  }

  it('leaves the release of an RPM to the package manager where none is named', () => {
    expect(satisfies('2.6.12-1.el9', '2.6.12', compareRpmVersions)).to.equal(true);
    expect(satisfies('2.6.12-1.el9', '2.6.12-2.el9', compareRpmVersions)).to.equal(false);
    expect(satisfies('2:2.6.12-1.el9', '<=2.6.12', compareRpmVersions)).to.equal(true);
  });

  it('minds or ignores the epoch where told so', () => {
    expect(satisfies('1:2.0', '2.0', compareDebVersions, false)).to.equal(false);
    expect(satisfies('1:2.0', '3:2.0', compareDebVersions, true)).to.equal(true);
  });
});

describe('exactly', () => {
  it('is the one version that is asked for', () => {
    expect(['1.0', '=1.0', '1.*', '>=1.0', '1.0,<2'].map(exactly)).to.deep.equal([
      '1.0',
      '1.0',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

import { expect } from 'chai';
import { joined, wantedOf } from '../../../engine/modules/pkg/_arguments.ts';
import installed from '../../../engine/modules/pkg/installed.ts';
import latest from '../../../engine/modules/pkg/latest.ts';
import removed from '../../../engine/modules/pkg/removed.ts';
import { argumentsOf } from '../../helpers/apply.ts';

describe('the packages a state is about', () => {
  it('are those of pkgs, the last mention counting, or the one of the name', () => {
    expect(wantedOf({ name: 'a', version: 1.5 })).to.deep.equal([{ name: 'a', version: '1.5' }]);
    expect(wantedOf({ name: 'x', pkgs: ['a', { b: '1', a: '2' }, { c: null }] })).to.deep.equal([
      { name: 'a', version: '2' },
      { name: 'b', version: '1' },
      { name: 'c' },
    ]);
  });

  it('of several states are joined, the first version of each counting', () => {
    const all = [{ name: 'a', version: '1' }, { name: 'x', pkgs: ['b', { a: '2' }] }, { name: 'c' }];
    expect(joined(all)).to.deep.equal([{ a: '1' }, 'b', 'c']);
  });
});

describe('pkg states next to each other', () => {
  const key = (args: object) => installed.aggregate!.key(argumentsOf(installed, { ...args }));

  it('are one transaction where they differ in packages and versions only', () => {
    expect(key({ name: 'a', version: '1' })).to.equal(key({ pkgs: ['b', { c: '2' }] }));
    for (const args of [{ hold: true }, { fromrepo: 'x' }, { refresh: false }, { install_recommends: false }])
      expect(key({ name: 'a' }), JSON.stringify(args)).to.not.equal(key({ name: 'a', ...args }));
    for (const args of [{ reinstall: true }, { sources: [{ a: '/a.deb' }] }])
      expect(key({ name: 'a', ...args })).to.equal(undefined);
  });

  it('ask together for what each asks for', () => {
    const all = [{ name: 'a', version: '1' }, { name: 'b' }].map((args) => argumentsOf(installed, args));
    expect(wantedOf(installed.aggregate!.join(all))).to.deep.equal([
      { name: 'a', version: '1' },
      { name: 'b' },
    ]);
    const newest = [{ name: 'a' }, { pkgs: ['b', 'c'] }].map((args) => argumentsOf(latest, args));
    expect(latest.aggregate!.join(newest).pkgs).to.deep.equal(['a', 'b', 'c']);
    const gone = [{ name: 'a', version: '<2' }, { name: 'b' }].map((args) => argumentsOf(removed, args));
    expect(wantedOf(removed.aggregate!.join(gone))).to.deep.equal([
      { name: 'a', version: '<2' },
      { name: 'b' },
    ]);
  });
});

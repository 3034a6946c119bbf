import { expect } from 'chai';
import { explain, judge, managerOf } from '../../../engine/modules/pkg/_manager.ts';
import { hostOf } from '../../helpers/state-tester.ts';
import { ended } from './_names.ts';

describe('the package manager', () => {
  const cases: readonly (readonly [string, object, object, string | undefined])[] = [
    ['is apt on Debian', { os_family: 'Debian' }, { '/usr/bin/dnf': '' }, 'apt'],
    ['is dnf on RedHat', { os_family: 'RedHat' }, { '/usr/bin/apt-get': '' }, 'dnf'],
    ['is what is there elsewhere', { os_family: 'Suse' }, { '/usr/bin/dnf': '' }, 'dnf'],
    ['is what is there elsewhere: apt', {}, { '/usr/bin/apt-get': '' }, 'apt'],
    ['is none where there is none', { os_family: 'Arch' }, {}, undefined],
  ];
  for (const [title, grains, files, program] of cases) {
    it(title, async () => {
      await using stage = await hostOf({ grains: grains as never, host: { files: files as never } });
      expect(managerOf(stage.host)?.program).to.equal(program);
    });
  }
});

describe('what became of a command', () => {
  it('is told by what apt prints', () => {
    const output = [
      'Unpacking libc6:amd64 (2.36-9+deb12u10) over (2.36-9+deb12u9) ...',
      'Unpacking haproxy (2.6.12-1) ...',
      'Removing old (1.0) ...',
    ].join('\n');
    expect(judge({}, ended(0, output)).comment).to.equal(
      'libc6 2.36-9+deb12u10 installed over 2.36-9+deb12u9, haproxy 2.6.12-1 installed, old removed.',
    );
    expect(judge({}, ended(0, 'Reading package lists...'))).to.deep.equal({ changes: {} });
  });

  it('is told by what dnf prints', () => {
    const output =
      '  Reinstalling     : one-1.0-1.noarch   1/2 \n  Cleanup          : one-1.0-1.noarch     2/2 \n\nReinstalled:\n  one-1.0-1.noarch      \n\nComplete!\n';
    expect(judge({}, ended(0, output)).comment).to.equal('one 1.0-1 installed again.');
  });

  it('is a failure with the one to blame, where there is one', () => {
    expect(judge({}, ended(100, '', 'E: Unable to locate package x'))).to.deep.equal({
      failed: true,
      comment: 'There is no package "x" in the package sources.',
      changes: {},
    });
    expect(explain(ended(7, ''))).to.equal('The package manager ended with status 7.');
  });
});

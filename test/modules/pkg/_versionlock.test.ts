import { expect } from 'chai';
import {
  isLocked,
  readLocks,
  withHolds,
  withLocks,
  withoutLocks,
} from '../../../engine/modules/pkg/_versionlock.ts';
import { hostOf } from '../../helpers/state-tester.ts';

const text = `
# Added lock on Sun Nov 22 23:53:35 2026
alpha-0:1.0-1.*
# by hand
beta-libs-2:1.0-3.*
!gamma-0:1.2-1.*
delta
epsilon-1.*
`;

describe('locks of versionlock', () => {
  it('are of packages, by name', () => {
    const names = ['alpha', 'beta-libs', 'beta', 'gamma', 'delta', 'epsilon', 'alph', 'libs'];
    expect(names.filter((name) => isLocked(text, name))).to.deep.equal([
      'alpha',
      'beta-libs',
      'delta',
      'epsilon',
    ]);
    const one = { version: '1', arch: 'noarch', state: 'installed', held: false } as const;
    const packages = new Map([
      ['alpha', { name: 'alpha', ...one }],
      ['zeta', { name: 'zeta', ...one }],
    ]);
    const locks = { path: '/x', text, heeded: true };
    expect([...withHolds(packages, locks).values()].map(({ held }) => held)).to.deep.equal([true, false]);
    const unheeded = withHolds(packages, { ...locks, heeded: false });
    expect([...unheeded.values()].map(({ held }) => held)).to.deep.equal([false, false]);
  });

  it('are taken away with the date above them, and nothing else', () => {
    expect(withoutLocks(text, ['alpha', 'epsilon'])).to.equal(
      '\n# by hand\nbeta-libs-2:1.0-3.*\n!gamma-0:1.2-1.*\ndelta\n',
    );
    expect(withoutLocks(text, ['beta', 'nosuch'])).to.equal(text);
  });

  it('are added below the last line', () => {
    const versions = [
      ['a', '1.0-1'],
      ['b', '2:0.9-1'],
    ] as const;
    expect(withLocks('', versions)).to.equal('a-0:1.0-1.*\nb-2:0.9-1.*\n');
    expect(withLocks('x', [])).to.equal('x\n');
    expect(withLocks('x\n', versions)).to.equal('x\na-0:1.0-1.*\nb-2:0.9-1.*\n');
  });

  it('are read where the plugin says, if it is there', async () => {
    await using none = await hostOf({});
    expect(readLocks(none.host)).to.deep.equal({
      path: '/etc/dnf/plugins/versionlock.list',
      text: '',
      heeded: false,
    });
    const conf = '[main]\nenabled = 1\nlocklist = /etc/locks\n';
    const files = { '/etc/dnf/plugins/versionlock.conf': conf, '/etc/locks': 'a-1-1.*\n' };
    await using some = await hostOf({ host: { files } });
    expect(readLocks(some.host)).to.deep.equal({ path: '/etc/locks', text: 'a-1-1.*\n', heeded: true });
    const off = { '/etc/dnf/plugins/versionlock.conf': conf.replace('1', '0') };
    await using switchedOff = await hostOf({ host: { files: off } });
    expect(readLocks(switchedOff.host).heeded).to.equal(false);
  });
});

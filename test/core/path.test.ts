import { expect } from 'chai';
import { baseOf, join, parentOf } from '../../engine/core/path.ts';

describe('paths', () => {
  it('are taken apart and put together again, the root too', () => {
    for (const path of ['/etc', '/etc/motd', '/a b/ü\n'])
      expect(join(parentOf(path), baseOf(path))).to.equal(path);
    expect(parentOf('/')).to.equal('/');
    expect(parentOf('/etc')).to.equal('/');
    expect(parentOf('/etc/apt/sources.list')).to.equal('/etc/apt');
    expect(baseOf('/etc/apt/sources.list')).to.equal('sources.list');
  });
});

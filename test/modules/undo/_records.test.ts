/** Lines of passwd(5) and the like, put back one by one. */
import { expect } from 'chai';
import { withRecords } from '../../../engine/modules/undo/_records.ts';

function put(now: string, before: string, ...keys: string[]): string {
  return withRecords(Buffer.from(now, 'latin1'), Buffer.from(before, 'latin1'), keys).toString('latin1');
}

describe('records that are put back', () => {
  it('are as they were and where they were, and others are left alone', () => {
    const before = 'root:0\nbob:1\neve:2\nzoe:3\n';
    expect(put('root:0\nbob:9\neve:2\nzoe:3\nmax:4\n', before, 'bob'), 'changed').to.equal(
      'root:0\nbob:1\neve:2\nzoe:3\nmax:4\n',
    );
    expect(put('root:0\nbob:1\nzoe:3\nmax:4\n', before, 'eve'), 'removed').to.equal(
      'root:0\nbob:1\neve:2\nzoe:3\nmax:4\n',
    );
    expect(put('root:0\nbob:1\neve:2\nzoe:3\nann:5\n', before, 'ann'), 'added').to.equal(before);
    expect(put('zoe:3\n', before, 'eve', 'bob', 'root'), 'as near as can be').to.equal(before);
    expect(put(before, before, 'eve', 'nobody'), 'nothing to do').to.equal(before);
  });

  it('may be in any encoding, and of a file without an end', () => {
    expect(put('a:\xe9\nb:2', 'a:\xe8\nb:\xff\n', 'b')).to.equal('a:\xe9\nb:\xff\n');
    expect(put('', 'a:1\n', 'a')).to.equal('a:1\n');
    expect(put('ab:1\na:2\n', 'a:1\n', 'a'), 'the whole key').to.equal('ab:1\na:1\n');
  });
});

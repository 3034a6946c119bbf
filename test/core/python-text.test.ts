import { expect } from 'chai';
import { lstrip, rstrip, splitLines, strip } from '../../engine/core/python-text.ts';

describe('text as Python cuts it', () => {
  it('ends lines where Unicode does', () => {
    const text = 'a\r\nb\n\nc\rd\ve\x1cf\x85g\u2028h\n';
    expect(splitLines(text)).to.deep.equal(['a', 'b', '', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(splitLines(text, true).join('')).to.equal(text);
    expect(splitLines('')).to.deep.equal([]);
    expect(splitLines('\n\n')).to.deep.equal(['', '']);
  });

  it('strips what Python calls blank, and no byte order mark', () => {
    expect(strip('\x1c \u3000\x85a b\u2003\t')).to.equal('a b');
    expect(strip('\ufeffa')).to.equal('\ufeffa');
    expect([lstrip('  a  '), rstrip('  a  ')]).to.deep.equal(['a  ', '  a']);
  });

  it('strips any of the characters given, whole ones', () => {
    expect(strip('#;# a#', ';#')).to.equal(' a');
    expect(strip('😀a😁', '😀')).to.equal('a😁');
    expect(rstrip('a😁😁', '😁')).to.equal('a');
    expect(lstrip(' a', '')).to.equal(' a');
  });

  it('takes no longer for runs of blanks inside', () => {
    const text = `${' '.repeat(200_000)}x`;
    expect(rstrip(text)).to.equal(text);
  });
});

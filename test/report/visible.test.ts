import { expect } from 'chai';
import { columnsOf, cut, visible, visibleLine } from '../../engine/report/visible.ts';

describe('visible', () => {
  it('shows control characters as escapes', () => {
    expect(visible('a\x1b[31mb\x00\x7f\x9b\r\n\tc')).to.equal('a\\x1b[31mb\\x00\\x7f\\x9b\\r\n\tc');
    expect(visible('\u202eevil\u2066 \ud800 \u2028')).to.equal('\\u202eevil\\u2066 \\ud800 \\u2028');
    expect(visibleLine('a\nb\tc')).to.equal('a\\nb\\tc');
  });

  it('leaves text of all languages alone', () => {
    const text = 'größer 日本語 🎉 עברית é';
    expect(visible(text)).to.equal(text);
  });

  it('knows how wide characters are', () => {
    expect([...'aé日🎉한ー'].map(columnsOf)).to.deep.equal([1, 1, 2, 2, 2, 2]);
    expect(columnsOf('\u0301')).to.equal(0);
  });

  it('cuts to columns', () => {
    expect(cut('abc', 3)).to.equal('abc');
    expect(cut('abcd', 3)).to.equal('ab…');
    expect(cut('日本語', 5)).to.equal('日本…');
    expect(cut('日本語', 4)).to.equal('日…');
  });
});

import { expect } from 'chai';
import { followLinks, tidy } from '../../engine/host/links.ts';

function follow(links: Record<string, string>, path: string, last = true): string {
  return followLinks(path, { link: (at) => links[at] }, last);
}

describe('followLinks', () => {
  it('follows relative and absolute links, in the middle and at the end', () => {
    expect(follow({ '/a': 'b', '/b/c': '/d' }, '/a/c/e')).to.equal('/d/e');
    expect(follow({ '/a': 'b' }, '/a')).to.equal('/b');
    expect(follow({ '/a': 'b' }, '/a', false)).to.equal('/a');
  });

  it('cannot be led above its top', () => {
    expect(follow({ '/a': '../../../etc' }, '/a/passwd')).to.equal('/etc/passwd');
    expect(follow({}, '/../../x')).to.equal('/x');
    expect(follow({ '/a/b': '/c/d' }, '/a/b/../e')).to.equal('/c/e');
    expect(follow({ '/a': '/' }, '/a')).to.equal('/');
  });

  it('gives up on circles', () => {
    expect(() => follow({ '/a': 'b', '/b': 'a' }, '/a/x')).to.throw('too many symbolic links');
  });

  it('keeps names that look odd', () => {
    expect(tidy('/a//b/./c/')).to.equal('/a/b/c');
    expect(tidy('/a\n/.../ b')).to.equal('/a\n/.../ b');
    expect(() => tidy('a')).to.throw('not an absolute path');
  });
});

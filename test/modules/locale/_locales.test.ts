import { expect } from 'chai';
import { namesIn, parseLocale, plainText } from '../../../engine/modules/locale/_locales.ts';
import { archiveOf } from './_archive.ts';

describe('names of locales', () => {
  it('are compared as glibc calls them', () => {
    for (const [text, plain] of [
      ['de_DE.UTF-8', 'de_DE.utf8'],
      ['de_DE.utf8', 'de_DE.utf8'],
      ['de_DE.UTF-8 UTF-8', 'de_DE.utf8'],
      ['de_DE@euro ISO-8859-15', 'de_DE@euro'],
      ['sr_RS.UTF-8@latin', 'sr_RS.utf8@latin'],
      ['C.UTF-8', 'C.utf8'],
      ['eo', 'eo'],
      ['es_419.UTF-8', 'es_419.utf8'],
    ] as const) {
      expect(plainText(text), text).to.equal(plain);
    }
  });

  it('are no options, paths or several words', () => {
    for (const text of ['', '-f', '../de', 'de_DE.UTF-8\nx', 'de_DE/x', 'de_DE.UTF-8 UTF-8 x', 'de_DE;x']) {
      expect(parseLocale(text), text).to.equal(undefined);
    }
  });

  it('are read from the archive, whatever it looks like', () => {
    const names = ['de_DE.utf8', 'sv_SE.iso88591'];
    const archive = archiveOf(names);
    expect(namesIn(archive)).to.deep.equal(names);
    for (let size = 0; size < archive.length; size++)
      expect(namesIn(archive.subarray(0, size)).length).to.be.at.most(2);
    expect(namesIn(Buffer.from('hello'))).to.deep.equal([]);
  });
});

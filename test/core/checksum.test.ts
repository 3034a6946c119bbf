import { expect } from 'chai';
import { inlineHash, pickHash } from '../../engine/core/checksum.ts';

const sha256 = 'a'.repeat(64);
const other = 'b'.repeat(64);
const url = 'https://example.org/dl/app-1.2.tar.gz?x=1';

describe('inlineHash', () => {
  it('reads a hash with or without its name', () => {
    expect(inlineHash(`sha256=${sha256}`)).to.equal(`sha256=${sha256}`);
    expect(inlineHash(` SHA256: ${sha256.toUpperCase()} `)).to.equal(`sha256=${sha256}`);
    expect(inlineHash('d'.repeat(32))).to.equal(`md5=${'d'.repeat(32)}`);
  });

  it('knows what is no hash', () => {
    for (const text of [
      '',
      'sha256=',
      `sha512=${sha256}`,
      'x'.repeat(64),
      'a'.repeat(63),
      'https://example.org/SUMS',
    ]) {
      expect(inlineHash(text), text).to.equal(undefined);
    }
  });
});

describe('pickHash', () => {
  function pick(list: string, source_hash_name?: string): string | undefined {
    return pickHash(list, url, '/opt/app.tgz', source_hash_name);
  }

  it('finds the name of the source in the forms of sha256sum', () => {
    expect(pick(`${other}  app-1.3.tar.gz\n${sha256}  app-1.2.tar.gz\n`)).to.equal(`sha256=${sha256}`);
    expect(pick(`${other} *else\r\n${sha256} *./dl/app-1.2.tar.gz\r\n`)).to.equal(`sha256=${sha256}`);
    expect(pick(`SHA256 (app-1.2.tar.gz) = ${sha256}\nSHA256 (b) = ${other}\n`)).to.equal(`sha256=${sha256}`);
  });

  it('finds the name of the file itself, and the name that is told', () => {
    expect(pick(`${sha256}  app.tgz\n${other}  b\n`)).to.equal(`sha256=${sha256}`);
    expect(pick(`${sha256}  app.tgz\n${other}  b\n`, 'b')).to.equal(`sha256=${other}`);
  });

  it('takes the longest of several', () => {
    expect(pick(`${'c'.repeat(32)}  app.tgz\n${sha256}  app.tgz\n`)).to.equal(`sha256=${sha256}`);
  });

  it('takes a hash that stands alone', () => {
    expect(pick(`${sha256}\n`)).to.equal(`sha256=${sha256}`);
  });

  it('takes none of another file', () => {
    expect(pick(`${sha256}  unrelated\n`)).to.equal(undefined);
    expect(pick(`${sha256}\n`, 'named')).to.equal(undefined);
    expect(pick('no hashes here\n')).to.equal(undefined);
    expect(pick(`${sha256}  my-app-1.2.tar.gz\n`)).to.equal(undefined);
  });
});

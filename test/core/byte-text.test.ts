import { expect } from 'chai';
import {
  asBytes,
  byteLines,
  fromBytes,
  readBytes,
  withLine,
  writeBytes,
} from '../../engine/core/byte-text.ts';

describe('files edited byte by byte', () => {
  it('come back as they were', () => {
    const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const file = readBytes('/x', { content: () => content });
    const [step] = writeBytes(file, `${file.text}!`, [{ subject: 'x' }]);
    expect(step!.effect).to.deep.equal({
      kind: 'write',
      path: '/x',
      follow: true,
      content: Buffer.concat([content, Buffer.from('!')]),
    });
    expect(writeBytes(file, file.text!, [])).to.deep.equal([]);
  });

  it('take text of the user in UTF-8', () => {
    expect(asBytes('ü')).to.equal('\xc3\xbc');
    expect(fromBytes(asBytes('ü…'))).to.equal('ü…');
  });

  it('get lines of their own', () => {
    expect(byteLines('a\nb')).to.deep.equal(['a\n', 'b']);
    expect(byteLines('')).to.deep.equal([]);
    expect(withLine('a', 'b')).to.equal('a\nb\n');
    expect(withLine('', 'b')).to.equal('b\n');
  });
});

import { expect } from 'chai';
import { element, xmlText } from '../../engine/report/xml.ts';
import { parseXml } from '../helpers/xml.ts';

const odd = [
  'a ]]> b',
  '<x a="1">&amp;</x>',
  '\x00\x01\x08\x0b\x0c\x1b[31m\x7f\x85\x9f',
  'lone \ud800 and \udc00 halves',
  '\ufffe\uffff',
  'lines\r\nand\ttabs\n',
  '😀 «é» \u202e\u2028',
  'quotes \' " `',
  '<!-- -- --> <?xml ?> <![CDATA[',
];

describe('XML', () => {
  for (const text of odd) {
    it(`takes ${JSON.stringify(text)} as text and as an attribute`, () => {
      const root = parseXml(element('a', { b: text }, [xmlText(text)]));
      expect(root.text).to.equal(root.attributes['b']);
      // What has no escape of ours comes back as it was.
      const kept = text.replace(/[^\n\t\x20-\x7e]/g, '');
      expect(root.text.replace(/[^\n\t\x20-\x7e]|\\r|\\x..|\\u..../g, '')).to.equal(kept);
    });
  }

  it('takes any character', () => {
    for (let start = 0; start < 0x10000; start += 0x100) {
      const text = Array.from({ length: 0x100 }, (_, index) => String.fromCharCode(start + index)).join('x');
      expect(parseXml(element('a', { b: text }, [xmlText(text)])).text).to.not.equal('');
    }
  });

  it('leaves out attributes that are undefined, and closes what is empty', () => {
    expect(element('a', { b: undefined, c: 0 })).to.equal('<a c="0"/>\n');
  });
});

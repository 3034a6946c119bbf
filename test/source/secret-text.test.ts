/** Secrets are found in a file, and replaced, without touching anything else of it. */
import { expect } from 'chai';
import { blockOf, changeSecrets, plainOf, secretsIn } from '../../engine/source/secret-text.ts';

const armour = '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\nLWVu\n-----END AGE ENCRYPTED FILE-----\n';

function values(text: string): [string, boolean][] {
  return secretsIn(text).map(({ value, encrypted }) => [value, encrypted]);
}

describe('secret text', () => {
  it('finds values in every style', () => {
    const text = [
      'a: !secret plain words # a comment',
      "b: !secret 'it''s'",
      'c: !secret "two\\nlines"',
      'd: !secret |',
      '  first',
      '',
      '    second',
      'e: 1',
      'f:',
      '  g: !secret |-',
      '    stripped',
      'list:',
      '  - !secret in a list',
      '  - !secret |',
      '    block in a list',
      `h: !secret |\n  ${armour.trim().replaceAll('\n', '\n  ')}`,
      '',
    ].join('\n');
    expect(values(text)).to.deep.equal([
      ['plain words', false],
      ["it's", false],
      ['two\nlines', false],
      ['first\n\n  second\n', false],
      ['stripped', false],
      ['in a list', false],
      ['block in a list\n', false],
      [armour, true],
    ]);
    expect(secretsIn(text).map(({ line }) => line)).to.deep.equal([1, 2, 3, 4, 10, 13, 14, 16]);
  });

  it('takes no notice of the words elsewhere', () => {
    for (const text of [
      '# a: !secret x\n',
      'a: "b: !secret x"\n',
      'a: !secretly x\n',
      "a: '!secret x'\n",
      'text !secret x\n',
    ]) {
      expect(secretsIn(text), text).to.deep.equal([]);
    }
  });

  it('changes the values and nothing else', async () => {
    const text =
      '{% if x %}\na: !secret one   \n{% endif %}\r\nb:   2 # two\nc:\n    d: !secret |\n        many\n        lines\n\n# end';
    const changed = await changeSecrets(text, async ({ value, indent }) => `<${value}|${indent.length}>`);
    expect(changed).to.equal(
      '{% if x %}\na: <one|2>\n{% endif %}\r\nb:   2 # two\nc:\n    d: <many\nlines\n|8>\n\n# end',
    );
    expect(await changeSecrets(text, async () => undefined)).to.equal(text);
  });

  it('comes back from a block and from plain text as it was', async () => {
    for (const value of [
      'x',
      'two words',
      'it\'s "so" # : {',
      'line\nline\n',
      'a\nb',
      ' leading',
      'tail \n\n',
      'tab\t',
      'ü\u00a0é',
      '',
      '- a: b',
      '|',
      'a\r\nb',
      '   \n x\n',
    ]) {
      for (const indent of ['  ', '      ']) {
        const outer = indent.slice(2);
        const text = `${outer}k: ${plainOf(value, indent)}\n${outer}next: 1\n`;
        expect(values(text)[0]?.[0], JSON.stringify(value)).to.equal(value);
      }
    }
    const block = `k: ${blockOf(armour, '  ')}\nnext: 1\n`;
    expect(values(block)).to.deep.equal([[armour, true]]);
  });
});

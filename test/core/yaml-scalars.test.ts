import { expect } from 'chai';
import { Float, type Value } from '../../engine/core/value.ts';
import { isPlainText, plainValue, scalarText } from '../../engine/core/yaml-scalars.ts';

describe('plain scalars of YAML 1.1', () => {
  const cases: [text: string, octal: Value, stripped?: Value][] = [
    ['0644', 420, 644],
    ['-0644', -420],
    ['+010', 8],
    ['00', 0],
    ['0_7', 7],
    ['0x_ff', 255],
    ['0b1_0', 2],
    ['1_000', 1000],
    ['-1:30', -90],
    ['9007199254740993', 9007199254740993n],
    ['3.', new Float(3)],
    ['-1:30.5', -90.5],
    ['-.INF', new Float(Number.NEGATIVE_INFINITY)],
    ['~', null],
    ['Off', false],
    ['oFF', 'oFF'],
  ];
  for (const [text, octal, stripped = octal] of cases) {
    it(`reads ${text}`, () => {
      expect(plainValue(text, 'octal')).to.deep.equal(octal);
      expect(plainValue(text, 'stripped')).to.deep.equal(stripped);
      expect(isPlainText(text)).to.equal(typeof octal === 'string');
    });
  }

  it('leaves the shape of a number without digits text', () => {
    for (const text of ['0x_', '0b_', '-0x_']) expect(plainValue(text, 'octal')).to.equal(text);
  });

  it('prints what it read', () => {
    for (const [, value] of cases) {
      if (typeof value !== 'string')
        expect(plainValue(scalarText(value as number), 'octal')).to.deep.equal(value);
    }
  });
});

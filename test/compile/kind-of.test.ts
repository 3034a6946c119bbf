/** Messages name what stands where something else was expected. */
import { expect } from 'chai';
import { kindOf } from '../../engine/compile/kind-of.ts';
import { Float } from '../../engine/core/value.ts';

describe('kindOf', () => {
  const cases: [unknown, string][] = [
    [null, 'empty'],
    [undefined, 'empty'],
    [[], 'a list'],
    [new Map(), 'a mapping'],
    ['x', 'the text "x"'],
    ['x'.repeat(50), `the text "${'x'.repeat(40)}…"`],
    [false, 'the boolean false'],
    [7, 'the number 7'],
    [7n, 'the number 7'],
    [new Float(7), 'the number 7.0'],
  ];
  for (const [value, kind] of cases) it(kind, () => expect(kindOf(value)).to.equal(kind));
});

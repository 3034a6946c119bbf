/** Tests behind `is` answer as Jinja's do: the texts are Jinja's own answers. */
import { expect } from 'chai';
import { renderExpression as render } from './_expression.ts';

const CASES: [expression: string, text: string][] = [
  ['true is boolean', 'True'],
  ['1 is boolean', 'False'],
  ["'x'.upper is callable", 'True'],
  ['4 is divisibleby 2', 'True'],
  ['4 is divisibleby(3)', 'False'],
  ['4 is eq 4', 'True'],
  ['4 is ne 4', 'False'],
  ['1 is lt 2', 'True'],
  ['1 is greaterthan 2', 'False'],
  ['4 is even', 'True'],
  ['3.0 is odd', 'True'],
  ['false is false', 'True'],
  ['0 is false', 'False'],
  ['1 is true', 'False'],
  ["'upper' is filter", 'True'],
  ["'nopefilter' is filter", 'False'],
  ["'even' is test", 'True'],
  ['1.0 is float', 'True'],
  ['1 is float', 'False'],
  ['1 is integer', 'True'],
  ['true is integer', 'False'],
  ['1.5 is number', 'True'],
  ['true is number', 'True'],
  ["'x' is number", 'False'],
  ['1 is in [1,2]', 'True'],
  ["'a' is in 'abc'", 'True'],
  ['[] is iterable', 'True'],
  ['5 is iterable', 'False'],
  ["'abc' is lower", 'True'],
  ["'aBc' is lower", 'False'],
  ["'ABC1' is upper", 'True'],
  ["'1' is upper", 'False'],
  ['{} is mapping', 'True'],
  ['none is none', 'True'],
  ['none is sameas none', 'True'],
  ['[] is sameas []', 'False'],
  ['1 is sameas true', 'False'],
  ["'x' is sequence", 'True'],
  ['{} is sequence', 'True'],
  ['5 is sequence', 'False'],
  ['5 is string', 'False'],
  ['nope is defined', 'False'],
  ['nope is undefined', 'True'],
  ['nope is none', 'False'],
  ["'a' is escaped", 'False'],
  ["{'a':1} is iterable", 'True'],
  ["'node1' is match('NODE', ignorecase=true)", 'True'],
  ["'anode' is match('node')", 'False'],
  ['[] is list', 'True'],
  ['() is list', 'True'],
  ['2 is equalto 2.0', 'True'],
];

describe('tests', () => {
  for (const [expression, text] of CASES) {
    it(expression, async () => expect(await render(expression)).to.equal(text));
  }
  it('name what is undefined', async () => {
    let message = '';
    try {
      await render('nope is even');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).to.contain('nope');
  });
});

/** Patterns and templates mean what Python 3.10's `re` means by them. */
import { expect } from 'chai';
import {
  escapeRegex,
  expandTemplate,
  pythonRegex,
  type RegexFlags,
  RegexSyntax,
  substitute,
} from '../../engine/core/regex.ts';

type Search = [pattern: string, text: string, found: (string | undefined)[] | null, flags?: RegexFlags];

const SEARCHES: Search[] = [
  [String.raw`node(\d+)\.(.*)`, 'node12.example', ['node12.example', '12', 'example']],
  ['(?P<n>x)(?P=n)', 'axx', ['xx', 'x']],
  [String.raw`\Aab\Z`, 'ab\n', null],
  ['b$', 'ab\n', ['b']],
  ['^b$', 'a\nb\nc', ['b'], { multiline: true }],
  ['^b$', 'a\nb\nc', null],
  ['(?m)^b$', 'a\nb\nc', ['b']],
  ['a.b', 'a\nb', null],
  ['a.b', 'a\rb', ['a\rb']],
  ['a.b', 'a\nb', ['a\nb'], { dotAll: true }],
  ['(?i)AbC', 'xabc', ['abc']],
  ['abC', 'ABc', ['ABc'], { ignoreCase: true }],
  ['(?i:A)b', 'Ab aB', ['Ab']],
  [String.raw`\bfoo\b`, 'éfoo foo', ['foo']],
  [String.raw`\w+`, 'é_1 ', ['é_1']],
  [String.raw`\w+`, 'é1', ['1'], { ascii: true }],
  [String.raw`[^\W\d]+`, '1ab2', ['ab']],
  [String.raw`[\D]+`, '1ab2', ['ab']],
  ['[]a]+', 'b]a', [']a']],
  ['[^]a]', ']b', ['b']],
  ['[a&&b]+', 'x&b', ['&b']],
  ['[--/]+', 'x-./', ['-./']],
  [String.raw`[\w.-]+@x`, 'a.b-c@x', ['a.b-c@x']],
  ['x{,2}y', 'xxxy', ['xxy']],
  ['{x}', 'a{x}', ['{x}']],
  ['x{a}', 'x{a}', ['x{a}']],
  [String.raw`\x41\u0042\101\0`, 'ABA\0', ['ABA\0']],
  [String.raw`\-\ \_\"\/\@`, '- _"/@', ['- _"/@']],
  [' a  b # words\n', 'ab', ['ab'], { verbose: true }],
  [String.raw`(a)\1`, 'aa', ['aa', 'a']],
  [String.raw`^\s*#?\s*(\w+)\s+.*$`, '#Port 22', ['#Port 22', 'Port'], { multiline: true }],
  ['.', '😀', ['😀']],
  ['b', 'ab', null, { sticky: true }],
];

const REFUSED: [pattern: string, message: string][] = [
  ['(a', 'missing ), unterminated subpattern at position 0'],
  ['a)', 'unbalanced parenthesis at position 1'],
  ['*a', 'nothing to repeat at position 0'],
  ['a**', 'multiple repeat at position 2'],
  ['a*+', 'multiple repeat at position 2'],
  ['a{3,2}', 'min repeat greater than max repeat at position 2'],
  ['[a', 'unterminated character set at position 0'],
  ['[b-a]', 'bad character range b-a at position 1'],
  [String.raw`x\q`, 'bad escape \\q at position 1'],
  ['\\', 'bad escape (end of pattern) at position 0'],
  [String.raw`(a)\2`, 'invalid group reference 2 at position 4'],
  ['(?P=q)', "unknown group name 'q' at position 4"],
  ['(?P<n>a)(?P<n>b)', "redefinition of group name 'n' as group 2; was group 1 at position 12"],
  ['(?z)', 'unknown extension ?z at position 1'],
  ['(a)?(?(1)b|c)', 'conditional groups "(?(…)…)" cannot be translated at position 4'],
];

describe('pythonRegex', () => {
  for (const [pattern, text, found, flags] of SEARCHES) {
    it(`${JSON.stringify(pattern)} in ${JSON.stringify(text)}`, () => {
      const match = pythonRegex(pattern, flags).exec(text);
      expect(match && Array.from(match)).to.deep.equal(found);
    });
  }
  for (const [pattern, message] of REFUSED) {
    it(`refuses ${JSON.stringify(pattern)}`, () => {
      expect(() => pythonRegex(pattern)).to.throw(RegexSyntax, message);
    });
  }
});

describe('replacement templates', () => {
  const cases: [pattern: string, template: string, text: string, result: string, count?: number][] = [
    [String.raw`(\w+) (\w+)`, String.raw`\2 \1`, 'john smith', 'smith john'],
    ['(?P<n>x)', String.raw`<\g<n>\g<1>\g<0>>`, 'x', '<xxx>'],
    ['a', String.raw`\n\\\.`, 'a', '\n\\\\.'],
    ['(a)|(b)', String.raw`[\1\2]`, 'ab', '[a][b]'],
    ['x*', '-', 'abxd', '-a-b--d-'],
    ['a', 'b', 'aaa', 'bba', 2],
    ['a', '$&$1', 'a', '$&$1'],
    ['(a)', String.raw`\g<1>0`, 'a', 'a0'],
  ];
  for (const [pattern, template, text, result, count] of cases) {
    it(`${pattern} → ${template}`, () => {
      expect(substitute(pythonRegex(pattern), template, text, count)).to.equal(result);
    });
  }
  it('refuses groups the pattern has not', () => {
    const match = /(a)/.exec('a')!;
    expect(() => expandTemplate(String.raw`\2`, match)).to.throw('invalid group reference 2 at position 1');
    expect(() => expandTemplate(String.raw`\g<q>`, match)).to.throw("unknown group name 'q'");
    expect(() => expandTemplate(String.raw`\q`, match)).to.throw('bad escape \\q at position 0');
  });
  it('escapes what a pattern would read', () => {
    expect(escapeRegex('a.b*c')).to.equal(String.raw`a\.b\*c`);
    expect(pythonRegex(escapeRegex('a&b-c #\n~(x)')).test('a&b-c #\n~(x)')).to.equal(true);
  });
});

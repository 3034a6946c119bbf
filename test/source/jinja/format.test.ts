/** Text is formatted as Python formats it. */
import { expect } from 'chai';
import { Float } from '../../../engine/core/value.ts';
import { percentFormat, strFormat } from '../../../engine/source/jinja/format.ts';
import { JinjaError, tuple, Undefined } from '../../../engine/source/jinja/values.ts';

const dict = (members: Record<string, unknown>) => new Map<unknown, unknown>(Object.entries(members));

const PERCENT: [template: string, value: unknown, text: string][] = [
  ['%s has %d items', tuple('db1', 3), 'db1 has 3 items'],
  ['%05.1f', 2.345, '002.3'],
  ['%-5s|', 'ab', 'ab   |'],
  ['%(k)s', dict({ k: 'v' }), 'v'],
  ['%(a)s-%(a)05d', dict({ a: 7, unused: 1 }), '7-00007'],
  ['100%%', tuple(), '100%'],
  ['%s', [1, 'a'], "[1, 'a']"],
  ['%s', new Float(3), '3.0'],
  ['%s %s', tuple(null, true), 'None True'],
  ['%x %X %#x %o', tuple(255, 255, 255, 8), 'ff FF 0xff 10'],
  ['%r', 'q', "'q'"],
  ['%*d|%-*d|', tuple(4, 1, 4, 2), '   1|2   |'],
  ['%.*f', tuple(2, 3.14159), '3.14'],
  ['%.0f %.0f', tuple(0.5, 2.5), '0 2'],
  ['%e', 12345.678, '1.234568e+04'],
  ['%g %g %g', tuple(0.0001, 1e-5, 1e6), '0.0001 1e-05 1e+06'],
  ['%c%c', tuple(65, 'b'), 'Ab'],
  ['%+d % d', tuple(5, 5), '+5  5'],
  ['%d', 3.99, '3'],
  ['%d', 99999999999999999999n, '99999999999999999999'],
  ['%.2s', 'abc', 'ab'],
  ['plain', dict({}), 'plain'],
];

const PERCENT_ERRORS: [template: string, value: unknown, message: string][] = [
  ['%s %s', tuple(1), 'not enough arguments for format string'],
  ['%s', tuple(1, 2), 'not all arguments converted during string formatting'],
  ['none', 1, 'not all arguments converted during string formatting'],
  ['%d', 'x', '%d format: a real number is required, not str'],
  ['%x', 1.5, '%x format: an integer is required, not float'],
  ['%f', 'x', 'must be real number, not str'],
  ['%y', 1, "unsupported format character 'y' (0x79) at index 1"],
  ['%', 1, 'incomplete format'],
  ['%(a)s', 1, 'format requires a mapping'],
  ['%(a)s', dict({}), "no key 'a'"],
  ['%s', new Undefined("'x' is undefined"), "'x' is undefined"],
  ['%99999999999d', 1, 'Too many decimal digits in format string'],
];

const FORMAT: [template: string, args: unknown[], kwargs: Record<string, unknown>, text: string][] = [
  ['{}:{}', ['h', 80], {}, 'h:80'],
  ['{0}-{1}-{0}', ['a', 'b'], {}, 'a-b-a'],
  ['{name}={value}', [], { name: 'n', value: 3 }, 'n=3'],
  ['{:>6}|{:<6}|{:^6}', ['r', 'l', 'c'], {}, '     r|l     |  c   '],
  ['{:*^7}', ['x'], {}, '***x***'],
  ['{:05d}', [42], {}, '00042'],
  ['{:.2f}', [3.14159], {}, '3.14'],
  ['{:x} {:#b} {:#o}', [255, 5, 8], {}, 'ff 0b101 0o10'],
  ['{{literal}}', [], {}, '{literal}'],
  ['{d[key]} {l[1]} {d.key}', [], { d: dict({ key: 'v' }), l: [1, 2] }, 'v 2 v'],
  ['{!r} {!s}', ['q', 'q'], {}, "'q' q"],
  ['{:{}}|{:{w}.{p}f}', ['a', 4, 3.14159], { w: 7, p: 2 }, 'a   |   3.14'],
  ['{:,} {:_}', [1234567, 1234567], {}, '1,234,567 1_234_567'],
  ['{:010,}', [1234], {}, '00,001,234'],
  ['{:+} {: }', [5, 5], {}, '+5  5'],
  ['{:.1%}', [0.256], {}, '25.6%'],
  ['{} {} {}', [null, true, new Float(2)], {}, 'None True 2.0'],
  ['{:d}', [true], {}, '1'],
  ['{:e}', [12345.678], {}, '1.234568e+04'],
  ['{:.3}', ['abcdef'], {}, 'abc'],
  ['{0[a][0]}', [dict({ a: ['x'] })], {}, 'x'],
  ['{}', [[1, 'a']], {}, "[1, 'a']"],
];

const FORMAT_ERRORS: [template: string, args: unknown[], message: string][] = [
  ['{', [], "Single '{' encountered in format string"],
  ['}', [], "Single '}' encountered in format string"],
  ['{a', [], "expected '}' before end of string"],
  ['{} {1}', ['a', 'b'], 'cannot switch from automatic field numbering to manual field specification'],
  ['{0} {}', ['a', 'b'], 'cannot switch from manual field specification to automatic field numbering'],
  ['{} {}', ['a'], 'Replacement index 1 out of range for positional args tuple'],
  ['{x}', [], '"{x}", which is not given'],
  ['{:d}', ['a'], "Unknown format code 'd' for object of type 'str'"],
  ['{:5}', [[1]], 'unsupported format string passed to list.__format__'],
  ['{.nope}', [dict({})], "'dict object' has no attribute 'nope'"],
  ['{!z}', ['a'], 'Unknown conversion specifier z'],
  ['{:.2d}', [1], 'Precision not allowed in integer format specifier'],
];

describe('percentFormat', () => {
  for (const [template, value, text] of PERCENT) {
    it(template, () => expect(percentFormat(template, value)).to.equal(text));
  }
  for (const [template, value, message] of PERCENT_ERRORS) {
    it(`refuses ${template}: ${message}`, () => {
      expect(() => percentFormat(template, value)).to.throw(JinjaError, message);
    });
  }
});

describe('strFormat', () => {
  for (const [template, args, kwargs, text] of FORMAT) {
    it(template, () => expect(strFormat(template, args, kwargs)).to.equal(text));
  }
  for (const [template, args, message] of FORMAT_ERRORS) {
    it(`refuses ${template}: ${message}`, () => {
      expect(() => strFormat(template, args)).to.throw(JinjaError, message);
    });
  }
});

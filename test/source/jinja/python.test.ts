/** Python's values: printing, truth, equality, order, arithmetic and containers. */
import { expect } from 'chai';
import { Float } from '../../../engine/core/value.ts';
import { add, div, floordiv, mod, mul, neg, pow, sub } from '../../../engine/source/jinja/arithmetic.ts';
import { contains, iterate, length, slice } from '../../../engine/source/jinja/containers.ts';
import { dictDelete, dictGet, dictSet, equals } from '../../../engine/source/jinja/equality.ts';
import { typeName } from '../../../engine/source/jinja/kinds.ts';
import { compare, truthy } from '../../../engine/source/jinja/order.ts';
import { repr, str } from '../../../engine/source/jinja/printing.ts';
import { Range, tuple, Undefined, View } from '../../../engine/source/jinja/values.ts';

const f = (value: number) => new Float(value);
const dict = (...pairs: [unknown, unknown][]) => new Map(pairs);

describe('python: printing', () => {
  const cases: [value: unknown, printed: string][] = [
    [null, 'None'],
    [true, 'True'],
    [5, '5'],
    [-0, '0'],
    [12345678901234567890n, '12345678901234567890'],
    [2 ** 60, '1152921504606846976'],
    [f(3), '3.0'],
    [f(-0), '-0.0'],
    [0.1, '0.1'],
    [f(1e15), '1000000000000000.0'],
    [f(1e16), '1e+16'],
    [f(1.5e300), '1.5e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.25e-7, '1.25e-07'],
    [123456.789, '123456.789'],
    [f(Number.POSITIVE_INFINITY), 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
    ['plain', "'plain'"],
    ["it's", '"it\'s"'],
    [`it's "both"`, `'it\\'s "both"'`],
    ['a\\b\n\r\t', "'a\\\\b\\n\\r\\t'"],
    ['\u0000\u001f\u007f\u0080\u00a0\u00ad', "'\\x00\\x1f\\x7f\\x80\\xa0\\xad'"],
    ['é€😀', "'é€😀'"],
    ['\u200b\u2028\ue000\u{e0001}', "'\\u200b\\u2028\\ue000\\U000e0001'"],
    ['\ud800', "'\\ud800'"],
    [[], '[]'],
    [[1, 'a', [null]], "[1, 'a', [None]]"],
    [tuple(), '()'],
    [tuple(1), '(1,)'],
    [tuple(1, 2), '(1, 2)'],
    [dict(), '{}'],
    [dict(['a', 1], [1, f(2)], [null, []]), "{'a': 1, 1: 2.0, None: []}"],
    [new Range(0, 3, 1), 'range(0, 3)'],
    [new Range(3, 0, -1), 'range(3, 0, -1)'],
    [new View('items', dict(['a', 1])), "dict_items([('a', 1)])"],
    [new Undefined('gone'), 'Undefined'],
  ];
  for (const [value, printed] of cases) {
    it(printed, () => {
      expect(repr(value)).to.equal(printed);
    });
  }

  it('prints text as it is, and a value that holds itself', () => {
    expect(str("it's\n")).to.equal("it's\n");
    const list: unknown[] = [1];
    list.push(list, dict(['k', list]));
    expect(repr(list)).to.equal("[1, [...], {'k': [...]}]");
  });

  it('prints a list that is held twice both times', () => {
    const list = [1];
    expect(repr([list, list])).to.equal('[[1], [1]]');
  });
});

describe('python: truth, equality and order', () => {
  it('counts what is empty or zero as false', () => {
    const no = [
      null,
      false,
      0,
      0n,
      f(0),
      '',
      [],
      tuple(),
      dict(),
      new Range(0, 0, 1),
      new View('keys', dict()),
    ];
    const yes = [true, 1, -1n, f(0.5), Number.NaN, ' ', [0], tuple(null), dict([0, 0]), new Range(0, 1, 1)];
    expect([no.filter(truthy), yes.filter((one) => !truthy(one))]).to.deep.equal([[], []]);
  });

  const same: [a: unknown, b: unknown, equal: boolean][] = [
    [1, f(1), true],
    [1, true, true],
    [0, false, true],
    [2n ** 64n, f(2 ** 64), true],
    [9007199254740993n, f(9007199254740992), false],
    ['1', 1, false],
    [null, false, false],
    [[1, [2]], [f(1), [2]], true],
    [[1], tuple(1), false],
    [tuple(1, 'a'), tuple(true, 'a'), true],
    [dict(['a', 1], ['b', 2]), dict(['b', 2], ['a', f(1)]), true],
    [dict([1, 'x']), dict([f(1), 'x']), true],
    [dict(['a', 1]), dict(['a', 2]), false],
    [Number.NaN, Number.NaN, false],
    [f(Number.NaN), f(Number.NaN), false],
  ];
  for (const [a, b, equal] of same) {
    it(`${repr(a)} ${equal ? '==' : '!='} ${repr(b)}`, () => {
      expect([equals(a, b), equals(b, a)]).to.deep.equal([equal, equal]);
    });
  }

  it('orders numbers, text by code points, lists and tuples', () => {
    expect(compare(1, f(1.5))).to.be.below(0);
    expect(compare(2n ** 70n, 5)).to.be.above(0);
    expect(compare(true, 0)).to.be.above(0);
    expect(compare('\uffff', '\u{10000}')).to.be.below(0);
    expect(compare('a', 'ab')).to.be.below(0);
    expect(compare([1, 2], [1, 3])).to.be.below(0);
    expect(compare([1], [1, 0])).to.be.below(0);
    expect(compare(tuple('b'), tuple('a', 'z'))).to.be.above(0);
  });

  it('refuses to order different kinds', () => {
    for (const [a, b] of [
      [1, 'a'],
      [null, 1],
      [[1], tuple(1)],
      [dict(), dict()],
    ] as const) {
      expect(() => compare(a, b, '>'), repr([a, b])).to.throw(`'>' not supported`);
    }
  });
});

describe('python: arithmetic', () => {
  const cases: [what: string, value: unknown, printed: string][] = [
    ['1 + 2', add(1, 2), '3'],
    ['beyond 2^53', add(9007199254740991, 2), '9007199254740993'],
    ['back below 2^53', sub(2n ** 60n, 2n ** 60n - 1n), '1'],
    ['big product', mul(3037000500, 3037000500), '9223372037000250000'],
    ['1 + 2.0', add(1, f(2)), '3.0'],
    ['True + True', add(true, true), '2'],
    ['4 / 2', div(4, 2), '2.0'],
    ['7 // 2', floordiv(7, 2), '3'],
    ['-7 // 2', floordiv(-7, 2), '-4'],
    ['7 // -2', floordiv(7, -2), '-4'],
    ['-8 // 2', floordiv(-8, 2), '-4'],
    ['7.5 // 2', floordiv(7.5, 2), '3.0'],
    ['-7 % 3', mod(-7, 3), '2'],
    ['7 % -3', mod(7, -3), '-2'],
    ['-7.5 % 2', mod(-7.5, 2), '0.5'],
    ['0 % 5', mod(0, 5), '0'],
    ['2 ** 10', pow(2, 10), '1024'],
    ['2 ** 64', pow(2, 64), '18446744073709551616'],
    ['2 ** -1', pow(2, -1), '0.5'],
    ['4 ** 0.5', pow(4, 0.5), '2.0'],
    ['-True', neg(true), '-1'],
    ['-0', neg(0), '0'],
    ['-0.0', neg(f(0)), '-0.0'],
    ['text * 3', mul('ab', 3), "'ababab'"],
    ['-1 * list', mul(-1, [1]), '[]'],
    ['list + list', add([1], [2]), '[1, 2]'],
    ['tuple * 2', mul(tuple(1), 2), '(1, 1)'],
  ];
  for (const [what, value, printed] of cases) {
    it(`${what} = ${printed}`, () => {
      expect(repr(value)).to.equal(printed);
    });
  }

  it('refuses what Python refuses', () => {
    expect(() => add(1, 'a')).to.throw("unsupported operand type(s) for +: 'int' and 'str'");
    expect(() => add('a', 1)).to.throw('can only concatenate str (not "int") to str');
    expect(() => add([1], tuple(1))).to.throw('can only concatenate list (not "tuple") to list');
    expect(() => sub('a', 'b')).to.throw("unsupported operand type(s) for -: 'str' and 'str'");
    expect(() => mul('a', 1.5)).to.throw("can't multiply sequence by non-int of type 'float'");
    expect(() => div(1, f(0))).to.throw('division by zero');
    expect(() => mod(1, 0)).to.throw('modulo by zero');
    expect(() => pow(0, -1)).to.throw('negative power');
    expect(() => pow(10, 10_000_000)).to.throw('too large');
    expect(() => mul('x', 2n ** 70n)).to.throw('too large');
    expect(() => neg('a')).to.throw("bad operand type for unary -: 'str'");
  });
});

describe('python: containers', () => {
  it('takes 1, 1.0 and True for the same key', () => {
    const made = dict();
    dictSet(made, 1, 'a');
    dictSet(made, true, 'b');
    dictSet(made, f(1), 'c');
    expect(repr(made)).to.equal("{1: 'c'}");
    expect(dictGet(made, true)).to.equal('c');
    expect(dictGet(made, '1')).to.equal(undefined);
    expect(dictDelete(made, f(1))).to.equal(true);
    expect(made.size).to.equal(0);
  });

  it('finds tuples by what they hold and refuses lists as keys', () => {
    const made = dict([tuple(1, 'a'), 'x']);
    expect(dictGet(made, tuple(f(1), 'a'))).to.equal('x');
    expect(() => dictGet(made, [1])).to.throw("unhashable type: 'list'");
    expect(() => dictSet(made, tuple(dict()), 1)).to.throw("unhashable type: 'dict'");
  });

  it('looks into text, lists, dicts and ranges', () => {
    expect(contains('abc', 'bc')).to.equal(true);
    expect(contains([1, 2], true)).to.equal(true);
    expect(contains(dict(['k', 1]), 'k')).to.equal(true);
    expect(contains(new Range(0, 10, 3), 9)).to.equal(true);
    expect(contains(new Range(0, 10, 3), 10)).to.equal(false);
    expect(contains(new View('values', dict(['k', 1])), 1)).to.equal(true);
    expect(() => contains('abc', 1)).to.throw('requires string as left operand, not int');
    expect(() => contains(5, 1)).to.throw("argument of type 'int' is not iterable");
  });

  it('walks keys, characters and numbers', () => {
    expect([...iterate(dict(['b', 1], ['a', 2]))]).to.deep.equal(['b', 'a']);
    expect([...iterate('a😀')]).to.deep.equal(['a', '😀']);
    expect([...iterate(new Range(5, 0, -2))]).to.deep.equal([5, 3, 1]);
    expect(() => iterate(5)).to.throw("'int' object is not iterable");
  });

  it('counts characters, not UTF-16 units', () => {
    expect([length('a😀é'), length([1]), length(dict()), length(new Range(0, 7, 2))]).to.deep.equal([
      3, 1, 0, 4,
    ]);
    expect(() => length(5)).to.throw("object of type 'int' has no len()");
  });

  const slices: [value: unknown, start: unknown, stop: unknown, step: unknown, printed: string][] = [
    ['abcdef', 1, 3, null, "'bc'"],
    ['abcdef', null, null, -1, "'fedcba'"],
    ['a😀b', 1, 2, null, "'😀'"],
    ['abc', -2, null, null, "'bc'"],
    ['abc', 5, 1, null, "''"],
    [[1, 2, 3, 4], null, null, 2, '[1, 3]'],
    [[1, 2, 3, 4], 3, 0, -2, '[4, 2]'],
    [[1, 2, 3], -100, 100, null, '[1, 2, 3]'],
    [tuple(1, 2, 3), 1, null, null, '(2, 3)'],
    [[1, 2], true, null, null, '[2]'],
  ];
  for (const [value, start, stop, step, printed] of slices) {
    it(`${repr(value)}[${start}:${stop}:${step}] = ${printed}`, () => {
      expect(repr(slice(value, start, stop, step))).to.equal(printed);
    });
  }

  it('names kinds as Python does', () => {
    const kinds = [null, true, 1, 2n, 1.5, f(1), 'a', [], tuple(), dict(), new Range(0, 1, 1)].map(typeName);
    expect(kinds.join(' ')).to.equal('NoneType bool int int float float str list tuple dict range');
  });

  it('fails with its own words whatever is done to something undefined', () => {
    const gone = new Undefined('"x" is undefined.');
    const uses: ((value: Undefined) => unknown)[] = [
      str,
      truthy,
      length,
      iterate,
      neg,
      (v) => add(v, 1),
      (v) => add(1, v),
      (v) => equals(v, 1),
      (v) => compare(1, v),
      (v) => contains([], v) || contains(v, 1),
      (v) => slice(v, 0, 1, 1),
      (v) => dictSet(dict(), v, 1),
    ];
    for (const use of uses) expect(() => use(gone), String(use)).to.throw('"x" is undefined.');
  });
});

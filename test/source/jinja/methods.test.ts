/** Values have Python's methods. */
import { expect } from 'chai';
import { Float } from '../../../engine/core/value.ts';
import { methodOf } from '../../../engine/source/jinja/methods.ts';
import { repr } from '../../../engine/source/jinja/printing.ts';
import { JinjaError, type Keywords, tuple, Undefined } from '../../../engine/source/jinja/values.ts';

function call(value: unknown, name: string, args: unknown[] = [], kwargs: Keywords = {}): unknown {
  const method = methodOf(value, name);
  if (method === undefined) throw new Error(`no method ${name}`);
  return method.call(args, kwargs);
}

const dict = () =>
  new Map<unknown, unknown>([
    ['b', 1],
    ['a', 2],
  ]);

const CASES: [value: unknown, method: string, args: unknown[], printed: string, kwargs?: Keywords][] = [
  ['a,b,,c', 'split', [','], "['a', 'b', '', 'c']"],
  ['  a  b c ', 'split', [], "['a', 'b', 'c']"],
  ['  a  b c ', 'split', [null, 1], "['a', 'b c ']"],
  ['a,b,c', 'split', [','], "['a', 'b,c']", { maxsplit: 1 }],
  ['a,b,c', 'rsplit', [',', 1], "['a,b', 'c']"],
  ['  a  b c ', 'rsplit', [null, 1], "['  a  b', 'c']"],
  ['a\r\nb\n\nc\n', 'splitlines', [], "['a', 'b', '', 'c']"],
  ['-', 'join', [['a', 'b']], "'a-b'"],
  ['-', 'join', ['abc'], "'a-b-c'"],
  ['xxaxx', 'strip', ['x'], "'a'"],
  ['\u2003a\x85', 'strip', [], "'a'"],
  ['abc', 'startswith', [tuple('x', 'a')], 'True'],
  ['abc', 'endswith', ['bc', 0, 2], 'False'],
  ['aaa', 'replace', ['a', 'b', 2], "'bba'"],
  ['ab', 'replace', ['', '-'], "'-a-b-'"],
  ["they're bill's", 'title', [], '"They\'Re Bill\'S"'],
  ['hELLO wORLD', 'capitalize', [], "'Hello world'"],
  ['aBc', 'swapcase', [], "'AbC'"],
  ['😀ab', 'find', ['b'], '2'],
  ['abcabc', 'rindex', ['b'], '4'],
  ['abcabc', 'count', ['b', 2], '1'],
  ['²', 'isdigit', [], 'True'],
  ['', 'isdigit', [], 'False'],
  ['-42', 'zfill', [5], "'-0042'"],
  ['ab', 'center', [5], "'  ab '"],
  ['ab', 'ljust', [4, '.'], "'ab..'"],
  ['k=v=w', 'partition', ['='], "('k', '=', 'v=w')"],
  ['k=v=w', 'rpartition', ['='], "('k=v', '=', 'w')"],
  ['k', 'rpartition', ['='], "('', '', 'k')"],
  ['a\tb', 'expandtabs', [4], "'a   b'"],
  ['prefix-a', 'removeprefix', ['prefix-'], "'a'"],
  ['a.conf', 'removesuffix', ['.conf'], "'a'"],
  ['ab', 'translate', [new Map([[97, 98]])], "'bb'"],
  ['{a}', 'format_map', [new Map([['a', 1]])], "'1'"],
  ['{} {x}', 'format', [1], "'1 2'", { x: 2 }],
  [[1, 2, 1], 'count', [1], '2'],
  [[1, new Float(2)], 'index', [2], '1'],
  [tuple('a', 'b'), 'index', ['b'], '1'],
  [dict(), 'get', ['b'], '1'],
  [dict(), 'get', ['x'], 'None'],
  [dict(), 'get', ['x', 5], '5'],
  [dict(), 'items', [], "dict_items([('b', 1), ('a', 2)])"],
  [dict(), 'keys', [], "dict_keys(['b', 'a'])"],
  [dict(), 'values', [], 'dict_values([1, 2])'],
  [dict(), 'fromkeys', [['x', 'y'], 0], "{'x': 0, 'y': 0}"],
  [255, 'bit_length', [], '8'],
  [new Float(3), 'is_integer', [], 'True'],
  [2.5, 'is_integer', [], 'False'],
];

const CHANGES: [value: () => unknown, method: string, args: unknown[], after: string, returned?: string][] = [
  [() => [1], 'append', [2], '[1, 2]'],
  [() => [1], 'extend', ['ab'], "[1, 'a', 'b']"],
  [() => [1, 2], 'insert', [1, 9], '[1, 9, 2]'],
  [() => [1, 2], 'insert', [-1, 9], '[1, 9, 2]'],
  [() => [1, 2, 3], 'pop', [], '[1, 2]', '3'],
  [() => [1, 2, 3], 'pop', [0], '[2, 3]', '1'],
  [() => [1, 2, 1], 'remove', [1], '[2, 1]'],
  [() => ['b', 'A', 'a'], 'sort', [], "['A', 'a', 'b']"],
  [() => [1, 2], 'reverse', [], '[2, 1]'],
  [() => [1, 2], 'clear', [], '[]'],
  [dict, 'update', [new Map([['c', 3]])], "{'b': 1, 'a': 2, 'c': 3}"],
  [dict, 'update', [[tuple('b', 9)]], "{'b': 9, 'a': 2}"],
  [dict, 'pop', ['b'], "{'a': 2}", '1'],
  [dict, 'pop', ['x', 7], "{'b': 1, 'a': 2}", '7'],
  [dict, 'popitem', [], "{'b': 1}", "('a', 2)"],
  [dict, 'setdefault', ['c', []], "{'b': 1, 'a': 2, 'c': []}", '[]'],
  [dict, 'setdefault', ['b', 7], "{'b': 1, 'a': 2}", '1'],
];

const ERRORS: [value: unknown, method: string, args: unknown[], message: string, kwargs?: Keywords][] = [
  ['-', 'join', [[1]], 'sequence item 0: expected str instance, int found'],
  ['a', 'split', [''], 'empty separator'],
  ['a', 'index', ['b'], 'substring not found'],
  ['a', 'replace', ['a'], "replace() missing required argument: 'new'"],
  ['a', 'strip', ['a', 'b'], 'strip() takes at most 1 argument (2 given)'],
  ['a', 'startswith', [1], 'startswith first arg must be str or a tuple of str, not int'],
  ['a', 'replace', [new Undefined("'x' is undefined"), 'b'], "'x' is undefined"],
  ['a', 'split', [','], "split() got an unexpected keyword argument 'nope'", { nope: 1 }],
  [[], 'pop', [], 'pop from empty list'],
  [[1], 'remove', [2], 'list.remove(x): x not in list'],
  [[1, 'a'], 'sort', [], "'<' not supported between instances of 'str' and 'int'"],
  [new Map(), 'pop', ['x'], "no key 'x'"],
  [new Map(), 'popitem', [], 'popitem(): dictionary is empty'],
];

describe('methods', () => {
  for (const [value, name, args, printed, kwargs] of CASES) {
    it(`${repr(value)}.${name}(${args.map(repr).join(', ')})`, () => {
      expect(repr(call(value, name, args, kwargs))).to.equal(printed);
    });
  }
  for (const [make, name, args, after, returned] of CHANGES) {
    it(`${repr(make())}.${name}(${args.map(repr).join(', ')}) changes it`, () => {
      const value = make();
      expect(repr(call(value, name, args))).to.equal(returned ?? 'None');
      expect(repr(value)).to.equal(after);
    });
  }
  for (const [value, name, args, message, kwargs] of ERRORS) {
    it(`${name}: ${message}`, () => {
      expect(() => call(value, name, args, kwargs)).to.throw(JinjaError, message);
    });
  }
  it('has no Python 2 methods, and none of JavaScript', () => {
    for (const name of ['iteritems', 'has_key', 'constructor', 'toString', '__class__']) {
      expect(methodOf(new Map(), name)).to.equal(undefined);
    }
    expect(methodOf([], 'push')).to.equal(undefined);
    expect(methodOf(null, 'x')).to.equal(undefined);
  });
  it('keeps dict views up to date', () => {
    const value = dict();
    const keys = call(value, 'keys');
    value.set('c', 3);
    expect(repr(keys)).to.equal("dict_keys(['b', 'a', 'c'])");
  });
});

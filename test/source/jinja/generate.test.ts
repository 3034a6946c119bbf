/** Expressions and macros as Jinja and Python have them. */
import { expect } from 'chai';
import { outcome } from './_render.ts';
import { files, variables } from './_sample.ts';

// Every line was rendered by Jinja2 3.1.6 too (strict undefined, sandbox, do, loop controls); errors are ours.

const expressions: [source: string, text: string][] = [
  [
    '{{ 1 + 2 * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 1 / 2 }} {{ 4 / 2 }}',
    '7 3 -4 2 -2 3.0 1024 0.5 0.5 2.0',
  ],
  [
    '{{ 1 ~ 2 + 3 }}',
    'template-error 1:4+9 can only concatenate str (not "int") to str. Use "~", which turns both sides into text.',
  ],
  [
    "{{ 'a' ~ 1 + 2 }}",
    'template-error 1:4+11 can only concatenate str (not "int") to str. Use "~", which turns both sides into text.',
  ],
  ["{{ 1 + 2 ~ 'a' }}", "template-error 1:4+11 unsupported operand type(s) for +: 'int' and 'str'."],
  ["{{ 'a' ~ 2 * 3 }}", 'a6'],
  ['{{ -2 ** 2 }} {{ 2 ** 3 ** 2 }}', '4 64'],
  [
    "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' != 'b' }}",
    'True False True True True',
  ],
  [
    "{{ 1 in [1,2] }} {{ 3 not in [1,2] }} {{ 'a' in 'abc' }} {{ 'k' in {'k': 1} }} {{ 1 in {1.0: 2} }}",
    'True True True True True',
  ],
  [
    "{{ not true }} {{ not false and true }} {{ true and 'x' }} {{ '' or 'y' }} {{ 0 or [] or none }}",
    'False True x y None',
  ],
  [
    "{{ 'yes' if true else 'no' }} {{ 'yes' if false else 'no' }} {{ 'a' if false else 'b' if false else 'c' }}",
    'yes no c',
  ],
  ["{{ 'x' if false }}", ''],
  ["[{{ ('x' if false) is defined }}]", '[False]'],
  [
    "{{ 'abc'[0] }} {{ 'abc'[-1] }} {{ 'abcdef'[1:4] }} {{ 'abcdef'[::2] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[4:1:-1] }} {{ [1,2,3][-2:] }} {{ (1,2,3)[:1] }} {{ [1,2,3][10:] }} {{ [1,2,3][:-10] }}",
    'a c bcd ace fedcba edc [2, 3] (1,) [] []',
  ],
  [
    "{{ (1,) }} {{ () }} {{ (1, 2,) }} {{ [1, 2, ] }} {{ {'a': 1, } }} {{ {} }} {{ 1, 2 }}",
    "(1,) () (1, 2) [1, 2] {'a': 1} {} (1, 2)",
  ],
  [
    "{{ 'it\\'s' }} {{ \"q\\\"q\" }} {{ 'a\\nb' }} {{ 'a\\tb\\\\c' }} {{ '\\x41\\u00e9\\101' }} {{ '\\d' }}",
    'it\'s q"q a\nb a\tb\\c A\u00e9A \\d',
  ],
  ["{{ 'a' 'b' \"c\" }}", 'abc'],
  [
    "{{ ['it\\'s', \"q\\\"q\", 'a\\nb', 'both\\'\"', '\\\\', '\\x00\\x7f\\xa0\u00e9'] }}",
    "[\"it's\", 'q\"q', 'a\\nb', 'both\\'\"', '\\\\', '\\x00\\x7f\\xa0\u00e9']",
  ],
  [
    '{{ 1_000 }} {{ 0xff }} {{ 0o17 }} {{ 0b101 }} {{ 1.5e3 }} {{ 1e16 }} {{ 1e15 }} {{ 1.0e-5 }} {{ 0.0001 }} {{ 123456789012345678901234567890 }} {{ 1.0 }} {{ 100.25 }} {{ 1e100 }}',
    '1000 255 15 5 1500.0 1e+16 1000000000000000.0 1e-05 0.0001 123456789012345678901234567890 1.0 100.25 1e+100',
  ],
  [
    '{{ 9007199254740993 + 1 }} {{ 2 ** 64 }} {{ 9007199254740991 * 3 }} {{ 2**64 // 3 }} {{ 2**64 % 1000 }} {{ 2**64 / 2 }}',
    '9007199254740994 18446744073709551616 27021597764222973 6148914691236517205 616 9.223372036854776e+18',
  ],
  ['{{ True }} {{ true }} {{ None }} {{ none }} {{ False }}', 'True True None None False'],
  ["{{ [true, none, 1.0, 'x', (1,), {'a': none}] }}", "[True, None, 1.0, 'x', (1,), {'a': None}]"],
  [
    "{{ 'x' * 3 }} {{ [1] * 2 }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 3 * 'y' }}",
    'xxx [1, 1] [1, 2] (1, 2) yyy',
  ],
  [
    "{{ 'abc'.upper() }} {{ 'a-b'.split('-') }} {{ [3,1].index(1) }} {{ {'a':1}.items() | list }} {{ {'a':1}.get('z', 5) }}",
    "ABC ['a', 'b'] 1 [('a', 1)] 5",
  ],
  ["{{ {'a': {'b': 1}}.a.b }} {{ {'items': 5}['items'] }} {{ {'a b': 1}['a b'] }}", '1 5 1'],
  [
    "{{ d.k }} {{ d['k'] }} {{ d.get('nope') }} {{ d.nope is defined }} {{ d.nope | default('dflt') }} {{ nope | default('x') }} {{ none | default('x') }} {{ none | default('x', true) }}",
    'v v None False dflt x None x',
  ],
  ['{{ l.0 }} {{ l[1] }} {{ l | length }} {{ d | length }}', '1 2 3 2'],
  ['{{ [nope] }}', '[Undefined]'],
  [
    "{{ 'a' + 1 }}",
    'template-error 1:4+7 can only concatenate str (not "int") to str. Use "~", which turns both sides into text.',
  ],
  ["{{ 1 + 'a' }}", "template-error 1:4+7 unsupported operand type(s) for +: 'int' and 'str'."],
  ["{{ 1 < 'a' }}", "template-error 1:4+7 '<' not supported between instances of 'int' and 'str'."],
  ["{{ [1] < [2] }} {{ (1, 2) < (1, 3) }} {{ 'a' < 'b' }} {{ 1.5 > 1 }}", 'True True True True'],
  ['{{ 1 // 0 }}', 'template-error 1:4+6 integer division or modulo by zero.'],
  ['{{ 1 % 0 }}', 'template-error 1:4+5 integer modulo by zero.'],
  ['{{ 1 / 0 }}', 'template-error 1:4+5 division by zero.'],
  ['{{ {[1]: 2} }}', "template-error 1:4+8 unhashable type: 'list'."],
  ["{{ {1: 'a', true: 'b', 1.0: 'c'} }}", "{1: 'c'}"],
  ["{{ {'a': 1, 'a': 2} }}", "{'a': 2}"],
  ["{{ '%s-%d' % ('a', 3) }} {{ '%05d' % 42 }}", 'a-3 00042'],
  ['{{ -x }} {{ +x }} {{ - x | abs }} {{ -x.real }}', '-5 5 5 -5'],
  [
    '{{ x is divisibleby 5 }} {{ x is divisibleby(2) }} {{ x is not none }} {{ x is number and true }} {{ 3 is in [1,3] }} {{ x is eq 5 }} {{ x is odd or false }}',
    'True False True True True True True',
  ],
  [
    "{{ 'a' is string }} {{ {} is mapping }} {{ [] is sequence }} {{ x is callable }}",
    'True True True False',
  ],
  ["{% print 1, 'a' %}", '1a'],
  [
    '{{ range(5) | list }} {{ range(1, 10, 3) | list }} {{ range(3, 0, -1) | list }} {{ range(5) }} {{ 3 in range(5) }} {{ range(5)[2] }}',
    '[0, 1, 2, 3, 4] [1, 4, 7] [3, 2, 1] range(0, 5) True 2',
  ],
  [
    "{{ dict(a=1, b=2) }} {{ dict([('a', 1)]) }} {{ dict({'z': 1}, y=2) }}",
    "{'a': 1, 'b': 2} {'a': 1} {'z': 1, 'y': 2}",
  ],
  ["{{ [1,2,3] | map('string') | join('-') }} {{ [1,2] | sum }} {{ 'abc' | first }}", '1-2-3 3 a'],
  ["{{ x | upper | lower }} {{ (x ~ 'a') | upper }}", '5 5A'],
  ["{{ 'a' | default('b') | upper ~ 'c' }}", 'Ac'],
  ["{{ [3,1,2] | sort | join }} {{ 'a,b'.split(',') | last }}", '123 b'],
  ['{{ x if x > 3 else y }}', '5'],
  ["{{ [x, x + 1] | max }} {{ {'a': x}.a }}", '6 5'],
  ["{{ 'a'.join(['1', '2']) }} {{ '{}-{}'.format(1, 'b') }}", '1a2 1-b'],
  [
    "{{ d.constructor is defined }}{{ d.__proto__ is defined }}{{ l.constructor is defined }}{{ 'a'.constructor is defined }}",
    'FalseFalseFalseFalse',
  ],
  ["{{ x }}}} {{ '}}' }} {{ {'a': {'b': 2}} }}", "5}} }} {'a': {'b': 2}}"],
  [
    "{{ 'a' in d }} {{ 'k' in d and d.k or 'z' }} {{ not 'q' in d }} {{ 'k' not in d }}",
    'False v True False',
  ],
  [
    '{{ d.items() }} {{ d.keys() }} {{ d.values() | list }}',
    "dict_items([('k', 'v'), ('n', 2)]) dict_keys(['k', 'n']) ['v', 2]",
  ],
  [
    "{{ ['a', 'b'] | map('upper') | list }} {{ [{'a': 1}, {'a': 2}] | map(attribute='a') | list }} {{ [1,2,3,4] | select('even') | list }} {{ [{'a': 1}, {'a': 2}] | selectattr('a', 'equalto', 2) | list }}",
    "['A', 'B'] [1, 2] [2, 4] [{'a': 2}]",
  ],
  [
    "{{ x.real }} {{ 'a' < 1 }}",
    "template-error 1:17+7 '<' not supported between instances of 'str' and 'int'.",
  ],
  [
    "{{ 1 == none }} {{ none == none }} {{ [1,2] == [1,2] }} {{ (1,2) == [1,2] }} {{ {'a': 1} == {'a': 1.0} }}",
    'False True True False True',
  ],
  ['{{ true + true }} {{ true * 3 }} {{ -true }}', '2 3 -1'],
  [
    '{{ 0.1 + 0.2 }} {{ 1.0 + 2 }} {{ 3.0 * 2 }} {{ 10 / 4 }} {{ 10.0 // 3 }} {{ 5.5 % 2 }} {{ -5.5 % 2 }} {{ 1e308 * 10 }} {{ -0.0 }}',
    '0.30000000000000004 3.0 6.0 2.5 3.0 1.5 0.5 inf -0.0',
  ],
  ["{{ 'x' ~ none ~ true ~ 1.0 ~ [1] }}", 'xNoneTrue1.0[1]'],
  ["{% autoescape false %}{{ '<' }}{% endautoescape %}", '<'],
  ["{{ 'a' if x is defined and x else 'b' }}", 'a'],
  ['{{ x is defined and nope is not defined }}', 'True'],
  ["{{ (nope | default({})).foo | default('z') }}", 'z'],
  ["{{ d.get('nope', {}).get('x', 'z') }}", 'z'],
  ["{{ 'A' if d.k is string else 'B' }}", 'A'],
  ["{{ ''.join(['a']) }}{{ ' a '.strip() }}{{ 'a b'.title() }}", 'aaA B'],
  ["{{ \"a\" | center(5) }}|{{ '%s' | format('x') }}", '  a  |x'],
  ["{{ [[1,2],[3]] | map('length') | list }}", '[2, 1]'],
  ['{{ l[0:2] + l[2:] }} {{ l[-1] }}', '[1, 2, 3] 3'],
  ['{{ x.bit_length() }}', '3'],
  ['{{ d | tojson }}', '{"k": "v", "n": 2}'],
  ["{{ 5 | string ~ 'a' }} {{ '5' | int + 1 }} {{ '5.5' | float }}", '5a 6 5.5'],
  [
    "{{ ('a', 'b') | join(',') }} {{ 'ab' | list }} {{ 'ab' | reverse }} {{ {'b': 1, 'a': 2} | dictsort }}",
    "a,b ['a', 'b'] ba [('a', 2), ('b', 1)]",
  ],
  ['', ''],
];

const macros: [source: string, text: string][] = [
  ['{% macro m() %}{{ q }}{% endmacro %}{% set q = 1 %}{{ m() }}', '1'],
  [
    '{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% set x = 1 %}{{ m() }}',
    'template-undefined 1:19+1 "x" is undefined. Did you mean "m"?',
  ],
  ['{% macro m() %}{{ x }}{% endmacro %}{{ x }}{{ m() }}{% set x = 1 %}{{ m() }}', '551'],
  ['{% macro m() %}{% set x = 9 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}', '95'],
  [
    '{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=4) }} {{ m(1, c=0) }}',
    '1-2-1 1-3-1 4-5-4 1-2-0',
  ],
  ['{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}', 'False'],
  [
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}',
    'template-undefined 1:12+1 The parameter "a" was not given.',
  ],
  [
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}',
    'template-error 1:41+1 The macro "m" takes at most 1 argument, found 2.',
  ],
  [
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}',
    'template-error 1:41+1 The macro "m" takes no argument "b". Did you mean "a"?',
  ],
  [
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}',
    'template-error 1:41+1 The macro "m" was given "a" twice.',
  ],
  ['{% macro m() %}{{ varargs }}|{{ kwargs }}{% endmacro %}{{ m(1, 2, z=3) }}', "(1, 2)|{'z': 3}"],
  [
    "{% macro m(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ m(*[1, 2, 3]) }} {{ m(**{'a': 5}) }}",
    '1(2, 3) 5()',
  ],
  [
    '{% macro m(a, b) %}{{ m.name }} {{ m.arguments }} {{ m.catch_kwargs }} {{ m.catch_varargs }} {{ m.caller }}{% endmacro %}{{ m(1,2) }}',
    "m ('a', 'b') False False False",
  ],
  ['{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body {{ x }}{% endcall %}', '[body 5]'],
  [
    '{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}',
    'template-undefined 1:19+6 No caller is defined: the macro was not used by a "call" tag.',
  ],
  [
    '{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}',
    'template-error 1:39+1 The macro "m" was used by a "call" tag but does not use "caller".',
  ],
  ['{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}', '3210'],
  ['{% macro a() %}A{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}', 'AB'],
  [
    '{% macro outer() %}{% macro inner() %}I{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}',
    'IFalse',
  ],
  ['{% macro m() %}{{ kwargs.a }}{{ varargs[0] }}{% endmacro %}{{ m(7, a=8) }}', '87'],
  ['{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}', 'True'],
];

describe('templates: expressions', () => {
  for (const [source, text] of expressions) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

describe('templates: macros and call blocks', () => {
  for (const [source, text] of macros) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

/** Loops, undefined names and templates that use other templates. */
import { expect } from 'chai';
import { outcome } from './_render.ts';
import { files, variables } from './_sample.ts';

// Every line was rendered by Jinja2 3.1.6 too (strict undefined, sandbox, do, loop controls); errors are ours.

const loops: [source: string, text: string][] = [
  ['{% for x in nope %}{% endfor %}', 'template-undefined 1:13+4 "nope" is undefined.'],
  ['{% set ns = namespace(a=1) %}{% for i in [1,2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}', '4'],
  ['{% for i in [1,2] %}{% set x = i %}{{ x }}{% endfor %}{{ x }}', '125'],
  ['{% for i in [1,2] %}{{ x }}{% set x = i %}{% endfor %}{{ x }}', '555'],
  [
    '{% for i in [1] %}{% if true %}{% set q = 5 %}{% endif %}{{ q }}{% endfor %}{{ q is defined }}',
    '5False',
  ],
  [
    '{% for i in [1,2,3] %}{% if i == 2 %}{% set q = 5 %}{% endif %}{{ q is defined }}{% endfor %}',
    'FalseTrueFalse',
  ],
  ['{% for i in [1,2,3] %}{% if i == 2 %}{% set x = 7 %}{% endif %}{{ x }}{% endfor %}', '575'],
  [
    '{% macro m(l) %}{% for i in l %}<{{ caller(i, loop.index) }}>{% endfor %}{% endmacro %}{% call(a, n) m([7, 8]) %}{{ n }}:{{ a }}{% endcall %}',
    '<1:7><2:8>',
  ],
  ['{% for i in [1,2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}', '12'],
  ['{% for i in [] %}x{% else %}empty{% endfor %}', 'empty'],
  [
    '{% for i in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}',
    '1032TrueFalse310 2121FalseFalse310 3210FalseTrue310 ',
  ],
  [
    "{% for i in [1,2,3] %}{{ loop.previtem | default('-') }}{{ loop.nextitem | default('-') }} {% endfor %}",
    '-2 13 2- ',
  ],
  [
    "{% for i in [1,1,2] %}{{ loop.cycle('a', 'b') }}{{ loop.changed(i) }} {% endfor %}",
    'aTrue bFalse aTrue ',
  ],
  [
    '{% for i in [1,2,3,4] if i % 2 == 0 %}{{ i }}{{ loop.index }}{{ loop.length }}{{ loop.last }} {% endfor %}',
    '212False 422True ',
  ],
  ['{% for i in [1,2,3,4] if i % 2 == 0 %}{{ i }}{% else %}no{% endfor %}', '24'],
  ['{% for i in [1,3] if i % 2 == 0 %}{{ i }}{% else %}no{% endfor %}', 'no'],
  ['{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}', 'k=v;n=2;'],
  ['{% for k in d %}{{ k }}{% endfor %}', 'kn'],
  ['{% for k, v in d | dictsort %}{{ k }}={{ v }};{% endfor %}', 'k=v;n=2;'],
  ['{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}', '123'],
  [
    '{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}',
    'template-error 1:8+4 too many values to unpack (expected 2).',
  ],
  ["{% for c in 'h\u00e9y' %}{{ c }},{% endfor %}", 'h,\u00e9,y,'],
  [
    '{% for i in range(3) %}{% for j in range(2) %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{{ loop.index }}{% endfor %}',
    '100 201 1110 211 2120 221 3',
  ],
  [
    '{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}',
    '02',
  ],
  ['{% for i in [1] %}{% continue %}{% else %}E{% endfor %}', 'E'],
  [
    '{% for i in [1,2] %}{% for j in [1,2] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}',
    '11 21 ',
  ],
  [
    '{% for n in tree recursive %}{{ n.name }}{% if n.kids %}({{ loop(n.kids) }}){% endif %}{{ loop.depth }}{{ loop.index }}{% if not loop.last %},{% endif %}{% endfor %}',
    'a(b21,c22)11,d12',
  ],
  [
    '{% for n in [1,2] %}{{ loop(n) }}{% endfor %}',
    'template-error 1:24+4 The loop must have the "recursive" marker to be called recursively. Write "recursive" at the end of the "for" tag.',
  ],
  ['{% for i in [1,2,3] %}{% set last = loop.last %}{{ last }}{% endfor %}', 'FalseFalseTrue'],
  [
    '{% set ns = namespace(found=false) %}{% for i in [1,2,3] if not ns.found %}{{ i }}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}',
    '12',
  ],
  [
    '{% set ns = namespace(found=false) %}{% for i in [1,2,3,4] if not ns.found %}{{ i }}{{ loop.index }}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}',
    '1122',
  ],
  ['{% set q = [] %}{% for i in range(3) %}{% do q.append(i) %}{% endfor %}{{ q }}', '[0, 1, 2]'],
  ['{% for i in l %}{% if loop.index < 3 %}{% do l.append(i) %}{% endif %}{{ i }}{% endfor %}', '12312'],
  ['{% set l2 = [1,2] %}{% for i in l2 %}{% set l2 = [9] %}{{ l2 }}{% endfor %}{{ l2 }}', '[9][9][1, 2]'],
  ['{% for x in [1,2] %}{{ x }}{% endfor %}{{ x }}', '125'],
  ['{% for i in [3] %}{% for x in [i, x] %}{{ x }}{% endfor %}{% endfor %}', '35'],
  [
    '{% macro m(x) %}{% for i in [1] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% endmacro %}{{ m(1) }}',
    '21',
  ],
];

const undefineds: [source: string, text: string][] = [
  ['{{ nope }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ['{{ d.nope }}', "template-undefined 1:6+4 'dict object' has no attribute 'nope'."],
  ['{{ d.nope.deeper }}', "template-undefined 1:6+4 'dict object' has no attribute 'nope'."],
  ['{{ d.nope.deeper | default(1) }}', "template-undefined 1:6+4 'dict object' has no attribute 'nope'."],
  ['{{ nope == 1 }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ["{{ nope ~ 'x' }}", 'template-undefined 1:4+4 "nope" is undefined.'],
  ['{{ nope + 1 }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ['{{ nope() }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ['{{ nope in [1] }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ['{{ l[99] }}', 'template-undefined 1:6+2 list object has no element 99.'],
  ['{{ l.foo }}', "template-undefined 1:6+3 'list object' has no attribute 'foo'."],
  ["{{ 'a'.foo }}", "template-undefined 1:8+3 'str object' has no attribute 'foo'."],
  ['{{ 1.foo }}', "template-undefined 1:6+3 'int object' has no attribute 'foo'."],
  ['{{ none.foo }}', "template-undefined 1:9+3 None has no attribute 'foo'."],
  ['{{ x.y.z }}', "template-undefined 1:6+1 'int object' has no attribute 'y'."],
  [
    '{{ (1).__class__ }}',
    "template-undefined 1:8+9 access to attribute '__class__' of 'int' object is unsafe.",
  ],
  [
    "{{ ''.__class__ }}",
    "template-undefined 1:7+9 access to attribute '__class__' of 'str' object is unsafe.",
  ],
  [
    '{{ d.__class__ }}',
    "template-undefined 1:6+9 access to attribute '__class__' of 'dict' object is unsafe.",
  ],
  [
    "{{ d['__class__'] }}",
    "template-undefined 1:6+11 access to attribute '__class__' of 'dict' object is unsafe.",
  ],
  ['{{ nope.foo is defined }}', 'template-undefined 1:4+4 "nope" is undefined.'],
  ["{{ d['nope']['x'] | default('z') }}", "template-undefined 1:6+6 'dict object' has no attribute 'nope'."],
];

const others: [source: string, text: string][] = [
  ['{% block a %}A{% endblock %}{% block b scoped %}B{{ x }}{% endblock %}{{ self.a() }}', 'AB5A'],
  ['{% for i in [1,2] %}{% block a scoped %}{{ i }}{% endblock %}{% endfor %}', '12'],
  ['{% for i in [1,2] %}{% block a %}{{ i is defined }}{% endblock %}{% endfor %}', 'FalseFalse'],
  ['{% set q = 1 %}{% block a %}{{ q }}{% set q = 2 %}{{ q }}{% endblock %}{{ q }}', '121'],
  [
    '{% block a required %}{% endblock %}',
    'template-error 1:4+33 The block "a" is required, but no template fills it.',
  ],
  ["{% extends 'base' %}{% block a %}child {{ super() }}{% endblock %}ignored", '<child base a none|base b>'],
  [
    "{% extends 'base' %}{% set title = 'T' %}{% block b %}{{ self.a() }}{% endblock %}",
    '<base a T|base a T>',
  ],
  ["before {% extends 'base' %}after", 'before <base a none|base b>'],
  ["{% if true %}{% extends 'base' %}{% endif %}x{% block a %}Z{% endblock %}", '<Z|base b>'],
  ["{% extends 'mid' %}{% block a %}leaf>{{ super() }}{% endblock %}", '<leaf>mid>base a none|base b>'],
  ["{% include 'inc' %}", '[inc no q 5]'],
  ["{% set q = 1 %}{% include 'inc' %}", '[inc 1 5]'],
  ["{% set q = 1 %}{% include 'inc' without context %}", '[inc no q 5]'],
  ["{% for q in [1,2] %}{% include 'inc' %}{% endfor %}", '[inc 1 5][inc 2 5]'],
  ["{% include 'nope' ignore missing %}ok", 'ok'],
  ["{% include 'nope' %}", 'template-not-found 1:12+6 There is no template "nope" in the file roots.'],
  ["{% include ['nope', 'inc'] %}", '[inc no q 5]'],
  [
    "{% import 'lib' as lib %}{{ lib.f(1) }}{{ lib.v }}{{ lib._hidden is defined }}{{ lib.sub is defined }}",
    'f(1,V,5)VFalseFalse',
  ],
  ["{% from 'lib' import f, v as w %}{{ f(2) }}{{ w }}", 'f(2,V,5)V'],
  ["{% from 'lib' import f, v as w with context %}{{ f(2) }}{{ w }}", 'f(2,V,5)V'],
  ["{% from 'lib' import nothere %}{{ nothere is defined }}", 'False'],
  [
    "{% from 'lib' import nothere %}{{ nothere }}",
    'template-undefined 1:22+7 The template "lib" has no "nothere" to import.',
  ],
  ["{% set local = 'L' %}{% import 'ctx' as c %}{{ c.get() }}", 'nothing'],
  ["{% set local = 'L' %}{% import 'ctx' as c with context %}{{ c.get() }}", 'L'],
  ["{% set local = 'L' %}{% import 'ctx' as c with context %}{% set local = 'M' %}{{ c.get() }}", 'L'],
  [
    "{% macro t() %}{% set local = 'in macro' %}{% import 'ctx' as c with context %}{{ c.get() }}{% endmacro %}{{ t() }}",
    'in macro',
  ],
  ["{% import 'lib' as lib %}{{ lib }}", 'text'],
  ["{% import 'counter' as a %}{% import 'counter' as b %}{% do a.items.append(1) %}{{ b.items }}", '[1]'],
];

describe('templates: loops', () => {
  for (const [source, text] of loops) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

describe('templates: undefined names', () => {
  for (const [source, text] of undefineds) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

describe('templates: include, import, extends, blocks', () => {
  for (const [source, text] of others) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

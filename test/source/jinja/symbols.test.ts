/** Which assignment a name sees. */
import { expect } from 'chai';
import { outcome } from './_render.ts';
import { files, variables } from './_sample.ts';

// Every line was rendered by Jinja2 3.1.6 too (strict undefined, sandbox, do, loop controls); errors are ours.

const scopes: [source: string, text: string][] = [
  ['{% if nope %}x{% endif %}', 'template-undefined 1:7+4 "nope" is undefined.'],
  ['{% if nope is defined %}x{% else %}y{% endif %}', 'y'],
  ['{% if not nope %}x{% endif %}', 'template-undefined 1:11+4 "nope" is undefined.'],
  ['{% set a = 1 %}{% set b, c = 2, 3 %}{{ a }}{{ b }}{{ c }}', '123'],
  ['{% set (a, (b, c)) = (1, (2, 3)) %}{{ a }}{{ b }}{{ c }}', '123'],
  ['{% set a, b = [1] %}', 'template-error 1:8+4 not enough values to unpack (expected 2, got 1).'],
  ['{% set a = 1, 2 %}{{ a }}', '(1, 2)'],
  ["{% set ns = namespace({'q': 2}, z=1) %}{{ ns.q }}{{ ns.z }}{{ ns.nope is defined }}", '21False'],
  [
    '{% set d2 = {} %}{% set d2.x = 1 %}',
    'template-error 1:25+4 Only attributes of a namespace() can be set, not those of a dict. Use "do x.update({\'x\': \u2026})".',
  ],
  ['{% set t %}hello {{ x }}{% endset %}[{{ t }}]', '[hello 5]'],
  ["{% set t | upper | replace('L', 'J') %}hello {{ x }}{% endset %}[{{ t }}]", '[HEJJO 5]'],
  ['{% set x = x + 1 %}{{ x }}', '6'],
  ['{% if true %}{% set q = 1 %}{% endif %}{{ q }}', '1'],
  ['{% if false %}{% set q = 1 %}{% endif %}{{ q is defined }}', 'False'],
  ['{% if false %}{% set x = 1 %}{% endif %}{{ x }}', '5'],
  [
    '{% if false %}{% set x = 1 %}{% elif true %}{% set x = 2 %}{% else %}{% set x = 3 %}{% endif %}{{ x }}',
    '2',
  ],
  ["{% filter upper %}abc {{ 'x' }}{% endfilter %}", 'ABC X'],
  ["{% filter replace('a', 'b') | upper %}aaa{% endfilter %}", 'BBB'],
  ['{% with a = 1, b = x %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}', '15False'],
  ['{% with x = 1, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}', '155'],
  ['{% with %}{% set q = 3 %}{{ q }}{% endwith %}{{ q is defined }}', '3False'],
  ['{% do l.append(9) %}{{ l }}', '[1, 2, 3, 9]'],
  [
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% do c.reset() %}{{ c.current }}",
    'ababa',
  ],
  ["{% set j = joiner(', ') %}{{ j() }}a{{ j() }}b", 'a, b'],
  ['{% if false %}{{ x | nofilter }}{% endif %}', ''],
  [
    "{% if x == 5 %}a{% elif x == 6 %}b{% else %}c{% endif %}{% if x != 5 %}a{% elif x == 5 %}b{% else %}c{% endif %}{% if 0 %}a{% elif '' %}b{% else %}c{% endif %}",
    'abc',
  ],
  [
    "{% set foo = 'a' %}{% set bar %}{{ foo }}{% set foo = 'b' %}{{ foo }}{% endset %}{{ bar }}{{ foo }}",
    'aba',
  ],
  ["{% filter upper %}{% set foo = 'in' %}{{ foo }}{% endfilter %}{{ foo is defined }}", 'INFalse'],
  ['{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}', ''],
  ['a{% if x %} {% endif %}b', 'a b'],
  ['{% for d, d in [(1, 2)] %}{{ d }}{% endfor %}', '2'],
  ['{% with a = 1, a = 2 %}{{ a }}{% endwith %}', '2'],
  ['{% set a, a = 1, 2 %}{{ a }}', '2'],
];

describe('templates: assignments and scopes', () => {
  for (const [source, text] of scopes) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

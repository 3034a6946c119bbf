/** What malformed templates are told, and where. */
import { expect } from 'chai';
import { outcome } from './_render.ts';
import { files, variables } from './_sample.ts';

// Every line was rendered by Jinja2 3.1.6 too (strict undefined, sandbox, do, loop controls); errors are ours.

const malformed: [source: string, text: string][] = [
  ['{{ x | nofilter }}', 'unknown-filter 1:8+8 There is no filter "nofilter".'],
  ['{% for i in [] %}{{ x | nofilter }}{% endfor %}', 'unknown-filter 1:25+8 There is no filter "nofilter".'],
  ['{{ x is notest }}', 'unknown-filter 1:9+6 There is no test "notest". Did you mean "test"?'],
  ['{{ x', 'template-syntax 1:1+2 The tag that opens here is never closed. Close it with "}}".'],
  ['{% if x %}', 'template-syntax 1:4+2 "if" is never closed. Close it with "{% endif %}".'],
  [
    '{% if x %}{% endfor %}',
    'template-syntax 1:14+6 Unexpected "endfor": the "if" above needs "elif" or "else" or "endif" first.',
  ],
  [
    '{% endif %}',
    'template-syntax 1:4+5 Unexpected "endif": there is no tag open that it could end or continue.',
  ],
  ['{% foo %}', 'template-syntax 1:4+3 There is no tag "foo". Did you mean "for"?'],
  ['{{ }}', 'template-syntax 1:4+2 Expected an expression, found the end of the tag.'],
  ['{{ 1 2 }}', 'template-syntax 1:6+1 Expected the end of the tag, found "2".'],
  ['{{ x. }}', 'template-syntax 1:7+2 Expected a name or a number, found the end of the tag.'],
  ['{{ x[ }}', 'template-syntax 1:7+1 Expected "]" before this "}".'],
  ['{{ (1 }}', 'template-syntax 1:7+1 Expected ")" before this "}".'],
  ['{% for i %}{% endfor %}', 'template-syntax 1:10+2 Expected "in", found the end of the tag.'],
  ['{% set 1 = 2 %}', 'template-syntax 1:8+1 This cannot be assigned to: only names can.'],
  ['{% set true = 2 %}', 'template-syntax 1:8+4 This cannot be assigned to: only names can.'],
  [
    '{# never closed',
    'template-syntax 1:1+2 The comment that opens here is never closed. Close it with "#}".',
  ],
  [
    '{% raw %} never closed',
    'template-syntax 1:1+2 The raw block that opens here is never closed. Close it with "{% endraw %}".',
  ],
  ["{{ 'abc }}", 'template-syntax 1:4+1 The string that opens here is never closed.'],
  ['{% break %}', 'template-syntax 1:4+5 "break" is only possible inside a loop.'],
  [
    '{% macro m(a=1, b) %}{% endmacro %}',
    'template-syntax 1:17+1 The parameter "b" needs a default, because one before it has one.',
  ],
  ['{{ f(a=1, 2) }}', 'template-syntax 1:11+1 An argument without a name cannot follow a named one.'],
  ['{{ x is defined is none }}', 'template-syntax 1:17+2 Tests cannot be chained with "is".'],
  ['{{ a if }}', 'template-syntax 1:9+2 Expected an expression, found the end of the tag.'],
  ['{{ x ! y }}', 'template-syntax 1:6+1 A tag cannot hold the character "!".'],
  [
    '{% block a %}{% endblock %}{% block a %}{% endblock %}',
    'template-syntax 1:31+5 The block "a" is defined twice.',
  ],
  [
    "{% from 'lib' import _hidden %}",
    'template-syntax 1:22+7 A name that begins with an underscore cannot be imported.',
  ],
  ["{{ {'a' 1} }}", 'template-syntax 1:9+1 Expected ":", found "1".'],
  ['{{ [1 2] }}', 'template-syntax 1:7+1 Expected "," or "]", found "2".'],
  ['{% for loop in [1] %}{% endfor %}', 'template-syntax 1:8+4 Inside a loop, "loop" cannot be assigned to.'],
  ['{% call(x) foo %}{% endcall %}', 'template-syntax 1:12+1 Expected a call such as "macro()" here.'],
  [
    '{# a\n multi #}\nx\n{%- endraw_ish %}',
    'template-syntax 4:5+10 Unexpected "endraw_ish": there is no tag open that it could end or continue.',
  ],
  ['{% macro m(a, a) %}{% endmacro %}', 'template-syntax 1:15+1 The parameter "a" is there twice.'],
];

describe('templates: syntax errors', () => {
  for (const [source, text] of malformed) {
    it(JSON.stringify(source), async () => {
      expect(await outcome(source, { files, variables })).to.equal(text);
    });
  }
});

/** Whitespace control, raw blocks, comments and newlines, as Jinja has them. */
import { expect } from 'chai';
import type { TemplateOptions } from '../../../engine/source/template.ts';
import { outcome } from './_render.ts';
import { files, variables } from './_sample.ts';

// Every line was rendered by Jinja2 3.1.6 too (strict undefined, sandbox, do, loop controls); errors are ours.

const whitespace: [source: string, text: string, options?: TemplateOptions][] = [
  ['{% raw %}{{ x }}{% if %}{% endraw %}', '{{ x }}{% if %}'],
  ['a {%- raw -%}  b  {%- endraw -%} c', 'abc'],
  ['{# comment {{ x }} #}a{#- strip -#} b {#- c #} d', 'ab d'],
  ['a  {%- if true -%}  b  {%- endif -%}  c', 'abc'],
  ['a  {%- if true %}  b  {%+ endif %}  c', 'a  b    c'],
  [' {{- x -}} y {{ x -}}  z', '5y 5z'],
  ['a\n  {% if true %}\n  b\n  {% endif %}\nc\n', 'a\n  \n  b\n  \nc\n'],
  ['a\n  {%- if true %}\n  b\n  {%- endif %}\nc\n', 'a\n  b\nc\n'],
  ['a\n  {% if true -%}\n  b\n  {% endif -%}\nc\n', 'a\n  b\n  c\n'],
  [
    '{% set x = 1 %}\n{% for i in [1,2] %}\n  - {{ i }}\n{% endfor %}\nend\n\n',
    '\n\n  - 1\n\n  - 2\n\nend\n\n',
  ],
  ['a\r\nb {{ x }}\r\n{% if true %}\r\nc\r\n{% endif %}', 'a\nb 5\n\nc\n'],
  ['  {# c #}  \n  {#- d -#}\n x\n', '  x\n'],
  ['  {% raw %}\n {{ x }} \n  {% endraw %}  \nz\n', '  \n {{ x }} \n    \nz\n'],
  ['a\n    {%+ if true %}b{% endif +%}\nc\n', 'a\n    b\nc\n'],
  ['{{ x }}\n{{ y }}\n  {{ x }}  \n', '5\n6\n  5  \n'],
  ["{{ {\n 'a': 1,\n 'b': [1,\n 2]\n} }}\n", "{'a': 1, 'b': [1, 2]}\n"],
  ['{% macro m() %}\n  a\n{% endmacro %}\n{{ m() }}\n{{ m() | indent(4) }}\n', '\n\n  a\n\n\n      a\n\n'],
  ['{% set x %}\n  line\n{% endset %}\n[{{ x }}]\n', '\n[\n  line\n]\n'],
  ['{%- set a = 1 -%}\n\n{{ a }}\n', '1\n'],
  ['text only\n\n\n', 'text only\n\n\n'],
  ['\n', '\n'],
  ["{{ 'a\nb' }}", 'a\nb'],
  [
    'a\n  {% if true %}\n  b\n  {% endif %}\nc\n',
    'a\n    b\n  c\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    'a\n  {% if true %}\n  b\n  {% endif %}\nc\n',
    'a\n\n  b\n\nc\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  ['a\n  {% if true %}\n  b\n  {% endif %}\nc\n', 'a\n  b\nc\n', { trimBlocks: true, lstripBlocks: true }],
  ['a\n  {%- if true %}\n  b\n  {%- endif %}\nc\n', 'a  bc\n', { trimBlocks: true, lstripBlocks: false }],
  ['a\n  {%- if true %}\n  b\n  {%- endif %}\nc\n', 'a\n  b\nc\n', { trimBlocks: false, lstripBlocks: true }],
  ['a\n  {%- if true %}\n  b\n  {%- endif %}\nc\n', 'a  bc\n', { trimBlocks: true, lstripBlocks: true }],
  [
    'a\n  {% if true -%}\n  b\n  {% endif -%}\nc\n',
    'a\n  b\n  c\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  ['a\n  {% if true -%}\n  b\n  {% endif -%}\nc\n', 'a\nb\nc\n', { trimBlocks: false, lstripBlocks: true }],
  ['a\n  {% if true -%}\n  b\n  {% endif -%}\nc\n', 'a\nb\nc\n', { trimBlocks: true, lstripBlocks: true }],
  [
    '{% set x = 1 %}\n{% for i in [1,2] %}\n  - {{ i }}\n{% endfor %}\nend\n\n',
    '  - 1\n  - 2\nend\n\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    '{% set x = 1 %}\n{% for i in [1,2] %}\n  - {{ i }}\n{% endfor %}\nend\n\n',
    '\n\n  - 1\n\n  - 2\n\nend\n\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    '{% set x = 1 %}\n{% for i in [1,2] %}\n  - {{ i }}\n{% endfor %}\nend\n\n',
    '  - 1\n  - 2\nend\n\n',
    { trimBlocks: true, lstripBlocks: true },
  ],
  [
    'a\r\nb {{ x }}\r\n{% if true %}\r\nc\r\n{% endif %}',
    'a\nb 5\nc\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    'a\r\nb {{ x }}\r\n{% if true %}\r\nc\r\n{% endif %}',
    'a\nb 5\n\nc\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    'a\r\nb {{ x }}\r\n{% if true %}\r\nc\r\n{% endif %}',
    'a\nb 5\nc\n',
    { trimBlocks: true, lstripBlocks: true },
  ],
  ['  {# c #}  \n  {#- d -#}\n x\n', '  x\n', { trimBlocks: true, lstripBlocks: false }],
  ['  {# c #}  \n  {#- d -#}\n x\n', 'x\n', { trimBlocks: false, lstripBlocks: true }],
  ['  {# c #}  \n  {#- d -#}\n x\n', 'x\n', { trimBlocks: true, lstripBlocks: true }],
  [
    '  {% raw %}\n {{ x }} \n  {% endraw %}  \nz\n',
    '  \n {{ x }} \n    \nz\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    '  {% raw %}\n {{ x }} \n  {% endraw %}  \nz\n',
    '\n {{ x }} \n  \nz\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    '  {% raw %}\n {{ x }} \n  {% endraw %}  \nz\n',
    '\n {{ x }} \n  \nz\n',
    { trimBlocks: true, lstripBlocks: true },
  ],
  ['a\n    {%+ if true %}b{% endif +%}\nc\n', 'a\n    b\nc\n', { trimBlocks: true, lstripBlocks: false }],
  ['a\n    {%+ if true %}b{% endif +%}\nc\n', 'a\n    b\nc\n', { trimBlocks: false, lstripBlocks: true }],
  ['a\n    {%+ if true %}b{% endif +%}\nc\n', 'a\n    b\nc\n', { trimBlocks: true, lstripBlocks: true }],
  ['{{ x }}\n{{ y }}\n  {{ x }}  \n', '5\n6\n  5  \n', { trimBlocks: true, lstripBlocks: false }],
  ['{{ x }}\n{{ y }}\n  {{ x }}  \n', '5\n6\n  5  \n', { trimBlocks: false, lstripBlocks: true }],
  ['{{ x }}\n{{ y }}\n  {{ x }}  \n', '5\n6\n  5  \n', { trimBlocks: true, lstripBlocks: true }],
  [
    "{{ {\n 'a': 1,\n 'b': [1,\n 2]\n} }}\n",
    "{'a': 1, 'b': [1, 2]}\n",
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    "{{ {\n 'a': 1,\n 'b': [1,\n 2]\n} }}\n",
    "{'a': 1, 'b': [1, 2]}\n",
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    "{{ {\n 'a': 1,\n 'b': [1,\n 2]\n} }}\n",
    "{'a': 1, 'b': [1, 2]}\n",
    { trimBlocks: true, lstripBlocks: true },
  ],
  [
    '{% macro m() %}\n  a\n{% endmacro %}\n{{ m() }}\n{{ m() | indent(4) }}\n',
    '  a\n\n  a\n\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    '{% macro m() %}\n  a\n{% endmacro %}\n{{ m() }}\n{{ m() | indent(4) }}\n',
    '\n\n  a\n\n\n      a\n\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    '{% macro m() %}\n  a\n{% endmacro %}\n{{ m() }}\n{{ m() | indent(4) }}\n',
    '  a\n\n  a\n\n',
    { trimBlocks: true, lstripBlocks: true },
  ],
  [
    '{% set x %}\n  line\n{% endset %}\n[{{ x }}]\n',
    '[  line\n]\n',
    { trimBlocks: true, lstripBlocks: false },
  ],
  [
    '{% set x %}\n  line\n{% endset %}\n[{{ x }}]\n',
    '\n[\n  line\n]\n',
    { trimBlocks: false, lstripBlocks: true },
  ],
  [
    '{% set x %}\n  line\n{% endset %}\n[{{ x }}]\n',
    '[  line\n]\n',
    { trimBlocks: true, lstripBlocks: true },
  ],
  ['{%- set a = 1 -%}\n\n{{ a }}\n', '1\n', { trimBlocks: true, lstripBlocks: false }],
  ['{%- set a = 1 -%}\n\n{{ a }}\n', '1\n', { trimBlocks: false, lstripBlocks: true }],
  ['{%- set a = 1 -%}\n\n{{ a }}\n', '1\n', { trimBlocks: true, lstripBlocks: true }],
  ['text only\n\n\n', 'text only\n\n\n', { trimBlocks: true, lstripBlocks: false }],
  ['text only\n\n\n', 'text only\n\n\n', { trimBlocks: false, lstripBlocks: true }],
  ['text only\n\n\n', 'text only\n\n\n', { trimBlocks: true, lstripBlocks: true }],
  ['', '', { trimBlocks: true, lstripBlocks: false }],
  ['', '', { trimBlocks: false, lstripBlocks: true }],
  ['', '', { trimBlocks: true, lstripBlocks: true }],
  ['\n', '\n', { trimBlocks: true, lstripBlocks: false }],
  ['\n', '\n', { trimBlocks: false, lstripBlocks: true }],
  ['\n', '\n', { trimBlocks: true, lstripBlocks: true }],
  ["{{ 'a\nb' }}", 'a\nb', { trimBlocks: true, lstripBlocks: false }],
  ["{{ 'a\nb' }}", 'a\nb', { trimBlocks: false, lstripBlocks: true }],
  ["{{ 'a\nb' }}", 'a\nb', { trimBlocks: true, lstripBlocks: true }],
  ["{{ '%s-%d' % ('a', 3) }} {{ '%05d' % 42 }}", 'a-3 00042', { trimBlocks: true, lstripBlocks: false }],
  ["{{ '%s-%d' % ('a', 3) }} {{ '%05d' % 42 }}", 'a-3 00042', { trimBlocks: false, lstripBlocks: true }],
  ["{{ '%s-%d' % ('a', 3) }} {{ '%05d' % 42 }}", 'a-3 00042', { trimBlocks: true, lstripBlocks: true }],
  ['{% raw %}{{ x }}{% if %}{% endraw %}', '{{ x }}{% if %}', { trimBlocks: true, lstripBlocks: false }],
  ['{% raw %}{{ x }}{% if %}{% endraw %}', '{{ x }}{% if %}', { trimBlocks: false, lstripBlocks: true }],
  ['{% raw %}{{ x }}{% if %}{% endraw %}', '{{ x }}{% if %}', { trimBlocks: true, lstripBlocks: true }],
  ['a {%- raw -%}  b  {%- endraw -%} c', 'abc', { trimBlocks: true, lstripBlocks: false }],
  ['a {%- raw -%}  b  {%- endraw -%} c', 'abc', { trimBlocks: false, lstripBlocks: true }],
  ['a {%- raw -%}  b  {%- endraw -%} c', 'abc', { trimBlocks: true, lstripBlocks: true }],
  ['a  {%- if true -%}  b  {%- endif -%}  c', 'abc', { trimBlocks: true, lstripBlocks: false }],
  ['a  {%- if true -%}  b  {%- endif -%}  c', 'abc', { trimBlocks: false, lstripBlocks: true }],
  ['a  {%- if true -%}  b  {%- endif -%}  c', 'abc', { trimBlocks: true, lstripBlocks: true }],
];

describe('templates: whitespace, raw and comments', () => {
  for (const [source, text, options] of whitespace) {
    it(JSON.stringify(source) + (options ? ` ${Object.keys(options)}` : ''), async () => {
      expect(await outcome(source, { files, variables, options })).to.equal(text);
    });
  }
});

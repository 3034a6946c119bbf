/** The variables and files that the tables of template tests use. */

export const variables = {
  x: 5,
  y: 6,
  d: { k: 'v', n: 2 },
  l: [1, 2, 3],
  tree: [
    {
      name: 'a',
      kids: [
        { name: 'b', kids: [] },
        { name: 'c', kids: [] },
      ],
    },
    { name: 'd', kids: [] },
  ],
};

export const files = {
  base: "<{% block a %}base a {{ title | default('none') }}{% endblock %}|{% block b %}base b{% endblock %}>\n",
  mid: "{% extends 'base' %}{% block a %}mid>{{ super() }}{% endblock %}",
  inc: "[inc {{ q | default('no q') }} {{ x }}]\n",
  lib: "{% import 'sublib' as sub %}{% set v = 'V' %}{% set _hidden = 1 %}{% macro f(a) %}f({{ a }},{{ v }},{{ x }}){% endmacro %}text",
  sublib: '{% set z = 1 %}',
  ctx: "{% macro get() %}{{ local | default('nothing') }}{% endmacro %}",
  counter: '{% set items = [] %}',
};

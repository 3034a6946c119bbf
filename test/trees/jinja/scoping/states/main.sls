{% set x = 'outer' %}
{% for i in [1, 2] %}{% set x = 'inner' %}{% endfor %}
{% set ns = namespace(count=0) %}
{% for i in [1, 2, 3] %}{% set ns.count = ns.count + i %}{% endfor %}
{% if true %}{% set y = 'from if' %}{% endif %}
{% with z = 5 %}{% set inside = z %}{% endwith %}
{% macro m(a, b='B') %}{{ a }}{{ b }}{{ varargs | join }}{{ kwargs.get('k', '') }}{% endmacro %}
{% macro outer() %}<{{ caller('c') }}>{% endmacro %}
{% set block %}  text of {{ x }}  {% endset %}
a:
  test.nop:
    - x: {{ x }}
    - count: {{ ns.count }}
    - y: {{ y }}
    - macro: {{ m('A') }} {{ m('A', 'x', 'y', k='K') }}
    - block: '{{ block }}'
    - called: '{% call(item) outer() %}got {{ item }}{% endcall %}'
    - tuple: {% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}

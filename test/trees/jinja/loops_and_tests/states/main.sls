{% set d = {'b': 2, 'a': 1} %}
a:
  test.nop:
    - items: "{% for k, v in d | dictsort %}{{ k }}={{ v }}{{ ',' if not loop.last else '' }}{% endfor %}"
    - filtered: "{% for n in range(10) if n is odd %}{{ loop.index }}:{{ n }} {% endfor %}"
    - empty: "{% for n in [] %}x{% else %}none{% endfor %}"
    - break: "{% for n in range(10) %}{% if n == 3 %}{% break %}{% endif %}{{ n }}{% endfor %}"
    - continue: "{% for n in range(5) %}{% if n is even %}{% continue %}{% endif %}{{ n }}{% endfor %}"
    - loop: "{% for n in 'abc' %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.length }}{{ loop.cycle('x', 'y') }} {% endfor %}"
    - tests: "{{ 1 is number }} {{ 'a' is string }} {{ [] is iterable }} {{ {} is mapping }} {{ none is none }} {{ 'b' in d }} {{ 'z' not in d }} {{ gone is defined }} {{ 4 is divisibleby 2 }} {{ 'A' is upper }}"
    - math: "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ 4 / 2 }} {{ 1e3 }}"
    - strings: "{{ 'a' ~ 1 ~ none }} {{ 'x' * 3 }} {{ 'a-b-c'.split('-') | join('+') }} {{ '%s and %d' % ('a', 3) }} {{ '{} {k}'.format(1, k=2) }}"
    - slices: "{{ [1, 2, 3, 4][1:3] }} {{ 'hello'[::-1] }} {{ [1, 2, 3][-1] }}"
    - comparisons: "{{ 1 < 2 }} {{ 'a' == 'a' }} {{ not true }} {{ 1 if false else 2 }} {{ true and 'x' }} {{ '' or 'y' }}"

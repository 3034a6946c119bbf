{% set x = 1 %}
a:
  test.nop:
    - x: {{ gone }}

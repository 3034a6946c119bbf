{% set key = 'a: b' %}
web:
  test.nop:
    - value: {{ key }}: c

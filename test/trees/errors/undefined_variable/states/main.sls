{% set packages = ['a'] %}
web:
  test.nop:
    - value: {{ pakages }}

a:
  test.nop:
    - x: {% if a %}

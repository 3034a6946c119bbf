base:
  '*':
    - a
    {% if gone %}
    - b
    {% endif %}

{% from 'lib.jinja' import port %}
a:
  test.nop:
    - port: {{ port(1) }}

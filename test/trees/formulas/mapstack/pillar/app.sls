{% set nets = ['10.0.0.0/8', '192.168.0.0/16'] -%}
roles: [web, db]
app:
  settings:
    nets: {{ nets }}
    tuple: {{ ('a', 'b') | list }}
    bool: {{ true }}
    none: {{ none }}
    text: {{ 'a: b' | yaml_dquote }}
    enc: {{ "it's" | yaml_encode }}
    blk: |
      {{ 'one\ntwo' | indent(6) }}
    id: {{ grains['id'] }}
  {% for i in range(3) %}
  host{{ i }}: 10.0.0.{{ i + 1 }}
  {% endfor %}

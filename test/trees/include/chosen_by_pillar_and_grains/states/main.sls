include:
{% for part in pillar['parts'] %}
  - parts.{{ part }}
{% endfor %}
{% if grains['kernel'] == 'Linux' %}
  - linux
{% endif %}
main: test.nop

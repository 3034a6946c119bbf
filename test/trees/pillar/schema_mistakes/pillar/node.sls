include:
  - flags: {key: web}
{% for port in [0] %}
web:
  port: {{ port }}
{% endfor %}

{% import_yaml 'map.yaml' as map %}
id: {{ grains['id'] }}
{% for name, port in map.items() %}
{{ name }}: {{ port + 1 }}
{% endfor %}

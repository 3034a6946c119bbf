base:
  '*': [data]
{% if grains['kernel'] == 'Linux' %}
  '{{ grains['id'] }}': [mine]
{% endif %}

{% for port in [80, 443] %}
listen {{ port }}:
  file.managed:
    - name: /etc/listen.d/{{ port }}
    {%- if port == 443 %}
    - contnets: {{ port }}
    {%- endif %}
{% endfor %}

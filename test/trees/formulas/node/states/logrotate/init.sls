{%- macro job(name, path, keep=7, opts=('compress', 'missingok')) %}
{{ path }}:
  file.managed:
    - name: /etc/logrotate.d/{{ name }}
    - makedirs: True
    - contents:
      - "{{ path }} {"
      - "    rotate {{ keep }}"
      {%- for opt in opts %}
      - "    {{ opt }}"
      {%- endfor %}
      - "}"
      {{- caller() if caller is defined }}
{%- endmacro %}
{{ job('syslog', '/var/log/syslog') }}
{{ job('nginx', '/var/log/nginx/*.log', keep=14, opts=['daily']) }}
{% call job('app', '/var/log/app.log') %}
    - mode: '0640'
{% endcall %}

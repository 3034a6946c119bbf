{% for key, value in salt['pillar.get']('sysctl', {}).items() -%}
{{ key }}:
  file.keyvalue:
    - name: /etc/sysctl.d/99-salt.conf
    - key: {{ key }}
    - value: {{ value | string | yaml_dquote }}
    - separator: ' = '
    - append_if_not_found: True
    - create_if_missing: True
    {% if not loop.first %}- require: [{file: sysctl-dir}]{% endif %}
{% endfor %}
sysctl-dir:
  file.directory:
    - name: /etc/sysctl.d
    - makedirs: True
    - order: first

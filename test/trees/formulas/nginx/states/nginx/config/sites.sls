{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ "/map.jinja" import nginx with context %}
{%- from tplroot ~ "/libtofs.jinja" import files_switch with context %}
{%- set sls_service_running = tplroot ~ '.service.running' %}

{%- macro sls_block(dict) %}
  {%- for key, value in dict.items() %}
    - {{ key }}: {{ value | json }}
  {%- endfor %}
{%- endmacro %}

{%- set site_states = [] %}
{%- for site, settings in nginx.sites | dictsort %}
{%-   set enabled = settings.get('enabled', True) %}
{%-   set id = 'nginx-site-' ~ site | replace('.', '-') %}
{{ id }}:
  file.{{ 'managed' if enabled else 'absent' }}:
    - name: {{ salt['file.join'](nginx.dir.sites, site ~ '.conf') }}
{%-   if enabled %}
    - source: salt://{{ tplroot }}/files/default/vhost.conf.jinja
    - template: jinja
    - makedirs: True
    - context:
        site: {{ site }}
        config: {{ settings.get('config', []) | json }}
{{- sls_block(settings.get('opts', {})) }}
    - require:
      - file: nginx-config-dirs
{%-   endif %}
    - watch_in:
      - service: nginx-service-running-service-running
{%-   do site_states.append(id) %}
{%- endfor %}

{%- if site_states %}
nginx-sites-summary:
  file.managed:
    - name: {{ nginx.dir.conf }}/SITES
    - contents: |
        {%- for s in site_states %}
        {{ loop.index }}. {{ s }}
        {%- endfor %}
    - require:
      {%- for s in site_states %}
      - file: {{ s }}
      {%- endfor %}
{%- endif %}

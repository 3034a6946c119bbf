{%- set tplroot = tpldir.split('/')[0] %}
{%- from tplroot ~ '/map.jinja' import web with context %}
{%- from tpldir ~ '/map.jinja' import web as same with context %}
web:
  test.nop:
    - web: {{ web | json }}
    - same: {{ same.port }}
    - sls: {{ sls }} {{ slspath }} {{ slsdotpath }} {{ slscolonpath }} {{ sls_path }}
    - tpl: {{ tplfile }} {{ tpldir }} {{ tpldot }}
